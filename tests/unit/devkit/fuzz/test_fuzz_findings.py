"""What long runs of ``python -m devkit.fuzz`` found, each once and for all."""

from pathlib import Path

import pytest

from cnb.buildpack_plan import BuildpackPlanInvalid, parse_buildpack_plan
from cnb.descriptor import DescriptorUnusable, parse_descriptor
from cnb.layer_metadata import Recorded, read_record
from python_buildpack.app.documents import ProjectFileInvalid, parse_toml, read_toml
from python_buildpack.app.project import Project
from python_buildpack.decide.labels import read_metadata
from python_buildpack.installed.conflicts import find_conflicts
from python_buildpack.installed.dist_info import UnreadableDirectUrl, read_direct_url
from python_buildpack.installed.scrub_credentials import scrub_credentials
from python_buildpack.layers.packages.reusable import MetadataCache
from python_buildpack.package_managers.locked import read_locked
from python_buildpack.package_managers.pip_needed import reason_for_pip
from python_buildpack.package_managers.requirement_files import read_requirement_files
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.support.stored_tree import store_tree

DEEP = "[" * 100_000


def test_an_origin_that_is_nested_too_deep(tmp_path: Path) -> None:
    """A package whose origin cannot be read counts as one that comes from elsewhere, and its origin is removed."""
    info = tmp_path / "a-1.dist-info"
    info.mkdir()
    (info / "direct_url.json").write_text(DEEP, encoding="utf-8")
    assert read_direct_url(info / "direct_url.json") == UnreadableDirectUrl()
    scrub_credentials(tmp_path, tmp_path)
    assert not (info / "direct_url.json").exists()


@pytest.mark.parametrize("text", ['{"url": 5}', '{"url": null}', '{"url": ["https://u:p@h"]}', "5", "[]"])
def test_an_origin_of_another_kind(tmp_path: Path, text: str) -> None:
    """Nobody can say what is in it, so it does not stay."""
    info = tmp_path / "a-1.dist-info"
    info.mkdir()
    (info / "direct_url.json").write_text(text, encoding="utf-8")
    scrub_credentials(tmp_path, tmp_path)
    assert not (info / "direct_url.json").exists()


def test_kept_metadata_that_is_nested_too_deep(tmp_path: Path) -> None:
    """A cache with that in it is one without anything."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "groups.json").write_text(DEEP, encoding="utf-8")
    archive = CachedFile(tmp_path / "archive")
    store_tree(tmp_path / "kept", archive)
    assert MetadataCache(tmp_path / "out").unpack(archive) == ()


def test_a_number_of_thousands_of_digits_makes_no_label() -> None:
    """Who needs pyproject.toml for more than that complains about it."""
    project = Project(Path("/app"), texts={"pyproject.toml": f"[project]\nname = 'a'\nx = {'9' * 5000}\n"})
    assert read_metadata(project) == {}


@pytest.mark.parametrize("wrong", [{"targets": 5}, {"targets": [5]}, {"buildpack": 5}, {"targets": [{"distros": 5}]}])
def test_a_descriptor_with_values_of_another_kind(wrong: dict[str, object]) -> None:
    """It is refused, with the name of the file."""
    right = {"api": "0.10", "buildpack": {"id": "a", "version": "1"}}
    with pytest.raises(DescriptorUnusable, match=r"buildpack\.toml"):
        parse_descriptor(right | wrong)


@pytest.mark.parametrize("entries", [5, [5], [{}], [{"name": 5}], [{"name": "python", "metadata": 5}]])
def test_a_plan_with_values_of_another_kind(entries: object) -> None:
    """It is the platform's fault, and reported as that."""
    with pytest.raises(BuildpackPlanInvalid, match="In the buildpack plan"):
        parse_buildpack_plan({"entries": entries})


def test_a_key_of_many_parts_is_refused_at_once() -> None:
    """The standard library would take minutes for it."""
    project = Project(Path("/app"), texts={"pyproject.toml": "[a]\nb = 1\n" + "a." * 1_000_000 + "a = 1\n"})
    with pytest.raises(ProjectFileInvalid, match=r"a key of more than 100 parts \(at line 3\)"):
        read_toml(project, "pyproject.toml")


@pytest.mark.parametrize("text", ["x" * 4_000_000, "a." * 99 + "\n" + "b." * 2_000_000])
def test_the_search_for_such_keys_takes_linear_time(text: str) -> None:
    """No word and no chain is looked at twice; otherwise this test would not end."""
    with pytest.raises(ProjectFileInvalid):
        parse_toml(f"{text}=", "pyproject.toml", "")


def test_a_recorded_value_that_is_nested_deep(tmp_path: Path) -> None:
    """It makes the layer one with another key, as any value that is none of ours."""
    content = f"[metadata.key]\nversion{'.a' * 99} = 1\n".encode()
    assert read_record(content, tmp_path / "layer.toml") == Recorded({"version": "something else"}, {})


def test_a_locked_version_of_thousands_of_digits_is_none() -> None:
    """Python refuses to convert it; the installer says what it thinks of it."""
    packages = [{"name": "flask", "version": "9" * 5000}, {"name": "django", "version": "5.0"}]
    assert read_locked(packages, {"flask", "django"}).versions.keys() == {"django"}


@pytest.mark.parametrize("name", ["{" * 5000, "a\0b"])
def test_a_place_that_cannot_exist_is_missing(name: str, tmp_path: Path) -> None:
    """Its name is too long for any file, or has a NUL in it."""
    (tmp_path / "requirements.txt").write_text(f"--find-links ./{name}\n", encoding="utf-8")
    project = Project(tmp_path, texts={"requirements.txt": f"--find-links ./{name}\n"})
    files = read_requirement_files(project, "requirements.txt")
    assert "looks for" in str(reason_for_pip(project, files, {}))


@pytest.mark.parametrize("line", [f"two>={'9' * 5000}", f"two; python_full_version > '{'9' * 5000}'"])
def test_metadata_with_numbers_of_thousands_of_digits(line: str, tmp_path: Path) -> None:
    """It is no conflict, and no error of the buildpack."""
    for name, needs in {"one": f"Requires-Dist: {line}\nRequires-Python: >={'9' * 5000}\n", "two": ""}.items():
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}")
    assert find_conflicts(tmp_path, "3.13.1") == ()
