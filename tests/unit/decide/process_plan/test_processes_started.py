"""Procfile lines that begin with a package manager or a task runner: what the image starts in their place."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_processes
from python_buildpack.decide.process_plan.procfile_text import ProcfileInvalid
from python_buildpack.decide.processes.interface import ProcessPlan
from python_buildpack.installed.distributions import InstalledDistributions

APP = "from flask import Flask\napp = Flask(__name__)\n"
PYPROJECT = """
[project]
name = "shop"
[project.scripts]
shop-serve = "cli:main"
[tool.pdm.scripts]
start = "gunicorn app:app"
factory = "gunicorn app:create_app() -b 0.0.0.0:$PORT"
file = "main.py --fast"
spelt = {cmd = ["gunicorn", "app:app"], help = "web"}
line = {shell = "gunicorn app:app | cat"}
call = {call = "cli:main('a')"}
with_env = {cmd = "gunicorn app:app", env = {MODE = "a b"}}
all = {composite = ["prepare", "start"]}
prepare = "python prepare.py"
elsewhere = {cmd = "gunicorn app:app", working_dir = "x"}
late = "gunicorn app:app"
pre_late = "echo a"
args = "gunicorn {args:app:app}"
circle = {composite = ["circle"]}
odd = 3
[tool.hatch.envs.default.scripts]
serve = "gunicorn app:app"
again = "serve {args}"
both = ["python prepare.py", "gunicorn app:app"]
[tool.hatch.envs.prod.scripts]
serve = "gunicorn app:app -w 3"
[tool.hatch.envs.odd]
env-vars = {A = "b"}
[tool.hatch.envs.odd.scripts]
serve = "gunicorn app:app"
[tool.poe.tasks]
serve = "gunicorn app:app"
script = {script = "cli:main"}
series = ["serve", "serve"]
moved = {cmd = "gunicorn app:app", cwd = "x"}
[tool.rye.scripts]
serve = {chain = ["prepare", "serve2"]}
prepare = "python prepare.py"
serve2 = "gunicorn app:app"
[tool.taskipy.tasks]
serve = "gunicorn app:app"
"""
PIPFILE = '[scripts]\nstart = "gunicorn app:app"\nport = "gunicorn app:app -b 0.0.0.0:$PORT"\n'


def plan_of(folder: Path, line: str, *distributions: str, pyproject: str = PYPROJECT) -> ProcessPlan:
    files = {"Procfile": f"web: {line}\n", "pyproject.toml": pyproject, "Pipfile": PIPFILE, "app.py": APP}
    for name, text in {**files, "main.py": "", "cli.py": "", "prepare.py": "", "app/start.py": ""}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return decide_processes(scan(folder), InstalledDistributions.declared({"gunicorn", "flask", *distributions}))


def command_of(folder: Path, line: str) -> tuple[str, ...]:
    """Return what a line starts, and see to it that the tool is named once."""
    plan = plan_of(folder, line)
    assert any(notice.title.endswith("is not part of the image") for notice in plan.notices)
    return plan.processes[0].command


CALL = "import sys; from cli import main; sys.exit(main{})"
DIRECT = {
    "uv run main.py": "python main.py",
    "uv run --no-dev --frozen --with gunicorn main.py --fast": "python main.py --fast",
    "uv run --extra web -p 3.12 -- gunicorn app:app": "gunicorn app:app",
    "uv --quiet run --env-file .env gunicorn app:app": "gunicorn app:app",
    "uv run -m flask --app app run": "python -m flask --app app run",
    "uv run --module gunicorn app:app": "python -m gunicorn app:app",
    "uv run -s serve": "python serve",
    "uv run python main.py": "python main.py",
    "uv run poe serve": "gunicorn app:app",
    "uvx gunicorn@23 app:app": "gunicorn app:app",
    "uvx --from gunicorn gunicorn app:app": "gunicorn app:app",
    "uv tool run gunicorn app:app": "gunicorn app:app",
    "pipx run gunicorn app:app": "gunicorn app:app",
    "poetry run gunicorn app:app": "gunicorn app:app",
    "poetry run -- gunicorn app:app": "gunicorn app:app",
    "poetry --no-interaction run python -m flask run": "python -m flask run",
    "python -m poetry run gunicorn app:app": "gunicorn app:app",
    "pipenv run start": "gunicorn app:app",
    "pipenv run start --workers 2": "gunicorn app:app --workers 2",
    "pipenv run gunicorn app:app": "gunicorn app:app",
    "pdm run start": "gunicorn app:app",
    "pdm start": "gunicorn app:app",
    "pdm run file": "python main.py --fast",
    "pdm run spelt --workers 2": "gunicorn app:app --workers 2",
    "pdm run args": "gunicorn app:app",
    "pdm run args main:app": "gunicorn main:app",
    "pdm run main.py": "python main.py",
    "hatch run serve": "gunicorn app:app",
    "hatch run again -w 3": "gunicorn app:app -w 3",
    "hatch run prod:serve": "gunicorn app:app -w 3",
    "hatch -e prod run serve": "gunicorn app:app -w 3",
    "hatch --env=prod run serve": "gunicorn app:app -w 3",
    "hatch -e prod run gunicorn app:app": "gunicorn app:app",
    "rye run gunicorn app:app": "gunicorn app:app",
    "poe serve": "gunicorn app:app",
    "poe -q serve": "gunicorn app:app",
    "task serve": "gunicorn app:app",
    "python -m poethepoet serve": "gunicorn app:app",
    ".venv/bin/gunicorn app:app": "gunicorn app:app",
    "./venv/bin/python3.12 main.py": "python main.py",
    "/app/.heroku/python/bin/gunicorn app:app": "gunicorn app:app",
    "source .venv/bin/activate && gunicorn app:app": "gunicorn app:app",
    "/home/me/shop/venv/bin/python main.py": "python main.py",
    ".\\venv\\Scripts\\python.exe main.py": "python main.py",
    "'C:\\shop\\.venv\\Scripts\\gunicorn' app:app": "gunicorn app:app",
    "bash -c '. env/bin/activate; uv run gunicorn app:app'": "gunicorn app:app",
    "venv/Scripts/gunicorn app:app": "gunicorn app:app",
    "venv\\Scripts\\activate.bat && gunicorn app:app": "gunicorn app:app",
    "[ -d venv ] && . venv/bin/activate; gunicorn app:app": "gunicorn app:app",
    "test -f venv/bin/activate && . venv/bin/activate && gunicorn app:app": "gunicorn app:app",
    "nice -n 5 uv run main.py": "nice -n 5 python main.py",
    "timeout -k 5 60 poetry run python main.py": "timeout -k 5 60 python main.py",
    "env -u B A=b uv run main.py": "env -u B A=b python main.py",
}


@pytest.mark.parametrize(("line", "command"), DIRECT.items())
def test_the_program_itself_is_started(line: str, command: str, tmp_path: Path) -> None:
    """However the tool is called, the program and its arguments stay, and no shell is needed."""
    assert " ".join(command_of(tmp_path, line)) == command


IN_SHELL = {
    "pdm run factory": "exec gunicorn 'app:create_app()' -b \"0.0.0.0:$PORT\"",
    "pipenv run port": 'exec gunicorn app:app -b "0.0.0.0:$PORT"',
    "pdm run line": "gunicorn app:app | cat",
    "pdm run with_env": "MODE='a b' exec gunicorn app:app",
    "exec pdm run with_env": "exec env MODE='a b' gunicorn app:app",
    "pdm run all": "python prepare.py && exec gunicorn app:app",
    "hatch run both": "python prepare.py && exec gunicorn app:app",
    "rye run serve": "python prepare.py && exec gunicorn app:app",
    "poe series": "gunicorn app:app && exec gunicorn app:app",
    "uv run gunicorn app:app -b :$PORT": "exec gunicorn app:app -b :$PORT",
    "cd app && uv run start.py": "cd app && exec python start.py",
    "uv run --directory app start.py": "cd app && exec python start.py",
    "uv run prepare.py; uv run main.py": "python prepare.py; exec python main.py",
    "poetry run python prepare.py || poetry run python main.py": "python prepare.py || python main.py",
    "A=b poetry run gunicorn app:app": "A=b exec gunicorn app:app",
    "exec uv run main.py": "exec python main.py",
    "uv run - < main.py": "exec python - < main.py",
    "cd app && ../venv/bin/python start.py": "cd app && exec python start.py",
    "bash -c 'uv run prepare.py && uv run main.py'": "python prepare.py && exec python main.py",
    "if a; then b; fi; . env/bin/activate; python main.py": "if a; then b; fi; python main.py",
    "cd app && . env/bin/activate && python start.py": "cd app && exec python start.py",
}


@pytest.mark.parametrize(("line", "text"), IN_SHELL.items())
def test_what_stands_around_the_tool_stays(line: str, text: str, tmp_path: Path) -> None:
    """Assignments, other commands of the line, redirections and variables are those of the line and of the task."""
    assert command_of(tmp_path, line)[2] == text


@pytest.mark.parametrize(
    "line",
    [
        "if a; then . env/bin/activate; fi; python main.py",
        "if a; then b && . env/bin/activate; fi; python main.py",
        "[ ! -d env ] || . env/bin/activate; exec python main.py",
        "[ -d other ] && . env/bin/activate; exec python main.py",
        "./deploy/Scripts/start.sh; exec python main.py",
    ],
)
def test_what_decides_by_itself_and_programs_of_the_app_stay(line: str, tmp_path: Path) -> None:
    """An environment that is activated under a condition, and a folder Scripts that is none of an environment."""
    (tmp_path / "deploy" / "Scripts").mkdir(parents=True)
    (tmp_path / "deploy" / "Scripts" / "start.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    (process,) = plan_of(tmp_path, line).processes
    assert process.command[-1] == line


def test_env_before_a_tool_stays(tmp_path: Path) -> None:
    """The program env sets variables in the image, too."""
    assert command_of(tmp_path, "env A=b uv run main.py") == ("env", "A=b", "python", "main.py")


def test_variables_that_go_for_all_scripts_of_pdm(tmp_path: Path) -> None:
    """They are written before each command, and a script's own have precedence; a file of variables is not certain."""
    scripts = """[tool.pdm.scripts]
_ = {env = {MODE = "live", HOST = "a"}}
start = "gunicorn app:app"
own = {cmd = "gunicorn app:app", env = {MODE = "test"}}
all = {composite = ["start"]}
"""
    starts = {"start": "MODE=live HOST=a", "own": "MODE=test HOST=a", "all": "MODE=live HOST=a"}
    for name, variables in starts.items():
        (tmp_path / name).mkdir()
        command = " ".join(plan_of(tmp_path / name, f"pdm run {name}", pyproject=scripts).processes[0].command)
        assert command == f"sh -c {variables} exec gunicorn app:app"
    scripts = scripts.replace('env = {MODE = "live", HOST = "a"}', 'env_file = ".env"')
    assert plan_of(tmp_path, "pdm run start", pyproject=scripts).processes[0].command[:2] == ("pdm", "run")


@pytest.mark.parametrize("line", ["pdm run call", "poe script", "shop-serve", "uv run shop-serve"])
def test_a_function_is_called_as_by_a_console_script(line: str, tmp_path: Path) -> None:
    """Tasks that are functions need no tool; nor do the app's own commands, where the app is not installed."""
    arguments = "('a')" if "call" in line else "()"
    assert command_of(tmp_path, line) == ("python", "-c", CALL.format(arguments))


UNCERTAIN = [
    "pdm run elsewhere",
    "pdm run late",
    "pdm run circle",
    "pdm run odd",
    "hatch run odd:serve",
    "hatch run nowhere:serve",
    "hatch run +py=3.12 serve",
    "poe moved",
    "poe series --fast",
    "uvx marimo run x",
    "pdm run all || true",
    "uv run",
    "uv sync",
    "poe nothing",
    "pip install x",
]


@pytest.mark.parametrize("line", UNCERTAIN)
def test_what_is_not_certain_is_kept_and_the_tool_is_named(line: str, tmp_path: Path) -> None:
    """Another directory, hooks, circles, and tools that install: nothing is guessed, and it is said."""
    plan = plan_of(tmp_path, line)
    assert line in " ".join(plan.processes[0].command)
    assert any(line.partition(" ")[0].replace("uvx", "uv") in notice.text for notice in plan.notices)


@pytest.mark.parametrize(("line", "distribution"), [("poe serve", "poethepoet"), ("uv run main.py", "uv")])
def test_a_tool_that_is_installed_is_left_alone(line: str, distribution: str, tmp_path: Path) -> None:
    """Who has the tool among the dependencies gets it."""
    plan = plan_of(tmp_path, line, distribution)
    assert plan.processes[0].line == line
    assert plan.notices == ()


def test_the_notice_says_what_is_started_and_what_to_write(tmp_path: Path) -> None:
    """The task and its table are named; packages that the tool would have added, too."""
    (notice,) = plan_of(tmp_path, "pipenv run start").notices
    assert "The image starts 'gunicorn app:app', which is start of [scripts] in Pipfile. Write that" in notice.text
    (notice,) = plan_of(tmp_path, "uv run --with rich,flask --env-file .env main.py").notices
    assert "Remove 'uv run --with rich,flask --env-file .env' from the line. rich is not installed" in notice.text
    assert "Nothing reads --env-file .env" in notice.text


def test_a_file_of_variables_that_pipenv_reads_by_itself_is_named(tmp_path: Path) -> None:
    """The image has no Pipenv to read it."""
    (tmp_path / ".env").write_text("A=b\n", encoding="utf-8")
    (notice,) = plan_of(tmp_path, "pipenv run gunicorn app:app").notices
    assert "Nothing reads .env: set its variables on the platform." in notice.text


def test_an_environment_that_is_in_the_app_is_its_own(tmp_path: Path) -> None:
    """Programs of the upload are started as the line says."""
    (tmp_path / "tools/env/bin").mkdir(parents=True)
    (tmp_path / "tools/env/bin/serve").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "tools/env/bin/serve").chmod(0o755)
    plan = plan_of(tmp_path, "tools/env/bin/serve")
    assert (plan.processes[0].command, plan.notices) == (("tools/env/bin/serve",), ())


@pytest.mark.parametrize(("line", "cure"), [("prepare.py", "'python prepare.py'"), ("go", "'./go'")])
def test_a_file_of_the_app_is_not_on_path(line: str, cure: str, tmp_path: Path) -> None:
    """A shell looks for programs without a slash in other places."""
    (tmp_path / "go").write_text("#!/bin/sh\n", encoding="utf-8")
    (notice,) = plan_of(tmp_path, line).notices
    assert notice.title == f"{line} is not on PATH"
    assert cure in notice.text


def test_an_app_that_is_installed_has_its_own_commands(tmp_path: Path) -> None:
    """They are on the PATH then."""
    assert plan_of(tmp_path, "shop-serve", "shop").processes[0].command == ("shop-serve",)


def test_a_program_of_the_system_is_named_with_what_it_would_run(tmp_path: Path) -> None:
    """``make`` is in few images; the recipe of its target is what to write."""
    (tmp_path / "Makefile").write_text("A = 1\nserve: a\n\t@gunicorn app:app\n\nother:\n\ttrue\n", encoding="utf-8")
    (notice,) = plan_of(tmp_path, "make serve").notices
    assert notice.title == "make may not be part of the image"
    assert "for serve, Makefile has 'gunicorn app:app'" in notice.text


PIECES = (
    *("uv run", "uvx", "poe", "pdm", "hatch run", "pipenv", "run", "--", "-m", "--with", "--directory", "-p", "serve"),
    *("all", "start", "app.py", "gunicorn", "app:app", "--chdir", "-k", "x:y()", "&&", "||", ";", "|", "(", ")", "cd"),
    *("'", '"', "\\", "$A", "A=b", "env", "exec", "python", "./x", "sh -c", "--from", "=", "é", "#", "-", "..", "/"),
)


@settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=9).map(" ".join))
def test_any_line_gives_a_plan_or_is_refused(tmp_path: Path, line: str) -> None:
    """Whatever stands around the tools: nothing but a line that no shell takes is an error."""
    with contextlib.suppress(ProcfileInvalid):
        assert plan_of(tmp_path, line).processes[0].command or line.startswith("#")
