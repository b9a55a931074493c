"""aiohttp's web server (https://docs.aiohttp.org); an app with only its client is not a web app."""

from collections.abc import Iterator

from python_buildpack.decide.processes.apps import is_eligible, rank_export
from python_buildpack.decide.processes.frameworks.interface import WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence, ProcessDecision
from python_buildpack.decide.processes.launch import command, python
from python_buildpack.decide.processes.scripting import own_port, rank_script, run_file, script
from python_buildpack.decide.processes.server import App
from python_buildpack.decide.processes.source_index import Export

RUN = "aiohttp.web.run_app"


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield scripts that run an app on PORT themselves, then app objects and factories, then other scripts."""
    has_app = False
    for export in evidence.index.exports():
        if export.origin in AIOHTTP.constructors and not export.name.startswith("_"):
            if not is_eligible(export, evidence) and not export.is_factory:
                continue
            has_app = True
            yield _app(export, evidence)
    for info in evidence.index.sources:
        if RUN in info.uses and info.place.module and not has_app:
            notices = () if info.reads_port else (own_port("aiohttp", info),)
            start = run_file(info, evidence)
            yield script(f"aiohttp app run by {info.path}", rank_script(info, evidence), start, *notices)


AIOHTTP = WebFramework(
    "aiohttp",
    ("aiohttp",),
    {"aiohttp.web.Application": "asgi"},
    frozenset({"aiohttp"}),
    _find,
    run_calls=frozenset({RUN}),
    mounts=frozenset({"add_subapp"}),
    programs={"aiohttp": "aiohttp"},
    is_for_servers=False,
)


def _app(export: Export, evidence: Evidence) -> Candidate:
    info = export.info
    app = App.at(info.place, export.name, "asgi", is_factory=export.is_factory)
    rank = rank_export(export, "asgi", evidence)
    what = f"aiohttp {'factory' if app.is_factory else 'app'} {app.name} in {info.path}"
    if RUN in info.uses and info.reads_port:
        return script(f"{what}; it runs itself on PORT", rank, run_file(info, evidence))
    if evidence.has("gunicorn"):
        # gunicorn's worker for aiohttp takes an app, or a coroutine function that returns one.
        target = app.target if export.is_async else app.call
        start = command("gunicorn", *app.folder, "--worker-class", "aiohttp.GunicornWebWorker", target)
        return Candidate(rank, what, ProcessDecision.starting("web", start, because=f"{what}; gunicorn is installed"))
    code = (
        f"import os; from aiohttp import web; {app.statement}; "
        f'web.run_app(app{"()" if app.is_factory else ""}, port=int(os.environ["PORT"]))'
    )
    because = f"{what}; served by aiohttp itself"
    start = python(code, chdir=app.chdir, path=app.path)
    return Candidate(rank, what, ProcessDecision.starting("web", start, because=because))
