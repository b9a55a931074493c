"""Bottle (https://bottlepy.org): app objects, or routes on its default app, which only Bottle's own command finds."""

from collections.abc import Iterator

from python_buildpack.app.file_roles import is_aside
from python_buildpack.decide.processes.apps import MODULES, position
from python_buildpack.decide.processes.frameworks.interface import Own, WebFramework, development_server
from python_buildpack.decide.processes.interface import Candidate, Evidence, ProcessDecision, Rank
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.server import App

ROUTES = tuple(f"bottle.{name}" for name in ("route", "get", "post", "put", "delete", "error"))
ADAPTERS = (("gunicorn", "gunicorn"), ("waitress", "waitress"), ("gevent", "gevent"), ("cheroot", "cheroot"))
"""Servers that Bottle can start → the distribution that provides each."""


def _own_server(app: App, evidence: Evidence) -> Own:
    return _bottle(app.call if app.is_factory else app.target, evidence, app.chdir, app.path)


def _bottle(target: str, evidence: Evidence, chdir: str, path: str) -> Own:
    server = next((name for name, distribution in ADAPTERS if evidence.has(distribution)), None)
    options = ("--server", server) if server else ()
    start = command("python", "-m", "bottle", "--bind", "0.0.0.0:$PORT", *options, target, chdir=chdir, path=path)
    return start, () if server else (development_server("Bottle", "wsgi"),)


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield app objects, and modules with routes on the default app."""
    found = list(BOTTLE.apps(evidence))
    yield from found
    if found:
        return
    for info in evidence.index.sources:
        if info.place.module and not info.uses.isdisjoint(ROUTES):
            where = App.at(info.place, "", "wsgi")
            start, notices = _bottle(info.place.module, evidence, where.chdir, where.path)
            module = position(info.place.module.rpartition(".")[2], MODULES["wsgi"])
            rank = Rank(
                aside=int(is_aside(info.path)),
                depth=info.place.depth,
                entry=0 if "bottle.run" in info.uses else 1,
                module=module,
                path=info.path,
            )
            what = f"Bottle routes in {info.path}"
            yield Candidate(rank, what, ProcessDecision.starting("web", start, because=what), notices)


BOTTLE = WebFramework(
    "Bottle",
    ("bottle",),
    {"bottle.Bottle": "wsgi", "bottle.default_app": "wsgi", "bottle.app": "wsgi", "bottle.app.push": "wsgi"},
    frozenset({"bottle"}),
    _find,
    _own_server,
    loopback_calls={"bottle.run": "Bottle", "bottle.Bottle.run": "Bottle"},
    programs={"bottle": "bottle"},
    is_single_file=True,
)
