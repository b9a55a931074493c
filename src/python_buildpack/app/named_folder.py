"""The folder of the upload that a variable of another builder names, such as Heroku's PROJECT_PATH."""

import os
import posixpath
from collections.abc import Mapping
from pathlib import Path

from python_buildpack.app.known_files import is_known
from python_buildpack.settings.table import SUBDIRECTORY


def named_by_others(upload: Path, env: Mapping[str, str]) -> str:
    """Return the folder of the upload that a variable of another builder names, if it is a Python app; else "".

    Apps of other languages have such variables, and an app may have its own one of that name.
    """
    for name in SUBDIRECTORY.shared_aliases:
        folder = posixpath.normpath(env.get(name, "").strip().strip("/"))
        if folder != "." and _is_python(upload / folder, upload):
            return folder
    return ""


def _is_python(path: Path, upload: Path) -> bool:
    """Return whether a directory is in the upload, also if it is a link, and has a file of a Python app."""
    try:
        return path.resolve().is_relative_to(upload.resolve()) and any(map(is_known, os.listdir(path)))  # noqa: PTH208 - names are all that counts
    except OSError:
        # It is no directory, or the value is too long for a path.
        return False
