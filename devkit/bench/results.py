"""Reports as files: benchmarks/results keeps them all, docs/benchmarks.md shows the newest figures."""

import json
from collections.abc import Sequence
from pathlib import Path

from devkit.bench.apps import BENCHMARKS
from devkit.bench.model import Cell, Report, from_json, to_json
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


def newest_figures(folder: Path = RESULTS) -> Report | None:
    """Return the newest figures of each kind that are kept, None if there are none: see ``merge_reports``."""
    reports = [read_report(file) for file in sorted(folder.glob("*.json"))]
    return merge_reports(reports) if reports else None


def merge_reports(reports: Sequence[Report]) -> Report:
    """Return the newest figures of ``reports``, the oldest first: a whole run takes hours, and may be made in parts.

    All rivals of one app in one scenario are from the same run, so every ratio is.
    """
    cells: dict[tuple[str, str], tuple[Cell, ...]] = {}
    measured: dict[tuple[str, str], str] = {}
    for report in reports:
        for app, scenario in dict.fromkeys((cell.app, cell.scenario) for cell in report.cells):
            cells[app, scenario] = tuple(one for one in report.cells if (one.app, one.scenario) == (app, scenario))
            measured[app, scenario] = f"{report.environment['date']}, rounds: {report.rounds}"
    extras = {(extra.subject, extra.name): extra for report in reports for extra in report.extras}
    published = {(one.app, one.scenario, one.cache, one.rival): one for report in reports for one in report.published}
    return Report(
        environment=reports[-1].environment,
        rounds=reports[-1].rounds,
        cells=tuple(cell for found in cells.values() for cell in found),
        extras=tuple(extras.values()),
        growth=next((report.growth for report in reversed(reports) if report.growth), ()),
        published=tuple(published.values()),
        fleet=next((report.fleet for report in reversed(reports) if report.fleet), ()),
        measured=measured,
    )
