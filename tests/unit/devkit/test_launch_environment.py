"""The pure rules by which layers and users change an environment (cnb-contract §1.2, §1.5)."""

from pathlib import Path

import pytest

from devkit.lifecycle.environment import (
    BUILD_ROOTS,
    LAUNCH_ROOTS,
    build_base,
    launch_base,
    with_env_files,
    with_layer_roots,
    with_platform_env,
)
from devkit.lifecycle.problems import Violation


def env_dir(root: Path, files: dict[str, str]) -> Path:
    """Make a directory of environment files."""
    root.mkdir(parents=True, exist_ok=True)
    for name, value in files.items():
        (root / name).write_bytes(value.encode(errors="surrogateescape"))
    return root


@pytest.mark.parametrize(
    ("files", "before", "after"),
    [
        ({"A": "new"}, "old", "new"),
        ({"A": "new"}, None, "new"),
        ({"A.override": "new"}, "old", "new"),
        ({"A.default": "new"}, "old", "old"),
        ({"A.default": "new"}, "", "new"),
        ({"A.default": "new"}, None, "new"),
        ({"A.append": "new"}, "old", "oldnew"),
        ({"A.append": "new", "A.delim": ":"}, "old", "old:new"),
        ({"A.append": "new", "A.delim": ":"}, None, "new"),
        ({"A.prepend": "new"}, "old", "newold"),
        ({"A.prepend": "new", "A.delim": ", "}, "old", "new, old"),
        ({"A.prepend": "new", "A.delim": ":"}, "", "new"),
        ({"A.replace": "new"}, "old", "old"),
        ({"A.append.x": "new"}, "old", "old"),
        ({"A.delim": ":"}, "old", "old"),
        ({"A": "line\n"}, None, "line\n"),
        ({"A": "\udcff"}, None, "\udcff"),
        ({"A.default": "1", "A.append": "2"}, None, "2"),
    ],
)
def test_a_suffix_says_how_a_variable_changes(
    tmp_path: Path, files: dict[str, str], before: str | None, after: str
) -> None:
    """No suffix overrides, an unknown one does nothing, and nothing is put between values without a .delim."""
    env = {} if before is None else {"A": before}

    assert with_env_files(env, env_dir(tmp_path / "env", files)) == {"A": after}


def test_path_has_no_delimiter_of_its_own(tmp_path: Path) -> None:
    """The trap of the specification: PATH is glued together like any other variable."""
    assert with_env_files({"PATH": "/bin"}, env_dir(tmp_path, {"PATH.prepend": "/a"})) == {"PATH": "/a/bin"}


def test_directories_in_an_env_directory_are_no_variables(tmp_path: Path) -> None:
    """env.launch/<process> is one, and so may be a link to a directory."""
    (tmp_path / "web").mkdir()
    (tmp_path / "link").symlink_to("web")

    assert with_env_files({}, tmp_path) == {}


def test_a_missing_directory_changes_nothing_and_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    """A layer need not have env; but it must not be something else."""
    (tmp_path / "file").touch()

    assert with_env_files({"A": "a"}, tmp_path / "none") == {"A": "a"}
    with pytest.raises(Violation):
        with_env_files({}, tmp_path / "file")


def test_the_given_environment_is_not_changed(tmp_path: Path) -> None:
    """Every function returns a new one."""
    env = {"A": "old"}
    (tmp_path / "bin").mkdir()

    with_env_files(env, env_dir(tmp_path / "env", {"A": "new"}))
    with_layer_roots(env, tmp_path, BUILD_ROOTS)
    with_platform_env(env, tmp_path)

    assert env == {"A": "old"}


def test_roots_are_different_at_build_and_launch(tmp_path: Path) -> None:
    """A library directory serves compilers only at build; headers do not exist at launch."""
    for name in ("bin", "lib", "include", "pkgconfig", "share"):
        (tmp_path / name).mkdir()

    assert with_layer_roots({"PATH": "/bin"}, tmp_path, BUILD_ROOTS) == {
        "PATH": f"{tmp_path}/bin:/bin",
        "LD_LIBRARY_PATH": f"{tmp_path}/lib",
        "LIBRARY_PATH": f"{tmp_path}/lib",
        "CPATH": f"{tmp_path}/include",
        "PKG_CONFIG_PATH": f"{tmp_path}/pkgconfig",
    }
    assert with_layer_roots({}, tmp_path, LAUNCH_ROOTS) == {
        "PATH": f"{tmp_path}/bin",
        "LD_LIBRARY_PATH": f"{tmp_path}/lib",
    }


def test_a_users_variable_is_literally_what_its_file_is_called(tmp_path: Path) -> None:
    """Suffixes belong to layers; only the five path variables are prepended to."""
    env_dir(tmp_path / "env", {"PATH.append": "x", "PATH": "/u", "HOME": "/h"})

    assert with_platform_env({"PATH": "/bin", "HOME": "/"}, tmp_path) == {
        "PATH.append": "x",
        "PATH": "/u:/bin",
        "HOME": "/h",
    }


def test_what_gets_in_and_what_gets_out() -> None:
    """The build environment has an allow-list, the launch environment a short list of what is taken out."""
    given = {"LANG": "C", "PATH": "/bin", "no_proxy": "x", "CNB_APP_DIR": "/workspace", "CNB_STACK_ID": "s"}

    assert build_base(given) == {"PATH": "/bin", "no_proxy": "x", "CNB_STACK_ID": "s"}
    assert launch_base(given) == {"LANG": "C", "PATH": "/bin", "no_proxy": "x", "CNB_STACK_ID": "s"}
