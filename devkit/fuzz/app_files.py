"""The files of an app: all that reads them before, while and after it is decided how the app is built."""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import cast

from hypothesis import strategies as st

from cnb.errors import BuildpackError
from devkit.fuzz.damage import damaged, shaped_json, shaped_toml
from devkit.fuzz.seeds import APP_FILES, app_file_seeds
from devkit.fuzz.target import Files, Target
from devkit.paths import CHECKOUT
from python_buildpack.app.known_files import KNOWN_FILES
from python_buildpack.app.project import Project, scan
from python_buildpack.app_code.django_project import find_manage
from python_buildpack.decide.decide import decide
from python_buildpack.decide.labels import decide_labels
from python_buildpack.decide.pins.infer import infer_from_pins
from python_buildpack.decide.process_plan.decide import decide_processes
from python_buildpack.decide.process_plan.procfile_text import parse_procfile
from python_buildpack.decide.process_plan.shell import programs
from python_buildpack.decide.python import DecisionInputs
from python_buildpack.decide.recipe import ManagerChoice, PythonChoice, Recipe
from python_buildpack.decide.removed_modules import removed_imports
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.interpreters.inventory import Inventory, parse_inventory
from python_buildpack.layers.data.nltk_data import read_packages
from python_buildpack.package_managers.choices import Choices
from python_buildpack.package_managers.direct_requirements import Conditions, direct_names
from python_buildpack.package_managers.exact_pins import read_pins
from python_buildpack.package_managers.index_of_pdm import read_pdm_rules
from python_buildpack.package_managers.index_of_pipfile import read_pipfile_lock_rules, read_pipfile_rules
from python_buildpack.package_managers.index_of_poetry import read_poetry_rules
from python_buildpack.package_managers.index_of_uv import read_uv_rules
from python_buildpack.package_managers.interface import Manager
from python_buildpack.package_managers.local_files import find_links_content, local_content, uv_find_links
from python_buildpack.package_managers.lock_pins import read_pins as read_locked_pins
from python_buildpack.package_managers.pip_needed import reason_for_pip
from python_buildpack.package_managers.pipfile import (
    categories,
    locked_names,
    read_pipfile_lock,
    requirement_lines,
)
from python_buildpack.package_managers.project_file import relevant_tables
from python_buildpack.package_managers.registry import NO_SETTINGS, managers_for
from python_buildpack.package_managers.requirement_files import names_its_index, read_requirement_files, uv_options
from python_buildpack.sbom.locks import parse_lock
from python_buildpack.secrets.credentials import credentials_in_files
from python_buildpack.settings.values import Settings
from python_buildpack.support.digests import digest

TODAY = date(2026, 11, 22)
_INSTALLED = InstalledDistributions.declared(
    ("django", "flask", "fastapi", "streamlit", "celery", "gunicorn", "uvicorn", "nltk", "setuptools"),
)
_TOML_KEYS = (
    *("project", "tool", "uv", "poetry", "pdm", "build-system", "dependency-groups", "dependencies", "name", "version"),
    *("requires-python", "optional-dependencies", "package", "packages", "metadata", "source", "sources", "wheels"),
    *(
        "find-links",
        "index",
        "url",
        "extras",
        "groups",
        "group",
        "python-versions",
        "targets",
        "requires_python",
        "files",
        "file",
    ),
    *("lock-version", "requires", "python_version", "virtual", "path", "git", "markers", "marker", "include-group"),
    *("workspace", "members", "scripts", "urls", "license", "authors", "description", "readme", "default", "develop"),
    *("_meta", "hash", "hashes", "sha256", "dev-packages", "package-mode", "python", "entries", "types", "launch"),
)


def app_targets() -> Iterator[Target]:
    """Yield a target for every file of an app that something here reads."""
    for name in APP_FILES:
        yield Target(name, _app_with(name, damaged(app_file_seeds(name))), read_app)
        if name.endswith((".toml", ".lock")) or name == "Pipfile":
            shaped = shaped_json if name == "Pipfile.lock" else shaped_toml
            yield Target(f"{name}, valid values", _app_with(name, shaped(_TOML_KEYS)), read_app)
    yield Target("names of files", _named_oddly(), read_app)
    yield Target("commands", st.fixed_dictionaries({"command": damaged(_commands())}), _read_command)


@cache
def inventory() -> Inventory:
    """Return the buildpack's own list of interpreters."""
    return parse_inventory((CHECKOUT / "inventory.toml").read_bytes(), "inventory.toml")


def read_app(root: Path) -> None:
    """Read an app by every way there is; where one refuses it, the others go on, and the first refusal is raised."""
    project = scan(root)
    refusals = list(filter(None, map(_refusal, _readings(project, NO_SETTINGS))))
    if refusals:
        raise refusals[0]


def read_app_with(root: Path, settings: Settings) -> None:
    """Decide how an app is built with these settings. Raises BuildpackError."""
    decide(scan(root), settings, DecisionInputs("amd64", inventory(), TODAY, {}))


def _refusal(reading: Callable[[], object]) -> BuildpackError | None:
    try:
        reading()
    except BuildpackError as error:
        return error
    return None


def _readings(project: Project, settings: Settings) -> Iterator[Callable[[], object]]:
    known = inventory()
    yield lambda: decide(project, settings, DecisionInputs("amd64", known, TODAY, {}))
    yield from (partial(_read_declaration, manager, project) for manager in managers_for(settings))
    yield lambda: _read_requirements(project)
    yield lambda: find_links_content(project.root, uv_find_links(project, {"HOME": str(project.root)}))
    yield lambda: _read_pipfiles(project)
    yield from _index_readings(project)
    yield lambda: relevant_tables(project, "uv", "poetry", "pdm")
    yield lambda: decide_processes(project, _INSTALLED)
    yield lambda: read_packages(project)
    yield lambda: (find_manage(project, _INSTALLED, settings), removed_imports(project, "3.13", _INSTALLED))
    python = PythonChoice(known.interpreters[0], "it is said so", "default")
    yield lambda: decide_labels(project, settings, Recipe(python, ManagerChoice("uv", "x", None), ()), _INSTALLED)
    yield lambda: list(credentials_in_files(project.root, {"HOME": str(project.root)}, KNOWN_FILES))
    texts = [text for text in project.texts.values() if isinstance(text, str)]
    yield lambda: [(parse_lock(text), read_locked_pins(text)) for text in texts]


def _index_readings(project: Project) -> Iterator[Callable[[], object]]:
    conditions = Conditions("3.13.1", Choices(("dev",), ("x",)))
    yield lambda: direct_names(project, conditions)
    yield lambda: read_uv_rules(project, {})
    yield lambda: read_poetry_rules(project, conditions, {})
    yield lambda: read_pdm_rules(project, {})
    yield lambda: read_pipfile_rules(project, ("packages", "dev-packages"), {})
    yield lambda: read_pipfile_lock_rules(project, ("default", "develop"), {})


def _read_declaration(manager: Manager, project: Project) -> None:
    if manager.find(project) is not None or manager.name == "setup.py":
        manager.declared(project)
        digest(manager.declaration(project))
        choice = PythonChoice(inventory().interpreters[0], "it is said so", "default", ("3.9",))
        infer_from_pins(project, manager, choice.interpreter, choice.alternatives)


def _read_requirements(project: Project) -> None:
    if "requirements.txt" not in project.files:
        return
    files = read_requirement_files(project, "requirements.txt")
    read_pins(files.lines)
    uv_options(files.lines)
    names_its_index(files.lines)
    reason_for_pip(project, files, {})
    local_content(project.root, files.lines)


def _read_pipfiles(project: Project) -> None:
    if "Pipfile" in project.files:
        for category in ("packages", *categories(project)):
            list(requirement_lines(project, category))
    if "Pipfile.lock" in project.files:
        document = read_pipfile_lock(project)
        for section in ("default", "develop"):
            locked_names(document, section)


def _named_oddly() -> st.SearchStrategy[Files]:
    """Return a strategy for apps whose files have any names that a file can have, and say what files of theirs say."""
    part = damaged([b"app", b"caf\xe9", b"a b", b"src", b"-x"]).map(_as_name)
    suffix = st.sampled_from((".py", "/__init__.py", ".c", ".pyx", "/manage.py", ".txt", ".toml", ""))
    name = st.tuples(st.sampled_from(("", "src/", "requirements/")), part, suffix).map("".join)
    content = st.sampled_from([text.encode() for text in (*APP_FILES["app.py"], *APP_FILES["pyproject.toml"])])
    others = st.lists(st.sampled_from(("pyproject.toml", "setup.py", "requirements.txt")), max_size=1).map(_right)
    odd = st.dictionaries(name, content, min_size=1, max_size=3)
    return st.tuples(others, odd).map(lambda drawn: {**drawn[0], **drawn[1]}).filter(_can_be_written)


def _as_name(content: bytes) -> str:
    """Return the name that Python decodes from these bytes; "." and ".." are not names."""
    return os.fsdecode(content.replace(b"/", b"").replace(b"\0", b"")[:200].strip(b".") or b"x")


def _can_be_written(files: Files) -> bool:
    return not any(other.startswith(f"{name}/") for name in files for other in files)


def _commands() -> list[bytes]:
    return [line.partition(":")[2].encode() for text in APP_FILES["Procfile"] for line in text.splitlines()]


def _read_command(root: Path) -> None:
    text = (root / "command").read_bytes().decode("utf-8", "replace").replace("\0", "")
    programs(text)
    # Refuses what wrap() and needs_shell() are never asked about.
    parse_procfile(f"web: {text}")


def _app_with(name: str, content: st.SearchStrategy[bytes]) -> st.SearchStrategy[Files]:
    """Return a strategy for apps with this file, damaged, and up to three others that are right."""
    others = st.lists(st.sampled_from([other for other in APP_FILES if other != name]), max_size=3, unique=True)
    made = st.tuples(content, others).map(lambda drawn: {**_right(drawn[1]), name: drawn[0]})
    return cast("st.SearchStrategy[Files]", made)


def _right(names: list[str]) -> Mapping[str, bytes]:
    return {name: APP_FILES[name][0].encode() for name in names}
