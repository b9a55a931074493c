"""For all tests: in CI nothing may be skipped; and fixtures of several levels."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from interpreter_archives import Entry, WriteArchive, write_tar_gz

# Compiling all modules, and rewriting the assertions of tests, costs each worker some seconds. Only in this process:
# what the tests start keeps PYTHONDONTWRITEBYTECODE if it is set.
sys.dont_write_bytecode = False
# What the tests of a level import and collect is some million objects, and stays: the garbage collector, which looks
# through all of them again and again, is an eighth of the CPU time of the unit tests.
gc.set_threshold(50_000, 20, 50)


def pytest_collection_finish() -> None:
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and os.environ.get("CI"):
        terminalreporter.write_line(f"CI is set, and {len(skipped)} tests were skipped: that is a failure.", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and os.environ.get("CI"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def write_archive(tmp_path: Path) -> WriteArchive:
    def write(*entries: Entry, name: str = "made.tar.gz") -> Path:
        return write_tar_gz(tmp_path / name, entries)

    return write


@pytest.fixture
def _strict_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)
