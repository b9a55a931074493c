"""Measure builds with the real pack: ours, a floor, a naive buildpack and a Dockerfile, side by side.

Prints a table of medians and ratios. Everything comes from an index on loopback, so the figures are about builds and
not about the network. A short run: ./dev bench --app small --rounds 1 --scenario 'first build' --no-extras.
"""

import argparse
import os
from pathlib import Path

from devkit.bench.apps import app_names, read_app
from devkit.bench.extras import measure_extras
from devkit.bench.growth import SIZES, measure_growth
from devkit.bench.machine_state import describe, processor_ticks, require_quiet, taken_by_host
from devkit.bench.model import SCENARIOS, Cell, Extra, Point, Report
from devkit.bench.results import result_file, write_report
from devkit.bench.rounds import Selection, contest
from devkit.bench.stage import open_stage
from devkit.bench.table import RIVALS, plain_table


def positive(text: str) -> int:
    """Return a whole number above 0, or explain why this is none."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return int(text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    names = [scenario.name for scenario in SCENARIOS]
    for option, choices in (("--app", app_names()), ("--scenario", names), ("--rival", RIVALS)):
        parser.add_argument(
            option, action="append", choices=choices, metavar="NAME", help=f"only this one, of: {', '.join(choices)}"
        )
    parser.add_argument(
        "--rounds", type=positive, default=5, help="builds per cell; the table has medians (default: 5)"
    )
    parser.add_argument("--bandwidth", type=positive, default=30, metavar="MB", help="of the index, MB/s (default: 30)")
    parser.add_argument("--no-extras", action="store_true", help="leave out detection, loading, start-up and imports")
    parser.add_argument("--no-growth", action="store_true", help="leave out the cost against the number of packages")
    parser.add_argument("--sizes", type=positive, nargs="+", default=SIZES, help="numbers of packages for that")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to this file")
    parser.add_argument("--record", action="store_true", help="keep the figures in benchmarks/results, for the docs")
    parser.add_argument("--anyway", action="store_true", help="measure on a machine that has other things to do, too")


def run(arguments: argparse.Namespace) -> int:
    """Measure, print, and write what is asked for. Returns 1 if a build failed."""
    load = require_quiet(anyway=arguments.anyway)
    before = processor_ticks()
    apps = [read_app(name) for name in arguments.app or app_names()]
    scenarios = tuple(s for s in SCENARIOS if not arguments.scenario or s.name in arguments.scenario)
    rivals = tuple(name for name in RIVALS if not arguments.rival or name in arguments.rival)
    selection = Selection(scenarios, rivals, arguments.rounds)
    cells: list[Cell] = []
    extras: list[Extra] = []
    growth: list[Point] = []
    with open_stage(apps, arguments.bandwidth * 1e6) as stage:
        report = Report(describe(stage, load, arguments.bandwidth), arguments.rounds, ())
        for app in apps:
            cells += contest(stage, app, selection, _say)
            report = Report(report.environment, arguments.rounds, tuple(cells))
            print(f"\n{app.title}\n{plain_table(report, app.name)}\n", flush=True)
        if not arguments.no_extras:
            extras += measure_extras(stage, apps, arguments.rounds, _say)
        if not arguments.no_growth:
            growth += measure_growth(stage, arguments.sizes, arguments.rounds, _say)
    host = taken_by_host(before, processor_ticks())
    print(f"taken by the machine's host for others: {host}")
    environment = {**report.environment, "taken by the host for others": host}
    report = Report(environment, arguments.rounds, tuple(cells), tuple(extras), tuple(growth))
    for extra in extras:
        print(f"{extra.subject}: {extra.name}: {extra.value:g} {extra.unit}")
    for file in filter(None, (arguments.json, result_file(report) if arguments.record else None)):
        write_report(report, file)
        print(file)
    return 1 if any(cell.failure for cell in cells) else os.EX_OK


def _say(line: str) -> None:
    print(line, flush=True)
