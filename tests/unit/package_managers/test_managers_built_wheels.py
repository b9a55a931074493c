"""Which files of the tools' caches are kept as compiled wheels, and for which builds."""

import json
import os
from pathlib import Path

import pytest

from manager_context import Log, write_app
from python_buildpack.package_managers.built_wheels import BuiltWheels, archive_name
from python_buildpack.support.cached_files import CachedFile

UV = "uv-cache/sdists-v11"
PINS = "".join(f"{name}==1.0\n" for name in ("gem", "ruby", "opal", "jade", "pearl", "amber"))


def _files(folder: Path) -> tuple[CachedFile, CachedFile]:
    digests: dict[str, str] = {}
    return CachedFile(folder / "kept.tar.zst", digests), CachedFile(folder / "kept.sources", digests)


def _work(folder: Path, files: dict[str, str]) -> tuple[BuiltWheels, Path]:
    scratch = folder / "scratch"
    scratch.mkdir(parents=True)
    write_app(scratch, files)
    return BuiltWheels(*_files(folder), scratch, Log()), folder / "venv"


def _installed(venv: Path, *names: str, url: str = "") -> None:
    for name in names:
        info = venv / "lib" / "python3.13" / "site-packages" / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        if url:
            (info / "direct_url.json").write_text(json.dumps({"url": url}), encoding="utf-8")


def _wheel(name: str, version: str = "1.0") -> str:
    return f"{name}-{version}-cp313-cp313-linux_x86_64.whl"


def _again(wheels: BuiltWheels, folder: Path, text: str = PINS) -> set[str]:
    """Return what the next build gets."""
    folder.mkdir()
    BuiltWheels(wheels.archive, wheels.sources, folder, wheels.reporter).restore(text)
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_every_tool_gets_back_what_it_needs_to_know_a_wheel(tmp_path: Path) -> None:
    """The revision and metadata of uv, the origin of pip, the wheels of Poetry and PDM; no source, no download."""
    wanted = {
        f"{UV}/pypi/gem/1.0/abc/{_wheel('gem')}": "wheel",
        f"{UV}/pypi/gem/1.0/abc/metadata.msgpack": "m",
        f"{UV}/pypi/gem/1.0/revision.http": "r",
        f"pip-cache/wheels/3/75/{_wheel('ruby')}": "wheel",
        "pip-cache/wheels/3/75/origin.json": '{"url": "https://example.org/ruby-1.0.tar.gz"}',
        f"poetry-cache/artifacts/a/b/{_wheel('opal')}": "wheel",
        f"pdm-cache/wheels/1/2/{_wheel('jade')}": "wheel",
    }
    unwanted = {
        f"{UV}/pypi/gem/1.0/abc/src/gem.c": "source",
        f"{UV}/pypi/gem/1.0/abc/src/vendored/{_wheel('opal')}": "wheel",
        "uv-cache/wheels-v8/pypi/gem.msgpack": "downloaded",
        "pip-cache/http-v2/abc": "downloaded",
        "poetry-cache/artifacts/a/b/opal-1.0.tar.gz": "source",
        f"poetry-cache/artifacts/c/{_wheel('ruby')}": "downloaded",
    }
    wheels, venv = _work(tmp_path, {**wanted, **unwanted})
    _installed(venv, "gem", "ruby", "opal", "jade")
    wheels.keep(venv, PINS, ())
    assert _again(wheels, tmp_path / "again") == set(wanted)


def test_what_is_made_of_local_files_is_made_again(tmp_path: Path) -> None:
    """Their times say nothing here, so a wheel of the app's own sources could be an old one."""
    files = {
        f"{UV}/path/1/{_wheel('gem')}": "w",
        f"{UV}/editable/1/{_wheel('gem')}": "w",
        f"{UV}/index/1/opal/1.0/abc/{_wheel('opal')}": "w",
        f"{UV}/index/1/opal/1.0/revision.rev": "a directory of archives",
        f"pip-cache/wheels/3/{_wheel('ruby')}": "w",
        "pip-cache/wheels/3/origin.json": '{"url": "file:///workspace/ruby-1.0.tar.gz"}',
        f"pdm-cache/wheels/1/2/{_wheel('jade')}": "w",
    }
    wheels, venv = _work(tmp_path, files)
    _installed(venv, "gem", "opal", "ruby")
    _installed(venv, "jade", url="file:///workspace/jade")
    wheels.keep(venv, PINS, ())
    assert not wheels.archive.exists()


def test_only_what_is_installed_stays(tmp_path: Path) -> None:
    """One wheel for each installed distribution, the newest: a second publication replaces the first."""
    old, new = (f"{UV}/pypi/gem/1.0/{revision}/{_wheel('gem')}" for revision in ("old", "new"))
    gone = f"{UV}/pypi/gem/0.9/abc/{_wheel('gem', '0.9')}"
    wheels, venv = _work(tmp_path, {old: "w", new: "w", gone: "w", f"{UV}/pypi/ruby/1.0/x/{_wheel('ruby')}": "w"})
    os.utime(wheels.scratch / old, ns=(1, 1))
    _installed(venv, "gem")
    wheels.keep(venv, PINS, ())
    assert _again(wheels, tmp_path / "again") == {new}
    _installed(tmp_path / "empty", "other")
    wheels.keep(tmp_path / "empty", PINS, ())
    assert not wheels.archive.exists()


def test_a_damaged_file_counts_as_none(tmp_path: Path) -> None:
    """Half a file gives nothing, and no error."""
    wheels, venv = _work(tmp_path, {f"{UV}/pypi/gem/1.0/abc/{_wheel('gem')}": "wheel" * 1000})
    _installed(venv, "gem")
    wheels.keep(venv, PINS, ())
    wheels.archive.path.write_bytes(wheels.archive.path.read_bytes()[:-5])
    assert _again(wheels, tmp_path / "again") == set()


def test_the_same_wheels_make_the_same_file(tmp_path: Path) -> None:
    """A build that changed nothing about them leaves the cache layer as it was, byte for byte."""
    wheels, venv = _work(tmp_path, {f"{UV}/pypi/gem/1.0/abc/{_wheel('gem')}": "w"})
    _installed(venv, "gem")
    wheels.keep(venv, PINS, ())
    first = wheels.archive.path.read_bytes()
    later, _ = _work(tmp_path / "later", {})
    later = BuiltWheels(wheels.archive, wheels.sources, later.scratch, Log())
    later.restore(PINS)
    later.keep(venv, PINS, ())
    assert later.archive.path.read_bytes() == first


@pytest.mark.parametrize("change", ["buildpack", "python", "platform", "CFLAGS", "CPATH"])
def test_wheels_of_another_kind_are_in_another_file(change: str) -> None:
    """What a compiled wheel depends on is in the name; what it does not depend on is not."""
    known = {"buildpack": "1.0.0", "python": "3.13 default", "platform": "linux/amd64 debian 12"}
    env = {"HOME": "/home/cnb"}
    changed = {**known, **({change: "other"} if change in known else {})}
    other = env if change in known else {**env, change: "other"}
    assert archive_name(**known, env=env) != archive_name(**changed, env=other)
    assert archive_name(**known, env=env) == archive_name(**known, env={"HOME": "/elsewhere"})


@pytest.mark.parametrize(
    ("address", "stays"),
    [
        ("https://files.example/gem-1.0.tar.gz", True),
        ("https://files.example/gem-1.0.tar.gz#sha256=00", True),
        ("https://files.example/gem-1.0.tar.gz?sig=t0ken", False),
        ("https://me:t0ken@files.example/gem-1.0.tar.gz", False),
    ],
)
def test_a_wheel_whose_address_may_be_secret_is_not_kept(tmp_path: Path, address: str, stays: bool) -> None:
    """Tools note where a source came from: pip in JSON, uv in the middle of what is no text."""
    files = {
        f"pip-cache/wheels/3/{_wheel('ruby')}": "w",
        "pip-cache/wheels/3/origin.json": json.dumps({"url": address}),
        f"{UV}/url/1/abc/{_wheel('gem')}": "w",
        f"{UV}/url/1/revision.http": f"\0\x01Th{address}\0\0\x02",
    }
    wheels, venv = _work(tmp_path, files)
    _installed(venv, "gem", "ruby")
    wheels.keep(venv, PINS, ())
    assert _again(wheels, tmp_path / "again") == (set(files) if stays else set())


@pytest.mark.parametrize(
    "text", [PINS, PINS + "more==2\n", PINS.replace("ruby==1.0\n", ""), PINS.replace("ruby==1.0", "ruby==1.1"), ""]
)
def test_wheels_are_trusted_together(tmp_path: Path, text: str) -> None:
    """The code of each could change the others, so all are compiled again when one is gone or has another version."""
    wheels, venv = _work(tmp_path, {f"{UV}/pypi/gem/1.0/abc/{_wheel('gem')}": "w"})
    _installed(venv, "gem")
    wheels.keep(venv, PINS, {"ruby"})
    assert bool(_again(wheels, tmp_path / "again", text)) == (text.startswith(PINS))
    assert wheels.archive.exists() == text.startswith(PINS)


def test_what_ran_before_the_last_build_counts_too(tmp_path: Path) -> None:
    """A wheel that is kept on was beside the code of every build since it was compiled."""
    wheels, venv = _work(tmp_path, {f"{UV}/pypi/gem/1.0/abc/{_wheel('gem')}": "w"})
    _installed(venv, "gem")
    wheels.keep(venv, PINS, {"ruby"})
    wheels.keep(venv, PINS, {"opal"})
    assert _again(wheels, tmp_path / "again", PINS.replace("ruby==1.0", "ruby==1.1")) == set()
