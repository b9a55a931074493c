"""Resolves and installs with uv what has no lock, from the indexes that the app's tables allow for each package."""

from collections.abc import Iterable

from cnb.frozen import field, frozen, replace
from python_buildpack.app.documents import pyproject_table
from python_buildpack.app.project import Project
from python_buildpack.package_managers.choices import Choices
from python_buildpack.package_managers.direct_requirements import Conditions, direct_names
from python_buildpack.package_managers.index_for_uv import (
    SHOW_INDEXES,
    Bound,
    bound_by,
    check_origins,
    index_variables,
    strategy_of,
    with_indexes,
    write_bound,
)
from python_buildpack.package_managers.index_of_pdm import read_pdm_rules
from python_buildpack.package_managers.index_of_poetry import read_poetry_rules
from python_buildpack.package_managers.index_of_uv import names_default_index, read_uv_rules
from python_buildpack.package_managers.index_rules import FIRST_INDEX, IndexRules
from python_buildpack.package_managers.interface import Given, InstallContext
from python_buildpack.package_managers.tool_runs import compile_with_uv

_STRATEGY = "--index-strategy"


@frozen
class AppIndexes:
    """The indexes of an app that uv resolves."""

    rules: IndexRules
    direct: frozenset[str] = field(default_factory=frozenset)
    """The names that the app requires itself."""
    by_uv: bool = False
    """Whether uv reads the tables itself."""


def read_app_indexes(given: Given, choices: Choices) -> AppIndexes | None:
    """Return the indexes that the tables of uv, Poetry or PDM declare, the first that has any; None if none does.

    Raises IndexUnknown, IndexUnclear, VariableUnset, ProjectFileInvalid.
    """
    project, env = given.project, given.env
    if rules := read_uv_rules(project, env):
        return AppIndexes(rules, by_uv=True)
    conditions = Conditions(given.python_version, choices)
    rules = read_poetry_rules(project, conditions, env) or read_pdm_rules(project, env)
    return AppIndexes(rules, direct_names(project, conditions)) if rules else None


def variables_of(indexes: AppIndexes, context: InstallContext) -> dict[str, str]:
    """Return the variables by which uv searches these indexes. Raises IndexUnclear."""
    if not indexes.by_uv:
        return index_variables(indexes.rules, context.env)
    chosen_for_uv = context.env.get("UV_DEFAULT_INDEX") or context.env.get("UV_INDEX_URL")
    # pip's settings are for all apps of a platform: they do not replace an index that this app chooses.
    return {"UV_DEFAULT_INDEX": ""} if names_default_index(context.project) and not chosen_for_uv else {}


def sources_named(project: Project, indexes: AppIndexes | None) -> tuple[str, ...]:
    """Return texts with all addresses from which pyproject.toml lets packages come."""
    uv = pyproject_table(project, "tool", "uv")
    groups = pyproject_table(project, "dependency-groups")
    extras = pyproject_table(project, "project", "optional-dependencies")
    found = (
        *(one.url for one in (indexes.rules.indexes if indexes else ())),
        *(uv.get(key) for key in ("index-url", "extra-index-url", "find-links", "sources")),
        *(pyproject_table(project, "project").get("dependencies"), extras, groups),
        pyproject_table(project, "tool", "poetry", "dependencies"),
    )
    return tuple(str(one) for one in found if one)


def local_places(indexes: AppIndexes) -> tuple[str, ...]:
    """Return the directories of files that the tables declare as indexes."""
    places = (one.url.removeprefix("file://") for one in indexes.rules.indexes if one.is_flat)
    return tuple(place for place in places if "://" not in place)


def compile_from_indexes(
    context: InstallContext, argv: tuple[str, ...], file: str, indexes: AppIndexes, env: dict[str, str]
) -> str:
    """Return the resolution of ``argv`` (files and options for uv), each package with the index that it is from.

    Raises IndexUnknown, IndexUnclear and the errors of ``failures``.
    """
    variables = {**env, **variables_of(indexes, context)}
    if indexes.by_uv:
        return with_indexes(compile_with_uv(context, (*argv, SHOW_INDEXES), file, variables))
    rules = indexes.rules
    names = indexes.direct | _names_by_patterns(context, argv, file, indexes, env)
    text = _compiled(
        context, (*argv, _STRATEGY, strategy_of(rules, context.env)), file, _pinned(rules, names), variables
    )
    check_origins(text, rules, context.env)
    return text


def bound_options(context: InstallContext, text: str, rules: IndexRules) -> tuple[str, ...]:
    """Return uv's options to install a resolution, each package from the index in its line."""
    bound, others = bound_by(text, rules, context.env)
    path = context.scratch / "pins.txt"
    path.write_text(others, encoding="utf-8")
    files = (
        *write_bound(context.scratch / "indexes-install", bound, context.env),
        *([str(path)] if others.strip() else []),
    )
    return tuple(word for file in files for word in ("--requirements", file))


def _names_by_patterns(
    context: InstallContext, argv: tuple[str, ...], file: str, indexes: AppIndexes, env: dict[str, str]
) -> frozenset[str]:
    """Return the names of all packages in a first resolution, if patterns may concern packages that are not direct.

    In it, the indexes with patterns come first, and what they have is not looked for elsewhere.
    """
    rules = indexes.rules
    if not any("*" in pattern or pattern not in indexes.direct for one in rules.indexes for pattern in one.includes):
        return frozenset()
    first = tuple(one for one in rules.indexes if one.includes)
    ordered = replace(rules, indexes=(*first, *(one for one in rules.indexes if one not in first)))
    searched = tuple(replace(one, excludes=()) if one in first else one for one in ordered.indexes)
    variables = {**env, **index_variables(replace(ordered, indexes=searched), context.env)}
    options = (*argv, _STRATEGY, FIRST_INDEX)
    text = _compiled(context, options, file, _pinned(rules, indexes.direct), variables)
    return frozenset(one.name for one in bound_by(text, rules, context.env)[0])


def _pinned(rules: IndexRules, names: Iterable[str]) -> tuple[Bound, ...]:
    pairs = ((name, rules.pinned(name)) for name in sorted(names))
    return tuple(Bound(name, name, index) for name, index in pairs if index is not None)


def _compiled(
    context: InstallContext, argv: tuple[str, ...], file: str, pinned: tuple[Bound, ...], variables: dict[str, str]
) -> str:
    generated = write_bound(context.scratch / "indexes-resolve", pinned, context.env)
    return with_indexes(compile_with_uv(context, (*generated, *argv, SHOW_INDEXES), file, variables))
