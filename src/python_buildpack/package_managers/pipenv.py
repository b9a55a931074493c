"""Apps with a Pipfile or Pipfile.lock, which is converted to requirements that uv installs.

Pipenv itself converts only what ``pipfile_lock.py`` does not know. It could only install with a pip inside the virtual
environment, and the app's environment has none.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from python_buildpack.app.documents import PYPROJECT, string
from python_buildpack.app.project import Project
from python_buildpack.package_managers.brought_by_extras import names_with_extras
from python_buildpack.package_managers.choices import DevelopmentChoices, check_known, read_choices
from python_buildpack.package_managers.explain_failure import explain_failure
from python_buildpack.package_managers.failures.errors import DependenciesNotInstalled, LockOutOfDate
from python_buildpack.package_managers.failures.explain import explain
from python_buildpack.package_managers.index_for_uv import (
    SHOW_INDEXES,
    Bound,
    index_variables,
    strategy_of,
    with_indexes,
    write_bound,
)
from python_buildpack.package_managers.index_of_pipfile import read_pipfile_lock_rules, read_pipfile_rules
from python_buildpack.package_managers.index_resolution import bound_options
from python_buildpack.package_managers.index_rules import BEST_MATCH, IndexRules
from python_buildpack.package_managers.interface import Given, InstallContext, Resolution
from python_buildpack.package_managers.local_files import local_content
from python_buildpack.package_managers.pinned import Pinned
from python_buildpack.package_managers.pipfile import (
    DEFAULT,
    FILE,
    LOCK,
    categories,
    locked_names,
    locked_pins,
    read_pipfile_lock,
    requirement_lines,
)
from python_buildpack.package_managers.policy import check_encrypted, refuse_unlocked, with_lines
from python_buildpack.package_managers.requirement_files import RequirementLine, requirement_name, without_options
from python_buildpack.package_managers.source_guard import source_guarded, source_unchanged
from python_buildpack.package_managers.source_options import refuse_source_lines
from python_buildpack.package_managers.tool_runs import compile_with_uv, run_uv
from python_buildpack.package_managers.variables_in_files import check_variables, numbered
from python_buildpack.ports.certificates import system_certificates
from python_buildpack.ports.condensed import show_condensed
from python_buildpack.ports.interfaces import Command
from python_buildpack.settings.setting import Setting
from python_buildpack.settings.table import GROUPS
from python_buildpack.tools.pinned import PIPENV

if TYPE_CHECKING:
    from python_buildpack.package_managers.locked_list import Unsupported

_SECTIONS = {DEFAULT: "default", "dev-packages": "develop"}
"""Categories of a Pipfile whose sections of Pipfile.lock have other names."""
_NO_HASH = re.compile(r"\s+--hash=?(?=\s|$)")
"""What Pipenv writes for a package without hashes in the lock: old indexes gave none for some files."""
_SOURCES = ("-i ", "--index-url", "--extra-index-url")


def _local(project: Project) -> str:
    if not project.has(FILE):
        return ""
    texts = [text for category in (DEFAULT, *categories(project)) for text in requirement_lines(project, category)]
    return local_content(project.root, (RequirementLine(FILE, 0, text) for text in texts))


class Pipenv:
    """The manager of apps with a Pipfile or a Pipfile.lock."""

    name: ClassVar[str] = "pipenv"
    files: ClassVar[tuple[str, ...]] = (LOCK, FILE)
    locks: ClassVar[str | None] = None
    chooses: ClassVar[tuple[Setting, ...]] = (GROUPS,)

    def find(self, project: Project) -> str | None:
        """Return the lock, or else the Pipfile."""
        return next((file for file in self.files if project.has(file)), None)

    def declared(self, project: Project) -> frozenset[str]:
        """Return the names in the default category of the lock, or of the Pipfile if there is no lock."""
        if project.has(LOCK):
            return locked_names(read_pipfile_lock(project), "default")
        lines = requirement_lines(project, DEFAULT)
        return frozenset(name for line in lines for name in names_with_extras(line))

    def pinned(self, project: Project) -> Pinned:
        """Return the exact versions of the default category. Pipfile.lock names no files, so wheels are not known."""
        if project.has(LOCK):
            return Pinned.of(locked_pins(read_pipfile_lock(project), "default"))
        from python_buildpack.package_managers.exact_pins import pins_in  # noqa: PLC0415 - for apps that name no single Python

        return pins_in(requirement_lines(project, DEFAULT))

    def for_developers(self, project: Project) -> DevelopmentChoices:
        """Return dev-packages, and the categories for tests."""
        from python_buildpack.package_managers import for_developers  # noqa: PLC0415 - for images that are for tests

        return DevelopmentChoices(tuple(sorted(filter(for_developers.is_for_tests, categories(project)))))

    def declaration(self, project: Project) -> str:
        """Return both files, and digests of the archives that they name by path."""
        return f"{project.text(FILE) or ''}\n{project.text(LOCK) or ''}{_local(project)}"

    def check(self, given: Given) -> None:
        """Raise GroupUnknown, and for a Pipfile without a lock what its lines and sources show to be wrong."""
        project, groups = given.project, read_choices(given.settings).groups
        if project.has(LOCK):
            check_known(groups, _locked_categories(project), LOCK)
            return
        check_known(groups, categories(project), FILE)
        lines = _requirement_lines(project, groups)
        refuse_source_lines(given.settings, given.env, (RequirementLine(FILE, 0, line) for line in lines))
        check_variables(numbered(lines, FILE, project.text(FILE) or ""), given.env)
        refuse_unlocked(given.settings, FILE)
        rules = read_pipfile_rules(project, (DEFAULT, *groups), given.env)
        texts = (*lines, *(one.url for one in (rules.indexes if rules else ())))
        named = with_lines(texts, FILE, project.text(FILE) or "")
        check_encrypted(given.settings, given.env, named)

    def resolve(self, context: InstallContext) -> Resolution:
        """Return the lock, or the resolution of a Pipfile without a lock on the index as it is now.

        Raises GroupUnknown, ProjectFileInvalid and uv's failures.
        """
        self.check(context)
        choices = read_choices(context.settings)
        if not context.project.has(LOCK):
            return _resolve_unlocked(context, choices.groups)
        if context.tools.has(PIPENV) and isinstance(_lines(context), Exception):
            context.tools.keep(PIPENV)
        return Resolution.of(
            f"{choices}{self.declaration(context.project)}", f"{LOCK} says which versions", is_locked=True
        )

    def is_exact(self, context: InstallContext) -> bool:
        """Return True."""
        del context
        return True

    def install(self, context: InstallContext, resolution: Resolution, venv: Path) -> None:
        """Install the lock, with every hash checked, or the resolution of a Pipfile without a lock.

        Raises BuildpackError.
        """
        is_locked = context.project.has(LOCK)
        files, rules = _locked_files(context) if is_locked else _resolved_files(context, resolution)
        argv = (
            *("pip", "install", "--exact", "--python", str(venv / "bin" / "python"), *files),
            *("--no-deps", "--verify-hashes", *_semantics(rules, files, context.env)),
        )
        with source_guarded(context) as env:
            finished = run_uv(context, argv, {**env, **_variables(context, rules)}, show=True)
        if finished.status != 0:
            raise explain_failure(context, finished, LOCK if is_locked else FILE)


def _resolve_unlocked(context: InstallContext, groups: tuple[str, ...]) -> Resolution:
    context.reporter.warning(
        f"{FILE} has no {LOCK}",
        "Every build takes the newest versions that the Pipfile allows. Run pipenv lock, and commit the lock.",
    )
    rules = read_pipfile_rules(context.project, (DEFAULT, *groups), context.env)
    lines = _requirement_lines(context.project, groups)
    bound, others = _bound(lines, rules)
    path = context.scratch / "pipfile-requirements.txt"
    path.write_text("".join(f"{line}\n" for line in others), encoding="utf-8")
    generated = write_bound(context.scratch / "indexes-resolve", bound, context.env)
    with source_unchanged(context) as env:
        argv = (*generated, str(path), SHOW_INDEXES, *_semantics(rules, generated, context.env))
        text = with_indexes(compile_with_uv(context, argv, FILE, {**env, **_variables(context, rules)}))
    return Resolution.of(text, f"{FILE} has no lock, so it was resolved against the index for this build")


def _requirement_lines(project: Project, groups: tuple[str, ...]) -> list[str]:
    return [line for category in (DEFAULT, *groups) for line in requirement_lines(project, category)]


def _resolved_files(context: InstallContext, resolution: Resolution) -> tuple[tuple[str, ...], IndexRules | None]:
    """Return uv's options to install the resolution of a Pipfile, and the rules for its indexes."""
    wanted = (DEFAULT, *read_choices(context.settings).groups)
    rules = read_pipfile_rules(context.project, wanted, context.env)
    return bound_options(context, resolution.text, rules or IndexRules(FILE, ())), rules


def _locked_files(context: InstallContext) -> tuple[tuple[str, ...], IndexRules | None]:
    """Return uv's options to install the lock, and the rules for its indexes. Raises LockOutOfDate, IndexUnknown."""
    wanted = (DEFAULT, *read_choices(context.settings).groups)
    sections = (_SECTIONS.get(name, name) for name in wanted)
    rules = read_pipfile_lock_rules(context.project, sections, context.env)
    lines = _lines(context)
    if isinstance(lines, Exception):
        context.reporter.line(f"Pipenv itself reads {LOCK}, because {lines}")
        lines = _locked_requirements(context)
    else:
        context.reporter.line(f"uv {context.uv.version} installs, from {LOCK}")
    refuse_source_lines(context.settings, context.env, (RequirementLine(LOCK, 0, line) for line in lines))
    bound, _ = _bound([without_options(line) for line in lines], rules)
    names = {one.name for one in bound}
    hashed = [line for line in lines if requirement_name(line) in names]
    path, hashes = context.scratch / "pipenv-requirements.txt", context.scratch / "pipenv-hashes.txt"
    rest = [line for line in lines if line not in hashed]
    path.write_text("".join(f"{line}\n" for line in rest), encoding="utf-8")
    hashes.write_text("".join(f"{line}\n" for line in hashed), encoding="utf-8")
    generated = write_bound(context.scratch / "indexes-install", bound, context.env)
    files = (*generated, *([str(path)] if rest or not generated else []))
    options = tuple(word for file in files for word in ("--requirements", file))
    return (*options, *(("--constraints", str(hashes)) if hashed else ())), rules


def _lines(context: InstallContext) -> "list[str] | Unsupported":
    """Return the lock as lines of a requirements file, or why only Pipenv can. Raises LockOutOfDate."""
    # Most builds install nothing.
    from python_buildpack.package_managers.lock_installer import read_plan  # noqa: PLC0415
    from python_buildpack.package_managers.pipfile_lock import locked_lines  # noqa: PLC0415

    if context.project.has(FILE):
        _check_has_digest(context.project)
    wanted = (DEFAULT, *read_choices(context.settings).groups)
    sections = [_SECTIONS.get(name, name) for name in wanted]
    return read_plan(context.settings, Pipenv.name, lambda: locked_lines(context.project, sections))


def _bound(lines: list[str], rules: IndexRules | None) -> tuple[tuple[Bound, ...], list[str]]:
    """Return the requirements that are pinned to an index, and all other lines."""
    bound: list[Bound] = []
    others: list[str] = []
    for line in lines:
        name = requirement_name(line) if " @ " not in line and not line.startswith("-") else None
        if rules is not None and len(rules.indexes) > 1 and name is not None and name in rules.pins:
            bound.append(Bound(name, line.strip(), rules.named(rules.pins[name], name)))
        else:
            others.append(line)
    return tuple(bound), others


def _semantics(rules: IndexRules | None, files: tuple[str, ...], env: Mapping[str, str]) -> tuple[str, ...]:
    """Return uv's options to read nothing but the Pipfile, and to search its sources as Pipenv does."""
    is_bound = any(file.endswith(PYPROJECT) for file in files)
    no_sources = () if is_bound else ("--no-sources",)
    return (
        "--no-config",
        *no_sources,
        "--index-strategy",
        strategy_of(rules or IndexRules(FILE, (), strategy=BEST_MATCH), env),
    )


def _variables(context: InstallContext, rules: IndexRules | None) -> dict[str, str]:
    return index_variables(rules, context.env) if rules else {}


def _locked_categories(project: Project) -> frozenset[str]:
    sections = read_pipfile_lock(project).keys() - {"_meta", "default"}
    return frozenset("dev-packages" if name == "develop" else name for name in sections)


def _locked_requirements(context: InstallContext) -> list[str]:
    """Return Pipfile.lock as lines of a requirements file, without its sources. Raises LockOutOfDate."""
    folder = context.scratch / "pipenv"
    folder.mkdir(exist_ok=True)
    # In a copy, because Pipenv creates missing files. A lock without a Pipfile cannot be out of date.
    (folder / FILE).write_text(context.project.text(FILE) or "", encoding="utf-8")
    (folder / LOCK).write_text(context.project.text(LOCK) or "", encoding="utf-8")
    from python_buildpack.package_managers.pipfile_lock import local_directories  # noqa: PLC0415 - as below

    # Pipenv makes editable what is a directory.
    for path in local_directories(context.project):
        (folder / path).mkdir(parents=True, exist_ok=True)
    if context.project.has(FILE):
        _run_pipenv(context, folder, ("verify",))
    wanted = (DEFAULT, *read_choices(context.settings).groups)
    output = _run_pipenv(context, folder, ("requirements", "--hash", "--categories", " ".join(wanted)))
    # The output also holds warnings.
    lines = [_NO_HASH.sub("", line) for line in output.splitlines() if _is_requirement(line) or line.startswith("-")]
    _check_complete(context, lines, wanted)
    return [line for line in lines if not line.startswith(_SOURCES)]


def _check_has_digest(project: Project) -> None:
    """Raise LockOutOfDate for a lock without the digest of its Pipfile, which Pipenv would accept."""
    if string(read_pipfile_lock(project), LOCK, "_meta", "hash", "sha256") is None:
        raise LockOutOfDate(
            f"{LOCK} does not say which Pipfile it was made from.", f"Run pipenv lock, and commit {LOCK}."
        )


def _run_pipenv(context: InstallContext, folder: Path, argv: tuple[str, ...]) -> str:
    env = {
        **context.env,
        **system_certificates(context.env),
        "PIPENV_NOSPIN": "1",
        "PIPENV_DONT_LOAD_ENV": "1",
        "PIPENV_IGNORE_VIRTUALENVS": "1",
        "PIPENV_CACHE_DIR": str(context.scratch / "pipenv-cache"),
        "WORKON_HOME": str(context.scratch / "pipenv-environments"),
    }
    finished = context.tools.run(PIPENV, argv, Command((), env, cwd=folder, show=False))
    if finished.status != 0:
        show_condensed(finished.output.splitlines(), context.reporter.output)
        raise explain(finished, LOCK, "pipenv", context.env, withheld=context.withheld)
    return finished.output


def _is_requirement(line: str) -> bool:
    word = line.partition(" ")[0]
    # Pipenv writes the path of an archive in the app as in the Pipfile: vendor/x.whl.
    is_path = line.startswith((".", "/")) or word.endswith((".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2"))
    return is_path or "://" in word or requirement_name(line) is not None


def _check_complete(context: InstallContext, lines: list[str], wanted: tuple[str, ...]) -> None:
    """Raise DependenciesNotInstalled unless there is a line for every locked package."""
    document = read_pipfile_lock(context.project)
    names = frozenset[str]().union(*(locked_names(document, _SECTIONS.get(name, name)) for name in wanted))
    found = [line for line in lines if not line.startswith(("-i ", "--"))]
    if len(found) != len(names):
        raise DependenciesNotInstalled(
            f"{LOCK} has {len(names)} packages, but Pipenv lists {len(found)}: {'; '.join(found)[:500]}",
            f"Run pipenv lock to write {LOCK} again. If that does not help, please report it.",
        )
