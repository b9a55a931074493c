"""Which downloaded wheels are kept for later builds, and which never; with the real uv and a real index."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnb.frozen import replace
from devkit.install_context import build_environment
from devkit.paths import CHECKOUT
from python_buildpack.installed.dist_info import read_dist_infos, site_packages
from python_buildpack.installed.virtual_environment import create_environment
from python_buildpack.package_managers.kept_wheels import InstallWatch, KeptWheels
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.support.growing_file import GrowingFile
from python_buildpack.tools.uv import Uv
from tiny_index import Distribution, write_sdist
from wheel_index import WheelIndex, light, serve_wheels


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WheelIndex]:
    """Return an index with some wheels."""
    with serve_wheels(tmp_path / "index") as index:
        index.add(light("ant", "1.0"), light("bee", "1.0"), light("cat", "1.0"))
        yield index


@pytest.fixture
def archive(tmp_path: Path) -> GrowingFile:
    """Return an empty cache."""
    return GrowingFile(CachedFile(tmp_path / "base.tar.zst"), CachedFile(tmp_path / "added.tar.zst"))


def restored(kept: KeptWheels) -> set[str]:
    """Return what later builds have."""
    return {*kept.base, *kept.added}


class Work:
    """The temporary files of one build."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scratch = folder / "scratch"
        self.scratch.mkdir(parents=True)
        uv = Uv(CHECKOUT, self.scratch, Path(sys.executable))
        self.watch = InstallWatch(SubprocessRunner(), uv.executable())
        self.env = {**uv.environment(build_environment(folder / "home")), "UV_NO_CONFIG": "1"}
        self.venv = folder / "venv"
        create_environment(Path(sys.executable), self.venv, {}, SubprocessRunner())

    def install(self, *words: str) -> None:
        """Install by uv, as a build does."""
        argv = (str(self.watch.uv), "pip", "install", "--python", str(self.venv / "bin" / "python"), *words)
        finished = self.watch.run(Command(argv, self.env, show=False))
        assert finished.status == 0, finished.output

    @property
    def installed(self) -> dict[str, str]:
        """Return what is installed."""
        return {info.name: info.version for info in read_dist_infos(site_packages(self.venv))}


def test_a_later_build_installs_what_was_kept_without_the_index(
    tmp_path: Path, index: WheelIndex, archive: GrowingFile
) -> None:
    """All but the heavy ones, and what is not installed; what a resolution has downloaded is not used."""
    first = Work(tmp_path / "first")
    first.install("--index-url", index.url, "ant", "bee", "cat")
    assert not first.watch.ran
    KeptWheels(archive, first.scratch).keep({"ant": "1.0.0", "bee": "1.0"}, {"bee"})
    later = Work(tmp_path / "later")
    later.install("--index-url", index.url, "cat")
    kept = KeptWheels(archive, later.scratch)
    kept.restore()
    index.downloads.clear()
    later.install("--index-url", index.url, "--reinstall-package", "cat", "ant", "cat")
    assert index.downloads == ["cat-1.0-py3-none-any.whl"]
    before = dict(archive.added.digests)
    kept.keep({"ant": "1.0"}, ())
    assert archive.added.digests == before
    kept.keep({}, ())
    assert not archive.added.path.exists()


def test_what_may_hold_a_login_is_not_kept(tmp_path: Path, index: WheelIndex, archive: GrowingFile) -> None:
    """A token in the address of a wheel, which uv notes, is in no file; the other wheels are."""
    work = Work(tmp_path / "work")
    address = f"{index.url}/ant/ant-1.0-py3-none-any.whl"
    work.install("--index-url", index.url, f"ant @ {address}?token=s3cret", "bee")
    KeptWheels(archive, work.scratch).keep(work.installed, ())
    later = tmp_path / "later"
    KeptWheels(archive, later).restore()
    texts = [path.read_bytes() for path in later.rglob("*") if path.is_file()]
    assert not any(b"s3cret" in text or b"ant-1.0" in text for text in texts)
    assert any(b"bee" in text for text in texts)


def test_what_was_downloaded_before_code_runs_can_be_kept(tmp_path: Path, index: WheelIndex) -> None:
    """The watch says so before the next program runs, once, and not after code has run."""
    sdist = write_sdist(tmp_path / "sdists", Distribution("made"))
    work = Work(tmp_path / "work")
    kept: list[dict[str, str]] = []
    work.watch = replace(work.watch, keep=lambda: kept.append(work.installed))
    work.install("--index-url", index.url, "ant")
    assert kept == []
    work.install("--no-index", str(sdist))
    work.install("--index-url", index.url, "bee")
    assert (kept, bool(work.watch.ran)) == ([{"ant": "1.0"}], True)


@pytest.mark.parametrize("quiet", [False, True])
def test_code_of_a_package_is_seen(tmp_path: Path, index: WheelIndex, *, quiet: bool) -> None:
    """What builds is said before it is built; after silence, code may have run."""
    sdist = write_sdist(tmp_path / "sdists", Distribution("made"))
    work = Work(tmp_path / "work")
    work.install(*(("--quiet", "--index-url", index.url, "ant") if quiet else ("--no-index", str(sdist))))
    assert work.watch.ran


def test_the_smallest_wheels_are_kept_within_the_bound(
    tmp_path: Path, index: WheelIndex, archive: GrowingFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the cache, which every build restores, does not grow without end."""
    work = Work(tmp_path / "work")
    index.add(light("dog" * 20, "1.0"))
    work.install("--index-url", index.url, "ant", "dog" * 20)
    monkeypatch.setattr("python_buildpack.package_managers.kept_wheels.MOST", 500)
    KeptWheels(archive, work.scratch).keep(work.installed, ())
    again = KeptWheels(archive, tmp_path / "later")
    again.restore()
    assert [path.rpartition("/")[0].rpartition("/")[2] for path in restored(again)] == ["ant"]


def test_one_wheel_of_a_version_is_kept(tmp_path: Path, index: WheelIndex, archive: GrowingFile) -> None:
    """After another Python or index, the wheel of before is of no use; it goes, however often the build keeps."""
    first = Work(tmp_path / "first")
    first.install("--index-url", index.url, "ant", "bee")
    KeptWheels(archive, first.scratch).keep(first.installed, ())
    with serve_wheels(tmp_path / "other") as other:
        other.add(light("ant", "1.0"))
        second = Work(tmp_path / "second")
        kept = KeptWheels(archive, second.scratch)
        kept.restore()
        before = restored(kept)
        second.install("--index-url", other.url, "ant")
        second.install("--index-url", index.url, "bee")
    for _ in range(2):
        kept.keep(second.installed, ())
        again = KeptWheels(archive, tmp_path / "later")
        again.restore()
        assert sorted(Path(path).parent.name for path in restored(again)) == ["ant", "bee"]
        assert len(restored(again) & before) == 1


@pytest.mark.parametrize("of_everything", [False, True])
def test_what_changes_little_leaves_the_first_file_as_it_is(
    tmp_path: Path, index: WheelIndex, archive: GrowingFile, monkeypatch: pytest.MonkeyPatch, *, of_everything: bool
) -> None:
    """One more wheel of three is in the second file; with three more, all are in the first one again."""
    monkeypatch.setattr("python_buildpack.support.growing_file._SMALL", 0)
    first = Work(tmp_path / "first")
    first.install("--index-url", index.url, "ant", "bee", "cat")
    KeptWheels(archive, first.scratch).keep(first.installed, ())
    before = archive.base.path.read_bytes()
    more = ("dog", "eel", "fox") if of_everything else ("dog",)
    index.add(*(light(name, "1.0") for name in more))
    second = Work(tmp_path / "second")
    kept = KeptWheels(archive, second.scratch)
    kept.restore()
    index.downloads.clear()
    second.install("--index-url", index.url, "ant", "bee", "cat", *more)
    assert len(index.downloads) == len(more)
    kept.keep(second.installed, ())
    assert (archive.base.path.read_bytes() == before, archive.added.exists()) == (not of_everything, not of_everything)
    again = KeptWheels(archive, tmp_path / "later")
    again.restore()
    assert {Path(path).parent.name for path in restored(again)} == {"ant", "bee", "cat", *more}
