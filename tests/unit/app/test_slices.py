"""Which trees of the app get layers of their own: big ones without code, by what is measured."""

import os
from pathlib import Path

import pytest

from python_buildpack.app.slices import FEWEST_FILES, LEAST_BYTES, MOST, look_at_upload

MANY = FEWEST_FILES
LARGE = b"x" * LEAST_BYTES


def write(root: Path, *files: str, content: bytes = b"x") -> None:
    """Write files with their folders."""
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def many(folder: str, number: int = MANY, suffix: str = ".css") -> list[str]:
    """Return the names of many files in a folder."""
    return [f"{folder}/{index % 7}/{index}{suffix}" for index in range(number)]


def paths(root: Path) -> list[str]:
    """Return the paths of all slices, in their order."""
    return [path for each in look_at_upload(root).slices for path in each.paths]


def test_many_files_without_code_are_a_slice(tmp_path: Path) -> None:
    """The outermost folder without code is taken, not each of its folders; one file fewer is too few."""
    write(tmp_path, "app.py", "shop/views.py", *many("shop/static"), *many("assets", MANY - 1))
    assert paths(tmp_path) == ["shop/static"]


def test_large_files_are_a_slice(tmp_path: Path) -> None:
    """A model beside the code as well as a folder of data; a file one byte smaller is not large."""
    write(tmp_path, "app.py")
    write(tmp_path, "model.onnx", "data/a.bin", content=LARGE)
    write(tmp_path, "small.bin", content=LARGE[1:])
    assert paths(tmp_path) == ["data", "model.onnx"]


def test_code_inside_is_left_out(tmp_path: Path) -> None:
    """Of a folder with code only what has none inside of it counts; folders of other tools are no code of the app."""
    write(tmp_path, "app.py", *many("web/node_modules"), "web/node_modules/gyp/gyp.py", "web/serve.py")
    write(tmp_path, *many("tests", suffix=".py"), *many("tests/fixtures", suffix=".json"), *many("lib", suffix=".pyc"))
    assert paths(tmp_path) == ["tests/fixtures", "web/node_modules"]


@pytest.mark.parametrize("folder", [".git", ".hg"])
def test_what_changes_with_every_commit_is_no_slice(folder: str, tmp_path: Path) -> None:
    """The objects of a repository would be exported anew in any case."""
    write(tmp_path, "app.py", *many(folder))
    assert paths(tmp_path) == []


def test_an_app_without_code_has_no_slices(tmp_path: Path) -> None:
    """It is one layer already."""
    write(tmp_path, *many("static"))
    assert paths(tmp_path) == []


def test_special_characters_are_escaped(tmp_path: Path) -> None:
    """The lifecycle reads patterns; a name that TOML cannot have is left in the app's own layer."""
    write(tmp_path, "app.py", *many("a[1]*"), *many("b\\c"), *many("line\nbreak"), *many(os.fsdecode(b"\xff")))
    assert paths(tmp_path) == ["a\\[1\\]\\*", "b\\\\c"]


def test_there_are_only_so_many_slices(tmp_path: Path) -> None:
    """What is more shares the last one."""
    write(tmp_path, "app.py")
    write(tmp_path, *(f"{index:02}/model" for index in range(MOST + 2)), content=LARGE)
    assert [len(each.paths) for each in look_at_upload(tmp_path).slices] == [1] * (MOST - 1) + [3]


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link to the folder itself, or out of the app, is one small entry."""
    write(tmp_path, "app/app.py", *many("elsewhere"))
    (tmp_path / "app" / "static").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "app" / "self").symlink_to(tmp_path / "app")
    assert paths(tmp_path / "app") == []


def test_very_deep_folders_end_no_build(tmp_path: Path) -> None:
    """What is in them stays in the app's own layer, and what is beside them is found."""
    write(tmp_path, "app.py", *many("static"))
    deep = tmp_path / "deep"
    for _ in range(300):
        deep.mkdir()
        deep = deep / "d"
    assert paths(tmp_path) == ["static"]


def test_a_folder_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    """It is the exporter that has to read it."""
    write(tmp_path, "app.py", *many("static"))
    assert paths(tmp_path / "missing") == []
