"""The story of a build: scan, decide, install, describe. Each step is a heading of the log."""

import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from cnb.buildpack import BuildResult
from cnb.context import BuildContext
from cnb.frozen import frozen, replace
from cnb.launch import Label, Launch, Process
from python_buildpack.app.project import Project, scan
from python_buildpack.app_code.build_time_environment import BuildTimeEnvironment
from python_buildpack.app_code.hooks import PRE_COMPILE, HookChangedVersion, is_hook, run_pre_compile
from python_buildpack.app_code.steps import Steps
from python_buildpack.decide.development import decide_development
from python_buildpack.decide.labels import decide_labels
from python_buildpack.decide.manager import decide
from python_buildpack.decide.pins.infer import Answer, Index, infer_from_pins
from python_buildpack.decide.processes.decide import decide_processes
from python_buildpack.decide.processes.interface import ProcessPlan
from python_buildpack.decide.python import PREVIOUS_MINOR, DecisionInputs
from python_buildpack.decide.recipe import Recipe
from python_buildpack.decide.removed_modules import removed_imports
from python_buildpack.interpreters.included import FOLDER, Included, read_included
from python_buildpack.interpreters.inventory import Inventory, read_inventory
from python_buildpack.layers.cache import Cache, provide_cache
from python_buildpack.layers.dependencies.layer import DependenciesLayer
from python_buildpack.layers.development.layer import NAME as DEVELOPMENT
from python_buildpack.layers.development.layer import DevelopmentLayer, open_to_group
from python_buildpack.layers.python import InterpreterLayer
from python_buildpack.layers.runtime.launch_environment import PROFILE
from python_buildpack.layers.runtime.layer import provide_runtime
from python_buildpack.package_managers.built_wheels import BuiltWheels, archive_name
from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.platform.build_plan import is_needed_by_others
from python_buildpack.platform.checks import check_environment
from python_buildpack.ports.interfaces import CommandRunner, Fetcher, Reporter
from python_buildpack.settings import INVENTORY, MIRROR, SLIM, Settings
from python_buildpack.support.temporary import temporary_directory
from python_buildpack.tools.uv import Uv

_REPRODUCIBLE = {"SOURCE_DATE_EPOCH": "315619200"}
"""The time in what is built from source, for tools and compilers that can be told: https://reproducible-builds.org/specs.
The second day that a zip file can hold: the first one is not there yet in time zones to the west."""


@frozen
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
    inputs = DecisionInputs(context.target.arch, inventory, datetime.now(UTC).date(), context.store)

    with temporary_directory(context.layers.root, "scratch-") as scratch, ExitStack() as restored_layers:
        cache = provide_cache(context.layers)
        uv = Uv(context.buildpack_dir, scratch, Path(sys.executable))

        ports.reporter.heading("Python")
        answer = _ask_pins(project, settings, inputs, Index(uv, context.env, ports.runner))
        inputs = replace(inputs, inferred=answer.inferred)
        recipe = decide(project, settings, inputs)
        ports.reporter.line(f"{recipe.python.interpreter.version}, because {recipe.python.because}")
        _tell_notices(recipe, ports.reporter)
        python = _interpreter_layer(context, recipe, settings, inventory, cache, uv, ports)
        python.provide(ports.reporter)

        build_time = BuildTimeEnvironment(
            context.app_dir, context.env, python, restored_layers, ports.runner, ports.reporter
        )
        if is_hook(project, PRE_COMPILE):
            run_pre_compile(build_time)
            project = scan(context.app_dir)
            recipe = _decide_again(project, settings, inputs, recipe, ports.reporter)

        ports.reporter.heading("Dependencies")
        ports.reporter.line(f"{recipe.manager.name}, because {recipe.manager.because}")
        install = _install_context(context, project, settings, inventory, python, uv, ports)
        dependencies = _dependencies_layer(context, recipe, install, python)
        dependencies.provide()
        project = Steps(context, settings, project, cache, build_time, dependencies).run(dependencies.installed)
        # Not what was installed before the steps: a hook may have added some.
        installed = dependencies.installed
        plan = _develop(decide_processes(project, installed, context.env), context, install, python)
        cache.prune()

    ports.reporter.heading("Processes")
    _tell_processes(plan, ports.reporter)
    for notice in removed_imports(project, recipe.python.interpreter.minor, installed):
        ports.reporter.warning(notice.title, notice.text)
    provide_runtime(
        context.layers, python.executable, plan, context.app_dir, installed, has_profile=PROFILE in project.files
    )
    labels = decide_labels(project, settings, recipe, installed)
    store = {PREVIOUS_MINOR: recipe.python.interpreter.minor, **answer.remembered}
    return BuildResult(launch=_launch(plan, context.app_dir, labels), store=store)


def _ask_pins(project: Project, settings: Settings, inputs: DecisionInputs, index: Index) -> Answer:
    recipe = decide(project, settings, inputs)
    manager = manager_named(recipe.manager.name, settings)
    return infer_from_pins(project, recipe.python, manager, inputs.previous, index)


def load_inventory(buildpack_dir: Path, settings: Settings, fetcher: Fetcher) -> Inventory:
    """Read the list of interpreters: the buildpack's, or the one that BP_PYTHON_INVENTORY names."""
    elsewhere = settings.get(INVENTORY)
    inventory = read_inventory(elsewhere.text if elsewhere else str(buildpack_dir / "inventory.toml"), fetcher)
    return replace(inventory, included=read_included(buildpack_dir, inventory.interpreters).interpreters)


def _decide_again(
    project: Project, settings: Settings, inputs: DecisionInputs, before: Recipe, reporter: Reporter
) -> Recipe:
    """Return the recipe for the app as bin/pre_compile left it. Raises HookChangedVersion and what decide() raises."""
    recipe = decide(project, settings, inputs)
    if recipe.python.interpreter != before.python.interpreter:
        raise HookChangedVersion(
            f"{PRE_COMPILE} changed the Python version from {before.python.interpreter.version} to "
            f"{recipe.python.interpreter.version} ({recipe.python.because}), but it runs when Python is installed.",
            "Declare the version in the source, or by BP_PYTHON_VERSION.",
        )
    for notice in recipe.notices:
        if notice not in before.notices:
            reporter.warning(notice.title, notice.text)
    return recipe


def _interpreter_layer(
    context: BuildContext, recipe: Recipe, settings: Settings, inventory: Inventory, cache: Cache, uv: Uv, ports: Ports
) -> InterpreterLayer:
    mirror = settings.get(MIRROR)
    return InterpreterLayer(
        layers=context.layers,
        interpreter=recipe.python.interpreter,
        buildpack_version=context.descriptor.version,
        mirror=mirror.text if mirror else None,
        slim=settings.is_on(SLIM, default=True),
        keep_content=is_needed_by_others(context.plan, "python", "site-packages"),
        on_path=is_needed_by_others(context.plan, "python") and not is_needed_by_others(context.plan, "site-packages"),
        included=Included(context.buildpack_dir / FOLDER, inventory.included),
        cache=cache,
        fetcher=ports.fetcher,
        runner=ports.runner,
        meanwhile=uv.executable,
    )


def _install_context(
    context: BuildContext,
    project: Project,
    settings: Settings,
    inventory: Inventory,
    python: InterpreterLayer,
    uv: Uv,
    ports: Ports,
) -> InstallContext:
    return InstallContext(
        project=project,
        settings=settings,
        python_version=str(python.interpreter.version),
        env={**_REPRODUCIBLE, **context.env, "PYTHONDONTWRITEBYTECODE": "1"},
        uv=uv,
        runner=ports.runner,
        reporter=ports.reporter,
        scratch=uv.scratch,
        layers=context.layers,
        built_wheels=BuiltWheels(_wheels_file(context, python), uv.scratch, ports.reporter),
        pythons=inventory.interpreters,
    )


def _wheels_file(context: BuildContext, python: InterpreterLayer) -> Path:
    """Return the file of the cache for compiled wheels: asked for by every build, so that none loses them."""
    abi = f"{python.interpreter.minor} {python.interpreter.variant}"
    return python.cache.file(archive_name(context.descriptor.version, abi, _platform(context), context.env))


def _platform(context: BuildContext) -> str:
    target = context.target
    return f"{target.os}/{target.arch} {target.distro_name or 'unknown'} {target.distro_version or ''}".strip()


def _dependencies_layer(
    context: BuildContext, recipe: Recipe, install: InstallContext, python: InterpreterLayer
) -> DependenciesLayer:
    manager = manager_named(recipe.manager.name, install.settings)
    return DependenciesLayer(
        layers=context.layers,
        manager=manager,
        declaration=manager.declaration(install.project),
        context=install,
        python=python,
        buildpack_version=context.descriptor.version,
        platform=_platform(context),
        keep_content=is_needed_by_others(context.plan, "site-packages"),
    )


def _develop(
    plan: ProcessPlan, context: BuildContext, install: InstallContext, python: InterpreterLayer
) -> ProcessPlan:
    """Return the plan with what the settings for development ask for, and provide what that needs in the image."""
    development = decide_development(plan, install.settings, context.layers.path(DEVELOPMENT))
    if development.reloads:
        open_to_group(context.app_dir)
    if development.tools:
        install.reporter.heading("Development")
        install.reporter.line(", ".join(tool.name for tool in development.tools))
        platform = f"{context.target.os}/{context.target.arch}"
        layer = DevelopmentLayer(context.layers, development.tools, python, install.uv, context.env, platform)
        layer.provide(install.runner, install.reporter)
    return development.plan


def _tell_notices(recipe: Recipe, reporter: Reporter) -> None:
    for notice in recipe.notices:
        reporter.warning(notice.title, notice.text)


def _tell_processes(plan: ProcessPlan, reporter: Reporter) -> None:
    for process in plan.processes:
        reporter.line(f"{process.type}: {process.line}, because {process.because}")
    for alternative in plan.alternatives:
        reporter.line(f"not chosen: {alternative}")
    for limit in plan.limits:
        reporter.line(f"not all of the app was looked at: {limit}")
    for advice in plan.advice:
        reporter.warning(advice.title, advice.text)


def _launch(plan: ProcessPlan, app: Path, labels: tuple[Label, ...]) -> Launch:
    return Launch(
        tuple(
            Process(
                process.type,
                process.command,
                process.args,
                default=process.default,
                # Absolute: the launcher takes it as it is, from wherever a container is told to start.
                working_dir=str(app / process.directory) if process.directory else None,
            )
            for process in plan.processes
        ),
        labels,
    )
