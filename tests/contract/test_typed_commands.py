"""What README.md and CONTRIBUTING.md say to type in a checkout is typed."""

from pathlib import Path

import pytest

from devkit.interpreters import Source
from devkit.pack.commands import run
from devkit.paths import CHECKOUT
from typed_commands import PAGES, commands

SHOWN = {"build": "HTTP 200 from / after", "explain": "web (default): gunicorn", "refresh": " builds, default 3."}
"""What each verb shows of an app that answers, of one with a process, and of a list of interpreters."""
TYPED = sorted(
    {step.command.replace("DIR", "samples/flask") for page in PAGES for step in commands(page) if step.is_in_checkout}
)


@pytest.mark.network
@pytest.mark.parametrize("command", TYPED)
def test_it_shows_what_the_page_says(command: str, mirror: Source, tmp_path: Path) -> None:
    """The app's answer, or what would be started, with interpreters that are there; files are written elsewhere."""
    assert mirror.inventory.is_file()
    command = command.replace("--output ", f"--output {tmp_path}/")
    finished = run(["sh", "-c", command], cwd=CHECKOUT)
    assert finished.status == 0, finished.output
    assert SHOWN[command.split()[1]] in finished.output
