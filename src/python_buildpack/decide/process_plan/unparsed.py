"""What is said of sources that cannot be parsed: an app in them is not found, and would not start either."""

import sys

from python_buildpack.app.file_roles import is_aside, is_test_or_example, is_usual_name
from python_buildpack.decide.processes.source_index import SourceIndex
from python_buildpack.ports.notice import Notice

MAX_NAMED = 5
NEAR = 1
"""How many folders down a file of any name is still one that an app may begin with."""


def notice_unparsed(index: SourceIndex) -> tuple[Notice, ...]:
    """Return a warning for the files near the root, or with an app's usual names, that could not be parsed."""
    named = [f"{path}: {reason}" for path, reason in sorted(index.unparsed.items(), key=_order) if _matters(path)]
    if not named:
        return ()
    more = [f"and {len(named) - MAX_NAMED} more"] if len(named) > MAX_NAMED else []
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    text = "\n".join(
        [
            *named[:MAX_NAMED],
            *more,
            f"Sources are read by the buildpack's own Python {version}, whichever one the app has, so their syntax may "
            "be newer or older than that. What these files define was not found. If the app's process is in one of "
            "them, correct the file, or write the process in a Procfile.",
        ]
    )
    return (Notice(f"Source files cannot be read as Python {version}", text),)


def _order(item: tuple[str, str]) -> tuple[int, str]:
    return item[0].count("/"), item[0]


def _matters(path: str) -> bool:
    return not (is_test_or_example(path) or is_aside(path)) and (path.count("/") <= NEAR or is_usual_name(path))
