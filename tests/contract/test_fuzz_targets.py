"""Damaged input of every kind: a value or an explained error, soon; the long run is ``python -m devkit.fuzz``."""

import struct
import time
from pathlib import Path

import pytest
from hypothesis import strategies as st

from cnb.errors import BuildpackError
from devkit.fuzz.installed_files import crafted_library
from devkit.fuzz.session import Session, run_round
from devkit.fuzz.target import Broken, Files, Refused, Target, Value, judge, write_files
from devkit.fuzz.targets import TARGETS
from python_buildpack.installed.elf.dynamic import read_needed, read_run_path

EXAMPLES = 30


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_parser_reads_or_refuses(target: Target) -> None:
    """The same thirty inputs each time: none brings it down, and none takes it long."""
    session = Session()
    run_round(session, target, EXAMPLES)
    assert [finding.trace for finding in session.findings.values()] == []
    assert session.cases > 0


class Explained(BuildpackError):
    """A refusal."""

    code = "explained"
    title = "Explained"


def _explain(_root: Path) -> None:
    raise Explained("what", "cure")


def _crash(root: Path) -> None:
    raise KeyError((root / "a").read_text())


def test_a_crash_is_told_from_a_refusal(tmp_path: Path) -> None:
    """What is written down is what was read."""
    write_files({"a": b"x"}, tmp_path)
    nothing: st.SearchStrategy[Files] = st.just({})
    assert judge(Target("reads", nothing, Path.exists), tmp_path) == Value()
    assert judge(Target("explains", nothing, _explain), tmp_path) == Refused("explained")
    verdict = judge(Target("crashes", nothing, _crash), tmp_path)
    assert isinstance(verdict, Broken)
    assert "KeyError: 'x'" in verdict.trace


def test_the_smallest_input_of_a_finding_is_kept() -> None:
    """Of two inputs that end at the same place, the shorter one is shown."""
    target = Target("crashes", st.just({}), _crash)
    session = Session()
    for content in (b"long", b"s", b"longer"):
        session.try_one(target, {"a": content})
    (finding,) = session.findings.values()
    assert (finding.files, session.cases) == ({"a": b"s"}, 3)


def test_the_crafted_library_is_one(tmp_path: Path) -> None:
    """The damage starts from a file that is understood."""
    path = tmp_path / "lib.so"
    path.write_bytes(crafted_library())
    assert read_needed(path) == ("libz.so.1",)
    assert read_run_path(path) == ("$ORIGIN/../x.libs",)


def test_a_library_that_claims_to_be_all_tables_is_read_in_a_moment(tmp_path: Path) -> None:
    """65,535 dynamic segments in one place, each of the whole file, and a text without an end in a sparse gigabyte."""
    content = bytearray(crafted_library())
    struct.pack_into("<HH", content, 54, 0, 0xFFFF)
    struct.pack_into("<I", content, 64, 2)
    struct.pack_into("<Q", content, 64 + 8, 4096)
    struct.pack_into("<Q", content, 64 + 32, 1 << 20)
    path = tmp_path / "lib.so"
    path.write_bytes(bytes(content) + b"\x01" * (2 << 20))
    with path.open("r+b") as file:
        file.truncate(1 << 30)
    start = time.process_time()
    assert read_needed(path) == ()
    assert read_run_path(path) == ()
    assert time.process_time() - start < 1
