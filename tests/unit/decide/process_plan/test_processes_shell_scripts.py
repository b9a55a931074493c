"""Shell scripts of the app that a Procfile starts: their lines are judged like the Procfile's, and not changed."""

from pathlib import Path

import pytest

from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_processes
from python_buildpack.installed.distributions import InstalledDistributions

APP = "from flask import Flask\napp = Flask(__name__)\n"
CLOSED = "The web process can be reached from inside its container only"


def said(folder: Path, script: str, line: str = "sh start.sh") -> list[tuple[str, str]]:
    files = {"Procfile": f"web: {line}\n", "app.py": APP, "start.sh": script, "src/inner.py": APP}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "start.sh").chmod(0o755)
    plan = decide_processes(scan(folder), InstalledDistributions.declared({"flask", "gunicorn", "celery", "uvicorn"}))
    assert plan.processes[0].command[-1].endswith("start.sh")
    return [(notice.title, notice.text) for notice in plan.notices]


@pytest.mark.parametrize(
    ("script", "title", "words"),
    [
        ("set -e\nexec gunicorn \\\n  -b localhost:80 app:app\n", CLOSED, "start.sh, line 2 makes it"),
        ("gunicorn -b 0.0.0.0:5000 app:app\n", "The web process listens on a port of its own", "start.sh, line 1"),
        ("poetry run gunicorn app:app\n", "poetry is not part of the image", "Write 'gunicorn app:app'."),
        (". venv/bin/activate\ngunicorn app:app\n", "venv is not part of the image", "Remove the line."),
        ("gunicorn app:nothing\n", "app.py has no nothing", "start.sh, line 1"),
        ("alembic upgrade head\ngunicorn app:app\n", "alembic is not installed", "start.sh, line 1"),
        ("pip install -r requirements.txt\ngunicorn app:app\n", "Packages are installed while building", "pip is not"),
        ("cd src\ngunicorn inner:nothing\n", "src/inner.py has no nothing", "start.sh, line 2"),
        ("cd src\nexec gunicorn -k gevent inner:app\n", "gevent is not installed", "start.sh, line 2 has gunicorn use"),
        ("hypercorn app:app -b 0.0.0.0:$PORT\n", "hypercorn is not installed", "start.sh, line 1"),
        ("exec 2>&1\nprintf '%s' it\ngunicorn app:nothing || exit 1\n", "app.py has no nothing", "start.sh, line 3"),
        ("python notif.py\ngunicorn app:nothing\n", "app.py has no nothing", "start.sh, line 2"),
        ("if a; then\n  b\nelif c; then\n  d\nfi\ngunicorn app:nothing\n", "app.py has no nothing", "start.sh, line 6"),
    ],
)
def test_a_line_of_a_script_is_judged_like_one_of_the_procfile(
    script: str, title: str, words: str, tmp_path: Path
) -> None:
    """With the file and the line in which it begins, and without a word that it would be started otherwise."""
    found = said(tmp_path, f"#!/bin/sh\n{script}".replace("#!/bin/sh\n", "", 1))
    assert any(one.startswith(title) and words in text and "The image starts" not in text for one, text in found)


@pytest.mark.parametrize(
    "script",
    [
        "#!/bin/sh\n# gunicorn -b 127.0.0.1 nothing:app\nexec gunicorn app:app\n",
        'if [ "$DEV" ]; then\n  pip install x\n  flask --app nope run\nfi\ngunicorn app:app\n',
        "wait_db() {\n  nope\n  pip install x\n}\nfor i in 1 2; do\n  pip install y\ndone\ngunicorn app:app\n",
        "case $1 in\n  web) gunicorn nope:app ;;\nesac\n",
        "cat > x.conf <<END\ngunicorn nothere:app\nEND\ngunicorn app:app\n",
        "gunicorn -b 127.0.0.1:8000 app:app &\nnginx -g 'daemon off;'\n",
        "celery -A app worker &\ngunicorn -b 127.0.0.1:8000 app:app\n",
        "gunicorn 'app:app\n",
        'DIR="$( cd "$(dirname "$0")" >/dev/null && pwd )"\ngunicorn app:app\n',
        "gunicorn $(cat options) nothing:app\n",
        "echo gunicorn -k gevent\ngunicorn -k $WORKERS app:app\n",
        'psql -c "\npip install x\nflask --app nope run\n"\ngunicorn app:app\n',
        "exec gunicorn app:app\npip install x\n",
        "gunicorn app:app || flask --app nope run\n",
        '[ "$DEV" = 1 ] && flask --app nope run\ngunicorn app:app\n',
        "command -v gunicorn > /dev/null || pip install gunicorn\ngunicorn app:app\n",
        "cd src\ngunicorn inner:app\n",
        "cd /app/src\ngunicorn inner:app\n",
        "cd $WHERE && gunicorn inner:nothing\n",
        "export PYTHONPATH=src\ngunicorn inner:app\n",
        "export UVICORN_INTERFACE=wsgi\nuvicorn app:app --host 0.0.0.0\n",
        "[ -d venv ] && . venv/bin/activate\ngunicorn app:app\n",
        "if a; then\n  pip install x\nelif b; then\n  pip install y\nfi\ngunicorn app:app\n",
        "cd src && python -V\ngunicorn inner:app\n",
    ],
)
def test_what_may_not_run_or_is_not_certain_is_left_alone(script: str, tmp_path: Path) -> None:
    """Comments, conditions, loops, functions and files inside a script, and what stands behind another server."""
    assert said(tmp_path, script) == []


def test_a_script_of_any_name_that_a_shell_runs_is_read(tmp_path: Path) -> None:
    """By its path, or as an argument of bash."""
    for line in ("./start.sh", "bash ./start.sh"):
        assert CLOSED in [title for title, _ in said(tmp_path, "#!/bin/sh\ngunicorn -b localhost app:app\n", line)]
