"""Version files as people have them, and every version that DigitalOcean's page offers, against the real inventory."""

from pathlib import Path

import pytest

from cnb.errors import BuildpackError
from python_buildpack.app.documents import ProjectFileInvalid
from python_buildpack.app.project import ProjectFileUnreadable, scan
from python_buildpack.decide.version_sources.interface import Declaration
from python_buildpack.decide.version_sources.registry import VERSION_SOURCES
from python_buildpack.interpreters.inventory import Inventory, parse_inventory
from python_buildpack.interpreters.request import PythonVersionInvalid
from python_buildpack.interpreters.resolve import PythonVersionUnknown, resolve
from python_buildpack.settings.values import Settings

CHECKOUT = Path(__file__).resolve().parents[4]
OFFERED = [
    f"3.{minor}.{patch}"
    for minor, patches in {
        9: range(12, 21),
        10: range(4, 16),
        11: range(11),
        12: range(8),
        13: range(6),
    }.items()
    for patch in patches
]
"""The exact versions of https://docs.digitalocean.com/products/app-platform/reference/buildpacks/python/."""


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    """Return the inventory that is shipped."""
    path = CHECKOUT / "inventory.toml"
    return parse_inventory(path.read_bytes(), path.name)


def declared(folder: Path, name: str, raw: bytes) -> Declaration:
    """Return what the only version file of an app declares."""
    (folder / name).write_bytes(raw)
    project = scan(folder)
    (found,) = (found for source in VERSION_SOURCES if (found := source.read(project, Settings({}))) is not None)
    return found


@pytest.mark.parametrize("version", OFFERED)
@pytest.mark.parametrize(("name", "form"), [("runtime.txt", "python-{}\n"), (".python-version", "{}\n")])
def test_every_version_that_digitalocean_offers(
    tmp_path: Path, inventory: Inventory, version: str, name: str, form: str
) -> None:
    """Moving here needs no change; where a release was never built, the error names the nearest that was."""
    request = declared(tmp_path, name, form.format(version).encode()).request
    minor, _, patch = version.rpartition(".")
    there = {found.version.micro for found in inventory.interpreters if found.minor == minor and found.arch == "amd64"}
    if int(patch) in there:
        assert str(resolve(request, inventory, "amd64").version) == version
        return
    nearest = min(there, key=lambda micro: abs(micro - int(patch)))
    with pytest.raises(PythonVersionUnknown) as caught:
        resolve(request, inventory, "amd64")
    assert f"{minor}.{nearest}" in caught.value.what
    assert name in caught.value.cure


@pytest.mark.parametrize(
    ("raw", "version"),
    [
        (b"3.12", "3.12."),
        (b"3.12.1\r\n", "3.12.1"),
        (b"3.12.1\r", "3.12.1"),
        (b"\xef\xbb\xbf3.12.1\n", "3.12.1"),
        (b"# ours\n\n  3.12.1  # pinned\n", "3.12.1"),
        (b"3.12.1\n3.11.4\n", "3.12.1"),
        (b"3.12.1 3.11.4\n", "3.12.1"),
        (b"cpython-3.12.1\n", "3.12.1"),
        (b"cpython@3.12.1\n", "3.12.1"),
        (b"cpython-3.12.1-linux-x86_64-gnu\n", "3.12.1"),
        (b"cpython-3.12-macos-aarch64-none\n", "3.12."),
        (b"python-3.12.1\n", "3.12.1"),
        (b">=3.10,<3.13\n", "3.12."),
        (b">=3.10, <3.13\n", "3.12."),
        (b"~=3.12.0\n", "3.12."),
        (b"==3.12.*\n", "3.12."),
        (b"3.13t\n", "3.13."),
        (b"cpython-3.13.1+freethreaded-linux-x86_64-gnu\n", "3.13.1"),
    ],
)
def test_what_a_python_version_file_may_hold(tmp_path: Path, inventory: Inventory, raw: bytes, version: str) -> None:
    """As pyenv, uv, Windows editors and people write it."""
    request = declared(tmp_path, ".python-version", raw).request
    assert str(resolve(request, inventory, "amd64").version).startswith(version)
    assert request.variant == ("freethreaded" if b"t\n" in raw[-3:] or b"free" in raw else "default")


@pytest.mark.parametrize(
    ("raw", "error", "word"),
    [
        ("3.12\n".encode("utf-16"), ProjectFileUnreadable, "UTF-16"),
        (b"3.12\x00\n", ProjectFileUnreadable, "NUL"),
        (b"3.12\xff\n", ProjectFileUnreadable, "UTF-8"),
        ("3.12\u200b\n".encode(), PythonVersionInvalid, "zero width space"),
        ("3.12\u00a0\n".encode(), None, ""),
        (b"pypy\n", PythonVersionInvalid, "CPython only"),
        (b"pypy3.10-7.3.12\n", PythonVersionInvalid, "CPython only"),
        (b"system\n", PythonVersionInvalid, "the Python of the machine"),
        (b"latest\n", PythonVersionInvalid, "change over time"),
        (b"my-project-env\n", PythonVersionInvalid, "my-project-env"),
        (b"^3.12\n", PythonVersionInvalid, "Poetry"),
        (b"3,12\n", PythonVersionInvalid, "3,12"),
        (b"", ProjectFileInvalid, "no version"),
        (b"# 3.12\n", ProjectFileInvalid, "no version"),
    ],
)
def test_what_is_explained(tmp_path: Path, raw: bytes, error: type[BuildpackError] | None, word: str) -> None:
    """What cannot be a version is shown as it is, invisible characters by their names."""
    if error is None:
        assert declared(tmp_path, ".python-version", raw).request.text == "3.12"
        return
    with pytest.raises(error) as caught:
        declared(tmp_path, ".python-version", raw)
    assert word in caught.value.what
