"""What a build backend wrote into the app's directory is put back by builds that reuse the packages."""

import os
from pathlib import Path

import pytest

from cnb.layers import Layers
from python_buildpack.layers.cache import provide_cache
from python_buildpack.layers.dependencies.generated_files import GeneratedFiles, generated_metadata

IDENTITY = "0123456789abcdef0123"


@pytest.fixture
def files(tmp_path: Path) -> GeneratedFiles:
    """Return the files of an app with a version file that is committed, and a module."""
    app = tmp_path / "app"
    (app / "shop").mkdir(parents=True)
    (app / "shop" / "__init__.py").write_text("", encoding="utf-8")
    (app / "shop" / "old.py").write_text("uploaded", encoding="utf-8")
    layers = tmp_path / "layers"
    layers.mkdir()
    return GeneratedFiles(app, provide_cache(Layers(layers), print), tmp_path / "aside")


def install(files: GeneratedFiles) -> dict[str, str]:
    """Write what a backend would, and keep it."""
    before = files.look()
    (files.app / "shop" / "data").mkdir(exist_ok=True)
    (files.app / "shop" / "data" / "made.py").write_text("made", encoding="utf-8")
    (files.app / "shop" / "old.py").write_text("generated", encoding="utf-8")
    metadata = generated_metadata(before, files.look(before))
    files.keep(metadata, IDENTITY)
    return metadata


def as_uploaded(files: GeneratedFiles) -> None:
    (files.app / "shop" / "data" / "made.py").unlink()
    (files.app / "shop" / "data").rmdir()
    (files.app / "shop" / "old.py").write_text("uploaded", encoding="utf-8")


def test_new_and_replaced_files_are_put_back(files: GeneratedFiles) -> None:
    """And an installation after that, in the same build, finds the upload as it was and lists the same files."""
    metadata = install(files)
    as_uploaded(files)
    assert files.is_kept(metadata, IDENTITY)
    assert (files.app / "shop" / "data" / "made.py").read_text(encoding="utf-8") == "made"
    assert (files.app / "shop" / "old.py").read_text(encoding="utf-8") == "generated"
    files.withdraw(metadata)
    assert (files.app / "shop" / "old.py").read_text(encoding="utf-8") == "uploaded"
    assert install(files) == metadata


@pytest.mark.parametrize("path", ["shop/data/made.py", "shop/old.py"])
def test_an_upload_with_something_else_in_the_place_is_not_overwritten(files: GeneratedFiles, path: str) -> None:
    """Someone may have committed the generated file, or changed the one that was replaced: install again."""
    metadata = install(files)
    as_uploaded(files)
    (files.app / path).parent.mkdir(exist_ok=True)
    (files.app / path).write_text("edited", encoding="utf-8")
    assert not files.is_kept(metadata, IDENTITY)
    assert (files.app / path).read_text(encoding="utf-8") == "edited"


def test_looking_changes_no_access_time(files: GeneratedFiles) -> None:
    """Access times show what an installation reads of the app."""
    path = files.app / "shop" / "old.py"
    os.utime(path, (1, path.stat().st_mtime))
    files.look()
    assert path.stat().st_atime == 1


def test_a_file_that_was_written_back_as_it_was_is_not_generated(files: GeneratedFiles) -> None:
    """Some backends put a version into a module, and take it out again."""
    before = files.look()
    (files.app / "shop" / "old.py").write_text("1.2.3", encoding="utf-8")
    (files.app / "shop" / "old.py").write_text("uploaded", encoding="utf-8")
    assert generated_metadata(before, files.look(before)) == {}


def test_new_files_of_an_installation_that_is_given_up_are_removed(files: GeneratedFiles) -> None:
    """It is made again on an older Python, where they would else be taken for files of the upload."""
    before = files.look()
    (files.app / "shop" / "native" / "lib").mkdir(parents=True)
    (files.app / "shop" / "native" / "lib" / "fast.cpython-313.so").write_bytes(b"")
    (files.app / "made.py").write_text("made", encoding="utf-8")
    files.remove_new(before)
    assert sorted(str(path.relative_to(files.app)) for path in files.app.rglob("*")) == [
        "shop", "shop/__init__.py", "shop/old.py",
    ]  # fmt: skip
    assert files.look() == before


def test_of_too_many_files_nothing_is_listed(files: GeneratedFiles) -> None:
    """The list would be in a label of the image; the next build installs again, and generates them anew."""
    before = files.look()
    for number in range(3000):
        (files.app / f"generated_{number:080}.py").touch()
    metadata = generated_metadata(before, files.look(before))
    assert sum(map(len, metadata.values())) < 100
    files.keep(metadata, "identity")
    files.withdraw(metadata)
    assert not files.is_kept(metadata, "identity")
    assert (files.app / f"generated_{1:080}.py").exists()
