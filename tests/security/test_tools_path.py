"""Poetry and PDM build packages in the run in which they install others: those bring no programs for these builds."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from manager_context import install, lock_pdm, lock_poetry, write_app
from tiny_index import Distribution, source_files, write_page, write_sdist_files
from wheel_index import Wheel, serve_wheels

NAMES = ("git", "gcc", "sh", "pkg-config", "of-the-wheel")
POETRY = """
[tool.poetry]
package-mode = false
[tool.poetry.dependencies]
python = ">=3.9"
built = "1.0"
[[tool.poetry.source]]
name = "here"
url = "{0}/"
priority = "primary"
"""
PDM = """
[project]
name = "shop"
version = "1"
requires-python = ">=3.9"
dependencies = ["built==1.0"]
[tool.pdm]
distribution = false
[[tool.pdm.source]]
name = "pypi"
url = "{0}/"
"""
ASK = """
import json, os, shutil, time
deadline = time.monotonic() + 2
while os.path.exists({venv!r}) and not os.path.exists({venv!r} + "/bin/of-the-wheel") and time.monotonic() < deadline:
    time.sleep(0.02)
found = {{name: shutil.which(name) for name in {names!r}}}
with open({seen!r}, "a") as file:
    file.write(json.dumps([os.path.exists({venv!r} + "/bin/of-the-wheel"), found]) + "\\n")
"""


@pytest.mark.parametrize(("tool", "project", "lock"), [("poetry", POETRY, lock_poetry), ("pdm", PDM, lock_pdm)])
def test_a_package_brings_no_program_for_the_build_of_another(
    tool: str, project: str, lock: Callable[[Path, Path, Path], None], tmp_path: Path
) -> None:
    """The one that is built requires the other, which is installed before, with scripts named as tools are."""
    seen, venv = tmp_path / "seen", tmp_path / "work" / "venv"
    with serve_wheels(tmp_path / "index") as index:
        index.add(Wheel("scripts", "1.0", {"scripts.py": ""}, scripts=dict.fromkeys(NAMES, "scripts:main")))
        made = Distribution(
            "built", requires=("scripts==1.0",), on_build=ASK.format(seen=str(seen), venv=str(venv), names=NAMES)
        )
        folder = index.root / "simple" / "built"
        write_sdist_files(folder, made, source_files(made))
        write_page(folder)
        app = write_app(tmp_path / "app", {"pyproject.toml": project.format(index.url)})
        (tmp_path / "layers").mkdir()
        lock(app, tmp_path / "developer", tmp_path / "layers")
        seen.unlink(missing_ok=True)
        installed = install(tool, app, tmp_path / "work", tmp_path / "layers", {"BP_PYTHON_INSTALLER": tool})
    assert {"built", "scripts"} <= installed.names
    assert (installed.venv / "bin" / "of-the-wheel").stat().st_mode & 0o111
    lines = [json.loads(line) for line in seen.read_text(encoding="utf-8").splitlines()]
    # While it is built, the scripts of the other one are there.
    assert any(is_there for is_there, _ in lines)
    assert not [path for _, found in lines for path in found.values() if path and path.startswith(str(venv))]
