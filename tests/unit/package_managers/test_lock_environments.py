"""Locks that say for which environments they were written."""

from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.decide.early import KnownEarly
from python_buildpack.package_managers.lock_environments import LockForOtherSystems
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.settings.values import Settings

PROJECT = '[project]\nname = "shop"\nversion = "1"\n'
MAC = "sys_platform == 'darwin'"
LINUX = "sys_platform == 'linux' and python_version >= '3.12'"


def check(folder: Path, name: str, lock: str, version: str = "3.13.1") -> None:
    files = {"pyproject.toml": PROJECT, f"{name}.lock" if name == "uv" else name: lock}
    manager_named(name).check(KnownEarly(scan(write_app(folder, files)), Settings({}), version))


@pytest.mark.parametrize(("name", "key"), [("uv", "supported-markers"), ("pylock.toml", "environments")])
def test_a_lock_for_other_systems_is_refused_before_anything_is_downloaded(tmp_path: Path, name: str, key: str) -> None:
    """Of uv, or of any tool (PEP 751); one of several environments is enough, and what cannot be read is the tool's."""
    lock = 'lock-version = "1.0"\n{key} = [{markers}]\n\n[[packages]]\nname = "broken\n'
    with pytest.raises(LockForOtherSystems, match=r"darwin'.*the image has Linux and Python 3\.13\.1"):
        check(tmp_path / "mac", name, lock.format(key=key, markers=f'"{MAC}"'))
    with pytest.raises(LockForOtherSystems, match=r"3\.11\.9"):
        check(tmp_path / "old", name, lock.format(key=key, markers=f'\n  "{MAC}",\n  "{LINUX}",\n'), "3.11.9")
    for number, markers in enumerate((f'"{MAC}", "{LINUX}"', "", '"platform_release > 3"', '"("')):
        check(tmp_path / str(number), name, lock.format(key=key, markers=markers))
