"""One place for each fact: what a row of a registry is about is named in its own file, and nowhere else in the code."""

import ast
from collections.abc import Iterable, Iterator, Mapping

import pytest

from devkit.paths import CHECKOUT
from devkit.rooms import modules, nodes
from python_buildpack.decide.processes.frameworks.registry import APP_KINDS
from python_buildpack.decide.processes.servers import RUNNERS, SERVERS
from python_buildpack.decide.processes.workers.registry import TASK_QUEUES
from python_buildpack.layers.data.registry import DATA_LAYERS
from python_buildpack.package_managers.registry import MANAGERS
from python_buildpack.platform.bindings.registry import BINDING_TYPES

SRC = CHECKOUT / "src/python_buildpack"
PROCESSES = "decide/processes"
OWN: Mapping[str, tuple[str, ...]] = {
    "framework": (f"{PROCESSES}/frameworks/",),
    "task queue": (f"{PROCESSES}/workers/",),
    # A framework's file may say with which server its apps run; gunicorn has a file of its own for its configuration.
    "server": (f"{PROCESSES}/servers.py", f"{PROCESSES}/frameworks/", "decide/process_plan/gunicorn_config.py"),
    "binding": ("platform/bindings/",),
    "data layer": ("layers/data/",),
    # The locks' Pythons, the tools, and what `poetry run` starts are rows of other registries.
    "manager": ("package_managers/", "tools/", "decide/version_sources/", "decide/process_plan/runners/"),
}
"""The places in which names of rows stand."""
WORDS = frozenset({"plain", "dash", "panel", "script", "none", "pypi", "netrc"})
"""Names of rows that are words of English, of Python or of a standard as well."""
EXCEPTIONS: Mapping[str, frozenset[str]] = {
    # Names of files by which the files to read are chosen, in rooms below those of the rows.
    "app/file_roles.py": frozenset({"celery", "gunicorn"}),
    "app/documents.py": frozenset({"pyproject.toml", "setup.py", "setup.cfg"}),
    # Written by the refresh: from the registries, and from the names of the modules in PyPI's distributions.
    "app/known_files.py": frozenset(name.lower() for manager in MANAGERS for name in manager.files),
    "installed/imports/module_names.py": frozenset({"python-socketio", "uwsgi"}),
    # What the metadata of distributions says of their extras, in a room below those of the rows.
    "package_managers/brought_by_extras.py": frozenset(
        {"daphne", "granian", "gunicorn", "hypercorn", "tornado", "uvicorn", "waitress"}
    ),
    # Its lines name the app's own projects by their paths, whichever manager the app has.
    "explain.py": frozenset({"requirements.txt"}),
    # Text of Django's manage.py, and the distributions that connect to a database by the driver's module.
    "app_code/django_project.py": frozenset({"django"}),
    "decide/startup/drivers.py": frozenset({"django"}),
    # uv installs for hooks, whichever manager the app has.
    "app_code/hook_tools.py": frozenset({"uv"}),
    "app_code/hooks.py": frozenset({"uv"}),
    "decide/without_effect.py": frozenset({"uv"}),
    # The table of pyproject.toml that had what [project] has since PEP 621.
    "decide/labels.py": frozenset({"poetry"}),
    "decide/process_plan/own_commands.py": frozenset({"poetry"}),
    # The files that setuptools reads, whichever manager runs it.
    "decide/own_tests.py": frozenset({"setup.cfg"}),
    "decide/process_plan/loading.py": frozenset({"setup.py", "setup.cfg"}),
    "layers/dependencies/app_inputs.py": frozenset({"setup.py"}),
    "layers/dependencies/find_inputs.py": frozenset({"setup.py"}),
    # Credentials are hidden wherever they are.
    "secrets/credentials.py": frozenset({"uv", "poetry", "pdm"}),
    # Classes of gunicorn's workers are called like the distribution that has them.
    "decide/process_plan/gunicorn_config.py": frozenset({"tornado"}),
    # The values and the variables that users may set.
    "settings/table.py": frozenset({"uv", "poetry", "pdm", "pipenv", "requirements.txt"}),
}
"""Where such a name stands for another reason."""


def names() -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the kinds of rows, with all names in lower case by which their rows are known."""
    servers = [*(server.distributions for server in SERVERS), *(server.programs for server in SERVERS)]
    servers += [server.task_calls | server.app_calls for server in SERVERS]
    servers += [[server.configuration.file] for server in SERVERS if server.configuration]
    calls = [name for name in RUNNERS if name.partition(".")[0] in frozenset().union(*servers)]
    yield "framework", lower(*([kind.name, *kind.distributions, *kind.programs] for kind in APP_KINDS))
    yield "task queue", lower(*([queue.name, *queue.distributions, *queue.programs] for queue in TASK_QUEUES))
    yield "server", lower(*servers, calls)
    yield "binding", lower([kind.name for kind in BINDING_TYPES])
    yield "data layer", lower([layer.name for layer in DATA_LAYERS])
    yield "manager", lower(*([manager.name, *manager.files] for manager in MANAGERS))


def lower(*several: Iterable[str]) -> frozenset[str]:
    """Return the names in lower case, without those that are words of their own."""
    return frozenset(name.lower() for some in several for name in some) - WORDS


def literals(tree: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the strings in a module's code, in lower case; no docstrings."""
    alone = {id(node.value) for node in tree if isinstance(node, ast.Expr)}
    for node in tree:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value.lower()


def named(texts: Iterable[str], known: frozenset[str]) -> set[str]:
    """Return the names that are a whole string, or the module with which the full name of a call begins."""
    found: set[str] = set()
    for text in texts:
        module, _, rest = text.partition(".")
        found |= known & {text} or known & {module if rest.replace(".", "").isidentifier() else text}
    return found


@pytest.mark.parametrize(("kind", "known"), [*names()], ids=[kind for kind, _ in names()])
def test_a_name_of_a_row_stands_in_its_own_place(kind: str, known: frozenset[str]) -> None:
    """Other code asks the registry, so that a newcomer is treated as those that are there."""
    found: dict[str, set[str]] = {}
    for path in modules().values():
        if path.is_relative_to(SRC) and not (file := path.relative_to(SRC).as_posix()).startswith(OWN[kind]):
            found[file] = named(literals(nodes(path)), known) - EXCEPTIONS.get(file, frozenset())
    assert {file: these for file, these in found.items() if these} == {}


def test_every_exception_is_needed() -> None:
    """What an exception allows is there; so it is removed with the code that it is for."""
    everything = frozenset().union(*(known for _, known in names()), *EXCEPTIONS.values())
    needed = {file: named(literals(nodes(SRC / file)), everything) for file in EXCEPTIONS}
    assert {file: allowed - needed[file] for file, allowed in EXCEPTIONS.items() if not allowed <= needed[file]} == {}


def test_a_name_is_found() -> None:
    """As a whole string and at the beginning of a call's name, not in a sentence or in a docstring."""
    code = '"""flask"""\nx = ["Flask", "celery.Celery", "add gunicorn", "uvicorn.run.x y"]\ndef f():\n    """rq"""\n'
    known = frozenset({"flask", "celery", "gunicorn", "uvicorn", "rq"})
    assert named(literals(tuple(ast.walk(ast.parse(code)))), known) == {"flask", "celery"}
