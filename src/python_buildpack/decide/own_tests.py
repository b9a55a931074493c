"""The process ``test`` of an image for tests: what the app says, or else what runs the tests that it has. Pure.

What is installed decides, because an image for tests is one in which nothing is installed any more: pytest before tox
and nox, which make environments of their own; Django's and the standard library's own runner need nothing else.
"""

import re
import shlex
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any

from cnb.frozen import field, frozen, replace
from python_buildpack.app.documents import PYPROJECT, parse_json, read_toml, subtable
from python_buildpack.decide.process_plan.nothing_found import TITLE as NO_PROCESS
from python_buildpack.decide.process_plan.procfile_text import Entry
from python_buildpack.decide.processes.frameworks.django import DJANGO
from python_buildpack.decide.processes.interface import Evidence, ProcessDecision, ProcessPlan
from python_buildpack.package_managers.members import ALL
from python_buildpack.ports.notice import Notice

TYPE = "test"
APP_JSON = "app.json"
_SCRATCH = "/tmp"  # noqa: S108 - the app directory cannot be written in a container; this is the container's own
_UNITTEST = re.compile(r"^[ \t]*(?:import unittest\b|from unittest\b)|\bTestCase\b", re.MULTILINE)


@frozen
class _Runner:
    """One way to run the tests."""

    command: tuple[str, ...]
    because: str
    directory: str = ""
    environment: tuple[tuple[str, str], ...] = field(default=())


def written_script(evidence: Evidence) -> tuple[Entry, ...]:
    """Return the test script of app.json: ``environments.test.scripts`` with ``test-setup`` before ``test``.

    Source: https://devcenter.heroku.com/articles/heroku-ci, "Configuring your test environment". Raises
    ProjectFileInvalid and ProjectFileUnreadable.
    """
    scripts = _of_app_json(evidence, "scripts")
    lines = [text.strip() for name in ("test-setup", "test") if isinstance(text := scripts.get(name), str)]
    if not isinstance(scripts.get("test"), str) or not scripts["test"].strip():
        return ()
    return (Entry(TYPE, " && ".join(filter(None, lines)), variable=APP_JSON),)


def with_test_process(plan: ProcessPlan, evidence: Evidence) -> ProcessPlan:
    """Return the plan with a process ``test``, which is the default one; the others stay as they are."""
    tests = next((process for process in plan.processes if process.type == TYPE), None)
    if tests is None:
        runner = next(_runners(evidence), None)
        if runner is None:
            return replace(plan, notices=(*plan.notices, _NO_TESTS))
        tests = _decision(runner, plan)
    strings = {name: value for name, value in _of_app_json(evidence, "env").items() if isinstance(value, str)}
    given = tuple((name, value) for name, value in strings.items() if re.fullmatch(r"[A-Za-z_]\w*", name))
    tests = replace(tests, default=True, environment=(*tests.environment, *given))
    others = (replace(process, default=False) for process in plan.processes if process.type != TYPE)
    return replace(plan, processes=(*others, tests), notices=tuple(filter(_is_for_tests, plan.notices)))


def _is_for_tests(notice: Notice) -> bool:
    # A library with tests is no mistake.
    return notice.title != NO_PROCESS


def _decision(runner: _Runner, plan: ProcessPlan) -> ProcessDecision:
    """Return the process: it imports from where the app's first process does."""
    first = next((process for process in plan.processes if process.import_root), None)
    return ProcessDecision(
        TYPE,
        runner.command,
        because=runner.because,
        environment=runner.environment,
        directory=runner.directory,
        import_root=first.import_root if first else "",
    )


def _runners(evidence: Evidence) -> Iterator[_Runner]:
    """Yield the ways to run the tests, the best first."""
    folder = _folder(evidence)
    django = _manage(evidence, folder)
    if _has_pytest(evidence) and (not django or evidence.has("pytest-django") or _configures_pytest(evidence, folder)):
        # The module, not the program: that adds the app directory to what can be imported. Options of the app stay.
        options = ("-o", f"cache_dir={_SCRATCH}/pytest_cache")
        yield _Runner(("python", "-m", "pytest", *options), "pytest is installed", folder)
    if django:
        yield _Runner(("python", "manage.py", "test"), "the app is a Django project with manage.py", folder)
    if evidence.has("nox") and evidence.project.has("noxfile.py"):
        yield _Runner(("nox", "--envdir", f"{_SCRATCH}/nox"), "nox is installed, and there is noxfile.py")
    if evidence.has("tox") and _configures_tox(evidence):
        yield _Runner(("tox", "run", "--workdir", f"{_SCRATCH}/tox"), "tox is installed, and the app configures it")
    yield from _unittest(evidence, folder)


def _unittest(evidence: Evidence, folder: str) -> Iterator[_Runner]:
    """Yield the standard library's runner for the first folder with tests that are classes of it.

    Its discovery looks into packages only, so that a folder without ``__init__.py`` has to be named.
    """
    project = evidence.project
    files = sorted(project.sources, key=lambda path: (path.count("/"), path))
    tests = (path for path in files if path.startswith(f"{folder}/" if folder else "") and _is_unittest(path, evidence))
    path = next(tests, None)
    if path is None:
        return
    inside = path.removeprefix(f"{folder}/" if folder else "")
    start = inside.rpartition("/")[0]
    top = start
    while top and f"{folder}/{top}/__init__.py".lstrip("/") in project.files:
        top = top.rpartition("/")[0]
    # A package at the top is found from there.
    words = ("-s", start or ".") if top else ()
    yield _Runner(
        ("python", "-m", "unittest", "discover", *words), f"{path} has tests of the standard library's unittest", folder
    )


def _is_unittest(path: str, evidence: Evidence) -> bool:
    name = path.rpartition("/")[2]
    return fnmatch(name, "test*.py") and _UNITTEST.search(evidence.project.sources[path]) is not None


def _folder(evidence: Evidence) -> str:
    """Return the folder of the project that is chosen, if one is."""
    chosen = [own.directory for own in evidence.members.tops] if evidence.members.choice not in {"", ALL} else []
    return chosen[0] if len(chosen) == 1 else ""


def _has_pytest(evidence: Evidence) -> bool:
    # A plugin brings it; where only the declared names are known, the plugin may be all there is.
    return any(name == "pytest" or name.startswith("pytest-") for name in evidence.installed.names)


def _manage(evidence: Evidence, folder: str) -> bool:
    return evidence.has(*DJANGO.distributions) and f"{folder}/manage.py".lstrip("/") in evidence.project.files


def _configures_pytest(evidence: Evidence, folder: str) -> bool:
    files = (
        f"{folder}/{name}".lstrip("/") for name in ("pytest.ini", ".pytest.ini", "conftest.py", "tests/conftest.py")
    )
    if any(file in evidence.project.files for file in files):
        return True
    return "pytest" in subtable(read_toml(evidence.project, PYPROJECT) or {}, "tool")


def _configures_tox(evidence: Evidence) -> bool:
    project = evidence.project
    names = ("tox.ini", "tox.toml")
    document = read_toml(project, PYPROJECT) or {}
    in_setup = "[tox:tox]" in (project.text("setup.cfg") or "") if project.has("setup.cfg") else False
    return any(name in project.files for name in names) or "tox" in subtable(document, "tool") or in_setup


def _of_app_json(evidence: Evidence, key: str) -> dict[str, Any]:
    """Return a table of the environment ``test`` in app.json; empty if there is none.

    Raises ProjectFileInvalid for a file that is no JSON, and ProjectFileUnreadable.
    """
    text = evidence.project.text(APP_JSON) if evidence.project.has(APP_JSON) else None
    if text is None:
        return {}
    cure = f"Correct {APP_JSON}: its test script is what an image for tests runs."
    return subtable(parse_json(text, APP_JSON, cure), "environments", TYPE, key)


_NO_TESTS = Notice(
    "The image has no process for its tests",
    "It is built for tests (CNB_EXEC_ENV is test), but no test runner is installed, and no file has tests of unittest. "
    "Declare the runner in a group of pyproject.toml or in requirements-dev.txt, or name the command in a file named "
    f"Procfile: {TYPE}: {shlex.join(('python', '-m', 'pytest'))}.",
)
