"""Commands that variables of the build give, beside a Procfile and beside what the source shows."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_processes
from python_buildpack.decide.process_plan.procfile_text import ProcfileInvalid
from python_buildpack.decide.processes.interface import ProcessPlan
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.settings.values import Settings

FLASK = "from flask import Flask\napp = Flask(__name__)\n"
CELERY = "from celery import Celery\napp = Celery('jobs')\n"


def plan_of(folder: Path, files: Mapping[str, str], **variables: str) -> ProcessPlan:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    installed = InstalledDistributions.declared(["flask", "gunicorn", "celery"])
    return decide_processes(scan(folder), installed, Settings(variables))


def commands(plan: ProcessPlan) -> dict[str, str]:
    return {process.type: process.line for process in plan.processes}


def defaults(plan: ProcessPlan) -> list[str]:
    return [process.type for process in plan.processes if process.default]


def test_a_start_command_replaces_the_web_process_alone(tmp_path: Path) -> None:
    """The worker that the source shows stays; the reason names the variable."""
    plan = plan_of(tmp_path, {"app.py": FLASK, "jobs.py": CELERY}, BP_START_COMMAND="gunicorn app:app --threads 8")
    assert commands(plan) == {
        "web": "gunicorn app:app --threads 8",
        "worker": "celery --app jobs worker --loglevel INFO",
    }
    assert defaults(plan) == ["web"]
    assert plan.processes[0].because == "BP_START_COMMAND"


def test_it_goes_before_the_procfile_type_by_type(tmp_path: Path) -> None:
    """Other lines stay, and a type that the Procfile does not have is added."""
    files = {"app.py": FLASK, "Procfile": "web: gunicorn app:app\nrelease: python -V\n"}
    given = {"GOOGLE_ENTRYPOINT": "flask run", "BP_PYTHON_PROCESS_SEND_MAIL": "python -m app"}
    plan = plan_of(tmp_path, files, **given)
    assert commands(plan) == {"web": "flask run", "release": "python -V", "send-mail": "python -m app"}
    assert defaults(plan) == ["web"]


def test_a_process_is_added_to_what_the_source_shows(tmp_path: Path) -> None:
    """The web app that is found stays the default."""
    plan = plan_of(tmp_path, {"app.py": FLASK}, BP_PYTHON_PROCESS_JOBS="python -m app")
    assert commands(plan) == {"web": "gunicorn app:app", "jobs": "python -m app"}
    assert defaults(plan) == ["web"]


def test_where_nothing_is_found_the_command_is_enough(tmp_path: Path) -> None:
    """Then nothing is missed, and a single process of any type is the default."""
    for variables in ({"BP_START_COMMAND": "python -V"}, {"BP_PYTHON_PROCESS_JOBS": "python -V"}):
        plan = plan_of(tmp_path, {"notes.txt": ""}, **variables)
        assert plan.notices == ()
        assert len(defaults(plan)) == 1


def test_a_command_is_checked_like_that_of_a_procfile(tmp_path: Path) -> None:
    """A tool that is not in the image is taken off; what is not installed is named with the variable."""
    plan = plan_of(tmp_path, {"app.py": FLASK}, BP_START_COMMAND="uv run uvicorn app:app")
    assert commands(plan)["web"] == "uvicorn app:app"
    assert any("BP_START_COMMAND" in notice.text and "uvicorn" in notice.title for notice in plan.notices)


@pytest.mark.parametrize("name", ["BP_START_COMMAND", "BP_PYTHON_PROCESS_WEB"])
def test_a_command_that_no_shell_understands_is_refused(name: str, tmp_path: Path) -> None:
    """By the name of its variable."""
    with pytest.raises(ProcfileInvalid, match=name):
        plan_of(tmp_path, {"app.py": FLASK}, **{name: "gunicorn 'app:app"})
