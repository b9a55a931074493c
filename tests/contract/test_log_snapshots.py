"""Whole logs are committed: a change of what people read shows as a change of these files."""

from pathlib import Path

import pytest

from devkit.generated_docs import sample_names
from devkit.interpreters import Source
from devkit.log_snapshots import FOLDER, STORIES, normalised, snapshots
from devkit.paths import CHECKOUT


def test_every_sample_has_its_logs() -> None:
    """In four situations, and no log is left of a sample that is gone."""
    expected = {f"{name}-{how}.txt" for name in sample_names() for how in ("cold", "warm", "changed", "failed")}
    assert set(STORIES) == set(sample_names())
    assert {path.name for path in (CHECKOUT / FOLDER).iterdir()} == expected


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.network] if STORIES[name].is_from_index else []) for name in STORIES]
)
def test_the_logs_of_a_sample(name: str, mirror: Source, tmp_path: Path) -> None:
    """A first build, an unchanged one, a changed and a failed one; ./dev refresh logs writes the files."""
    for path, log in snapshots(name, mirror.inventory, tmp_path).items():
        assert log == (CHECKOUT / path).read_text(encoding="utf-8"), path


def test_no_line_of_a_log_is_long() -> None:
    """At most 80 columns, but for what a tool printed and what is there to be copied."""
    for path in (CHECKOUT / FOLDER).iterdir():
        lines = path.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if len(line) > 80 and not line.startswith("    ")] == [], path


def test_what_differs_from_run_to_run_is_replaced(tmp_path: Path) -> None:
    """Seconds, sizes, patch releases, directories."""
    log = f"  3.13.2, because x\n  Took 0.4 s\n  Built in 2.5 s\n  8.1 MB in 3 files of {tmp_path}/app\n"
    assert normalised(log, tmp_path) == "  3.13.N, because x\n  Built in N s\n  N MB in N files of /workplace/app\n"
