"""Files that are no files, or far too large: whoever reads an app reads or refuses them, in a moment."""

import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import strategies as st

from devkit.fuzz.app_files import read_app
from devkit.fuzz.seeds import APP_FILES
from devkit.fuzz.target import Refused, Target, Value, judge, write_files

GIGABYTE = 1 << 30
MORE_MEMORY = 64 << 10
"""In the units of getrusage(2), on Linux: kilobytes."""
CONFIGURATIONS = (".env", ".netrc", "pip.conf", "poetry.toml", "constraints.txt", "pylock.dev.toml", "bin/post_compile")
NAMES = (*APP_FILES, *CONFIGURATIONS)


def _huge(path: Path) -> None:
    path.touch()
    os.truncate(path, GIGABYTE)


KINDS: dict[str, Callable[[Path], object]] = {
    "0 bytes": Path.touch,
    "1 GB": _huge,
    "a FIFO": os.mkfifo,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a directory": Path.mkdir,
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a socket that may not be read": lambda path: os.mknod(path, 0o140000),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_an_odd_kind(kind: str, tmp_path: Path) -> None:
    """Each file that an app may have, beside all others as they should be; memory does not grow with the file."""
    target = Target(kind, st.nothing(), read_app)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # The first requirements ask for the app itself, whose files are then hashed: a gigabyte, again and again.
    which = -1 if kind == "1 GB" else 0
    right = {name: texts[which].encode() for name, texts in APP_FILES.items()}
    for name in NAMES:
        app = tmp_path / name.replace("/", "-")
        write_files({other: content for other, content in right.items() if other != name}, app)
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        KINDS[kind](app / name)
        assert isinstance(judge(target, app), Value | Refused), name
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MORE_MEMORY
