"""docs/benchmarks.md and its plots, from the newest figures that are kept."""

from collections.abc import Iterator, Mapping

from devkit.bench.apps import read_app
from devkit.bench.managers import SEPARATOR
from devkit.bench.model import FLOOR, OURS, SCENARIOS, Cell, Report
from devkit.bench.more_tables import (
    FLEET_COLUMNS,
    MANAGER_COLUMNS,
    PUBLISHED_COLUMNS,
    apps_by_manager,
    fleet_rows,
    manager_rows,
    published_apps,
    published_rows,
)
from devkit.bench.plots import growth_plot, scenario_plot
from devkit.bench.table import RIVALS, app_rows, columns, markdown_table

PLOTTED = ("nothing changed", "dependency changed", "first build")
METHOD = """\
Real pack and lifecycle, the rivals of one row in one run and taking turns within each round; every figure is the median
of the rounds.
**ours** is this buildpack, in a builder image. The **floor** is an empty buildpack that exports the very layers of ours
and does nothing else: those that ours made anew are unpacked from a tar file, all others are reused by reference.
**naive** (`benchmarks/naive`) does what most buildpacks do: interpreter, `python -m venv`, `pip install`, all of it in
layers that are launch and cache. The **Dockerfile** (`benchmarks/Dockerfile`) is the usual one, on an image that has
the same interpreter already, built with the engine's classic builder without cache where image or cache are lost;
the **Dockerfile with uv** (`benchmarks/Dockerfile.uv`) is built by BuildKit and keeps wheels in a cache mount.
Packages and interpreters come from a server on loopback at the bandwidth that is named below. What a build starts from
(image, cache volumes) is put back before each one and is no part of the time; what the engine would recognise from
another build is taken away. *New MB* are the uncompressed layers that the image before did not have.
Since 2026-12-01 the interpreters, which are repacked from the machine's, bring the bytecode of their standard library,
as those of `./dev mirror` do; with upstream's archives, which have none, a first build takes about a second of the
processor more.
"""

BY_MANAGER = """\
The same packages, declared and locked for each manager. *Above unchanged* is what a changed dependency costs more than
a build in which nothing changed.
"""
TO_A_REGISTRY = """\
`pack build --publish`, with the cache in a volume or as an image in the registry, which is on loopback and without a
limit of bandwidth. What matters is the time above the floor: export is nearly free here. Bytes are compressed.
"""
A_FLEET = """\
Apps that each name some of the packages of the benchmark's apps, by a repeatable lot, built from nothing by the local
lifecycle. *Stored* has each layer once; *own* are the layers that no other app has; *growth* is what one of the later
half of the apps adds. Bytes are uncompressed, and without the base image.
"""


def benchmark_pages(report: Report) -> Mapping[str, str]:
    """Return the page and the plots by their paths in the checkout."""
    plots = {f"docs/benchmarks-{name.replace(' ', '-')}.svg": scenario_plot(report, name) for name in PLOTTED}
    plots["docs/benchmarks-growth.svg"] = growth_plot(report)
    made = {path: plot for path, plot in plots.items() if plot is not None}
    return {"docs/benchmarks.md": "\n".join(_page(report, tuple(made))), **made}


def _page(report: Report, plots: tuple[str, ...]) -> Iterator[str]:
    yield "# Benchmarks\n\n<!-- Written by ./dev refresh docs from benchmarks/results. -->\n"
    yield METHOD
    yield "".join(f"- {name}: {value}\n" for name, value in report.environment.items())
    for path in plots:
        name = path.rpartition("/")[2]
        yield f"![{name.removesuffix('.svg').replace('-', ' ')}]({name})\n"
    for app in (app for app in report.apps if SEPARATOR not in app):
        yield f"## {read_app(app).title}\n\n{markdown_table(columns(report, app), app_rows(report, app))}"
        yield from _when(report, app)
        yield from _first_build(report, app)
        yield from _sizes(report, app)
    yield from _managers(report)
    yield from _published(report)
    yield from _fleet(report)
    if report.growth:
        yield f"## Cost against size\n\nA rebuild with nothing changed.\n\n{_growth(report)}"
    if report.extras:
        rows = ((f"{extra.subject}: {extra.name}", f"{extra.value:g} {extra.unit}") for extra in report.extras)
        yield f"## Beside the builds\n\n{markdown_table(('what', 'figure'), rows)}"


def _managers(report: Report) -> Iterator[str]:
    for app, names in apps_by_manager(report).items():
        yield f"## By package manager: {read_app(app).title}\n\n{BY_MANAGER}"
        yield markdown_table(MANAGER_COLUMNS, manager_rows(report, names))
        yield from dict.fromkeys(line for name in names for line in _when(report, name))


def _published(report: Report) -> Iterator[str]:
    for app in published_apps(report):
        yield f"## To a registry: {read_app(app).title}\n\n{TO_A_REGISTRY}"
        yield markdown_table(PUBLISHED_COLUMNS, published_rows(report, app))


def _fleet(report: Report) -> Iterator[str]:
    if report.fleet:
        yield f"## A fleet\n\n{A_FLEET}\n{markdown_table(FLEET_COLUMNS, fleet_rows(report.fleet))}"


def _when(report: Report, app: str) -> Iterator[str]:
    """Yield which scenarios were measured when."""
    for run in dict.fromkeys(when for (name, _), when in report.measured.items() if name == app):
        scenarios = [scenario for (name, scenario), when in report.measured.items() if (name, when) == (app, run)]
        yield f"{run}: {', '.join(scenarios)}.\n"


def _first_build(report: Report, app: str) -> Iterator[str]:
    """Yield where the time of the first build goes, beside the floor's."""
    ours, floor = (report.find(app, SCENARIOS[0].name, rival) for rival in (OURS, FLOOR))
    if ours is not None and ours.phases:
        yield f"The first build, part by part:\n\n{markdown_table(('part', *RIVALS[:2]), _phase_rows(ours, floor))}"


def _phase_rows(ours: Cell, floor: Cell | None) -> Iterator[tuple[str, ...]]:
    below: Mapping[str, float] = floor.phases if floor else {}
    for name in dict.fromkeys((*ours.phases, *below)):
        yield (name, *(f"{phases[name]:.2f} s" if name in phases else "" for phases in (ours.phases, below)))


def _sizes(report: Report, app: str) -> Iterator[str]:
    cells = [report.find(app, SCENARIOS[0].name, rival) for rival in RIVALS if rival != FLOOR]
    images = [cell for cell in cells if cell is not None and cell.layers]
    if images:
        columns = ("layer, MB", *(cell.rival for cell in images))
        yield f"The image:\n\n{markdown_table(columns, _size_rows(images))}"


def _size_rows(images: list[Cell]) -> Iterator[tuple[str, ...]]:
    for name in dict.fromkeys(name for cell in images for name in cell.layers):
        yield (name, *(f"{cell.layers[name] / 1e6:.1f}" if name in cell.layers else "" for cell in images))
    yield ("**all**", *(f"{sum(cell.layers.values()) / 1e6:.1f}" for cell in images))


def _growth(report: Report) -> str:
    rivals = tuple(dict.fromkeys(point.rival for point in report.growth))
    seconds = {(point.packages, point.rival): f"{point.seconds:.2f} s" for point in report.growth}
    sizes = sorted({point.packages for point in report.growth})
    rows = ((str(size), *(seconds.get((size, rival), "") for rival in rivals)) for size in sizes)
    return markdown_table(("packages", *rivals), rows)
