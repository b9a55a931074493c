"""The notice about sources that cannot be parsed: an app in them is not found."""

import sys

from python_buildpack.app.file_roles import is_aside, is_test_or_example, is_usual_name
from python_buildpack.decide.processes.source_index import SourceIndex
from python_buildpack.ports.notice import Notice

MAX_NAMED = 5
NEAR = 1
"""How many folders deep a file may be an entry of the app, whatever its name is."""


def notice_unparsed(index: SourceIndex) -> tuple[Notice, ...]:
    """Return a warning about files near the root, or with usual names of apps, that could not be parsed."""
    named = [f"{path}: {reason}" for path, reason in sorted(index.unparsed.items(), key=_order) if _matters(path)]
    if not named:
        return ()
    more = [f"and {len(named) - MAX_NAMED} more"] if len(named) > MAX_NAMED else []
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    text = "\n".join(
        [
            *named[:MAX_NAMED],
            *more,
            f"The buildpack parses sources with its own Python {version}, whichever version the app has, so their "
            "syntax may be too new or too old for it. An app in these files is not found. If one of them has the app, "
            "correct the file, or name the process in a Procfile.",
        ]
    )
    return (Notice(f"Source files cannot be read as Python {version}", text),)


def _order(item: tuple[str, str]) -> tuple[int, str]:
    return item[0].count("/"), item[0]


def _matters(path: str) -> bool:
    return not (is_test_or_example(path) or is_aside(path)) and (path.count("/") <= NEAR or is_usual_name(path))
