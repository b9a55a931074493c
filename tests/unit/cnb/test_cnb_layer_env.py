"""Claims about the environment that layers bring."""

import subprocess
from pathlib import Path

import pytest

from cnb.layer_env import (
    ForProcess,
    LayerEnv,
    Scope,
    apply,
    env_files,
    parse_env_files,
    read_layer_env,
    write_layer_env,
)

WEB = ForProcess("web")
EVERYTHING = (
    LayerEnv()
    .override("HOME", "/layers/home")
    .default("PORT", "8080", Scope.LAUNCH)
    .prepend("PATH", "/layers/bin", delimiter=":")
    .append("PATH", "/layers/sbin", delimiter=":")
    .append("FLAGS", "-x", delimiter=" ", scope=Scope.BUILD)
    .override("ROLE", "web", WEB)
)


def test_each_change_is_a_file_with_its_ending_and_no_newline() -> None:
    """The files are those of the specification; a delimiter is a file of its own."""
    assert env_files(EVERYTHING) == {
        "env.build/FLAGS.append": "-x",
        "env.build/FLAGS.delim": " ",
        "env.launch/PORT.default": "8080",
        "env.launch/web/ROLE.override": "web",
        "env/HOME.override": "/layers/home",
        "env/PATH.append": "/layers/sbin",
        "env/PATH.delim": ":",
        "env/PATH.prepend": "/layers/bin",
    }


def test_what_is_written_to_a_layer_is_read_back(tmp_path: Path) -> None:
    """The environment of a restored layer can be had without making it again."""
    write_layer_env(EVERYTHING, tmp_path)

    assert set(read_layer_env(tmp_path).changes) == set(EVERYTHING.changes)
    assert read_layer_env(tmp_path / "absent") == LayerEnv()


def test_files_without_ending_override_and_unknown_endings_say_nothing() -> None:
    """As the lifecycle has it, for files that another tool wrote."""
    files = {"env/A": "1", "env/B.unknown": "2", "env/C.delim": ":", "stray": "3"}

    assert parse_env_files(files) == LayerEnv().override("A", "1")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"HOME": "/layers/home", "PATH": "/layers/bin:/layers/sbin", "PORT": "8080"}),
        (
            {"HOME": "/root", "PATH": "/bin", "PORT": "1", "OTHER": "x"},
            {"HOME": "/layers/home", "PATH": "/layers/bin:/bin:/layers/sbin", "PORT": "1", "OTHER": "x"},
        ),
        ({"PORT": ""}, {"HOME": "/layers/home", "PATH": "/layers/bin:/layers/sbin", "PORT": "8080"}),
    ],
    ids=["unset", "set", "empty"],
)
def test_changes_apply_to_what_is_unset_set_and_empty(before: dict[str, str], after: dict[str, str]) -> None:
    """Override always wins, default only where there is nothing; a delimiter stands between two values only."""
    assert apply(EVERYTHING, before, Scope.ALL, Scope.LAUNCH) == after


def test_only_the_scopes_that_hold_are_applied() -> None:
    """Build variables do not reach the image, and a process's own reach no other."""
    assert apply(EVERYTHING, {}, Scope.BUILD) == {"FLAGS": "-x"}
    assert apply(EVERYTHING, {}, WEB) == {"ROLE": "web"}
    assert apply(EVERYTHING, {}, ForProcess("worker")) == {}
    assert apply(EVERYTHING, {"A": "1"}) == {"A": "1"}


def test_a_program_started_with_the_result_sees_it() -> None:
    """The result is an environment as subprocess takes it."""
    env = apply(LayerEnv().override("GREETING", "two\nlines\n"), {}, Scope.ALL)

    assert subprocess.run(["/usr/bin/printenv", "GREETING"], env=env, stdout=subprocess.PIPE, check=True).stdout == (
        b"two\nlines\n\n"
    )


def test_joining_without_a_delimiter_cannot_be_written_by_accident() -> None:
    """Two paths run together are the most usual mistake; an empty delimiter has to be said."""
    with pytest.raises(TypeError, match="delimiter"):
        LayerEnv().prepend("PATH", "/x")  # type: ignore[call-arg]

    assert env_files(LayerEnv().append("A", "x", delimiter="")) == {"env/A.append": "x"}


def test_one_change_twice_or_two_delimiters_are_refused() -> None:
    """There is one file for each, so one of them would be lost."""
    with pytest.raises(ValueError, match="two values for prepend in env"):
        LayerEnv().prepend("A", "x", delimiter=":").prepend("A", "y", delimiter=":")
    with pytest.raises(ValueError, match="two delimiters in env"):
        LayerEnv().prepend("A", "x", delimiter=":").append("A", "y", delimiter=" ")
    with pytest.raises(ValueError, match="two delimiters in env"):
        LayerEnv().prepend("A", "x", delimiter=":").append("A", "y", delimiter="")


@pytest.mark.parametrize("name", ["", "A.B", "A/B", "A=B", "A\0"])
def test_a_variable_has_a_name_that_can_be_a_file(name: str) -> None:
    """A dot would start the ending."""
    with pytest.raises(ValueError, match="name of a variable"):
        LayerEnv().override(name, "x")


def test_a_nul_character_is_refused() -> None:
    """With it, no program of the image could be started."""
    with pytest.raises(ValueError, match="NUL"):
        LayerEnv().default("A", "x\0")
