"""A lock of uv with an index that is a directory of the project, built elsewhere than it was written."""

import shutil
from pathlib import Path

from manager_context import install, lock_uv, write_app
from private_network import write_wheel
from python_buildpack.app.project import scan
from python_buildpack.package_managers.uv_lock_places import with_own_places

PROJECT = """\
[project]
name = "shop"
version = "1"
requires-python = ">=3.10"
dependencies = ["alpha"]
[[tool.uv.index]]
name = "company"
url = "./wheels/own"
format = "flat"
explicit = true
[tool.uv.sources]
alpha = { index = "company" }
"""


def test_a_lock_with_a_directory_as_index_is_installed_in_another_place(tmp_path: Path) -> None:
    """Uv alone refuses it there; and what was uploaded is as it was."""
    developers = write_app(tmp_path / "developers" / "shop", {"pyproject.toml": PROJECT})
    (developers / "wheels" / "own").mkdir(parents=True)
    write_wheel(developers / "wheels" / "own", "alpha")
    lock_uv(developers, tmp_path / "lock", tmp_path / "layers")
    lock = (developers / "uv.lock").read_bytes()
    assert str(developers).encode() in lock, "uv writes no address of its place any more: this module has had its day"
    app = tmp_path / "workspace"
    shutil.move(developers, app)
    installed = install("uv", app, tmp_path / "work", tmp_path / "layers")
    assert installed.names == {"alpha"}
    assert (app / "uv.lock").read_bytes() == lock


def test_another_package_still_makes_the_lock_out_of_date(tmp_path: Path) -> None:
    """The lock stays enforced: only addresses of the project's own directories are another's."""
    app = write_app(tmp_path / "app", {"pyproject.toml": PROJECT})
    lock = 'requires-dist = [\n    { name = "alpha", index = "file:///home/me/shop/wheels/own" },\n'
    other = '    { name = "beta", index = "https://wheels/own" },\n    { name = "c", index = "file:///x/wheels" },\n]\n'
    here = f"file://{app}/wheels/own"
    changed = with_own_places(lock + other, scan(app))
    assert changed == lock.replace("file:///home/me/shop/wheels/own", here) + other
