"""The steps of a build: scan, decide, install, describe. The steps print headings of their own."""

from collections.abc import Callable
from pathlib import Path

from cnb.buildpack import BuildResult
from cnb.context import BuildContext
from cnb.frozen import frozen, replace
from cnb.launch import Launch, Process
from cnb.sbom import Sbom
from python_buildpack.app.hook_files import PRE_COMPILE
from python_buildpack.app.project import Project, scan
from python_buildpack.app.slices import look_at_upload
from python_buildpack.app.upload import upload_around
from python_buildpack.app_code.hooks import HookChangedVersion
from python_buildpack.app_code.steps import AppCode
from python_buildpack.build_layers import BuildLayers
from python_buildpack.decide.decide import decide, decide_launch, unparsed_sources
from python_buildpack.decide.labels import decide_labels
from python_buildpack.decide.pins.answer import Inferred
from python_buildpack.decide.process_plan.decide import read_evidence
from python_buildpack.decide.processes.interface import ProcessPlan
from python_buildpack.decide.python import DecisionInputs
from python_buildpack.decide.recipe import Recipe
from python_buildpack.decide.startup.syntax_errors import source_invalid
from python_buildpack.layers.dependencies.layer import DependenciesLayer
from python_buildpack.layers.dependencies.older_python import OlderPythonNeeded
from python_buildpack.layers.python import PythonLayer
from python_buildpack.layers.sizes import layer_sizes, size_lines
from python_buildpack.package_managers.registry import FALLBACK
from python_buildpack.ports.interfaces import Reporter
from python_buildpack.settings.table import AUDIT, SMOKE_TEST, SUBDIRECTORY
from python_buildpack.settings.values import Settings


@frozen
class Tools:
    """The objects that a build uses; made in wiring.py."""

    settings: Settings
    inputs: DecisionInputs
    layers: BuildLayers
    app_code: AppCode
    reporter: Reporter


def build(context: BuildContext, tools: Tools) -> tuple[BuildResult, tuple[str, ...]]:
    """Make the layers and return the processes, and what the end of the log says of sizes.

    Raises BuildpackErrors for what the user has to correct.
    """
    settings, reporter = tools.settings, tools.reporter
    app = scan(context.app_dir, upload_around(context.app_dir, settings))

    # Before the heading: most refusals are about something else than Python.
    recipe = decide(app, settings, tools.inputs)
    reporter.heading("Python")
    reporter.line(f"{recipe.python.interpreter.version}, because {recipe.python.because}")
    _report_notices(recipe, reporter)
    python = tools.layers.python(recipe.python, (recipe.manager, app))
    app, recipe = _pre_compile(app, recipe, tools, lambda: tools.app_code.pre_compile(app, python))
    _refuse_unparsed(app, recipe, tools, python)
    recipe, dependencies = _install(app, recipe, tools, python)
    python = dependencies.python
    app = tools.app_code.after_install(app, dependencies)

    # Read after bin/post_compile, which may have added distributions.
    installed = dependencies.installed
    launch = decide_launch(app, settings, recipe, installed, tools.layers.development_path)
    tools.layers.development(launch, python)
    tools.layers.prune_caches()

    reporter.heading("Processes")
    _report_processes(launch.plan, reporter)
    tools.layers.runtime(launch.plan, app, dependencies)
    labels = decide_labels(app, settings, recipe, installed)
    audited = _check(context, tools, app, launch.plan, dependencies)
    uploaded = look_at_upload(app.uploaded)
    sizes = layer_sizes(context.layers, context.store)
    result = BuildResult(
        launch=Launch(_processes(launch.plan, context.app_dir, settings), labels, uploaded.slices),
        store={**recipe.remembered, **sizes.remembered},
        launch_sboms=audited,
    )
    return result, tuple(size_lines(sizes, uploaded.size))


def _check(
    context: BuildContext, tools: Tools, app: Project, plan: ProcessPlan, dependencies: DependenciesLayer
) -> tuple[Sbom, ...]:
    """Test and audit what was built, as settings ask for it, and return documents about it. Raises BuildpackErrors."""
    settings = tools.settings
    if settings.is_on(SMOKE_TEST, default=False):
        evidence = read_evidence(app, dependencies.installed, settings)
        tools.app_code.smoke_test(plan, evidence, dependencies)
    wanted = settings.get(AUDIT)
    if wanted is None or wanted.text.lower() == "off":
        return ()
    from python_buildpack.audit.audit import Audit  # noqa: PLC0415 - few builds ask for it

    audit = Audit(settings, context.env, context.descriptor.version, tools.reporter)
    return audit.run(dependencies.installed, dependencies.own)


def _pre_compile(app: Project, recipe: Recipe, tools: Tools, run: Callable[[], Project]) -> tuple[Project, Recipe]:
    """Run bin/pre_compile, and decide again if it ran. Raises HookChangedVersion, and what ``decide`` raises."""
    changed = run()
    if changed is app:
        return app, recipe
    tools.layers.uv.clear()
    # What the pins say about the version was found out before; the interpreter is installed now.
    inputs = replace(tools.inputs, infer=lambda *_: recipe.pins)
    again = decide(changed, tools.settings, inputs)
    if again.python.interpreter != recipe.python.interpreter:
        raise HookChangedVersion(
            f"{PRE_COMPILE} changed the Python version from {recipe.python.interpreter.version} to "
            f"{again.python.interpreter.version} ({again.python.because}), but it runs when Python is installed.",
            "Declare the version in the source, or by BP_PYTHON_VERSION.",
        )
    _report_notices(again, tools.reporter, before=recipe)
    return changed, again


def _refuse_unparsed(app: Project, recipe: Recipe, tools: Tools, python: PythonLayer) -> None:
    """Raise SourceInvalid if the app's Python cannot parse a file with which the app starts."""
    suspects = unparsed_sources(app, tools.settings, recipe)
    if not suspects:
        return
    from python_buildpack.layers.syntax import syntax_errors  # noqa: PLC0415 - few apps have such a file

    if found := syntax_errors(python, tools.layers.runner, app.root, tuple(suspects)):
        raise source_invalid(found)


def _install(
    app: Project, recipe: Recipe, tools: Tools, python: PythonLayer, since: float | None = None
) -> tuple[Recipe, DependenciesLayer]:
    """Install the dependencies. If they do not run on this Python, but on an older one that is allowed, take that.

    What cannot be known before is what the installed modules import. Raises BuildpackErrors.
    """
    tools.reporter.heading("Dependencies")
    name, because = recipe.manager.name, recipe.manager.because
    # Of a manager that is named after its file the reason says it all, and where there is none.
    is_all = because == f"the app has {name}" or name == FALLBACK.name
    tools.reporter.line(because[0].upper() + because[1:] if is_all else f"{name}, because {because}")
    try:
        return recipe, tools.layers.dependencies(recipe.manager, app, python, recipe.python.alternatives, since)
    except OlderPythonNeeded as needed:
        tools.reporter.line(f"Installing again on Python {needed.minor}, because {needed.because}")
        inputs = tools.inputs.on_older(recipe.pins, Inferred(needed.minor, needed.because))
        since = since or needed.since
    older = decide(app, tools.settings, inputs)
    tools.reporter.heading("Python")
    tools.reporter.line(f"{older.python.interpreter.version}, because {older.python.because}")
    _report_notices(older, tools.reporter, before=recipe)
    return _install(app, older, tools, tools.layers.python(older.python), since)


def _report_notices(recipe: Recipe, reporter: Reporter, before: Recipe | None = None) -> None:
    for notice in recipe.notices:
        if before is None or notice not in before.notices:
            reporter.warning(notice.title, notice.text)


def _report_processes(plan: ProcessPlan, reporter: Reporter) -> None:
    for process in plan.processes:
        reporter.line(f"{process.type}: {process.line}, because {process.because}")
    for alternative in plan.alternatives:
        reporter.line(f"not chosen: {alternative}")
    for need in plan.needs:
        reporter.line(need)
    for limit in plan.limits:
        reporter.line(f"not all of the app was looked at: {limit}")
    for notice in plan.notices:
        reporter.warning(notice.title, notice.text)


def _processes(plan: ProcessPlan, app: Path, settings: Settings) -> tuple[Process, ...]:
    # The launcher starts processes without a directory where the upload is, which is not the app then.
    is_folder = settings.get(SUBDIRECTORY) is not None
    return tuple(
        Process(
            process.type,
            process.command,
            process.args,
            default=process.default,
            # Absolute, because a container may start in any directory.
            working_dir=str(app / process.directory) if process.directory or is_folder else None,
        )
        for process in plan.processes
    )
