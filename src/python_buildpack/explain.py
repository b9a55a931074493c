"""Explains what a build would do, without building: the pure steps of the same sequence."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NoReturn

from cnb.context import BuildContext
from cnb.errors import BuildpackError
from cnb.frozen import replace
from python_buildpack.app.hook_files import POST_COMPILE, PRE_COMPILE
from python_buildpack.app.project import Project, scan
from python_buildpack.app.upload import upload_around
from python_buildpack.app_code.django_project import find_manage
from python_buildpack.app_code.hooks import is_hook
from python_buildpack.build import Tools
from python_buildpack.decide.decide import decide, decide_launch
from python_buildpack.decide.development import LAYER as DEVELOPMENT
from python_buildpack.decide.pins.infer import infer_from_pins
from python_buildpack.decide.python import DecisionInputs
from python_buildpack.decide.recipe import Recipe
from python_buildpack.decide.recipe_text import recipe_lines
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.interpreters.inventory import Inventory
from python_buildpack.layers.data.interface import DataLayer
from python_buildpack.layers.data.registry import DATA_LAYERS
from python_buildpack.layers.dependencies.inputs import NAME as DEPENDENCIES
from python_buildpack.layers.python import NAME as PYTHON
from python_buildpack.layers.runtime.layer import NAME as RUNTIME
from python_buildpack.layers.runtime.variables import NAME as VARIABLES
from python_buildpack.package_managers.members import choose_members
from python_buildpack.package_managers.own_projects import own_projects
from python_buildpack.package_managers.path_sources import in_requirements
from python_buildpack.package_managers.project_file import names_in_extras, names_in_groups
from python_buildpack.package_managers.registry import installs_app, manager_named
from python_buildpack.package_managers.requirements_txt import RequirementsTxt
from python_buildpack.package_managers.setup_py import SetupPy
from python_buildpack.platform.exec_env import with_development_choices
from python_buildpack.platform.subdirectory import app_folder
from python_buildpack.platform.variables import check_environment, notice_left_out, usable_environment
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.run_time import run_time_variables
from python_buildpack.settings.table import AUDIT, EXPLAIN, GROUPS, SMOKE_TEST
from python_buildpack.settings.values import Settings

LAYERS = Path("/layers/terrarium_python")
"""The directory of this buildpack's layers with most builders (CNB spec, Platform)."""

INDEX_NOT_ASKED = Notice(
    "The package index was not asked",
    "A first build also asks it whether the pins have wheels for this Python, and takes an older Python if not.",
)


class NothingBuilt(BuildpackError):
    """BP_PYTHON_EXPLAIN was set: what a build would do was printed, and nothing was built."""

    code = "nothing-built"
    title = "Nothing was built, because BP_PYTHON_EXPLAIN is set"
    remedies = ("variable",)


def explain(app: Path, env: Mapping[str, str], inventory: Inventory, arch: str, today: date) -> Recipe:
    """Return what a build of the directory ``app`` would do.

    ``env`` are the variables of the build, ``arch`` is the target's architecture as the CNB specification names it.
    Raises BuildpackErrors for what the app or the user has to correct.
    """
    folder = app_folder(app, env)
    check_environment(folder.env)
    settings = Settings(folder.env, folder.declared(app))
    settings.check()
    run_time_variables(settings)
    settings = replace(settings, env=usable_environment(folder.env))
    settings = with_development_choices(folder.path, settings)[0]
    inputs = DecisionInputs(arch, inventory, today, infer=infer_from_pins)
    recipe = explain_with(folder.path, settings, inputs)
    asked = (INDEX_NOT_ASKED,) if recipe.pins.is_index_needed else ()
    return replace(recipe, notices=(*notice_left_out(folder.env), *recipe.notices, *asked))


def explain_with(app: Path, settings: Settings, inputs: DecisionInputs) -> Recipe:
    """Return what a build with these inputs would do.

    What the app declares counts as installed, and the app itself; what these need in turn is not known. Raises
    BuildpackErrors for what the app or the user has to correct.
    """
    project = scan(app, upload_around(app, settings))
    recipe = decide(project, settings, inputs)
    installed = InstalledDistributions.declared(_installed(project, settings, recipe.manager.name))
    launch = decide_launch(project, settings, recipe, installed, LAYERS / DEVELOPMENT)
    data = tuple(kind for kind in DATA_LAYERS if kind.find(project, installed, settings) is not None)
    return replace(
        recipe.with_processes(launch.plan),
        steps=_steps(project, settings, installed, data, is_for_development=bool(launch.tools)),
        layers=_layers(settings, data, is_for_development=bool(launch.tools)),
    )


def _steps(
    project: Project,
    settings: Settings,
    installed: InstalledDistributions,
    data: tuple[DataLayer, ...],
    *,
    is_for_development: bool,
) -> tuple[str, ...]:
    """Return the headings of the log, as ``build()`` and what it calls print them."""
    audit = settings.get(AUDIT)
    steps = {
        "Settings": bool(settings.declared_lines() or run_time_variables(settings)),
        "Python": True,
        f"Hook {PRE_COMPILE}": is_hook(project, PRE_COMPILE),
        "Dependencies": True,
        **{kind.heading: True for kind in data},
        "Static files": find_manage(project, installed, settings) is not None,
        f"Hook {POST_COMPILE}": is_hook(project, POST_COMPILE),
        "Development": is_for_development,
        "Processes": True,
        "Smoke test": settings.is_on(SMOKE_TEST, default=False),
        "Audit": audit is not None and audit.text.lower() != "off",
    }
    return tuple(step for step, is_done in steps.items() if is_done)


def _layers(settings: Settings, data: tuple[DataLayer, ...], *, is_for_development: bool) -> tuple[str, ...]:
    changed = any(one.kind != "DEFAULT" for one in run_time_variables(settings))
    more = [kind.name for kind in data]
    more += [DEVELOPMENT] if is_for_development else []
    more += [VARIABLES] if changed else []
    return tuple(sorted((PYTHON, DEPENDENCIES, RUNTIME, *more)))


def _installed(project: Project, settings: Settings, name: str) -> frozenset[str]:
    """Return what the app declares, and its own projects if the manager of this name installs them."""
    manager = manager_named(name, settings)
    members = choose_members(own_projects(project), settings) if installs_app(manager) else None
    own = frozenset(one.name for one in members.included if one.is_built and one.name) if members else frozenset()
    # Names in groups that a lock's manager does not count as declared.
    named = _named_by_path(project) if isinstance(manager, RequirementsTxt) else frozenset()
    return manager.declared(project) | own | named | names_in_groups(project, settings.names(GROUPS))


def _named_by_path(project: Project) -> frozenset[str]:
    """Return the app's own projects that its requirements name by a path, as ``-e .``, and what these require."""
    own = {one.directory: one for one in own_projects(project).projects}
    sources = [source for source in in_requirements(project, "requirements.txt") if source.path in own]
    found = [own[source.path] for source in sources]
    names = {name for one in found for name in (one.name, *one.needs) if name}
    names.update(*(names_in_extras(project, source.path, source.extras) for source in sources))
    return frozenset(names) | (SetupPy().declared(project) if any(not one.directory for one in found) else frozenset())


def explain_instead(context: BuildContext, tools: Tools) -> NoReturn:
    """Print what this build would do. Raises NothingBuilt, and BuildpackErrors for what the user has to correct."""
    recipe = explain_with(context.app_dir, tools.settings, tools.inputs)
    tools.reporter.heading("What a build would do")
    for line in recipe_lines(recipe):
        tools.reporter.line(line)
    raise NothingBuilt(
        "The lines above are what a build of this app would do. No layer was made, and no image is.",
        f"Unset {EXPLAIN.name} to build.",
    )
