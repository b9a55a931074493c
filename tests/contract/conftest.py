"""What contract tests of the buildpack stand on: interpreters of this machine, and the local lifecycle."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devkit.interpreters import Source
from devkit.lifecycle.build import build
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built, Failed
from devkit.mirror.make import make_mirror
from devkit.packaging.package import Packaged
from devkit.paths import CHECKOUT, kept
from devkit.reproduce.twice import readable
from shared_package import shared_package

Attempt = Callable[..., Built | Failed]


@pytest.fixture(scope="session")
def mirror() -> Source:
    """Return an inventory of this machine's own Pythons, repacked once and kept."""
    return Source(make_mirror(kept() / "mirror").inventory, is_upstream=False)


@pytest.fixture(scope="session")
def packaged(mirror: Source, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Packaged]:
    """Yield the packaged buildpack, where any user can read it: pytest's own directory is closed to others."""
    with readable(shared_package(tmp_path_factory, mirror)) as package:
        yield package


@pytest.fixture
def attempt(tmp_path: Path, mirror: Source) -> Attempt:
    """Return a function that builds a directory with the checkout as the buildpack, keeping image and cache."""

    def attempt(app: Path, env: dict[str, str] | None = None, **options: object) -> Built | Failed:
        variables = {"BP_PYTHON_INVENTORY": str(mirror.inventory), **(env or {})}
        return build(Request((CHECKOUT,), app, tmp_path / "state", env=variables, **options))  # type: ignore[arg-type]

    return attempt
