"""Groups that a uv project lists as its default groups are installed; no other group is, without being named."""

from pathlib import Path

import pytest

from manager_context import install, lock_uv, write_app
from python_buildpack.app.project import scan
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.settings.values import Settings
from wheel_index import light

PROJECT = """
[project]
name = "shop"
version = "1"
requires-python = ">=3.9"
[dependency-groups]
dev = ["for-dev"]
prod = ["for-prod"]
[tool.uv.sources]
for-dev = { path = "wheels/for_dev-1-py3-none-any.whl" }
for-prod = { path = "wheels/for_prod-1-py3-none-any.whl" }
[tool.uv]
package = false
"""


@pytest.mark.parametrize("manager", ["uv", "pyproject.toml"])
@pytest.mark.parametrize(
    ("listed", "settings", "installed"),
    [
        ("", {}, set()),
        ("default-groups = []", {}, set()),
        ('default-groups = ["prod"]', {}, {"for_prod"}),
        ('default-groups = "all"', {}, {"for_dev", "for_prod"}),
        ('default-groups = ["prod"]', {"BP_PYTHON_GROUPS": "dev"}, {"for_dev"}),
        ('default-groups = ["prod"]', {"BP_PYTHON_GROUPS": "main"}, set()),
    ],
)
def test_groups_that_the_project_lists_are_installed(
    listed: str, settings: dict[str, str], installed: set[str], manager: str, tmp_path: Path
) -> None:
    """Uv's own default, dev, is for developers; BP_PYTHON_GROUPS names all groups, if it is set."""
    app = write_app(tmp_path / "app", {"pyproject.toml": f"{PROJECT}{listed}\n", "wheels/README": ""})
    for name in ("for-dev", "for-prod"):
        light(name, "1").write(app / "wheels")
    if manager == "uv":
        lock_uv(app, tmp_path / "developer", tmp_path / "layers")
    assert install(manager, app, tmp_path / "build", tmp_path / "layers", settings).names == installed
    declared = manager_named(manager, Settings(settings)).declared(scan(app))
    assert {name.replace("-", "_") for name in declared} == (set() if "BP_PYTHON_GROUPS" in settings else installed)
