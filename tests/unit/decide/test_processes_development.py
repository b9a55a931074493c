"""What BP_LIVE_RELOAD_ENABLED and BP_DEBUG make of the processes that were found."""

from pathlib import Path

import pytest

from python_buildpack.decide.development import Development, decide_development
from python_buildpack.decide.process_plan.shell import wrap
from python_buildpack.decide.processes.interface import ProcessDecision, ProcessPlan
from python_buildpack.decide.processes.launch import command, split_command
from python_buildpack.settings.values import Settings

LAYER = Path("/layers/development")
RELOADED = ("/layers/development/venv/bin/python", "-I", "/layers/development/live_reload.py")
DEBUGGED = ("python", "-X", "frozen_modules=off")
PROGRAM = "/layers/development/debug.py"


def decide(argv: tuple[str, ...], *others: ProcessDecision, **env: str) -> Development:
    """Return what becomes of a web process."""
    web = ProcessDecision("web", argv, default=True, because="it is there", environment=(("A", "1"),))
    return decide_development(ProcessPlan((web, *others)), Settings(env), LAYER)


def commands(development: Development) -> dict[str, tuple[str, ...]]:
    """Return the commands by process type."""
    return {process.type: process.command for process in development.plan.processes}


@pytest.mark.parametrize("off", [{}, {"BP_DEBUG": "false"}, {"BP_LIVE_RELOAD_ENABLED": "0", "BP_DEBUG_ENABLED": ""}])
def test_without_a_request_nothing_changes(off: dict[str, str]) -> None:
    """Neither process nor warning nor tool is added."""
    development = decide(("gunicorn", "app:app"), **off)
    assert commands(development) == {"web": ("gunicorn", "app:app")}
    assert (development.tools, development.plan.notices, development.reloads) == ((), (), False)


@pytest.mark.parametrize(
    "argv",
    [
        ("gunicorn", "app:app"),
        ("sh", "-c", "cd x && exec gunicorn app:app"),
        command("hypercorn", "--bind", "0.0.0.0:$PORT", "app:app").command,
    ],
)
def test_live_reload_is_put_around_any_command(argv: tuple[str, ...]) -> None:
    """What runs is the production command itself; the other processes, and what is the default, stay."""
    worker = ProcessDecision("worker", ("celery", "worker"))
    development = decide(argv, worker, BP_LIVE_RELOAD_ENABLED="true")
    assert commands(development) == {"web": (*RELOADED, *argv), "worker": ("celery", "worker")}
    assert [tool.name for tool in development.tools] == ["watchfiles"]
    assert development.reloads
    assert development.plan.processes[0].default
    assert [notice.title for notice in development.plan.notices] == [
        "The web process is for development: it restarts when a file changes"
    ]


@pytest.mark.parametrize(("env", "reloads"), [({}, True), ({"BP_LIVE_RELOAD_ENABLED": "false"}, False)])
def test_an_image_for_development_reloads(env: dict[str, str], reloads: bool) -> None:
    """Its execution environment is enough, and a setting that says no has precedence."""
    development = decide(("gunicorn", "app:app"), CNB_EXEC_ENV="development", **env)
    assert development.reloads == reloads
    said = [notice.text for notice in development.plan.notices]
    assert [text.startswith("CNB_EXEC_ENV is development. ") for text in said] == [True] * reloads


def test_streamlit_reloads_by_itself() -> None:
    """Its own way keeps the browsers' sessions, and needs nothing installed."""
    for argv in (("streamlit", "run", "app.py"), ("python", "-m", "streamlit", "run", "app.py")):
        development = decide(argv, BP_LIVE_RELOAD_ENABLED="true")
        assert commands(development) == {"web": argv}
        assert development.tools == ()
        assert development.plan.processes[0].environment == (("A", "1"), ("STREAMLIT_SERVER_RUN_ON_SAVE", "true"))


@pytest.mark.parametrize(
    ("argv", "debugged"),
    [
        (("uvicorn", "main:app"), (*DEBUGGED, PROGRAM, "uvicorn", "main:app")),
        (("gunicorn", "app:app"), (*DEBUGGED, PROGRAM, "gunicorn", "--timeout", "0", "app:app")),
        (("python", "-m", "shop", "-v"), (*DEBUGGED, PROGRAM, "-m", "shop", "-v")),
        (("python3", "-u", "-X", "dev", "app.py", "-u"), (*DEBUGGED, "-u", "-X", "dev", PROGRAM, "app.py", "-u")),
        (("python", "-c", "import app"), (*DEBUGGED, PROGRAM, "-c", "import app")),
    ],
)
def test_debugging_takes_the_place_of_the_interpreter(argv: tuple[str, ...], debugged: tuple[str, ...]) -> None:
    """Scripts, files, modules and code run under debugpy, with the interpreter's options; web stays as it is."""
    development = decide(argv, BP_DEBUG="true")
    assert commands(development) == {"web": argv, "debug": debugged}
    assert [tool.name for tool in development.tools] == ["debugpy"]
    assert not development.reloads
    web, debug = development.plan.processes
    assert (web.default, debug.default) == (True, False)
    assert debug.environment == (("A", "1"), ("WEB_CONCURRENCY", "1"))


def test_what_puts_directories_right_stays_in_front_of_the_debugger() -> None:
    """Variables, working directory and module path are as in the web process."""
    argv = command("hypercorn", "--bind", "0.0.0.0:$PORT", "app:app").command
    before, program = split_command(argv)
    assert program == ("hypercorn", "--bind", "0.0.0.0:$PORT", "app:app")
    found = commands(decide(argv, BP_DEBUG="true"))["debug"]
    assert found == (*before, *DEBUGGED, PROGRAM, *program)


def test_the_debugger_is_attached_to_the_server_and_not_to_what_restarts_it() -> None:
    """With both, the debug process does not reload."""
    development = decide(("uvicorn", "main:app"), BP_DEBUG="true", BP_LIVE_RELOAD_ENABLED="true")
    assert commands(development) == {
        "web": (*RELOADED, "uvicorn", "main:app"),
        "debug": (*DEBUGGED, PROGRAM, "uvicorn", "main:app"),
    }
    assert sorted(tool.name for tool in development.tools) == ["debugpy", "watchfiles"]


@pytest.mark.parametrize("argv", [wrap("A=1 gunicorn app:app"), wrap("x | tee y"), ("uwsgi", "--module", "app")])
def test_what_is_no_python_program_has_no_debug_process(argv: tuple[str, ...]) -> None:
    """A shell or a server in C cannot run under debugpy, and that is said."""
    development = decide(argv, BP_DEBUG="true")
    assert commands(development) == {"web": argv}
    assert development.tools == ()
    assert [notice.title for notice in development.plan.notices] == ["No debug process was added"]


def test_a_process_named_debug_is_kept() -> None:
    """A Procfile's own line is not replaced."""
    own = ProcessDecision("debug", ("python", "own.py"))
    development = decide(("uvicorn", "main:app"), own, BP_DEBUG="true")
    assert commands(development) == {"web": ("uvicorn", "main:app"), "debug": ("python", "own.py")}
    assert [notice.title for notice in development.plan.notices] == ["No debug process was added"]


def test_without_a_web_process_that_is_said() -> None:
    """There is nothing to reload or to debug in an image of workers."""
    worker = ProcessDecision("worker", ("celery", "worker"))
    development = decide_development(ProcessPlan((worker,)), Settings({"BP_DEBUG": "1"}), LAYER)
    assert development.plan.processes == (worker,)
    assert [notice.title for notice in development.plan.notices] == ["There is no web process for development"]
