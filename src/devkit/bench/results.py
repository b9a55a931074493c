"""Reports as files: benchmarks/results keeps them all, docs/benchmarks.md shows the newest."""

import json
from pathlib import Path

from devkit.bench.apps import BENCHMARKS
from devkit.bench.model import Report, from_json, to_json
from devkit.errors import DevkitError

RESULTS = BENCHMARKS / "results"


def write_report(report: Report, file: Path) -> None:
    """Write a report as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(to_json(report), indent=1) + "\n", encoding="utf-8")


def read_report(file: Path) -> Report:
    """Read a report. Raises DevkitError if the file holds none."""
    try:
        return from_json(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DevkitError(f"{file} is not a report of ./dev bench: {error!r}") from error


def result_file(report: Report) -> Path:
    """Return where a report is kept: named by its time, so that the newest is last."""
    stamp = report.environment["date"].removesuffix(" UTC").replace(" ", "T").replace(":", "")
    return RESULTS / f"{stamp}.json"


def newest_report(folder: Path = RESULTS) -> Report | None:
    """Return the newest report that is kept, None if there is none."""
    files = sorted(folder.glob("*.json"))
    return read_report(files[-1]) if files else None
