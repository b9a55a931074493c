"""Decides whether an app is Python: from file names alone, and wider than what build supports.

A misspelt requirements file or a committed virtual environment counts, so that build can explain the mistake instead
of a platform saying that nothing fits.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from cnb.buildpack import Fail, Pass
from cnb.context import DetectContext
from cnb.frozen import frozen
from python_buildpack.platform.build_plan import own_plan

DECLARING = (
    "requirements.txt",
    "Pipfile",
    "Pipfile.lock",
    "pyproject.toml",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "pylock.toml",
    "setup.py",
    "setup.cfg",
    "environment.yml",
    "environment.yaml",
    "runtime.txt",
    ".python-version",
    "manage.py",
    # Committed by mistake: build says so.
    "venv/pyvenv.cfg",
    ".venv/pyvenv.cfg",
    "env/pyvenv.cfg",
    # Misspelt: build says what was meant.
    ".python_version",
    "runtimes.txt",
    "pipfile",
)
"""Files that only a Python app has."""

BARE = ("app.py", "main.py", "wsgi.py", "asgi.py", "server.py")
"""Scripts that make an app only where no other language claims it: many a Node project has a helper in Python."""

OTHER_LANGUAGES = (
    "package.json",
    "go.mod",
    "Gemfile",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "composer.json",
    "Cargo.toml",
    "mix.exs",
    "project.clj",
    "deno.json",
)

FORCING = (
    *("BP_PYTHON_VERSION", "BP_CPYTHON_VERSION", "BP_PYTHON_PACKAGE_MANAGER", "BP_PIP_REQUIREMENT"),
    *("BP_PYTHON_GROUPS", "BP_PYTHON_EXTRAS", "BP_PYTHON_PACKAGE", "BP_PYTHON_INSTALLER"),
)
"""Settings that nobody gives for an app of another language. Those that a platform gives for all apps, such as a
mirror, an inventory or the level of the log, say nothing of this one."""

_LOOKS_LIKE_REQUIREMENTS = re.compile(
    # requirments.txt, requirement.txt, Requirements.txt, requirements.text, requirements-prod.txt, requirements.in
    r"requi?re?m?e?nt?s?(?:[-_.][\w.-]+)?\.(?:txt|text|in|pip)|requirements",
    re.IGNORECASE,
)
_NAMED_PYLOCK = re.compile(r"pylock\.[^.]+\.toml")


@frozen
class Python:
    """The app is Python, because of this."""

    because: str


@frozen
class NotPython:
    """The app is not Python, because of this."""

    because: str


def decide(names: frozenset[str], env: Mapping[str, str]) -> Python | NotPython:
    """Decide from the paths that exist (relative, ``/`` between parts) and the environment."""
    for name in FORCING:
        if env.get(name, "").strip():
            return Python(f"{name} is set")
    for name in DECLARING:
        if name in names:
            return Python(f"found {name}")
    for name in sorted(names):
        if _NAMED_PYLOCK.fullmatch(name) or _LOOKS_LIKE_REQUIREMENTS.fullmatch(name):
            return Python(f"found {name}")
    return _decide_bare(names)


def _decide_bare(names: frozenset[str]) -> Python | NotPython:
    bare = [name for name in BARE if name in names] + sorted(name for name in names if name.endswith("/__main__.py"))
    other = [name for name in OTHER_LANGUAGES if name in names]
    if bare and other:
        return NotPython(
            f"{bare[0]} alone does not make a Python app beside {other[0]}; add a requirements.txt if it is one."
        )
    if bare:
        return Python(f"found {bare[0]}")
    return NotPython(
        "No Python app here: no requirements.txt, pyproject.toml, Pipfile, lock file, setup.py, manage.py, "
        "app.py or main.py in the root directory."
    )


def read_names(app_dir: Path) -> frozenset[str]:
    """Return the names in the app's root, and of the few files below it that detect asks for."""
    names = set(os.listdir(app_dir))  # noqa: PTH208 - a fifth of the time of Path.iterdir, and names are all we want
    below = ("__main__.py", "pyvenv.cfg")
    # One stat each for the folders' two names; files answer ENOTDIR, which costs the same.
    return frozenset(
        names | {f"{name}/{file}" for name in names for file in below if (app_dir / name / file).is_file()}
    )


def detect(context: DetectContext) -> Pass | Fail:
    """Answer the lifecycle."""
    match decide(read_names(context.app_dir), context.env):
        case NotPython(because):
            return Fail(because)
        case Python():
            return Pass(own_plan())
