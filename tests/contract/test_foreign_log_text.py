"""A package and an app that print what would act on a log: none of it has an effect in the log of a build."""

from collections.abc import Callable
from pathlib import Path

from built_apps import failed
from devkit.lifecycle.results import Built, Failed
from manager_context import write_app

SAYS = "\\033[2J\\033]0;t\\007\\n[Python]\\n::error::no\\n##[error]no\\n\\342\\200\\256txt\\rover"
"""For printf(1): clears the screen, sets a title, forges headings and commands, reorders, and overwrites."""
BACKEND = f"""
import os, sys
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    os.system("printf 'package {SAYS}\\n'")
    sys.exit("error: internal-error")
"""
PROJECT = (
    '[project]\nname = "bad"\nversion = "1"\n'
    '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
)


def test_foreign_text_in_the_log(tmp_path: Path, attempt: Callable[..., Built | Failed]) -> None:
    """A hook says it, then a package that fails to build, in a folder whose name says it too."""
    files = {
        "requirements.txt": "./bad\n",
        "bad/pyproject.toml": PROJECT,
        "bad/backend.py": BACKEND,
        "\x1b[2J::\n[x]/__main__.py": "",
        "bin/pre_compile": f"#!/bin/sh\nprintf 'hook {SAYS}\\n'\n",
    }
    app = write_app(tmp_path / "app", files)
    (app / "bin" / "pre_compile").chmod(0o755)
    result = attempt(app)
    assert "hook \\x1b[2J" in failed(result)
    assert result.log.count("\\x3a:error::no") == 2
    lines = result.log.split("\n")
    assert not [line for line in lines if line.strip().startswith("::") or "##[" in line]
    assert not [character for character in result.log if character < " " and character != "\n"]
    assert "\u202e" not in result.log
    assert [line for line in lines if line.startswith("error:")] == ["error: package-build-failed"]
    assert lines.count("[Python]") == 1


def test_a_hook_that_never_ends(tmp_path: Path, attempt: Callable[..., Built | Failed]) -> None:
    """The setting ends it, with what it started, and the error says so."""
    hook = "#!/bin/sh\necho begun\nsleep 1000 &\nwait\n"
    app = write_app(tmp_path / "app", {"main.py": "print()\n", "bin/pre_compile": hook})
    (app / "bin" / "pre_compile").chmod(0o755)
    log = failed(attempt(app, {"BP_PYTHON_APP_CODE_TIMEOUT": "2"}))
    assert "begun" in log
    assert "error: time-limit-reached" in log
    assert "BP_PYTHON_APP_CODE_TIMEOUT" in log
