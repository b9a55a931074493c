"""Flask (https://flask.palletsprojects.com), and the frameworks whose apps are subclasses of its app."""

from python_buildpack.processes.apps import AppFramework, Own, development_server
from python_buildpack.processes.interface import Evidence
from python_buildpack.processes.launch import command
from python_buildpack.processes.servers import App


def _own_server(app: App, evidence: Evidence) -> Own:
    del evidence
    # The helper derives FLASK_RUN_HOST and FLASK_RUN_PORT at start.
    start = command("flask", "--app", app.target, "run", chdir=app.chdir, path=app.path)
    return start, (development_server("Flask", "wsgi"),)


FLASK = AppFramework(
    name="Flask",
    distributions=("flask",),
    constructors={
        "flask.Flask": "wsgi",
        "apiflask.APIFlask": "wsgi",
        "flask_openapi3.OpenAPI": "wsgi",
        "eve.Eve": "wsgi",
        "flask_appbuilder.Flask": "wsgi",
    },
    own_server=_own_server,
)

find = FLASK.find
