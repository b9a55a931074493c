"""The figures as text: for the terminal, and in Markdown for docs/benchmarks.md."""

from collections.abc import Iterator

from devkit.bench.model import DOCKERFILE, DOCKERFILE_UV, FLOOR, NAIVE, OURS, SCENARIOS, Cell, Report

RIVALS = (OURS, FLOOR, NAIVE, DOCKERFILE, DOCKERFILE_UV)


def rivals_of(report: Report, app: str) -> tuple[str, ...]:
    """Return who has built an app, in the order of the columns."""
    found = {cell.rival for cell in report.cells if cell.app == app}
    return tuple(rival for rival in RIVALS if rival in found)


def columns(report: Report, app: str) -> tuple[str, ...]:
    """Return the heads of an app's table."""
    rivals = rivals_of(report, app)
    return ("scenario", *rivals, *(f"ours/{one}" for one in rivals if one != OURS), "new MB, ours", "new MB, naive")


def app_rows(report: Report, app: str) -> Iterator[tuple[str, ...]]:
    """Yield the row of each scenario that was run."""
    rivals = rivals_of(report, app)
    for scenario in (scenario.name for scenario in SCENARIOS):
        cells = {rival: report.find(app, scenario, rival) for rival in rivals}
        if not any(cells.values()):
            continue
        seconds = (_seconds(cells[rival]) for rival in rivals)
        ratios = (_ratio(report.ratio(app, scenario, rival)) for rival in rivals if rival != OURS)
        yield (scenario, *seconds, *ratios, _megabytes(cells.get(OURS)), _megabytes(cells.get(NAIVE)))


def plain_table(report: Report, app: str) -> str:
    """Return an app's table for a terminal."""
    rows = [columns(report, app), *app_rows(report, app)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(text.ljust(width) if place == 0 else text.rjust(width) for place, (text, width) in enumerate(cells))
        for cells in (list(zip(row, widths, strict=True)) for row in rows)
    )
    return "\n".join(line.rstrip() for line in lines)


def markdown_table(columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """Return a table in Markdown, figures to the right."""
    head = f"| {' | '.join(columns)} |\n|---|{'---:|' * (len(columns) - 1)}"
    return "\n".join([head, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _seconds(cell: Cell | None) -> str:
    if cell is None:
        return ""
    return "failed" if cell.failure else "" if cell.median is None else f"{cell.median:.2f} s"


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


def _megabytes(cell: Cell | None) -> str:
    return "" if cell is None or cell.new_bytes is None else f"{cell.new_bytes / 1e6:.1f}"
