"""What the commands of the user start belongs to what an app reaches."""

from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.layers.dependencies.reached import Reached
from python_buildpack.settings.values import Settings

INSTALLED = {
    "mailer-1.0.dist-info/entry_points.txt": "[console_scripts]\nsend-mail = mailer.cli:main\n",
    "mailer/__init__.py": "",
    "mailer/cli.py": "import mailer.queue\n",
    "mailer/queue.py": "",
}


@pytest.mark.parametrize(
    ("procfile", "variables"),
    [
        ("worker: send-mail --all\n", {}),
        ("", {"BP_START_COMMAND": "send-mail --all"}),
        ("web: python app.py\n", {"BP_PYTHON_PROCESS_SEND_MAIL": "exec send-mail"}),
    ],
    ids=["Procfile", "start command", "process"],
)
def test_a_program_that_a_command_names_is_reached(procfile: str, variables: dict[str, str], tmp_path: Path) -> None:
    """Its module, and what that imports, wherever the command is written; without a command it is not."""
    site = write_app(tmp_path / "site", INSTALLED)
    app = write_app(tmp_path / "app", {"app.py": "", **({"Procfile": procfile} if procfile else {})})
    found = Reached(scan(app), site, "3.13", Settings(variables)).certainly.modules
    assert {"mailer.cli", "mailer.queue"} <= found.keys()
    other = write_app(tmp_path / "other", {"app.py": ""})
    assert Reached(scan(other), site, "3.13", Settings({})).certainly.modules == {}
