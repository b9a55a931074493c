"""Of the wheels that were there before code of packages ran, those that it has not touched are used after it."""

import hashlib
import shutil
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devkit.install_context import install_context, log_of
from manager_context import write_app
from python_buildpack.package_managers.ahead import fetch_ahead
from python_buildpack.package_managers.fetched_wheels import FetchedWheels
from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.ports.interfaces import Command
from wheel_index import Wheel, WheelIndex, light, serve_wheels

ANT = Wheel("ant", "1.0", {"ant/__init__.py": "", "ant/part.py": "part = True\n"})


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WheelIndex]:
    """Return an index with two wheels."""
    with serve_wheels(tmp_path / "index") as index:
        index.add(ANT, light("bee", "1.0"))
        yield index


@pytest.fixture
def context(tmp_path: Path, index: WheelIndex) -> InstallContext:
    """Return the context of an app that requires both, and something that has to be built."""
    files = {"requirements.txt": "ant==1.0\nbee==1.0\n./own\n", "own/setup.py": ""}
    app = write_app(tmp_path / "app", files)
    return install_context(app, tmp_path / "work", tmp_path / "layers", UV_DEFAULT_INDEX=index.url)


def fetched(context: InstallContext) -> FetchedWheels:
    """Fetch what the app requires."""
    found = fetch_ahead(manager_named("requirements.txt", context.settings), context, lambda: False)
    assert found is not None
    return found


def folder_of(context: InstallContext, name: str) -> Path:
    """Return where uv has unpacked a wheel."""
    (info,) = context.uv.cache.glob(f"archive-v*/*/{name}-1.0.dist-info")
    return info.parent


def change(folder: Path) -> None:
    (folder / "ant" / "part.py").write_text("part = None\n", encoding="utf-8")


def change_with_record(folder: Path) -> None:
    """Change a file, and its row in RECORD, so that both fit."""
    new = b"part = None\n"
    (folder / "ant" / "part.py").write_bytes(new)
    record = next(folder.glob("*.dist-info")) / "RECORD"
    digest = urlsafe_b64encode(hashlib.sha256(new).digest()).rstrip(b"=").decode()
    rows = [row for row in record.read_text(encoding="utf-8").splitlines() if not row.startswith("ant/part.py")]
    record.write_text("\n".join([*rows, f"ant/part.py,sha256={digest},{len(new)}", ""]), encoding="utf-8")


def add(folder: Path) -> None:
    (folder / "ant" / "more.py").touch()


def take_away(folder: Path) -> None:
    (folder / "ant" / "part.py").unlink()


def link(folder: Path) -> None:
    """Replace it by a link to a file of the same content, which can be changed later."""
    part = folder / "ant" / "part.py"
    elsewhere = folder.parents[2] / "elsewhere.py"
    shutil.move(part, elsewhere)
    part.symlink_to(elsewhere)


def link_all(folder: Path) -> None:
    """Replace it by a link to a directory with the same content."""
    elsewhere = folder.parents[2] / "elsewhere"
    shutil.move(folder, elsewhere)
    folder.symlink_to(elsewhere)


CHANGES = (change, change_with_record, add, take_away, link, link_all)


@pytest.mark.parametrize("attack", CHANGES)
def test_only_what_is_as_it_was_is_used(
    context: InstallContext, index: WheelIndex, attack: Callable[[Path], None]
) -> None:
    """A changed wheel is downloaded again, the other one is not."""
    wheels = fetched(context)
    attack(folder_of(context, "ant"))
    with wheels.kept():
        context.uv.forget_everything()
    assert [path.name for path in context.uv.cache.glob("archive-v*/*/*.dist-info")] == ["bee-1.0.dist-info"]
    index.downloads.clear()
    fetched(context)
    assert index.downloads == ["ant-1.0-py3-none-any.whl"]
    assert (folder_of(context, "ant") / "ant" / "part.py").read_text(encoding="utf-8") == "part = True\n"
    assert not (context.scratch / "fetched-wheels").exists()


def test_what_uv_has_noted_and_modes_are_those_of_before(context: InstallContext, index: WheelIndex) -> None:
    """Whoever changes them cannot lead uv to another wheel, or hide a file from the user of the image."""
    wheels = fetched(context)
    part = folder_of(context, "ant") / "ant" / "part.py"
    (note,) = context.uv.cache.glob("wheels-v*/**/ant/*.http")
    before = note.read_bytes(), part.stat().st_mode
    note.write_bytes(b"forged")
    part.chmod(0o600)
    pointer = note.with_suffix("")
    pointer.unlink()
    pointer.symlink_to(folder_of(context, "bee"))
    with wheels.kept():
        context.uv.forget_everything()
    assert (note.read_bytes(), (folder_of(context, "ant") / "ant" / "part.py").stat().st_mode) == before
    assert pointer.resolve() == folder_of(context, "ant").resolve()
    index.downloads.clear()
    target = context.scratch / "target"
    argv = (str(context.uv.executable()), "pip", "install", "--target", str(target), "ant==1.0", "bee==1.0")
    finished = context.runner.run(Command(argv, context.uv.environment(context.env)))
    assert (finished.status, index.downloads) == (0, []), log_of(context).said


def test_a_damaged_cache_is_no_error(context: InstallContext) -> None:
    """Code can remove all of it, or put a file in its place."""
    wheels = fetched(context)
    context.uv.forget_everything()
    context.uv.cache.touch()
    with wheels.kept():
        context.uv.forget_everything()
    assert not context.uv.cache.exists()
