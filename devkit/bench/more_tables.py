"""The tables beside those of the apps: package managers, builds to a registry, a fleet of apps."""

from collections.abc import Iterator, Sequence

from devkit.bench.managers import SEPARATOR
from devkit.bench.model import CACHES, FLOOR, OURS, SCENARIOS, CacheAt, FleetApp, Published, Report

FIRST, UNCHANGED, DEPENDENCY = "first build", "nothing changed", "dependency changed"
BY_MANAGERS = FIRST, UNCHANGED, DEPENDENCY
"""The scenarios of the managers' table."""
_SHORT = "first", "unchanged", "dependency"
MANAGER_COLUMNS = (
    "manager",
    *(f"{scenario}, {rival}" for scenario in _SHORT for rival in (OURS, FLOOR)),
    "dependency, above unchanged",
    "first, ours/floor",
    "dependency, ours/floor",
)
PUBLISHED_COLUMNS = (
    "scenario",
    "cache",
    OURS,
    FLOOR,
    "above the floor",
    "pushed, MB",
    "pulled, MB",
    "pulled by the floor, MB",
)
FLEET_COLUMNS = "apps", "layers of all, MB", "stored, MB", "stored, %", "own of an app, MB", "growth per app, MB"


def apps_by_manager(report: Report) -> dict[str, list[str]]:
    """Return, for each app that was built by several managers, the names of its builds."""
    found: dict[str, list[str]] = {}
    for name in report.apps:
        if SEPARATOR in name:
            found.setdefault(name.partition(SEPARATOR)[0], []).append(name)
    return found


def manager_rows(report: Report, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each manager."""
    for name in names:
        cells = {(s, r): report.find(name, s, r) for s in BY_MANAGERS for r in (OURS, FLOOR)}
        medians = {key: cell.median if cell else None for key, cell in cells.items()}
        above = _difference(medians[DEPENDENCY, OURS], medians[UNCHANGED, OURS])
        ratios = (report.ratio(name, scenario, FLOOR) for scenario in (FIRST, DEPENDENCY))
        seconds = (_seconds(medians[key]) for key in cells)
        yield (name.partition(SEPARATOR)[2], *seconds, above, *("" if r is None else f"{r:.2f}" for r in ratios))


def published_apps(report: Report) -> tuple[str, ...]:
    """Return the apps that were built to a registry."""
    return tuple(dict.fromkeys(one.app for one in report.published))


def published_rows(report: Report, app: str) -> Iterator[tuple[str, ...]]:
    """Yield a row for each scenario and kind of cache."""
    for scenario in (scenario.name for scenario in SCENARIOS):
        for cache in CACHES:
            ours, floor = (_published(report, app, scenario, cache, rival) for rival in (OURS, FLOOR))
            if ours is None:
                continue
            below = floor.median if floor else None
            pulled_below = "" if floor is None else f"{floor.pulled / 1e6:.1f}"
            seconds = (_seconds(ours.median), _seconds(below), _difference(ours.median, below))
            yield (scenario, cache, *seconds, f"{ours.pushed / 1e6:.1f}", f"{ours.pulled / 1e6:.1f}", pulled_below)


def fleet_rows(fleet: Sequence[FleetApp]) -> Iterator[tuple[str, ...]]:
    """Yield what is stored after one app, after half of them, and after all.

    An app's own bytes are known when all are there; its growth is the mean of the second half.
    """
    for number in sorted({1, max(1, len(fleet) // 2), len(fleet)}):
        some = fleet[:number]
        size, stored = sum(app.size for app in some), sum(app.new for app in some)
        row = (str(number), f"{size / 1e6:.0f}", f"{stored / 1e6:.0f}", f"{stored / size:.0%}")
        if number < len(fleet):
            yield (*row, "", "")
            continue
        later = fleet[len(fleet) // 2 :]
        own, growth = (sum(values) / 1e6 for values in ((a.own for a in fleet), (a.new for a in later)))
        yield (*row, f"{own / len(fleet):.1f}", f"{growth / len(later):.1f}")


def plain_lines(report: Report) -> Iterator[str]:
    """Yield these tables, and the figures beside the builds, for a terminal."""
    for app, names in apps_by_manager(report).items():
        yield f"\n{app}, by manager"
        yield from _aligned(MANAGER_COLUMNS, manager_rows(report, names))
    for app in published_apps(report):
        yield f"\n{app}, to a registry"
        yield from _aligned(PUBLISHED_COLUMNS, published_rows(report, app))
    if report.fleet:
        yield "\nfleet"
        yield from _aligned(FLEET_COLUMNS, fleet_rows(report.fleet))
    for extra in report.extras:
        yield f"{extra.subject}: {extra.name}: {extra.value:g} {extra.unit}"


def _aligned(columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    table = [columns, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def _published(report: Report, app: str, scenario: str, cache: CacheAt, rival: str) -> Published | None:
    wanted = app, scenario, cache, rival
    return next((one for one in report.published if (one.app, one.scenario, one.cache, one.rival) == wanted), None)


def _seconds(value: float | None) -> str:
    return "failed" if value is None else f"{value:.2f} s"


def _difference(value: float | None, below: float | None) -> str:
    return "" if value is None or below is None else f"{value - below:.2f} s"
