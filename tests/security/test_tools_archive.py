"""The archive of Poetry, Pipenv, PDM or pip in the ``tools`` layer is run only if it is what the last build wrote."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from cnb.layers import Layers
from manager_context import install_context, write_app
from python_buildpack.layers.tools import ARCHIVE, NAME
from python_buildpack.ports.interfaces import Command
from python_buildpack.tools.pinned import PIP


def forge(archive: Path, canary: Path) -> None:
    """Put another program in the place of the tool's Python, as code of an app or of a package could."""
    with tarfile.open(archive) as tar:
        names = tar.getnames()
    with tarfile.open(archive, "w") as tar:
        for name in names:
            if name.endswith("bin/python"):
                script = f"#!/bin/sh\ntouch {canary}\n".encode()
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(script), 0o755
                tar.addfile(entry, io.BytesIO(script))


def run_pip(tmp_path: Path, build: str) -> tuple[str, list[str]]:
    """Run pip as a build does; return its version as it prints it, and the lines of the log."""
    app = tmp_path / "app"
    if not app.exists():
        write_app(app, {"requirements.txt": ""})
    context = install_context(app, tmp_path / build, tmp_path / "layers")
    finished = context.tools.run(PIP, ("--version",), Command((), context.env, show=False))
    return finished.output.partition(" from ")[0], context.reporter.said  # type: ignore[attr-defined]


@pytest.mark.network
def test_a_changed_tool_is_thrown_away(tmp_path: Path) -> None:
    """It is installed anew, with one line in the log, whatever was put in its place; an unchanged one is used."""
    canary, archive = tmp_path / "ran", tmp_path / "layers" / NAME / ARCHIVE
    first, _ = run_pip(tmp_path, "first")
    assert first.startswith("pip ")
    original = archive.read_bytes()

    assert run_pip(tmp_path, "second") == (first, [f"By {first}"])
    for build in ("forged", "pipe", "cut", "endless"):
        forge(archive, canary)
        if build != "forged":
            archive.unlink()
        if build == "pipe":
            os.mkfifo(archive)
        if build == "cut":
            archive.write_bytes(original[:-1024])
        if build == "endless":
            archive.symlink_to("/dev/zero")
        version, said = run_pip(tmp_path, build)
        assert not canary.exists(), build
        assert version == first, build
        assert [line for line in said if line.startswith("Removed from the cache: environment.tar")], build
    assert Layers(tmp_path / "layers").restored_metadata(NAME).keys() == {ARCHIVE}


@pytest.mark.network
def test_a_tool_is_not_installed_from_a_cache_that_others_wrote(tmp_path: Path) -> None:
    """Code that a build ran puts the tool into uv's cache, changed, and makes the directory of an unpacked tool."""
    canary, app = tmp_path / "ran", write_app(tmp_path / "app", {"requirements.txt": ""})
    context = install_context(app, tmp_path / "build", tmp_path / "layers")
    uv = (str(context.uv.executable()), "pip", "install", "--quiet", "--target", str(tmp_path / "theirs"))
    env = context.uv.environment(context.env)
    fetched = context.runner.run(Command((*uv, "--require-hashes", "-r", str(PIP.pins)), env, show=False))
    assert fetched.status == 0, fetched.output
    poisoned = list(context.uv.cache.glob("archive-v*/*/pip/__init__.py"))
    assert poisoned
    for path in poisoned:
        path.write_text(f"open({str(canary)!r}, 'w').close()\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    folder = context.scratch / "unpacked" / "pip" / "bin"
    folder.mkdir(parents=True)
    (folder / "python").write_text(f"#!/bin/sh\ntouch {canary}\n", encoding="utf-8")
    (folder / "python").chmod(0o755)

    for _ in range(2):
        finished = context.tools.run(PIP, ("--version",), Command((), context.env, show=False))
        assert finished.output.startswith("pip ")
    assert not canary.exists()
