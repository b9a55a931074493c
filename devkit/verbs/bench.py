"""Measure builds with the real pack: ours, a floor, a naive buildpack and a Dockerfile, side by side.

Prints a table of medians and ratios. Everything comes from an index on loopback, so the figures are about builds and
not about the network. A short run: ./dev bench --app small --rounds 1 --scenario 'first build' --no-extras --no-growth.
Three other measurements take the place of this one: --managers, --publish and --fleet.
"""

import argparse
import os
from dataclasses import replace
from pathlib import Path

from devkit.bench.apps import app_names, by_each_manager, read_app
from devkit.bench.buildkit import docker_with_buildkit
from devkit.bench.extras import measure_extras
from devkit.bench.fleet import measure_fleet
from devkit.bench.growth import SIZES, measure_growth
from devkit.bench.machine_state import describe, describe_platform, processor_ticks, require_quiet, taken_by_host
from devkit.bench.model import DOCKERFILE_UV, FLOOR, OURS, SCENARIOS, Cell, Report, Scenario
from devkit.bench.more_tables import BY_MANAGERS, plain_lines
from devkit.bench.publish import measure_publishing
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
    other = parser.add_mutually_exclusive_group()
    other.add_argument(
        "--managers", action="store_true", help="instead: the apps by each package manager, ours and the floor"
    )
    other.add_argument("--publish", action="store_true", help="instead: builds to a registry, ours and the floor")
    other.add_argument("--fleet", type=positive, metavar="N", help="instead: N random apps, and what a registry stores")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to this file")
    parser.add_argument("--record", action="store_true", help="keep the figures in benchmarks/results, for the docs")
    parser.add_argument("--anyway", action="store_true", help="measure on a machine that has other things to do, too")


def run(arguments: argparse.Namespace) -> int:
    """Measure, print, and write what is asked for. Returns 1 if a build failed."""
    load = require_quiet(anyway=arguments.anyway)
    before = processor_ticks()
    report = Report(describe(load, arguments.bandwidth), arguments.rounds, ())
    if arguments.fleet:
        report = replace(report, fleet=tuple(measure_fleet(arguments.fleet, arguments.bandwidth * 1e6, _say)))
    else:
        report = _measure_platform(arguments, report)
    host = taken_by_host(before, processor_ticks())
    print(f"taken by the machine's host for others: {host}")
    report = replace(report, environment={**report.environment, "taken by the host for others": host})
    for line in plain_lines(report):
        print(line)
    for file in filter(None, (arguments.json, result_file(report) if arguments.record else None)):
        write_report(report, file)
        print(file)
    failures = [*(cell.failure for cell in report.cells), *(one.failure for one in report.published)]
    return 1 if any(failures) else os.EX_OK


def _measure_platform(arguments: argparse.Namespace, report: Report) -> Report:
    """Return the report with what is measured on the real platform."""
    apps = [read_app(name) for name in arguments.app or app_names()]
    if arguments.managers:
        apps = [read_app(name) for app in apps for name in by_each_manager(app.name)]
    scenarios = tuple(s for s in SCENARIOS if not arguments.scenario or s.name in arguments.scenario)
    cells: list[Cell] = []
    with open_stage(apps, arguments.bandwidth * 1e6) as stage:
        report = replace(report, environment={**report.environment, **describe_platform(stage)})
        if arguments.publish:
            published = measure_publishing(stage, apps, scenarios, arguments.rounds, _say)
            return replace(report, published=tuple(published))
        selection = _selection(arguments, scenarios)
        for app in apps:
            cells += contest(stage, app, selection, _say)
            report = replace(report, cells=tuple(cells))
            print(f"\n{app.name}\n{plain_table(report, app.name)}\n", flush=True)
        if not (arguments.no_extras or arguments.managers):
            report = replace(report, extras=tuple(measure_extras(stage, apps, arguments.rounds, _say)))
        if not (arguments.no_growth or arguments.managers):
            report = replace(report, growth=tuple(measure_growth(stage, arguments.sizes, arguments.rounds, _say)))
    return report


def _selection(arguments: argparse.Namespace, scenarios: tuple[Scenario, ...]) -> Selection:
    if arguments.managers:
        chosen = scenarios if arguments.scenario else tuple(s for s in scenarios if s.name in BY_MANAGERS)
        return Selection(chosen, (OURS, FLOOR), arguments.rounds, with_sizes=False)
    rivals = tuple(name for name in RIVALS if not arguments.rival or name in arguments.rival)
    if DOCKERFILE_UV in rivals and docker_with_buildkit() is None:
        _say(f"{DOCKERFILE_UV} is left out: no docker command here can use BuildKit")
        rivals = tuple(name for name in rivals if name != DOCKERFILE_UV)
    return Selection(scenarios, rivals, arguments.rounds)


def _say(line: str) -> None:
    print(line, flush=True)
