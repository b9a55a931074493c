"""Commands of a Procfile whose process is over at once."""

from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_processes
from python_buildpack.decide.process_plan.ends_at_once import ENDS
from python_buildpack.installed.distributions import InstalledDistributions

APP = "from flask import Flask\napp = Flask(__name__)\n"


def said(folder: Path, line: str, source: str = APP, kind: str = "web") -> list[str]:
    """Return what is said of a process that ends."""
    app = write_app(folder, {"Procfile": f"{kind}: {line}\n", "app.py": source})
    plan = decide_processes(scan(app), InstalledDistributions.declared({"flask", "gunicorn", "celery", "uvicorn"}))
    return [notice.text for notice in plan.notices if notice.title == ENDS]


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("gunicorn --daemon app:app", "web", "Leave --daemon out."),
        ("python -c 1 && exec gunicorn -D app:app", "web", "Leave -D out."),
        ("celery -A app worker --detach", "worker", "Leave --detach out."),
        ("uvicorn app:app --host 0.0.0.0 --port $PORT &", "web", "Leave the & out."),
        ("python app.py", "web", "Write 'gunicorn app:app', with gunicorn among the dependencies."),
    ],
)
def test_what_leaves_the_foreground_is_named(tmp_path: Path, line: str, kind: str, words: str) -> None:
    """By an option of the program, by the shell, or because the file only defines an app."""
    (text,) = said(tmp_path, line, kind=kind)
    assert text.startswith("Procfile, line 1 ")
    assert text.endswith(words)


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("gunicorn app:app", APP),
        ("celery -A app worker & gunicorn app:app", APP),
        ("gunicorn app:app & wait", APP),
        ("python app.py", f"{APP}app.run()\n"),
        ("python app.py", f"{APP}if __name__ == '__main__':\n    app.run()\n"),
        ("python app.py", f"{APP}while True:\n    app.run()\n"),
        ("python app.py", "x = 1\n"),
        ("python app.py", f"{APP}def main():\n    app.run()\nraise SystemExit(main())\n"),
        ("python app.py", f"{APP}status = app.run()\n"),
        ("python -m app", f"{APP}if True:\n    app.run()\n"),
    ],
)
def test_what_stays_needs_no_word(tmp_path: Path, line: str, source: str) -> None:
    """Something in the foreground, calls in the file, and files of which nothing is known."""
    assert said(tmp_path, line, source) == []


def test_a_release_command_is_to_end(tmp_path: Path) -> None:
    """It runs before the others, once."""
    assert said(tmp_path, "python app.py", kind="release") == []


def test_a_file_may_import_what_serves_it(tmp_path: Path) -> None:
    """A module of the app starts the server when it is imported."""
    (tmp_path / "serving.py").write_text("from waitress import serve\nimport app\nserve(app.app)\n", encoding="utf-8")
    assert said(tmp_path, "python app.py", f"{APP}import serving\n") == []
