"""What was uploaded, of which the app may be a folder: BP_PYTHON_SUBDIRECTORY."""

import os
import posixpath
from collections.abc import Mapping
from pathlib import Path

from python_buildpack.app.known_files import is_known
from python_buildpack.settings.table import SUBDIRECTORY
from python_buildpack.settings.values import Settings


def upload_around(app: Path, settings: Settings) -> Path | None:
    """Return what was uploaded; None if that is the app itself. Pure."""
    value = settings.get(SUBDIRECTORY)
    folder = Path(os.path.normpath(value.text.strip("/"))).parts if value else ()
    if not folder or app.parts[-len(folder) :] != folder:
        return None
    return app.parents[len(folder) - 1]


def named_by_others(upload: Path, env: Mapping[str, str]) -> str:
    """Return the folder of the upload that a variable of another builder names, if it is a Python app; else "".

    Apps of other languages have such variables, and an app may have its own one of that name.
    """
    for name in SUBDIRECTORY.shared_aliases:
        folder = posixpath.normpath(env.get(name, "").strip().strip("/"))
        path = upload / folder
        if (
            folder != "."
            and ".." not in folder.split("/")
            and path.is_dir()
            and any(is_known(one.name) for one in path.iterdir())
        ):
            return folder
    return ""
