"""Flask (https://flask.palletsprojects.com), and the frameworks whose apps are subclasses of its app."""

import contextlib
import re
from collections.abc import Iterator

from cnb.frozen import replace
from python_buildpack.app.project import ProjectFileUnreadable
from python_buildpack.decide.processes.frameworks.interface import Own, WebFramework, development_server
from python_buildpack.decide.processes.interface import Candidate, Evidence
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.server import ANY_HOST, PORT, App


def _own_server(app: App, evidence: Evidence) -> Own:
    del evidence
    # The helper derives FLASK_RUN_HOST and FLASK_RUN_PORT at start. Flask before 2.2 has no --app.
    start = command("flask", "run", chdir=app.chdir, path=app.path)
    start = replace(start, environment=(("FLASK_APP", app.target),))
    return start, (development_server("Flask", "wsgi"),)


DOTENV = (".flaskenv", ".env")
"""Files that Flask's own command reads, where python-dotenv is installed."""
FLASK_APP = re.compile(r"^[ \t]*(?:export\s+)?FLASK_APP\s*=\s*['\"]?([\w./]+)(?::(\w+))?", re.MULTILINE)


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the apps among the sources, first the one that FLASK_APP names in a file."""
    module, name = _named(evidence)
    for candidate in FLASK.apps(evidence):
        rank = candidate.rank
        own = rank.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        is_named = module == own and name in {"", rank.target}
        yield replace(candidate, rank=replace(rank, undeclared=0)) if is_named else candidate


FLASK = WebFramework(
    "Flask",
    ("flask",),
    {
        "flask.Flask": "wsgi",
        "apiflask.APIFlask": "wsgi",
        "flask_openapi3.OpenAPI": "wsgi",
        "eve.Eve": "wsgi",
        "flask_appbuilder.Flask": "wsgi",
    },
    search=_find,
    own_server=_own_server,
    loopback_calls={
        "flask.Flask.run": "Flask",
        "apiflask.APIFlask.run": "APIFlask",
        "connexion.FlaskApp.run": "Connexion",
    },
    host_first=frozenset({"flask.Flask.run", "apiflask.APIFlask.run"}),
    programs={"flask": "flask"},
    app_options=("--app", "-A"),
    launch_variables={"FLASK_RUN_HOST": ANY_HOST, "FLASK_RUN_PORT": PORT},
)


def _named(evidence: Evidence) -> tuple[str, str]:
    """Return the module (or its file) and the app or factory that FLASK_APP names, each "" if it names none."""
    for path in DOTENV:
        # An unreadable file is ignored: it is not worth an error.
        with contextlib.suppress(ProjectFileUnreadable):
            found = FLASK_APP.search(evidence.project.text(path) or "")
            if found is not None:
                return found[1].removeprefix("./").removesuffix(".py").replace("/", "."), found[2] or ""
    return "", ""
