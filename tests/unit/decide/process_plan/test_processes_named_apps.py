"""What task queues and Flask's command are given by an option or a dotted word, and the order of Celery's options."""

from pathlib import Path

import pytest

from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_processes
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.settings.values import Settings

FILES = {
    "jobs/__init__.py": "",
    "jobs/tasks.py": "import dramatiq\n",
    "jobs/settings.py": "class WorkerSettings:\n    pass\n",
    "jobs/queue.py": "from huey import RedisHuey\nhuey = RedisHuey('x')\n",
    "jobs/broker.py": "broker = None\n",
    "jobs/celery.py": "from celery import Celery\napp = Celery('x')\n",
    "src/deep/worker.py": "",
    "web.py": "from flask import Flask\nweb = Flask('x')\n",
}
ALL = {"celery": "5.4.0", "dramatiq": "1", "arq": "1", "huey": "1", "taskiq": "1", "rq": "1", "flask": "3", "shop": "1"}


def said(folder: Path, line: str, celery: str = "5.4.0") -> list[tuple[str, str]]:
    for name, text in {**FILES, "Procfile": f"worker: {line}\n"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    plan = decide_processes(scan(folder), InstalledDistributions({**ALL, "celery": celery}))
    return [(notice.title, notice.text) for notice in plan.notices]


@pytest.mark.parametrize(
    ("line", "title", "words"),
    [
        ("celery -A nope worker", "There is no module nope", "starts celery"),
        ("celery --app=jobs.nope worker", "There is no module jobs.nope", "Is jobs."),
        ("python -m celery -A jobs.celery:nothing worker", "jobs/celery.py has no nothing", "It has app."),
        ("celery -A jobs.celery.nothing worker", "jobs/celery.py has no nothing", "It has app."),
        ("celery -A deep.worker worker", "There is no module deep.worker", "There is one in src: write 'cd src &&'"),
        ("dramatiq jobs.tasks jobs.missing -p 2", "There is no module jobs.missing", "dramatiq"),
        ("arq jobs.settings.Other", "jobs/settings.py has no Other", "arq"),
        ("huey_consumer.py jobs.queue.other -w 4", "jobs/queue.py has no other", "huey_consumer.py"),
        ("taskiq worker jobs.broker:other", "jobs/broker.py has no other", "taskiq"),
        ("dramatiq -Q high low --processes 2 jobs.missing", "There is no module jobs.missing", "dramatiq"),
        ("celery --workdir src -A nope worker", "There is no module nope", "files in src"),
        ("flask --app webb run", "There is no module webb", "Is web meant?"),
        ("python -m flask -A web:app run", "web.py has no app", "It has web."),
    ],
)
def test_what_is_named_and_is_not_there_is_said(line: str, title: str, words: str, tmp_path: Path) -> None:
    """The module or the object in it, with what may be meant."""
    ((found, text),) = said(tmp_path, line)
    assert found == title
    assert words in text


@pytest.mark.parametrize(
    "line",
    [
        "celery -A jobs worker",
        "celery -A jobs.celery.app worker -l info",
        "celery -A shop worker",
        "cd jobs && celery -A celery worker",
        "dramatiq jobs.tasks -p 2 -t 4",
        "arq jobs.settings.WorkerSettings --watch .",
        "huey_consumer.py jobs.queue.huey -w 4",
        "taskiq worker jobs.broker:broker jobs.tasks",
        "rq worker high low",
        "flask --app web run",
        "flask --app 'web:make(1)' run",
        "celery -A $APP worker",
        "celery --workdir src -A deep.worker worker",
        "celery --workdir=/app/src -A deep.worker worker",
        "celery multi start one -A jobs.celery -l info",
        "dramatiq jobs.tasks --queues default high",
        "dramatiq deep.worker -P src lib",
    ],
)
def test_what_is_there_or_not_certain_is_left_alone(line: str, tmp_path: Path) -> None:
    """Modules, objects in them, installed packages, words that are no modules, and variables."""
    assert [title for title, _ in said(tmp_path, line) if "make" not in title] == []


def test_with_a_path_of_the_containers_no_module_is_missing(tmp_path: Path) -> None:
    """The folders of PYTHONPATH may be anywhere."""
    assert said(tmp_path, "celery -A deep.worker worker")
    plan = decide_processes(scan(tmp_path), InstalledDistributions(ALL), Settings({"BPE_PYTHONPATH": "src"}))
    assert not [notice for notice in plan.notices if "deep" in notice.title]


def test_celery_5_refuses_the_old_order_of_its_options(tmp_path: Path) -> None:
    """The line of older tutorials ends with an error since Celery 5; older versions take it."""
    ((title, text),) = said(tmp_path, "celery worker -A jobs.celery -l info")
    assert title == "celery takes -A before worker"
    assert "Write 'celery -A jobs.celery worker -l info'" in text
    ((_, text),) = said(tmp_path, "celery beat --app=jobs")
    assert "'celery --app=jobs beat'" in text
    assert said(tmp_path, "celery worker -A jobs.celery", celery="4.4.7") == []
