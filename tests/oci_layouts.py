"""A small buildpack to package, and how to look into an OCI layout that is in a tar."""

import io
import os
import tarfile
from pathlib import Path
from typing import Any


def make_buildpack(folder: Path, *, mtime: int) -> Path:
    """Write a small buildpack, its files in an order and with times of its own."""
    names = ["buildpack.toml", "bin/build", "bin/detect", "data/notes.txt"]
    for name in names if mtime % 2 else reversed(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n", encoding="utf-8")
        os.utime(path, (mtime, mtime))
    (folder / "buildpack.toml").write_text(
        'api = "0.10"\n[buildpack]\nid = "a/b"\nname = "B"\nversion = "1.2.3"\n', encoding="utf-8"
    )
    (folder / "bin" / "detect").chmod(0o700)
    (folder / "bin" / "build").chmod(0o775)
    (folder / "data" / "link").symlink_to("notes.txt")
    return folder


def members(cnb: Path) -> dict[str, bytes]:
    """Return the files of the OCI layout."""
    with tarfile.open(cnb) as tar:
        return {member.name.lstrip("/"): (tar.extractfile(member) or io.BytesIO()).read() for member in tar}


def blob(files: dict[str, bytes], descriptor: dict[str, Any]) -> bytes:
    """Return the content that an OCI descriptor names, which must be there."""
    return files["blobs/sha256/" + descriptor["digest"].removeprefix("sha256:")]
