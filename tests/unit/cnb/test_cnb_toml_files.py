"""Claims about reading and writing TOML files, and files at all."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnb.files import FileNotWritten, write_file
from cnb.toml_files import TomlUnreadable, read_toml, write_toml
from cnb.toml_text import dumps
from cnb.trees import remove

TEXT = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    TEXT | st.booleans() | st.integers(-(2**63), 2**63 - 1),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXT, below, max_size=3),
    max_leaves=12,
)


@settings(deadline=None, derandomize=True)
@given(document=st.dictionaries(TEXT, VALUES, max_size=4))
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any]) -> None:
    """Any keys, texts, lists and nested tables survive, in whatever order they are given."""
    path = tmp_path_factory.getbasetemp() / "round-trip.toml"

    write_toml(path, document)

    assert read_toml(path) == document
    assert tomllib.loads(path.read_bytes().decode()) == document


def test_mappings_and_tuples_are_tables_and_arrays(tmp_path: Path) -> None:
    """Frozen values can be written as they are, and a value after a table is not taken into it."""
    path = tmp_path / "file.toml"

    write_toml(path, {"or": ({"name": "a"},), "empty": (), "table": {"inner": {}}, "last": "value"})

    assert read_toml(path) == {"or": [{"name": "a"}], "empty": [], "table": {"inner": {}}, "last": "value"}


def test_a_table_is_legible() -> None:
    """As people write it: values first, then headers, with an empty line before each."""
    document = {"or": ({"provides": ({"name": "a"},)},), "api": "0.10", "list": ("a", 1, True)}

    assert dumps(document) == 'api = "0.10"\nlist = ["a", 1, true]\n\n[[or]]\n\n[[or.provides]]\nname = "a"\n'
    assert dumps({"a": {"b": {}}}) == "[a]\n\n[a.b]\n"
    assert dumps({}) == ""


@pytest.mark.parametrize("document", [{"a": {"b": object()}}, {"a": {1: "b"}}, {"a": b"b"}, {"a": [{"b": None}]}])
def test_what_toml_lacks_is_refused(document: dict[str, object]) -> None:
    """And not written as something else."""
    with pytest.raises(TypeError):
        dumps(document)


def test_null_cannot_be_written(tmp_path: Path) -> None:
    """TOML has no null, and a key that silently vanishes would be worse than an error."""
    with pytest.raises(TypeError, match="null"):
        write_toml(tmp_path / "file.toml", {"a": {"b": [None]}})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a = ", "Invalid value"),
        (b"a = '\xff'", "utf-8"),
        (b"a = " + b"[" * 100_000, "recursion"),
        (None, "No such file"),
        ("directory", "Is a directory"),
    ],
    ids=["not-toml", "not-utf8", "too-deep", "absent", "directory"],
)
def test_an_unreadable_file_is_named_with_the_reason(tmp_path: Path, content: bytes | str | None, reason: str) -> None:
    """Whatever is wrong with a file, the error says which one and why."""
    path = tmp_path / "file.toml"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "directory":
        path.mkdir()

    with pytest.raises(TomlUnreadable) as caught:
        read_toml(path)

    assert str(path) in caught.value.what
    assert reason in caught.value.what


def test_a_file_gets_its_mode_whatever_the_umask_is(tmp_path: Path) -> None:
    """The run image's user is another than the one who builds."""
    script = (
        "import os, sys, pathlib; from cnb.files import *\n"
        "os.umask(0o077); folder = pathlib.Path(sys.argv[1])\n"
        "write_file(folder / 'plain', 'x'); write_file(folder / 'tool', 'x', EXECUTABLE)"
    )
    subprocess.run([sys.executable, "-c", script, tmp_path], check=True)

    assert stat.S_IMODE((tmp_path / "plain").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "tool").stat().st_mode) == 0o755


def test_text_is_written_verbatim(tmp_path: Path) -> None:
    """No newline is added, and bytes that are not UTF-8 come out as they came in."""
    write_file(tmp_path / "file", b"a\xffb".decode("utf-8", "surrogateescape"))

    assert (tmp_path / "file").read_bytes() == b"a\xffb"


def test_a_full_disk_leaves_the_old_file_and_is_explained(tmp_path: Path) -> None:
    """A write that stops in the middle changes nothing, leaves no rest and is called a full disk."""
    path = tmp_path / "file.toml"
    path.write_text("old = true\n")
    script = (
        "import resource, sys, pathlib; from cnb.files import *\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: write_file(pathlib.Path(sys.argv[1]), 'x' * 100_000)\n"
        "except DiskFull as error: print(error.what, error.cure)"
    )

    finished = subprocess.run(
        [sys.executable, "-B", "-c", script, path],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )

    assert finished.stdout.startswith(f"There is no space left to write {path}. Free space on the machine")
    assert path.read_text() == "old = true\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.toml"]


def test_a_killed_write_leaves_nothing_that_the_lifecycle_would_read(tmp_path: Path) -> None:
    """The lifecycle takes every *.toml and *.sbom.*.json beside the layers at its word."""
    script = (
        "import resource, signal, sys, pathlib; from cnb.files import *\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_DFL); resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "write_file(pathlib.Path(sys.argv[1]), 'x' * 100_000)"
    )
    for name in ("layer.toml", "layer.sbom.cdx.json"):
        killed = subprocess.run([sys.executable, "-B", "-c", script, tmp_path / name], check=False)
        assert killed.returncode == -signal.SIGXFSZ

    assert len(list(tmp_path.iterdir())) == 2
    assert [*tmp_path.glob("*.toml"), *tmp_path.glob("*.sbom.*.json")] == []


def test_a_directory_that_cannot_be_written_to_is_explained(tmp_path: Path) -> None:
    """The error names the owner and the mode; it is not an OSError."""
    (tmp_path / "layers").mkdir(mode=0o555)
    script = (
        "import sys, pathlib; from cnb.files import *\n"
        "try: write_file(pathlib.Path(sys.argv[1]), 'x')\n"
        "except FileNotWritten as error: print(error.what, error.cure)"
    )

    finished = as_plain_user("-c", script, str(tmp_path / "layers" / "file"))

    assert "Permission denied" in finished.stdout
    assert "CNB_USER_ID" in finished.stdout


def test_what_stands_in_the_way_is_an_error_and_leaves_no_rest(tmp_path: Path) -> None:
    """A directory in place of the file is not replaced."""
    (tmp_path / "file.toml" / "below").mkdir(parents=True)

    with pytest.raises(FileNotWritten, match="Is a directory"):
        write_file(tmp_path / "file.toml", "x")

    assert [entry.name for entry in tmp_path.iterdir()] == ["file.toml"]


def test_a_tree_of_read_only_directories_is_removed(tmp_path: Path) -> None:
    """Some tools mark what they install as read-only; links out of the tree are cut, not followed."""
    (tmp_path / "outside").mkdir(mode=0o700)
    locked = tmp_path / "layer" / "a" / "b"
    locked.mkdir(parents=True)
    (locked / "file").touch()
    (locked / "link").symlink_to(tmp_path / "outside")
    locked.chmod(0o555)
    locked.parent.chmod(0o000)

    finished = as_plain_user(
        "-c", "import sys, pathlib; from cnb.trees import *; remove(pathlib.Path(sys.argv[1]))", str(tmp_path / "layer")
    )

    assert finished.stdout == ""
    assert not (tmp_path / "layer").exists()
    assert stat.S_IMODE((tmp_path / "outside").stat().st_mode) == 0o700


def test_removing_takes_files_links_and_nothing_alike(tmp_path: Path) -> None:
    """A link is removed itself, not what it points to."""
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    (tmp_path / "file").touch()

    for name in ("link", "file", "absent"):
        remove(tmp_path / name)

    assert [entry.name for entry in tmp_path.iterdir()] == ["target"]


def as_plain_user(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python without root's right to ignore modes, whoever runs the tests."""
    command = [sys.executable, "-B", *arguments]
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("setpriv (util-linux) is needed to give up root's rights")
        command = [setpriv, "--bounding-set=-dac_override,-dac_read_search", *command]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True)


def test_a_key_of_many_parts_is_refused_in_a_moment(tmp_path: Path) -> None:
    """The standard library would take minutes for it: a record of a layer, too, may have been written by others."""
    path = tmp_path / "layer.toml"
    path.write_text(f"[types]\n{'a.' * 40_000}a = 1\n", encoding="utf-8")

    with pytest.raises(TomlUnreadable, match=r"a key of more than 100 parts \(at line 2\)"):
        read_toml(path)
