"""What a project's build writes into its source is removed again, whatever it is."""

import subprocess
import sys
from pathlib import Path

from manager_context import CHECKOUT, write_app

WRITE_AND_REMOVE = """
import os, sys
from pathlib import Path
from types import SimpleNamespace
from python_buildpack.package_managers.source_guard import source_unchanged
from python_buildpack.ports.reporter import TextReporter
app, scratch = Path("app"), Path("scratch")
if os.getuid() == 0:
    # For root nothing is read-only.
    os.setuid(65534)
project = SimpleNamespace(uploaded=app, root=app)
context = SimpleNamespace(project=project, env={}, scratch=scratch, reporter=TextReporter(sys.stdout))
with source_unchanged(context):
    (app / "gomod" / "pkg").mkdir(parents=True)
    (app / "gomod" / "pkg" / "go.mod").write_text("")
    os.chmod(app / "gomod" / "pkg", 0o555)
print(sorted(os.listdir(app)))
"""


def test_read_only_directories_are_removed(tmp_path: Path) -> None:
    """As the cache of Go's modules has them."""
    app = write_app(tmp_path / "app", {"main.py": ""})
    (tmp_path / "scratch").mkdir()
    for folder in (tmp_path, app, tmp_path / "scratch"):
        folder.chmod(0o777)
    argv = [sys.executable, "-B", "-c", WRITE_AND_REMOVE]
    env = {"PYTHONPATH": str(CHECKOUT / "src")}
    found = subprocess.run(argv, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.stdout.endswith("['main.py']\n"), found.stderr[-300:]
