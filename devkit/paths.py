"""Where things are: the checkout, and the one place outside it that keeps what took long to make."""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
DIST = CHECKOUT / "dist"
SAMPLES = CHECKOUT / "samples"


def kept() -> Path:
    """Return the directory for what is prepared once per machine: archives, tools, local platforms."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "terrarium"


def kept_archives() -> Path:
    """Return the directory for what is downloaded, or packed, once per machine."""
    folder = kept() / "archives"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
