"""The story of a build: scan, decide, install, describe. Each step is a heading of the log."""

import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cnb.buildpack import BuildResult
from cnb.context import BuildContext
from cnb.launch import Launch, Process
from python_buildpack.build_plan import is_needed_by_others
from python_buildpack.cache_layer import Cache, provide_cache
from python_buildpack.checks import check_environment
from python_buildpack.decide import PREVIOUS_MINOR, decide
from python_buildpack.dependencies import DependenciesLayer, installed_names
from python_buildpack.interpreter.inventory import Inventory, read_inventory
from python_buildpack.interpreter_layer import InterpreterLayer
from python_buildpack.managers.interface import Workbench
from python_buildpack.managers.registry import manager_named
from python_buildpack.ports import CommandRunner, Fetcher, Reporter
from python_buildpack.processes.decide import decide_processes
from python_buildpack.processes.interface import ProcessPlan
from python_buildpack.project import Project, scan
from python_buildpack.recipe import Recipe
from python_buildpack.runtime_layer import provide_runtime
from python_buildpack.settings import INVENTORY, MIRROR, SLIM, Settings
from python_buildpack.tools.uv import Uv


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside world of a build."""

    fetcher: Fetcher
    runner: CommandRunner
    reporter: Reporter


def build(context: BuildContext, ports: Ports) -> BuildResult:
    """Turn the app into layers and processes. Raises BuildpackErrors for what the user has to correct."""
    check_environment(context.env)
    project = scan(context.app_dir)
    settings = Settings(context.env)
    inventory = load_inventory(context.buildpack_dir, settings, ports.fetcher)
    recipe = decide(project, settings, context.target.arch, inventory, context.store)

    with _scratch(context.layers.root) as scratch:
        cache = provide_cache(context.layers)

        ports.reporter.heading("Python")
        ports.reporter.line(f"{recipe.python.interpreter.version}, because {recipe.python.because}")
        _tell_notices(recipe, ports.reporter)
        python = _interpreter_layer(context, recipe, settings, cache, ports)
        python.provide(ports.reporter)

        ports.reporter.heading("Dependencies")
        ports.reporter.line(f"{recipe.manager.name}, because {recipe.manager.because}")
        bench = _bench(context, project, settings, python, scratch, ports)
        installed = _dependencies_layer(context, recipe, bench, python).provide()
        cache.prune()

    ports.reporter.heading("Processes")
    plan = decide_processes(project, installed_names(installed.facts))
    _tell_processes(plan, ports.reporter)
    provide_runtime(context.layers, python.executable, plan)
    return BuildResult(launch=_launch(plan), store={PREVIOUS_MINOR: recipe.python.interpreter.minor})


def load_inventory(buildpack_dir: Path, settings: Settings, fetcher: Fetcher) -> Inventory:
    """Read the list of interpreters: the buildpack's, or the one that BP_PYTHON_INVENTORY names."""
    elsewhere = settings.get(INVENTORY)
    return read_inventory(elsewhere.text if elsewhere else str(buildpack_dir / "inventory.toml"), fetcher)


@contextmanager
def _scratch(layers_root: Path) -> Iterator[Path]:
    """Lend a directory on the file system of the layers; the lifecycle ignores a directory without a .toml."""
    path = Path(tempfile.mkdtemp(prefix="scratch-", dir=layers_root))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _interpreter_layer(
    context: BuildContext, recipe: Recipe, settings: Settings, cache: Cache, ports: Ports
) -> InterpreterLayer:
    mirror = settings.get(MIRROR)
    return InterpreterLayer(
        layers=context.layers,
        interpreter=recipe.python.interpreter,
        buildpack_version=context.descriptor.version,
        mirror=mirror.text if mirror else None,
        slim=settings.is_on(SLIM, default=True),
        keep_content=is_needed_by_others(context.plan, "python", "site-packages"),
        cache=cache,
        fetcher=ports.fetcher,
        runner=ports.runner,
    )


def _bench(
    context: BuildContext, project: Project, settings: Settings, python: InterpreterLayer, scratch: Path, ports: Ports
) -> Workbench:
    return Workbench(
        project=project,
        settings=settings,
        python_version=str(python.interpreter.version),
        env={**context.env, "PYTHONDONTWRITEBYTECODE": "1"},
        uv=Uv(context.buildpack_dir, scratch, Path(sys.executable)),
        runner=ports.runner,
        reporter=ports.reporter,
        scratch=scratch,
    )


def _dependencies_layer(
    context: BuildContext, recipe: Recipe, bench: Workbench, python: InterpreterLayer
) -> DependenciesLayer:
    target = context.target
    return DependenciesLayer(
        layers=context.layers,
        manager=manager_named(recipe.manager.name),
        bench=bench,
        python=python,
        buildpack_version=context.descriptor.version,
        platform=f"{target.os}/{target.arch} {target.distro_name or 'unknown'} {target.distro_version or ''}".strip(),
        keep_content=is_needed_by_others(context.plan, "site-packages"),
    )


def _tell_notices(recipe: Recipe, reporter: Reporter) -> None:
    for notice in recipe.notices:
        reporter.warning(notice.title, notice.text)


def _tell_processes(plan: ProcessPlan, reporter: Reporter) -> None:
    for process in plan.processes:
        reporter.line(f"{process.type}: {shlex.join((*process.command, *process.args))}, because {process.because}")
    for alternative in plan.alternatives:
        reporter.line(f"not chosen: {alternative}")
    for advice in plan.advice:
        reporter.warning(advice.title, advice.text)


def _launch(plan: ProcessPlan) -> Launch:
    return Launch(
        tuple(
            Process(process.type, process.command, process.args, default=process.default) for process in plan.processes
        )
    )
