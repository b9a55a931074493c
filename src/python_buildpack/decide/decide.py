"""Decides what a build will do, from what was read. Pure, so that a decision can be tested and explained.

No function of this package uses files, the network, the clock or the environment: callers pass all of that as values,
and access to a package index as a function. A build and ``explain`` call the same two functions of this module.
"""

from pathlib import Path

from cnb.errors import BuildpackError
from cnb.frozen import replace
from python_buildpack.app.hook_files import HOOKS
from python_buildpack.app.project import Project
from python_buildpack.decide.development import Development, decide_development
from python_buildpack.decide.early import KnownEarly, early_errors, together
from python_buildpack.decide.exec_env import TEST, exec_env
from python_buildpack.decide.file_names import notice_names
from python_buildpack.decide.manager import choose_manager, declared_in
from python_buildpack.decide.own_imports import older_for_own_imports
from python_buildpack.decide.plain_http import notice_plain_http
from python_buildpack.decide.process_plan.decide import decide_plan, read_evidence
from python_buildpack.decide.process_plan.import_check import with_import_checks
from python_buildpack.decide.process_plan.other_python import notice_other_python
from python_buildpack.decide.processes.interface import Evidence, ProcessPlan
from python_buildpack.decide.python import PREVIOUS_MINOR, DecisionInputs, decide_python
from python_buildpack.decide.recipe import Recipe
from python_buildpack.decide.removed_modules import removed_imports
from python_buildpack.decide.startup.notices import with_what_lacks
from python_buildpack.decide.startup.syntax_errors import is_certain, source_invalid, unparsed_starts
from python_buildpack.decide.undeclared import notice_undeclared
from python_buildpack.decide.without_effect import notice_without_effect
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.interpreters.inventory import CHECKED
from python_buildpack.package_managers.choices import Choices, read_choices
from python_buildpack.package_managers.interface import Manager
from python_buildpack.package_managers.missing_sources import check_local_sources
from python_buildpack.package_managers.named_files import check_named_files
from python_buildpack.package_managers.project_file import default_groups
from python_buildpack.package_managers.pyproject import Pyproject
from python_buildpack.package_managers.registry import FALLBACK, manager_named
from python_buildpack.package_managers.uv_project import UvProject, installed_folder
from python_buildpack.settings.table import EXTRAS, GROUPS
from python_buildpack.settings.values import Settings


def decide(project: Project, settings: Settings, inputs: DecisionInputs) -> Recipe:
    """Decide everything that can be decided before installing.

    Raises BuildpackErrors for what the app or the user has to correct.
    """
    chosen: Manager | None = None
    try:
        manager, manager_notices = choose_manager(project, settings)
        chosen = manager_named(manager.name, settings)
        missing = check_local_sources(project, manager.name, settings)
        check_named_files(project, manager.name, settings)
        python = decide_python(project, settings, inputs, chosen)
        needed = older_for_own_imports(project, settings, python.choice, chosen)
        if needed is not None:
            python = decide_python(project, settings, inputs.on_older(python.answer, needed), chosen)
    except BuildpackError as error:
        raise together((error, *early_errors(KnownEarly(project, settings), chosen))) from error
    version, because = str(python.choice.interpreter.version), python.choice.because
    if errors := early_errors(KnownEarly(project, settings, version, because), chosen):
        raise together(errors)
    recipe = Recipe(
        python.choice,
        manager,
        notices=(
            *notice_plain_http(settings),
            *notice_names(project, settings),
            *notice_without_effect(project, settings, chosen),
            *python.notices,
            *manager_notices,
            *(notice_undeclared(project) if manager.name == FALLBACK.name and not manager_notices else ()),
            *missing,
        ),
        pins=python.answer,
        choices=_choices(project, settings, chosen),
        settings=settings.given(),
        remembered={
            PREVIOUS_MINOR: python.choice.interpreter.minor,
            **python.answer.remembered,
            **({CHECKED: inputs.inventory.checked} if inputs.inventory.checked else {}),
        },
    )
    if is_certain(python.choice.interpreter.minor) and (found := unparsed_sources(project, settings, recipe)):
        raise source_invalid(found)
    return recipe


def unparsed_sources(project: Project, settings: Settings, recipe: Recipe) -> dict[str, str]:
    """Return the files with which the app starts and that our own Python cannot parse → what it says of each.

    A hook may still write them, so none is returned in an app that has one. Raises ProcfileInvalid.
    """
    if any(project.has(hook) for hook in HOOKS):
        return {}
    return unparsed_starts(project, settings, manager_named(recipe.manager.name, settings).declared(project))


def _choices(project: Project, settings: Settings, manager: Manager) -> Choices:
    """Return the groups and extras that are installed, those included that uv would install by default."""
    choices = read_choices(settings)
    groups = choices.groups if GROUPS in manager.chooses else ()
    if isinstance(manager, UvProject | Pyproject):
        groups = (*groups, *default_groups(project, settings, installed_folder(project, settings)))
    return Choices(groups, choices.extras if EXTRAS in manager.chooses else ())


def decide_launch(
    project: Project, settings: Settings, recipe: Recipe, installed: InstalledDistributions, development_layer: Path
) -> Development:
    """Decide the processes of the image.

    ``development_layer`` is where the tools for development will be. Raises what read_evidence() and decide_plan()
    raise.
    """
    evidence = read_evidence(project, installed, settings)
    plan = _for_tests(evidence) if exec_env(settings) == TEST else decide_plan(evidence)
    development = decide_development(plan, settings, development_layer)
    minor = recipe.python.interpreter.minor
    left_out = evidence.members.left_out
    removed = removed_imports(project, minor, installed, lambda path: evidence.members.own.of(path) in left_out)
    others = notice_other_python(development.plan, minor)
    plan = replace(development.plan, notices=(*development.plan.notices, *others, *removed))
    plan = with_what_lacks(plan, evidence, minor, declared_in(recipe.manager))
    return replace(development, plan=with_import_checks(plan))


def _for_tests(evidence: Evidence) -> ProcessPlan:
    from python_buildpack.decide.own_tests import with_test_process, written_script  # noqa: PLC0415 - few images

    return with_test_process(decide_plan(evidence, written_script(evidence)), evidence)
