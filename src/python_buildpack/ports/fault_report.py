"""What is said and written when the buildpack itself is at fault: what to add to a report of the bug."""

import os
import platform
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from python_buildpack.settings.table import SETTINGS, TELEMETRY

_LAST = 3
"""Places of a traceback that the log names."""


def write_report(details: str, env: Mapping[str, str]) -> Path | None:
    """Write a report with the traceback ``details``, which has no secrets; return its path, or None.

    It is beside the file that BP_PYTHON_TELEMETRY names, which the platform keeps, else in the directory for temporary
    files. Of the variables it has the names of settings only.
    """
    record = env.get(TELEMETRY.name, "")
    named = {name for setting in SETTINGS for name in setting.names if name in env}
    text = "\n".join(
        (
            f"stack: {env.get('CNB_STACK_ID') or env.get('CNB_TARGET_DISTRO_NAME', 'unknown')}",
            f"Python of the buildpack: {platform.python_version()}",
            f"settings: {', '.join(sorted(named)) or 'none'}",
            "",
            details,
        )
    )
    for folder in (Path(record).parent if Path(record).is_absolute() else None, Path(tempfile.gettempdir())):
        if folder is None or not folder.is_dir():
            continue
        with suppress(OSError):
            descriptor, name = tempfile.mkstemp(prefix="terrarium-fault-", suffix=".txt", dir=folder)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
            return Path(name)
    return None


def last_places(error: BaseException) -> str:
    """Return where an error was raised, and what called that, for a log that is all that is left of a build.

    ``raised at decide.py, line 67, called at decide.py, line 119, called at build.py, line 69``; empty without a
    traceback.
    """
    places = []
    traceback = error.__traceback__
    while traceback is not None:
        places.append(f"{Path(traceback.tb_frame.f_code.co_filename).name}, line {traceback.tb_lineno}")
        traceback = traceback.tb_next
    return f"raised at {', called at '.join(reversed(places[-_LAST:]))}" if places else ""
