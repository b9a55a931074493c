"""The composition root, together with entry.py: makes the objects that a build uses."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cnb.context import BuildContext
from cnb.frozen import replace
from python_buildpack.app_code.steps import AppCode
from python_buildpack.build import Tools
from python_buildpack.build_layers import BuildLayers, OthersNeed
from python_buildpack.decide.pins.infer import infer_from_pins
from python_buildpack.decide.python import DecisionInputs
from python_buildpack.interpreters.included import read_included
from python_buildpack.interpreters.inventory import CHECKED, Inventory, read_inventory
from python_buildpack.layers import cached_base as cached_base_layer
from python_buildpack.layers import cached_python as cached_python_layer
from python_buildpack.layers.cache import provide_cache
from python_buildpack.package_managers.interface import Trial
from python_buildpack.platform.bindings.apply import for_app_code
from python_buildpack.platform.build_environment import build_environment
from python_buildpack.platform.build_plan import is_needed_by_others
from python_buildpack.platform.exec_env import with_development_choices
from python_buildpack.platform.subdirectory import app_folder
from python_buildpack.platform.variables import check_environment, notice_left_out, usable_environment
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.described import DescribingRunner
from python_buildpack.ports.fetching.http import HttpFetcher
from python_buildpack.ports.fetching.mirrored import MirroredFetcher
from python_buildpack.ports.interfaces import CommandRunner, Fetcher, Reporter
from python_buildpack.ports.reporter import Level, TextReporter
from python_buildpack.settings.run_time import WORDS, run_time_variables
from python_buildpack.settings.table import INVENTORY, LOG_LEVEL
from python_buildpack.settings.values import Settings
from python_buildpack.support.beside import Beside
from python_buildpack.support.stopping import cleanup_after
from python_buildpack.support.temporary import temporary_directory
from python_buildpack.telemetry.observe import observed
from python_buildpack.tools.uv import Uv

if TYPE_CHECKING:
    from python_buildpack.package_managers.fetched_wheels import FetchedWheels


@contextmanager
def prepared(given: BuildContext, text_reporter: TextReporter) -> Iterator[tuple[BuildContext, Tools]]:
    """Prepare a build: yield its context, with what bindings add, and its tools. Raises BuildpackError.

    The context's directory is the app's folder in what was uploaded.
    """
    upload = given.app_dir
    app = app_folder(upload, given.env)
    given = replace(given, app_dir=app.path, env=app.env)
    with (
        build_environment(given, text_reporter) as (context, mirrors),
        observed(context, text_reporter) as reporter,
    ):
        # requests reads proxies and netrc from the environment of its own process.
        os.environ.update(context.env)
        check_environment(context.env)
        settings = Settings(context.env, app.declared(upload))
        settings.check()
        _report_left_out(context, reporter)
        _report_declared(settings, reporter)
        context = replace(context, env=usable_environment(context.env))  # noqa: PLW2901 - nobody needs the other
        settings = replace(settings, env=context.env)
        settings, added = with_development_choices(context.app_dir, settings)
        if added:
            reporter.heading("Execution environment")
            reporter.line(added)
        fetcher = MirroredFetcher(HttpFetcher(reporter.line, env=context.env), mirrors)
        with temporary_directory(given.layers.root, "scratch-") as scratch, ExitStack() as restored_layers:
            yield context, _tools(context, settings, fetcher, reporter, scratch, restored_layers)


def _report_left_out(context: BuildContext, reporter: Reporter) -> None:
    notices = notice_left_out(context.env)
    if notices:
        reporter.heading("Environment")
    for notice in notices:
        reporter.warning(notice.title, notice.text)


def _report_declared(settings: Settings, reporter: Reporter) -> None:
    """Say what counts of the app's own settings, each with its file, and what becomes of containers' variables.

    Raises SettingInvalid.
    """
    variables = (
        f"{one.name}, {WORDS[one.kind]} when a container starts, by {one.origin}"
        for one in run_time_variables(settings)
    )
    lines = (*settings.declared_lines(), *variables)
    if lines:
        reporter.heading("Settings")
    for line in lines:
        reporter.line(line)


def _tools(
    context: BuildContext,
    settings: Settings,
    fetcher: Fetcher,
    reporter: Reporter,
    scratch: Path,
    restored_layers: ExitStack,
) -> Tools:
    inventory = load_inventory(context.buildpack_dir, settings, fetcher, context.store)
    level = settings.get(LOG_LEVEL)
    is_debug = level is not None and Level.named(level.text) <= Level.DETAILS
    plain = SubprocessRunner(reporter.output, is_condensed=not is_debug)
    runner: CommandRunner = DescribingRunner(plain, reporter) if is_debug else plain
    uv = Uv(context.buildpack_dir, scratch, Path(sys.executable))
    context.layers.is_content_nested = True
    cache = provide_cache(context.layers, reporter.line)
    cached_base = provide_cache(context.layers, reporter.line, cached_base_layer.NAME)
    cached_python = provide_cache(context.layers, reporter.line, cached_python_layer.NAME)
    # Bytecode is stored when the restored layers are removed; what is pushed first is called last.
    restored_layers.callback(cache.record)
    beside: Beside[FetchedWheels] = Beside()
    restored_layers.enter_context(cleanup_after(beside.stop))
    others_need = OthersNeed(
        python=is_needed_by_others(context.plan, "python"), packages=is_needed_by_others(context.plan, "site-packages")
    )
    return Tools(
        settings=settings,
        inputs=_decision_inputs(context, inventory, uv, runner),
        layers=BuildLayers(
            context,
            settings,
            inventory,
            cache,
            cached_base,
            cached_python,
            others_need,
            uv,
            fetcher,
            runner,
            reporter,
            beside,
        ),
        app_code=AppCode(
            replace(context, env=for_app_code(context.env, context.layers.root)),
            settings,
            cache,
            restored_layers,
            runner,
            reporter,
        ),
        reporter=reporter,
    )


def _decision_inputs(context: BuildContext, inventory: Inventory, uv: Uv, runner: CommandRunner) -> DecisionInputs:
    def index_trials(sources: tuple[str, ...]) -> Trial:
        from python_buildpack.package_managers.index_trial import index_trial  # noqa: PLC0415 - few builds ask

        return index_trial(uv, context.env, runner, sources)

    infer = partial(infer_from_pins, previous=context.store, index_trials=index_trials)
    return DecisionInputs(context.target.arch, inventory, datetime.now(UTC).date(), context.store, infer)


def load_inventory(
    buildpack_dir: Path, settings: Settings, fetcher: Fetcher, previous: Mapping[str, object] = MappingProxyType({})
) -> Inventory:
    """Return the buildpack's list of interpreters, or the one that BP_PYTHON_INVENTORY names. Raises BuildpackError.

    ``previous`` is what the last build stored: of a list that was checked then, nothing is checked again.
    """
    elsewhere = settings.get(INVENTORY)
    if elsewhere is None:
        inventory = read_inventory(str(buildpack_dir / "inventory.toml"), fetcher, trusted=None)
    else:
        inventory = read_inventory(elsewhere.text, fetcher, trusted=str(previous.get(CHECKED, "")))
    return replace(inventory, included=read_included(buildpack_dir, inventory.interpreters).interpreters)
