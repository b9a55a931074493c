"""A build on genuine python-build-standalone bits, not on a repacked interpreter."""

from collections.abc import Callable
from pathlib import Path

import pytest

from devkit.lifecycle.launch import launch
from devkit.lifecycle.results import Built, Failed
from devkit.mirror.genuine import add_genuine
from devkit.paths import kept

Attempt = Callable[..., Built | Failed]


@pytest.mark.network
def test_upstreams_own_build_is_installed_and_runs(attempt: Attempt, tmp_path: Path) -> None:
    """It is unpacked, patched, slimmed, compiled and smoke-tested; an app with a compiled wheel runs on it."""
    folder = kept() / "genuine"
    add_genuine(folder)
    app = tmp_path / "app"
    app.mkdir()
    (app / "requirements.txt").write_text("markupsafe\n", encoding="utf-8")
    code = "import markupsafe._speedups, ssl, sqlite3, sysconfig\nprint(sysconfig.get_config_var('CC'), 'genuine')\n"
    (app / "main.py").write_text(code, encoding="utf-8")
    result = attempt(app, {"BP_PYTHON_INVENTORY": str(folder / "inventory.toml")})
    assert isinstance(result, Built), result.log
    with launch(tmp_path / "state") as running:
        assert running.wait() == 0, running.log
        assert running.log.startswith("cc ")
        assert "genuine" in running.log
