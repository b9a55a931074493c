"""What was uploaded, of which the app may be a folder: BP_PYTHON_SUBDIRECTORY."""

import os
from pathlib import Path

from python_buildpack.settings.table import SUBDIRECTORY
from python_buildpack.settings.values import Settings


def upload_around(app: Path, settings: Settings) -> Path | None:
    """Return what was uploaded; None if that is the app itself. Pure."""
    value = settings.get(SUBDIRECTORY)
    folder = Path(os.path.normpath(value.text.strip("/"))).parts if value else ()
    if not folder or app.parts[-len(folder) :] != folder:
        return None
    return app.parents[len(folder) - 1]
