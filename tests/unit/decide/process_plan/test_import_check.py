"""Servers that stay up when their workers cannot import the app: the app is imported once before they start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.decide.process_plan.import_check import with_import_checks
from python_buildpack.decide.processes.interface import ProcessDecision, ProcessPlan
from python_buildpack.decide.processes.launch import import_check, shown, split_command

LINES = {
    ("uvicorn", "main:app"): ("main", "."),
    ("uvicorn", "--app-dir", "packages/api/src", "api.main:app"): ("api.main", "packages/api/src"),
    ("python", "-m", "uvicorn", "main:app", "--workers", "4"): ("main", "."),
    ("hypercorn", "--bind", "0.0.0.0:80", "--access-logfile", "-", "asgi:my-app:app"): ("my-app", "."),
}
OTHERS = [
    ("gunicorn", "main:app"),
    ("uvicorn", "main:app", "--reload"),
    ("python", "main.py"),
    ("sh", "-c", "python -m uvicorn main:app --port $PORT"),
    ("sh", "-c", "exec gunicorn main:app --bind :$PORT"),
]


def checked(command: tuple[str, ...]) -> tuple[str, ...]:
    (process,) = with_import_checks(ProcessPlan((ProcessDecision("web", command),))).processes
    return process.command


@pytest.mark.parametrize("command", LINES)
def test_the_module_and_its_folder_come_before_the_server(command: tuple[str, ...]) -> None:
    """The command itself stays what it is, also for the log."""
    before, program = split_command(checked(command))
    assert (before[-2:], program) == (LINES[command], command)
    assert shown(checked(command)) == shown(command)


@pytest.mark.parametrize("command", OTHERS)
def test_what_ends_by_itself_is_started_as_it_is(command: tuple[str, ...]) -> None:
    """Other servers and programs have no check."""
    assert checked(command) == command


@pytest.mark.parametrize(
    ("text", "module", "folder"),
    [
        ("exec uvicorn main:app --port $PORT", "main", "."),
        ("cd backend && exec uvicorn main:app --port $PORT", "main", "."),
        ("cd backend && A=1 exec uvicorn --app-dir src main:app", "main", "src"),
    ],
)
def test_a_line_for_a_shell_has_the_check_where_its_server_is(text: str, module: str, folder: str) -> None:
    """After exec, so that the server still becomes the process; the log shows the line without it."""
    command = ("sh", "-c", text)
    line = checked(command)[2]
    at = text.index("uvicorn")
    assert line.startswith(f"{text[:at]}python -c ")
    assert line.endswith(f" {module} {folder} {text[at:]}")
    assert shown(checked(command)) == shown(command)


def started(folder: Path, module: str, workers: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Start a server that says that it serves, with the check before it."""
    server = (sys.executable, "-c", "print('served')", *options)
    argv = [sys.executable, *import_check(module, "code")[1:], *server]
    env = {**os.environ, "WEB_CONCURRENCY": workers}
    return subprocess.run(argv, cwd=folder, env=env, check=False, capture_output=True, text=True)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return an app with a module that can be imported, and others that cannot."""
    modules = {"good": "import good_too, sys\nassert sys.argv[1] == '-c'\n", "good_too": "", "my-app": "A = 1\n"}
    modules |= {"broken": "import os\nKEY = os.environ['NOT_SET_ANYWHERE']\n", "ending": "import sys\nsys.exit(3)\n"}
    return write_app(tmp_path, {f"code/{name}.py": text for name, text in modules.items()})


@pytest.mark.parametrize("module", ["good", "my-app"])
def test_a_server_starts_if_its_app_can_be_imported(module: str, app: Path) -> None:
    """Whatever an import statement takes; the import leaves nothing behind in the server's process."""
    done = started(app, module, "3")
    assert (done.returncode, done.stdout, done.stderr) == (0, "served\n", "")


@pytest.mark.parametrize(("module", "reason"), [("broken", "NOT_SET_ANYWHERE"), ("gone", "No module"), ("ending", "")])
def test_a_server_does_not_start_if_its_app_cannot_be_imported(module: str, reason: str, app: Path) -> None:
    """The exception is in the log, then what follows from it; the status is not 0."""
    done = started(app, module, "3")
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr
    assert done.stderr.endswith(f"is not started, because {module} cannot be imported: the reason is above.\n")


@pytest.mark.parametrize(
    ("workers", "options"), [("1", ()), ("", ()), ("3", ("--workers", "1")), ("3", ("--workers=1",))]
)
def test_with_one_worker_nothing_is_imported_before(workers: str, options: tuple[str, ...], app: Path) -> None:
    """The server itself ends with the reason then, and a second import would cost time."""
    assert started(app, "broken", workers, *options).stdout == "served\n"
