"""Layouts of apps: their files, what is installed, and the processes that are wanted.

A table in layouts/*.toml has ``files`` (name → text), ``distributions`` (what is installed), and what is wanted:
``web`` and ``worker``, the commands ("" or nothing where there is none; "start(chdir=…, path=…): " before one that is
started in a directory or with a PYTHONPATH), ``default``, ``alternatives``, ``environment``, and ``advice``, words of
the notices.
"""

import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest

from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_processes
from python_buildpack.decide.processes.interface import ProcessDecision, ProcessPlan
from python_buildpack.decide.processes.launch import split_command
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.settings.values import Settings

LAYOUTS: dict[str, dict[str, Any]] = {
    f"{file.stem}: {name}": layout
    for file in sorted((Path(__file__).parent / "layouts").glob("*.toml"))
    for name, layout in tomllib.loads(file.read_text(encoding="utf-8")).items()
}


KINDS = ("web", "worker", "beat", "scheduler", "clock")


def shown(process: ProcessDecision) -> str:
    """Write a process as a line; what is around its command becomes ``start(chdir=…, path=…):``."""
    before, argv = split_command(process.command)
    where = [f"{key}={value}" for key, value in (("chdir", process.directory), ("path", process.import_root)) if value]
    start = f"start{'(' + ', '.join(where) + ')' if where else ''}: " if before or where else ""
    return f"{start}{shlex.join(argv)}"


def plan_of(folder: Path, layout: dict[str, Any]) -> ProcessPlan:
    for path, text in layout.get("files", {}).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return decide_processes(scan(folder), InstalledDistributions.declared(layout["distributions"]))


def test_there_are_at_least_120_layouts() -> None:
    """The table has at least 120 source layouts."""
    assert len(LAYOUTS) >= 120


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_layout_gives_its_processes(layout: dict[str, Any], tmp_path: Path) -> None:
    """The processes, the default, the advice and the alternatives of a layout are those that its table names."""
    plan = plan_of(tmp_path, layout)
    processes = {process.type: shown(process) for process in plan.processes}
    assert {kind: layout[kind] for kind in KINDS if layout.get(kind)} == processes
    defaults = [process.type for process in plan.processes if process.default]
    assert [layout.get("default") or ("web" if layout.get("web") else "worker")][: len(processes)] == defaults
    notices = "\n".join(f"{item.title}\n{item.text}" for item in plan.notices)
    assert [word for word in layout.get("advice", []) if word not in notices] == []
    assert bool(plan.notices) == bool(layout.get("advice"))
    listed = "\n".join(plan.alternatives)
    assert [text for text in layout.get("alternatives", []) if text not in listed] == []
    assert all(process.because for process in plan.processes)
    environment = [list(item) for process in plan.processes if process.type == "web" for item in process.environment]
    assert layout.get("environment", []) == environment


def test_a_build_that_is_told_its_settings_gets_no_hint_about_those_of_manage_py(tmp_path: Path) -> None:
    """The build's DJANGO_SETTINGS_MODULE is what static files are collected with, whatever manage.py names."""
    layout = LAYOUTS["django: manage.py and wsgi.py that name different settings"]
    plan_of(tmp_path, layout)
    variables = {"DJANGO_SETTINGS_MODULE": "config.settings.production"}

    installed = InstalledDistributions.declared(layout["distributions"])
    assert decide_processes(scan(tmp_path), installed, Settings(variables)).notices == ()


def test_an_app_that_lacks_a_server_is_not_said_to_have_nothing(tmp_path: Path) -> None:
    """The hint about run commands follows from the missing server; it does not say that no app was found."""
    (tmp_path / "app.py").write_text(
        "from starlette.applications import Starlette\napp = Starlette()\n", encoding="utf-8"
    )

    server, command = decide_processes(scan(tmp_path), InstalledDistributions.declared({"starlette"})).notices

    assert server.title == "No server is installed for the web app"
    assert command.text.startswith("Without a server the app cannot be started")


def test_a_file_that_only_defines_the_app_is_no_example_of_a_program(tmp_path: Path) -> None:
    """Run as a program, a file with a factory does nothing; without a server it is not what anybody should name."""
    (tmp_path / "api.py").write_text(
        "from starlette.applications import Starlette\ndef get_app():\n    return Starlette()\n", encoding="utf-8"
    )
    _, command = decide_processes(scan(tmp_path), InstalledDistributions.declared({"starlette"})).notices
    assert "python my_program.py" in command.text
    assert "api.py" not in command.text


def test_one_object_is_offered_by_one_interface(tmp_path: Path) -> None:
    """What the name of an object and what the installed servers say of it are no two apps."""
    source = "from thing import App\napplication = App(__name__)\n"
    layout = {"distributions": ["thing", "uvicorn", "gunicorn"], "files": {"app.py": source}}
    assert plan_of(tmp_path, layout).alternatives == ()
