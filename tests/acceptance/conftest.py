"""What acceptance tests stand on: the real platform and our own package, both made ready once."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.build_with_pack import served
from devkit.interpreters import Source, find_source
from devkit.machine import machine_arch
from devkit.pack.commands import PlatformUnavailable
from devkit.pack.prepare import Platform, prepare_platform
from devkit.pack.remove import Names
from devkit.packaging.package import Packaged
from shared_package import shared_package

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder: it needs the real platform."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.acceptance)


def _without(what: str) -> None:
    """Skip for a named reason; but fail in CI, where nothing may be left out in silence."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def platform() -> Platform:
    """Return the real platform: an engine, pack, the lifecycle, images without Python and an empty builder."""
    try:
        return prepare_platform()
    except PlatformUnavailable as error:
        _without(f"no real platform: {error}")
        raise


@pytest.fixture(scope="session")
def names() -> Iterator[Names]:
    """Hand out image names of this run alone; at the end the images and their caches are removed."""
    names = Names()
    yield names
    names.remove_all()


@pytest.fixture(scope="session")
def source() -> Source:
    """Return where the interpreters of this run come from: upstream, or this machine's own Pythons."""
    return find_source(machine_arch())


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory, source: Source) -> Packaged:
    """Return the buildpack as users get it, packaged from this checkout: the ``.cnb`` file and the directory."""
    return shared_package(tmp_path_factory, source)


@pytest.fixture(scope="session")
def inventory(source: Source) -> Iterator[dict[str, str]]:
    """Yield the variables that let builds in containers install what this machine can offer."""
    with served(source) as variables:
        yield variables
