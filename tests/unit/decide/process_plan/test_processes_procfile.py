import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_processes
from python_buildpack.decide.process_plan.procfile_text import ProcfileInvalid, parse_procfile
from python_buildpack.decide.processes.interface import ProcessPlan
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.settings.values import Settings

FLASK_APP = "from flask import Flask\napp = Flask(__name__)\n"


def plan_with(folder: Path, procfile: str, *distributions: str, **files: str) -> ProcessPlan:
    """Return the plan of an app that has what the lines of this module start, and these ``files``."""
    (folder / "Procfile").write_bytes(procfile.encode())
    for name in ("app", "main", "manage", "a", "app/app", "api/main"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / f"{name}.py").write_text("app = b = application = 1\n")
    for name in ("start.sh", "gunicron"):
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return decide_processes(scan(folder), InstalledDistributions.declared(distributions))


def advice_of(plan: ProcessPlan) -> str:
    return "\n".join(f"{notice.title}\n{notice.text}" for notice in plan.notices)


def test_all_types_are_processes_and_web_is_the_default(tmp_path: Path) -> None:
    """Every line of a Procfile is a process, release too, each with its line as the reason; web is the default."""
    lines = [
        "# all",
        "",
        "release: python manage.py migrate",
        "web: gunicorn app:app",
        "  worker : celery -A x worker  ",
    ]
    text = "\r\n".join(lines)
    (tmp_path / "x.py").write_text("")
    plan = plan_with(tmp_path, text, "gunicorn", "celery")
    assert [(process.type, process.command, process.default, process.because) for process in plan.processes] == [
        ("release", ("python", "manage.py", "migrate"), False, "Procfile, line 3"),
        ("web", ("gunicorn", "app:app"), True, "Procfile, line 4"),
        ("worker", ("celery", "-A", "x", "worker"), False, "Procfile, line 5"),
    ]
    assert plan.notices == ()


def test_procfile_is_the_whole_truth(tmp_path: Path) -> None:
    """Where there is a Procfile, a web app in the source is not added to it."""
    plan = plan_with(tmp_path, "worker: python jobs.py\n", "flask", "gunicorn", app=FLASK_APP)
    assert [(process.type, process.default) for process in plan.processes] == [("worker", True)]


def test_a_procfile_of_comments_counts_as_none(tmp_path: Path) -> None:
    """A Procfile without entries leaves the decision to the source."""
    plan = plan_with(tmp_path, "# later\n\n", "flask", "gunicorn", app=FLASK_APP)
    assert [process.command for process in plan.processes] == [("gunicorn", "app:app")]


def test_several_types_without_web_have_no_default(tmp_path: Path) -> None:
    """Nothing is guessed among several processes; a notice says how to name one."""
    plan = plan_with(tmp_path, "a: python a.py\nb: python b.py\n")
    assert [process.default for process in plan.processes] == [False, False]
    assert "--entrypoint" in advice_of(plan)


def test_release_alone_is_no_default(tmp_path: Path) -> None:
    """A release command is not what docker run should start."""
    plan = plan_with(tmp_path, "release: python manage.py migrate\n")
    assert [process.default for process in plan.processes] == [False]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("web gunicorn app:app\n", ["line 1", "web gunicorn"]),
        ("web: a\n<<<<<<< HEAD\n", ["line 2", "<<<<<<<"]),
        ("web:\n", ["line 1"]),
        ("web: gunicorn 'app\n", ["line 1", "quote"]),
        ("web: gunicorn \\\n", ["line 1", "backslash"]),
        ("# x\nweb: gunicorn \\\nworker: rq worker\n", ["line 2", "backslash"]),
        ("web: gunicorn app:create_app()\n", ["line 1", "quotes around"]),
        ("my type: a\n", ["line 1"]),
        ("web: # nothing\n", ["line 1"]),
    ],
)
def test_invalid_lines_are_named_all_at_once(tmp_path: Path, text: str, words: list[str]) -> None:
    """What cannot be understood is an error that names every faulty line."""
    with pytest.raises(ProcfileInvalid) as caught:
        plan_with(tmp_path, text)
    assert [word for word in words if word not in caught.value.what] == []
    assert caught.value.code == "procfile-invalid"


@pytest.mark.parametrize(
    "text",
    [
        "web: gunicorn app:app --preload",
        "web:gunicorn app:app --preload",
        "\tweb\t:\tgunicorn app:app --preload\t",
        "\ufeffweb: gunicorn app:app --preload\r\n",
        "web: gunicorn\u00a0app:app --preload # a comment",
        "web: gunicorn \\\r\n    app:app \\\r\n\t--preload\r\n",
        "web: gunicorn app:app \\\n--preload\nworker: gunicorn x:x\n",
    ],
)
def test_the_same_entry_in_other_words_is_the_same(tmp_path: Path, text: str) -> None:
    """Line ends, tabs, spaces that are none, comments and lines that go on change nothing, and nothing is said."""
    plan = plan_with(tmp_path, text, "gunicorn", app=FLASK_APP, x="x = 1\n")
    assert plan.processes[0].command == ("gunicorn", "app:app", "--preload")
    assert plan.processes[0].because == "Procfile, line 1"
    assert plan.notices == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("web: gunicorn a:a\nworker: python a.py\nweb: gunicorn app:app\n", "line 3: it counts, and line 1, which"),
        ('web: "gunicorn app:app"\n', "line 1: the quotes around the whole command"),
        ("Web: 'gunicorn app:app'\n", "line 1: the type Web is taken for web"),
        ("WEB: gunicorn app:app\nworker: python a.py", "line 1: the type WEB is taken for web"),
    ],
)
def test_a_slip_with_one_meaning_is_taken_so_and_said(tmp_path: Path, text: str, said: str) -> None:
    """The last of several web lines counts, as on Heroku; quotes around all and capital letters are mistakes."""
    plan = plan_with(tmp_path, text, "gunicorn", app=FLASK_APP, a="a = 1\n")
    assert [process.command for process in plan.processes if process.default] == [("gunicorn", "app:app")]
    assert said in advice_of(plan)


@pytest.mark.parametrize(
    ("line", "distribution"),
    [
        ("web: gunicorn app:app", "gunicorn"),
        ("web: cd api && uvicorn main:app --port $PORT", "uvicorn"),
        ("web: python -m gunicorn app:app", "gunicorn"),
        ("web: A=1 waitress-serve --port=$PORT app:app", "waitress"),
        ("web: fastapi run main.py", "fastapi-cli"),
    ],
)
def test_a_missing_program_is_warned_about(tmp_path: Path, line: str, distribution: str) -> None:
    """A program that a known distribution brings, which is not installed, is named; once installed, nothing is said."""
    assert f"Add {distribution}" in advice_of(plan_with(tmp_path, line))
    assert advice_of(plan_with(tmp_path, line, distribution)) == ""


@pytest.mark.parametrize("line", ["web: gunicron app:app", "web: cd api && gunicron app:app --bind 0.0.0.0:$PORT"])
def test_a_program_that_is_nearly_a_known_one_is_warned_about(tmp_path: Path, line: str) -> None:
    """A mistyped server is noticed when the image is built, and not when it is started."""
    assert "line 1 starts gunicron" in (said := advice_of(plan_with(tmp_path, line, "gunicorn")))
    assert "If gunicorn is meant" in said


@pytest.mark.parametrize("line", ["./gunicron", "flasky --debug", "node server.js", "bash start.sh", "flake8 ."])
def test_programs_of_the_app_or_the_image_are_not_taken_for_mistakes(tmp_path: Path, line: str) -> None:
    """What is called like something installed, is a path or like nothing that is known, is meant as it is."""
    assert advice_of(plan_with(tmp_path, f"web: {line}", "flasky")) == ""


@pytest.mark.parametrize("tool", ["poetry run", "pipenv run", "uv run --frozen", "pdm run"])
def test_tools_that_only_activate_are_left_out(tmp_path: Path, tool: str) -> None:
    """Poetry and its like are not in the image: what they would start is started, with a notice."""
    plan = plan_with(tmp_path, f"web: {tool} gunicorn app:app", "gunicorn")
    assert [process.command for process in plan.processes] == [("gunicorn", "app:app")]
    assert f"{tool.split(maxsplit=1)[0]} is not part of the image" in advice_of(plan)


@pytest.mark.parametrize(
    "before", ["pip install -r requirements.txt", "python -m pip install .", "uv sync --frozen", "poetry install"]
)
def test_installing_at_the_start_is_explained(tmp_path: Path, before: str) -> None:
    """The image has what is declared and no installer, so the line would end before its server."""
    plan = plan_with(tmp_path, f"web: {before} && gunicorn app:app", "gunicorn")
    assert advice_of(plan).startswith("Packages are installed while building, not at the start\nProcfile, line 1 runs")
    assert f"runs '{before}'" in advice_of(plan)
    assert len(plan.notices) == 1


@pytest.mark.parametrize("line", ["python -m serving", "cd . && python serving.py", "python start.py"])
def test_what_a_program_imports_may_hand_uvicorn_an_object(tmp_path: Path, line: str) -> None:
    """The call need not be in the file that is started, nor the file be named by its path."""
    serving = "import uvicorn\nfrom fastapi import FastAPI\nuvicorn.run(FastAPI(), port=8080)\n"
    (process,) = plan_with(tmp_path, f"web: {line}", serving=serving, start="import serving\n").processes
    assert process.environment == (("WEB_CONCURRENCY", "1"),)


def test_the_chosen_project_of_a_folder_has_its_own_procfile(tmp_path: Path) -> None:
    """Its commands start in its folder, without a shell; one in the app directory has precedence."""
    member = "[project]\nname = 'shop-api'\n[build-system]\nrequires = ['hatchling']\n"
    files = {
        "pyproject.toml": "[tool.uv.workspace]\nmembers = ['apps/*']\n",
        "apps/api/pyproject.toml": member,
        "apps/api/Procfile": "web: gunicorn shop_api.main:app\nworker: python jobs.py\nother: gunicorn gone:app\n",
        "apps/api/jobs.py": "print(1)\n",
        "apps/api/src/shop_api/main.py": FLASK_APP,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    installed = InstalledDistributions.declared({"flask", "gunicorn", "shop-api"})
    plan = decide_processes(scan(tmp_path), installed, Settings({"BP_PYTHON_PACKAGE": "shop-api"}))
    assert [(process.type, process.command, process.directory) for process in plan.processes] == [
        ("web", ("gunicorn", "shop_api.main:app"), "apps/api"),
        ("worker", ("python", "jobs.py"), "apps/api"),
        ("other", ("gunicorn", "gone:app"), "apps/api"),
    ]
    (notice,) = plan.notices
    assert "apps/api/Procfile, line 3 starts gunicorn with the module gone, which is neither among" in notice.text
    (tmp_path / "Procfile").write_text("web: gunicorn --pythonpath apps/api/src shop_api.main:app\n")
    (process,) = decide_processes(scan(tmp_path), installed, Settings({"BP_PYTHON_PACKAGE": "shop-api"})).processes
    assert process.because == "Procfile, line 1"


def test_a_script_that_hands_uvicorn_an_object_gets_one_worker(tmp_path: Path) -> None:
    """Uvicorn ends at once when an app object meets WEB_CONCURRENCY above 1, so the process has 1 by default."""
    script = "import uvicorn\nfrom fastapi import FastAPI\napp = FastAPI()\nuvicorn.run(app, port=8080)\n"
    (process,) = plan_with(tmp_path, "web: python serve.py --debug", serve=script).processes
    assert process.environment == (("WEB_CONCURRENCY", "1"),)
    string = script.replace("uvicorn.run(app", "uvicorn.run('serve:app'")
    (process,) = plan_with(tmp_path, "web: python serve.py", serve=string).processes
    assert process.environment == ()


@pytest.mark.parametrize(
    ("tables", "setting"),
    [
        ("[dependency-groups]\nprod = ['gunicorn>=20']\n", "Set BP_PYTHON_GROUPS=prod,"),
        ("[tool.poetry.group.prod.dependencies]\nGunicorn = '*'\n", "Set BP_PYTHON_GROUPS=prod,"),
        ("[project.optional-dependencies]\nprod = ['gunicorn']\n", "Set BP_PYTHON_EXTRAS=prod,"),
        ("[dependency-groups]\nprod = ['uvicorn']\n", "Add gunicorn to them,"),
    ],
)
def test_a_server_in_a_group_that_is_not_installed_is_named_with_the_setting(
    tables: str, setting: str, tmp_path: Path
) -> None:
    """To add it to the dependencies would be right, too, but it is declared already."""
    (tmp_path / "pyproject.toml").write_text(f"[project]\nname = 'shop'\n{tables}", encoding="utf-8")
    assert setting in advice_of(plan_with(tmp_path, "web: gunicorn app:app", app=FLASK_APP))


def test_the_plan_is_plain_data(tmp_path: Path) -> None:
    """A plan can be written as JSON, for explain and for snapshots."""
    plan = plan_with(tmp_path, "web: gunicorn app:app")
    document = json.loads(json.dumps(plan.as_json()))
    assert document["processes"][0]["command"] == ["gunicorn", "app:app"]
    assert document["notices"][0]["title"] == "gunicorn is not installed"


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=80))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    """No Procfile makes the parser fail with anything but its own error."""
    try:
        entries = parse_procfile(text).entries
    except ProcfileInvalid:
        return
    assert all(entry.type and entry.command for entry in entries)


@pytest.mark.parametrize(
    "command",
    ["gunicorn -b 127.0.0.1:8000 app:app", "cd app && uvicorn app:app --host=localhost", "flask run --host 127.0.0.1"],
)
def test_a_web_process_that_nobody_reaches_is_warned_about(command: str, tmp_path: Path) -> None:
    """A server alone in its line that listens on the loopback interface answers nobody outside the container."""
    plan = plan_with(tmp_path, f"web: {command}", "gunicorn", "uvicorn", "flask")
    (title,) = [notice.title for notice in plan.notices]
    assert title == "The web process can be reached from inside its container only"


@pytest.mark.parametrize(
    "line",
    [
        "web: gunicorn -b 127.0.0.1:8000 app:app & nginx -g 'daemon off;'",
        "worker: flask run --host 127.0.0.1",
        "web: gunicorn app:app --forwarded-allow-ips=127.0.0.1",
        "web: gunicorn app:app --statsd-host localhost:8125",
    ],
)
def test_a_server_behind_another_program_may_listen_inside(line: str, tmp_path: Path) -> None:
    """What another program of the line passes requests on to, and what is no web process, is left alone."""
    assert plan_with(tmp_path, line, "gunicorn", "flask").notices == ()


def test_a_procfile_of_an_app_that_keeps_its_users_in_memory_has_one_worker(tmp_path: Path) -> None:
    """What WEB_CONCURRENCY would make of the line is decided as for a process that was found."""
    app = "import gradio as gr\nfrom fastapi import FastAPI\napp = gr.mount_gradio_app(FastAPI(), gr.Blocks(), '/')\n"
    plan = plan_with(tmp_path, "web: uvicorn app:app\nworker: python -c 1", "uvicorn", "gradio", "fastapi", app=app)
    assert [process.environment for process in plan.processes] == [(("WEB_CONCURRENCY", "1"),), ()]


@pytest.mark.parametrize(
    "command", ["gunicorn --config gunicorn_config.py app:app", "gunicorn -c ./gunicorn_config.py a:b"]
)
def test_a_port_in_the_configuration_that_a_line_names_is_warned_about(command: str, tmp_path: Path) -> None:
    """A configuration under any name may bind to a port that is not the platform's."""
    plan = plan_with(tmp_path, f"web: {command}", "gunicorn", gunicorn_config='bind = "0.0.0.0:8080"\nworkers = 2\n')
    assert [notice.title for notice in plan.notices] == ["gunicorn does not listen on PORT"]
    assert "gunicorn_config.py sets bind = '0.0.0.0:8080'" in plan.notices[0].text


def test_an_address_in_the_line_goes_before_the_configuration(tmp_path: Path) -> None:
    """The server takes its command line's --bind, so what its configuration says does not matter."""
    line = "web: gunicorn --config gunicorn_config.py --bind 0.0.0.0:$PORT app:app"
    assert plan_with(tmp_path, line, "gunicorn", gunicorn_config='bind = "0.0.0.0:8080"\n').notices == ()


SOCKET_IO = "from flask import Flask\nfrom flask_socketio import SocketIO\napp = Flask(__name__)\n"
ONE_WORKER = (("WEB_CONCURRENCY", "1"),)


@pytest.mark.parametrize(
    ("line", "app", "environment"),
    [
        ("gunicorn --threads 100 app:app", "SocketIO(app)", ONE_WORKER),
        ("cd . && gunicorn -k gevent app:app -b :$PORT", "io = SocketIO()\nio.init_app(app)", ONE_WORKER),
        ("gunicorn app:app", "SocketIO(app, message_queue='redis://')", ONE_WORKER),
        ("gunicorn --workers 3 app:app", "SocketIO(app)", ()),
        ("gunicorn -w3 app:app", "SocketIO(app)", ()),
        ("gunicorn app:app -w 3", "SocketIO(app)", ()),
        ("WEB_CONCURRENCY=3 gunicorn app:app", "SocketIO(app)", ()),
        ("GUNICORN_CMD_ARGS='--workers=3' gunicorn app:app", "SocketIO(app)", ()),
        ("gunicorn -c conf.py app:app", "SocketIO(app)", ()),
        ("gunicorn app:app", "", ()),
    ],
)
def test_flask_socketio_gets_one_worker(
    line: str, app: str, environment: tuple[tuple[str, str], ...], tmp_path: Path
) -> None:
    """Whoever starts gunicorn: its workers would not know each other's clients. A number that the user names stays."""
    source = f"{SOCKET_IO}{app}\n"
    plan = plan_with(
        tmp_path, f"web: {line}", "gunicorn", "gevent", "flask", "flask-socketio", app=source, conf="workers = 3\n"
    )
    assert [process.environment for process in plan.processes] == [environment]
