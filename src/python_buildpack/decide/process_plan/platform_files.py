"""Files in which an app says something to another platform, and which are not read here. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping

from cnb.frozen import frozen
from python_buildpack.app.project import Project
from python_buildpack.decide.process_plan.procfile_text import FILE as PROCFILE
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.unknown import HOOKS, START, SYSTEM_PACKAGES

_DEBIAN_NAME = re.compile("[a-z0-9][a-z0-9+.-]*[a-z0-9+.](:[a-z0-9]+)?(=[A-Za-z0-9][A-Za-z0-9.+:~-]*)?")
"""A package as extensions/apt/bin/names allows it."""
"""Of a package (Debian policy manual, 5.6.1)."""


@frozen
class PlatformFile:
    """A file of another platform, at the root of an app."""

    name: str
    platform: str
    has_packages: bool = False
    """Whether it lists packages of the operating system; otherwise it has commands."""


PLATFORM_FILES: tuple[PlatformFile, ...] = (
    PlatformFile("Aptfile", "Heroku's apt buildpack", has_packages=True),
    PlatformFile("packages.txt", "Streamlit Cloud and Hugging Face", has_packages=True),
    PlatformFile("app.json", "Heroku and Dokku"),
    PlatformFile("nixpacks.toml", "Nixpacks"),
    PlatformFile("railpack.json", "Railpack"),
    PlatformFile("railway.json", "Railway"),
    PlatformFile("railway.toml", "Railway"),
    PlatformFile("render.yaml", "Render"),
)

DOCKERFILES = ("Dockerfile", "Containerfile")
WITH_COMMANDS = (
    *DOCKERFILES,
    *(row.name for row in PLATFORM_FILES if not row.has_packages),
    "fly.toml",
    "app.yaml",
    "heroku.yml",
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
)
"""Files that may have the command with which another platform starts the app, the likeliest first."""


APT_RECORD = "/usr/share/terrarium/apt-packages"
"""What the image extension terrarium/apt leaves in a build image in which it has installed packages."""
APT_PACKAGES = "BP_APT_PACKAGES"
"""The variable that it reads, and that means nothing without it."""


def notice_platform_files(
    project: Project, variables: Mapping[str, str], *, read: frozenset[str] = frozenset()
) -> tuple[Notice, ...]:
    """Return one notice of all such files; of those with commands only where no Procfile has the commands for here.

    What is read all the same, as app.json is for tests, is given as ``read``.

    Where the extension ran, it has installed the packages, or the build had ended.
    """
    packages = () if project.exists(APT_RECORD) else _packages(project, variables)
    lines = [*packages, *_commands(project, read)]
    return (Notice("Files of other platforms are not read", "\n".join(lines)),) if lines else ()


def _packages(project: Project, variables: Mapping[str, str]) -> Iterator[str]:
    found = [row for row in PLATFORM_FILES if row.has_packages and row.name in project.files]
    # The name alone says little of a text file.
    found = [row for row in found if not row.name.endswith(".txt") or _has_names(project.texts.get(row.name))]
    places = [_named(found)] if found else []
    places += [APT_PACKAGES] if variables.get(APT_PACKAGES, "").strip() else []
    if places:
        yield f"No package in {' or '.join(places)} is installed. {SYSTEM_PACKAGES}"


def _has_names(text: object) -> bool:
    if not isinstance(text, str):
        return False
    names = [name for line in text.splitlines() if (name := line.partition("#")[0].strip())]
    return bool(names) and all(map(_DEBIAN_NAME.fullmatch, names))


def _commands(project: Project, read: frozenset[str]) -> Iterator[str]:
    others = (row for row in PLATFORM_FILES if not row.has_packages and row.name not in read)
    found = [row for row in others if row.name in project.files]
    if project.has(PROCFILE) or not found:
        return
    yield f"No command in {_named(found)} is read. To start the app: {START} To run commands in a build: {HOOKS}"


def _named(rows: Iterable[PlatformFile]) -> str:
    return ", ".join(f"{row.name} ({row.platform})" for row in rows)
