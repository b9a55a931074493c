"""Fixtures for tests that build on the local lifecycle, with the checkout as the buildpack."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from built_apps import built, open_to_others
from devkit.interpreters import Source
from devkit.lifecycle.build import build
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built, Failed
from devkit.mirror.make import make_mirror
from devkit.paths import CHECKOUT, kept
from manager_context import write_app

Attempt = Callable[..., Built | Failed]


@pytest.fixture(scope="session")
def mirror() -> Source:
    """Return an inventory of this machine's own Pythons, repacked once and kept."""
    return Source(make_mirror(kept() / "mirror").inventory, is_upstream=False)


@pytest.fixture
def attempt(tmp_path: Path, mirror: Source) -> Attempt:
    """Return a function that builds a directory with the checkout as the buildpack, keeping image and cache."""
    return partial(build_checkout, mirror, tmp_path / "state")


def build_checkout(
    mirror: Source, state: Path, app: Path, env: dict[str, str] | None = None, **options: object
) -> Built | Failed:
    """Build a directory with the checkout as the buildpack; image and cache are kept in ``state``."""
    variables = {"BP_PYTHON_INVENTORY": str(mirror.inventory), **(env or {})}
    return build(Request((CHECKOUT,), app, state, env=variables, **options))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class BuiltOnce:
    """What one build left, image and cache, for tests that begin after a first build.

    An image has the absolute path of its layers in it, so all of them use it at its own place, one after the other.
    """

    state: Path
    copy: Path
    mirror: Source

    def attempt(self, tmp_path: Path) -> Attempt:
        """Return a function that builds a directory after that first build. ``tmp_path`` gets a link to the state."""
        shutil.rmtree(self.state, ignore_errors=True)
        _copy(self.copy, self.state)
        (tmp_path / "state").symlink_to(self.state)
        return partial(build_checkout, self.mirror, self.state)


def build_once(
    factory: pytest.TempPathFactory, mirror: Source, files: Mapping[str, str], env: dict[str, str] | None = None
) -> BuiltOnce:
    """Build an app with these files for the first time, and keep what that leaves."""
    folder = factory.mktemp("built-once")
    open_to_others(folder)
    state, copy = folder / "state", folder / "copy"
    built(build_checkout(mirror, state, write_app(folder / "app", files), env))
    _copy(state, copy)
    return BuiltOnce(state, copy, mirror)


def _copy(source: Path, target: Path) -> None:
    # shutil.copytree takes four times as long for a thousand files.
    subprocess.run([shutil.which("cp") or "cp", "-a", str(source), str(target)], check=True)
