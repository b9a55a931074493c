"""Decides from file names alone whether an app is a Python app. It accepts more than build supports.

A misspelt requirements file or a committed virtual environment counts too, so that build can explain the mistake.
Otherwise the platform would only report that no buildpack fits.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from cnb.buildpack import Fail, Pass
from cnb.context import DetectContext
from cnb.frozen import frozen
from python_buildpack.app.known_files import KNOWN_FILES, SCRIPT_METADATA, is_known, meant_by
from python_buildpack.platform.build_plan import own_plan
from python_buildpack.settings.table import SETTINGS, SUBDIRECTORY

ALSO_DECLARING = ("manage.py", "venv/pyvenv.cfg", ".venv/pyvenv.cfg", "env/pyvenv.cfg")
"""More files that only Python apps have: Django's, and those of virtual environments that were committed by mistake."""

BARE = ("app.py", "main.py", "wsgi.py", "asgi.py", "server.py")
"""Scripts that count only if no file of another language is there: many Node projects have a helper in Python."""

PROGRAM = "__main__.py"
"""A package with this file is a program, which counts like these scripts."""

MOST_SCRIPTS = 50
"""Scripts in which inline metadata is looked for: one that has it counts like those in BARE."""
HEAD = 65536
"""Bytes of each that are read."""

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

FORCING = tuple(name for setting in SETTINGS if setting.means_python for name in (setting.name, *setting.aliases))
"""Variables that are set for Python apps only."""
CHOOSING = SUBDIRECTORY.shared_aliases
"""Variables that may name the folder of an app of any language."""

_DECLARING = frozenset((*KNOWN_FILES, *ALSO_DECLARING))


@frozen
class Python:
    """The app is Python, because of this."""

    because: str


@frozen
class NotPython:
    """The app is not Python, because of this."""

    because: str


def decide(names: frozenset[str], env: Mapping[str, str], declaring_scripts: Iterable[str] = ()) -> Python | NotPython:
    """Decide from the paths that exist (relative, with ``/``) and the environment.

    ``declaring_scripts`` are the scripts with inline metadata; nobody looks for them if there is a file that declares.
    """
    for name in FORCING:
        if env.get(name, "").strip():
            return Python(f"{name} is set")
    declaring = sorted(names & _DECLARING) or sorted(filter(_may_declare, names))
    if declaring:
        return Python(f"found {declaring[0]}")
    return _decide_bare(names, declaring_scripts)


def _may_declare(name: str) -> bool:
    return is_known(name) or meant_by(name) in _DECLARING


def _decide_bare(names: frozenset[str], declaring_scripts: Iterable[str]) -> Python | NotPython:
    bare = [name for name in BARE if name in names] + sorted(name for name in names if name.endswith(f"/{PROGRAM}"))
    bare = bare or list(declaring_scripts)
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
    """Return the names in the app's root, and the relative paths of the files below it that ``decide`` uses."""
    names = set(os.listdir(app_dir))  # noqa: PTH208 - a fifth of the time of Path.iterdir, and names are all we want
    below = (PROGRAM, "pyvenv.cfg")
    # One stat for each of the two files in a folder; for entries that are files, stat fails with ENOTDIR as quickly.
    return frozenset(
        names | {f"{name}/{file}" for name in names for file in below if (app_dir / name / file).is_file()}
    )


def scripts_with_metadata(app_dir: Path, names: frozenset[str]) -> Iterator[str]:
    """Yield the scripts in the app's root directory with inline metadata. A link may lead to a file without an end."""
    scripts = sorted(name for name in names if name.endswith(".py") and "/" not in name)
    for name in scripts[:MOST_SCRIPTS]:
        path = app_dir / name
        if path.is_file() and not path.is_symlink():
            with suppress(OSError), path.open("rb") as file:
                if any(line.startswith(SCRIPT_METADATA.encode()) for line in file.read(HEAD).splitlines()):
                    yield name


def detect(context: DetectContext) -> Pass | Fail:
    """Return Pass with the build plan if the app is a Python app, else Fail with the reason."""
    folder = ""
    if any(context.env.get(name) for name in CHOOSING):
        from python_buildpack.app.named_folder import named_by_others  # noqa: PLC0415 - few apps have such a variable

        folder = named_by_others(context.app_dir, context.env)
    names = read_names(context.app_dir / folder)
    match decide(names, context.env, scripts_with_metadata(context.app_dir / folder, names)):
        case NotPython(because):
            return Fail(because)
        case Python():
            return Pass(own_plan())
