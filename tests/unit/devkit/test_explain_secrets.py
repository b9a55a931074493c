"""What ``./dev explain`` prints of an app that has secrets: nothing of them."""

import argparse
import json
from pathlib import Path

import pytest

from devkit.verbs.explain import run

SECRET = "cAnary/Zz9"  # noqa: S105 - it opens nothing


def explain(app: Path, *env: tuple[str, str], as_json: bool = True) -> int:
    """Do as the command line does."""
    return run(argparse.Namespace(app=app, env=list(env), json=as_json))


@pytest.mark.parametrize("as_json", [True, False])
def test_a_recipe_shows_no_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    """Neither one of the environment that a Procfile repeats, nor one in a URL of the app's own files."""
    (tmp_path / "requirements.txt").write_text(f"-i https://me:{SECRET[:6]}-two@host.invalid/simple\ngunicorn\n")
    line = f"web: gunicorn app:app --token {SECRET} --db=postgres://u:three@db/x --again {SECRET[:6]}-two\n"
    (tmp_path / "Procfile").write_text(line)
    assert explain(tmp_path, ("API_TOKEN", SECRET), as_json=as_json) == 0
    out = capsys.readouterr().out
    assert "cAnary" not in out
    assert "three" not in out
    assert "gunicorn" in out
    if as_json:
        assert json.loads(out)["processes"]


def test_an_error_shows_no_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the error quotes is redacted as the build's log would be."""
    (tmp_path / "requirements.txt").write_text("")
    assert explain(tmp_path, ("API_TOKEN", SECRET), ("BP_PYTHON_VERSION", f"3.{SECRET}")) == 1
    out, err = capsys.readouterr()
    assert "Zz9" not in out + err
    assert "BP_PYTHON_VERSION" in err
