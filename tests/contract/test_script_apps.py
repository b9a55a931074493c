"""Apps that are one script with inline metadata (PEP 723): built, locked, and refused with an outdated lock."""

from collections.abc import Callable
from pathlib import Path

import pytest

from built_apps import built, failed, one_line, outcomes
from devkit.lifecycle.results import Built, Failed
from manager_context import lock_script, write_app

pytestmark = pytest.mark.network
Attempt = Callable[..., Built | Failed]
SCRIPT = '# /// script\n# requires-python = ">=3.10,<3.13"\n# dependencies = ["idna==3.10"]\n# ///\nimport idna\n'


def test_a_script_gets_its_python_and_its_dependencies(tmp_path: Path, attempt: Attempt) -> None:
    """From its metadata; an edit of its code keeps the layers; with a lock, from that, which must match."""
    app = write_app(tmp_path / "app", {"report.py": SCRIPT})
    first = built(attempt(app))
    assert "3.12.1, because report.py (requires-python) asks for >=3.10,<3.13" in " ".join(first.log.split())
    assert "idna 3.10" in first.log
    write_app(app, {"report.py": f"{SCRIPT}print(idna)\n"})
    assert outcomes(built(attempt(app)))["dependencies"] == "by reference"
    lock_script(app, "report.py", tmp_path / "work", tmp_path / "layers")
    assert "report.py.lock says which versions" in one_line(built(attempt(app)).log)
    write_app(app, {"report.py": SCRIPT.replace("3.10", "3.11")})
    assert "report.py.lock does not match the metadata in report.py" in failed(attempt(app))
