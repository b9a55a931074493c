"""Programs that a command names by a path of another machine: ``/usr/local/bin/gunicorn``, ``/usr/bin/python3``.

The app's packages are in an environment of the image, whose programs are on PATH; a Python of the run image, if there
is one, has none of them. So the name alone is started, if it is Python or the program of an installed distribution.
What is in the app directory, or in the image by this or another buildpack, is left alone. Pure.
"""

import re

from packaging.utils import canonicalize_name

from python_buildpack.decide.process_plan.programs import PROGRAMS
from python_buildpack.decide.processes.interface import Evidence

NOT_THERE = "the image has the app's environment in another place, and its programs are on PATH"
"""Why a path is taken off a command."""
_PATH = re.compile(
    r"(?:/(?!layers/|cnb/|workspace/)|~/|\$HOME/|\$\{HOME\}/)(?:[\w.+-]+/)*(?:bin|shims)/(?P<program>[\w.-]+)"
)
_PYTHON = re.compile(r"python3?")
"""One with a version (``python3.9``) may be another one than the image's: other_python.py."""
SYSTEM = re.compile(r"/(?:usr/)?bin/")
"""Where programs of the system are: ``/usr/bin/env`` is ``env``."""


def program_at(word: str, evidence: Evidence) -> str | None:
    """Return the program on PATH that a word means, which is a path to it, or None for any other word."""
    found = _PATH.fullmatch(word)
    if found is None:
        return None
    program = found["program"]
    bringing = PROGRAMS.get(program, ())
    is_installed = evidence.has(canonicalize_name(program), *bringing)
    return program if _PYTHON.fullmatch(program) or is_installed else None
