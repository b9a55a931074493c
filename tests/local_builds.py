"""Fixtures for tests that build on the local lifecycle, with the checkout as the buildpack."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from devkit.interpreters import Source
from devkit.lifecycle.build import build
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built, Failed
from devkit.mirror.make import make_mirror
from devkit.paths import CHECKOUT, kept

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
