"""Apps that a file of PasteDeploy makes (https://docs.pylonsproject.org/projects/pastedeploy): Pyramid's, and others'.

``production.ini`` names a factory by an entry point (``use = egg:tutorial``), so no module of the app has the app
itself. The file also says where ``pserve`` listens; here the server listens on PORT.
"""

import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from python_buildpack.app.file_roles import is_test_or_example
from python_buildpack.app.project import ProjectFileUnreadable
from python_buildpack.decide.processes.frameworks.interface import WebFramework, no_server
from python_buildpack.decide.processes.interface import Candidate, Evidence, ProcessDecision, Rank
from python_buildpack.decide.processes.launch import Start, command, python
from python_buildpack.ports.notice import Notice

_SUFFIX = ".ini"
_MOST = 20
"""Files that are read."""
_APP = re.compile(r"^\[(?:app|composite|composit|pipeline):main\]", re.MULTILINE)
_EGG = re.compile(r"^\[app:main\]\n(?:(?!\[).*\n)*?use[ \t]*=[ \t]*egg:([A-Za-z0-9_.-]+)", re.MULTILINE)
"""The distribution whose entry point makes the app."""
_NAMES = ("production", "prod", "deploy", "config", "app")
"""What files for production are called, the likeliest first; any other name is better than that for development."""
_DEVELOPMENT = ("development", "dev", "local", "testing", "test")


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the app of each file, those for production first."""
    for path in _files(evidence):
        text = _text(path, evidence)
        if not _APP.search(text):
            continue
        egg = _EGG.search(f"{text}\n")
        what = f"{path} makes the app"
        rank = Rank(depth=path.count("/"), module=_position(path), path=path)
        start = _start(path, evidence)
        if egg is not None and not _is_there(egg[1], evidence):
            yield Candidate(rank, what, ProcessDecision("web", (), because=what), (_not_installed(path, egg[1]),))
        elif start is None:
            yield Candidate(rank, what, ProcessDecision("web", (), because=what), (no_server(what, "wsgi"),))
        else:
            server, started = start
            because = f"{what}; {server} is installed"
            yield Candidate(rank, what, ProcessDecision.starting("web", started, because=because))


PASTE = WebFramework(
    "PasteDeploy",
    # Pyramid brings it by way of others.
    ("pastedeploy", "plaster-pastedeploy", "pyramid"),
    search=_find,
    programs={"pserve": "pyramid"},
)


def _is_there(distribution: str, evidence: Evidence) -> bool:
    """Return whether a distribution is installed; a project of the app whose setup.py was not run has any name."""
    unnamed = any(own.is_built and not own.name for own in evidence.members.included)
    return unnamed or evidence.has(canonicalize_name(distribution))


def _text(path: str, evidence: Evidence) -> str:
    """Return the text of a file; empty if it cannot be read, which is no error of an app that needs none of it."""
    try:
        return evidence.project.text(path) or ""
    except ProjectFileUnreadable:
        return ""


def _files(evidence: Evidence) -> list[str]:
    found = (path for path in evidence.project.files if path.endswith(_SUFFIX) and path.count("/") <= 1)
    return sorted((path for path in found if not is_test_or_example(path)), key=lambda path: (_position(path), path))[
        :_MOST
    ]


def _position(path: str) -> int:
    name = path.rpartition("/")[2].removesuffix(_SUFFIX)
    if name in _NAMES:
        return _NAMES.index(name)
    return len(_NAMES) + int(name in _DEVELOPMENT)


def _start(path: str, evidence: Evidence) -> tuple[str, Start] | None:
    """Return a server and its command: gunicorn reads such files itself, and configures logging as they say.

    gunicorn looks for the file before it changes the directory, so its path is always that from the app directory.
    """
    folder = _project_folder(path, evidence)
    if evidence.has("gunicorn"):
        return "gunicorn", command("gunicorn", *(("--chdir", folder) if folder else ()), "--paste", path)
    if not evidence.has("waitress"):
        return None
    code = (
        "import os, waitress; from paste.deploy import loadapp; "
        f'waitress.serve(loadapp("config:{path.removeprefix(f"{folder}/")}", relative_to="."), '
        'listen="0.0.0.0:" + os.environ["PORT"])'
    )
    return "waitress", python(code, chdir=folder)


def _project_folder(path: str, evidence: Evidence) -> str:
    """Return the folder of a file if it has sources, too: from there its paths start. A folder of settings has none."""
    folder = path.rpartition("/")[0]
    has_sources = any(source.startswith(f"{folder}/") for source in evidence.project.sources)
    return folder if has_sources else ""


def _not_installed(path: str, distribution: str) -> Notice:
    return Notice(
        "The distribution of the web app is not installed",
        f"{path} takes the app from an entry point of {distribution}, which is not installed. If that is the app's own "
        "project, add the line -e . to requirements.txt, or remove that file: then setup.py or pyproject.toml is used.",
    )
