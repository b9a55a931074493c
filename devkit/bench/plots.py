"""The figures as plots, in SVG; the same bytes for the same figures."""

import sys
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from devkit.bench.model import FLOOR, NAIVE, OURS, Report
from devkit.bench.table import RIVALS

COLOURS = ("#2f6f4f", "#b0b0b0", "#c9772b", "#4a6fa5", "#8d5a97")


def growth_plot(report: Report) -> str | None:
    """Return rebuilds against the number of packages as lines, None where they were not measured."""
    sizes = sorted({point.packages for point in report.growth})
    if not sizes:
        return None
    seconds = {(point.rival, point.packages): point.seconds for point in report.growth}
    lines = {rival: [(size, seconds.get((rival, size))) for size in sizes] for rival in (OURS, FLOOR, NAIVE)}
    return _render("XY", "Nothing changed: seconds against the number of packages", lines)


def scenario_plot(report: Report, scenario: str) -> str | None:
    """Return the medians of all apps and rivals in a scenario as bars, None where it was not run."""
    medians = {
        rival: [cell.median if (cell := report.find(app, scenario, rival)) else None for app in report.apps]
        for rival in RIVALS
    }
    medians = {rival: values for rival, values in medians.items() if any(values)}
    if not medians:
        return None
    return _render("Bar", f"{scenario.capitalize()}: seconds", medians, report.apps)


def _only_drawn(root: Element) -> Element:
    """Remove scripts and comments: one of these names the day, and would make each day's plot another."""
    for parent in root.iter():
        for child in list(parent):
            # The tag of a comment is a function.
            if callable(child.tag) or child.tag.endswith("script"):
                parent.remove(child)
    return root


def _render(kind: str, title: str, series: Mapping[str, Sequence[object]], labels: Sequence[str] = ()) -> str:
    # Imported late: it is slow, and few runs plot.
    import pygal  # type: ignore[import-untyped]  # noqa: PLC0415
    from pygal.style import Style  # type: ignore[import-untyped]  # noqa: PLC0415

    # It leaves a finder for plugins behind, in the form of Python 3.3, about which every later import would warn.
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]

    style = Style(background="white", plot_background="white", colors=COLOURS, font_family="sans-serif")
    options = {"title": title, "style": style, "js": (), "width": 800, "height": 400}
    legend = {"legend_at_bottom": True, "legend_at_bottom_columns": len(series)}
    # From zero: a difference is not to look larger than it is.
    chart = getattr(pygal, kind)(**options, **legend, include_x_axis=True, disable_xml_declaration=True)
    # Otherwise it is drawn by lot.
    chart.uuid = f"plot-{title.partition(':')[0].lower().replace(' ', '-')}"
    chart.x_labels = list(labels) or None
    chart.add_xml_filter(_only_drawn)
    for name, values in series.items():
        chart.add(name, list(values))
    return f"{chart.render(is_unicode=True)}\n"
