"""The last line of a log: a command to copy."""

import pytest

from cnb.launch import Process
from python_buildpack.decide.process_plan.how_to_run import how_to_run

WEB = Process("web", ("gunicorn",), default=True)
WORKER = Process("worker", ("celery",))


@pytest.mark.parametrize(
    ("processes", "command"),
    [
        ((WORKER, WEB), "docker run --rm -p 8080:8080 -e PORT=8080 IMAGE"),
        ((WORKER,), "docker run --rm --entrypoint worker IMAGE"),
        ((Process("bot", ("python", "bot.py"), default=True),), "docker run --rm IMAGE"),
        ((), "docker run --rm IMAGE -- COMMAND; the image has no process"),
    ],
)
def test_the_command_starts_the_default_process(processes: tuple[Process, ...], command: str) -> None:
    """With a port for a web process only; a process that is no default is named; without one, any command."""
    assert how_to_run(processes) == command
