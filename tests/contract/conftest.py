"""What contract tests of the buildpack stand on: interpreters of this machine, and the local lifecycle."""

from collections.abc import Iterator

import pytest

from devkit.interpreters import Source
from devkit.packaging.package import Packaged
from devkit.reproduce.twice import readable
from local_builds import attempt, mirror
from shared_package import shared_package

__all__ = ["attempt", "mirror"]


@pytest.fixture(scope="session")
def packaged(mirror: Source, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Packaged]:
    """Yield the packaged buildpack, where any user can read it: pytest's own directory is closed to others."""
    with readable(shared_package(tmp_path_factory, mirror)) as package:
        yield package
