"""Options by which an app asks to build packages that have wheels: uv and pip prefer them to "wheels only".

uv's ``no-binary-package`` and pip's ``--no-binary NAME`` make an exception to ``--only-binary :all:`` of both, and uv
builds what is editable in any case. pip builds what is named by its place in any case, too. So where only wheels may be
installed, they are refused.
"""

import os
import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from python_buildpack.app.documents import PYPROJECT, parse_toml, read_toml, subtable
from python_buildpack.app.project import Project
from python_buildpack.package_managers.failures.errors import SourceBuildRefused
from python_buildpack.package_managers.policy import wheels_only
from python_buildpack.package_managers.requirement_files import RequirementLine, without_options
from python_buildpack.package_managers.variables_in_files import BRACES
from python_buildpack.settings.table import ONLY_BINARY
from python_buildpack.settings.values import Settings
from python_buildpack.support.small_files import read_small

_NO_BINARY = re.compile(r"--no-b(?:i(?:n(?:a(?:ry?)?)?)?)?")
_EDITABLE = re.compile(r"--ed(?:i(?:t(?:a(?:b(?:le?)?)?)?)?)?")
"""pip takes every beginning of an option's name that no other has."""
_REQUIREMENTS = ("-r", "--requirem")
_CONSTRAINTS = ("-c", "--c")
_INCLUDING = ("-r", "-c", "--r", "--c")
_DIRECTORIES = "PIP_EDITABLE"
"""It names no files, but what is built in any case."""
OF_PIP = (_DIRECTORIES, "PIP_REQUIREMENT", "PIP_CONSTRAINT")
_OF_UV = ("UV_OVERRIDE",)
_NONE = ":none:"
_OPTIONS = re.compile(r"(?:^|\s)-")
_HASHES = re.compile(r"(?:\s*--hash[= ]\w+:\w+)+")
_ARCHIVE = re.compile(r"\.(?:whl|zip|tgz|tbz|txz|tlz|tar(?:\.\w+)?)$", re.IGNORECASE)
_END = re.compile(r"[;#?\s]")
_EXTRAS = re.compile(r"\[[^\[\]]*\]")
_VARIABLES = ("UV_NO_BINARY", "UV_NO_BINARY_PACKAGE")
_FALSE = frozenset({"", "0", "false", "no", "off"})
_CONFIG = "uv.toml"


def refuse_source_lines(settings: Settings, env: Mapping[str, str], lines: Iterable[RequirementLine]) -> None:
    """Raise SourceBuildRefused if only wheels may be installed and lines of requirements files ask for a build."""
    if wheels_only(settings):
        _refuse(f"{_place(line)} ({line.text})" for line in lines if _asks_for_build(_with_values(line.text, env)))


def refuse_sources(settings: Settings, env: Mapping[str, str], lines: Iterable[RequirementLine]) -> None:
    """Raise SourceBuildRefused if only wheels may be installed and lines name, by its place, what is no wheel.

    For pip, whose ``--only-binary`` is for what comes from an index. Constraints at an address could contain anything.
    """
    if wheels_only(settings):
        _refuse(f"{_place(line)} ({line.text})" for line in lines if _names_source(_with_values(line.text, env)))


def refuse_source_options(settings: Settings, project: Project, env: Mapping[str, str], argv: tuple[str, ...]) -> None:
    """Raise SourceBuildRefused if only wheels may be installed and uv's configuration asks for a build.

    ``argv`` are the arguments of uv. Raises ProjectFileInvalid and ProjectFileUnreadable.
    """
    if not wheels_only(settings):
        return
    if argv[0] == "pip":
        refuse_named_files(settings, env, project.root, _OF_UV)
    else:
        # uv's interface like pip's has no such variable.
        _refuse(name for name in _VARIABLES if env.get(name, "").strip().lower() not in _FALSE)
    # A file that the variable names is read in any case.
    _refuse(_configured(project, env, is_discovered="--no-config" not in argv))


def _place(line: RequirementLine) -> str:
    # What a tool made from another notation is in no line.
    return f"{line.file}, line {line.number}" if line.number else line.file


def refuse_named_files(settings: Settings, env: Mapping[str, str], root: Path, names: Iterable[str]) -> None:
    """Raise SourceBuildRefused if only wheels may be installed and a file that a variable names could ask for a build.

    ``names`` are those of the variables that the installer reads, ``root`` is the app's directory.
    """
    if wheels_only(settings):
        asked = ((name, place) for name in names for place in env.get(name, "").split())
        _refuse(f"{name} ({place})" for name, place in asked if name == _DIRECTORIES or _could_ask(root, place, env))


def _could_ask(root: Path, place: str, env: Mapping[str, str]) -> bool:
    if "://" in place:
        return True
    joined = read_small(root / place).replace("\\\n", "")
    lines = (_with_values(f" {line}".partition(" #")[0].strip(), env) for line in joined.splitlines())
    return any(line.startswith(_INCLUDING) or _asks_for_build(line) or _names_source(line) for line in lines if line)


def _with_values(text: str, env: Mapping[str, str]) -> str:
    return BRACES.sub(lambda found: env.get(found["name"], found[0]), text)


def _asks_for_build(text: str) -> bool:
    """Say whether there is such an option: pip reads them on each line, after requirements and other options, too."""
    found = _OPTIONS.search(text)
    if found is None or _HASHES.fullmatch(text, found.start()):
        return False
    words = [*_words(text[found.start() :]), ""]
    return any(_is_request(word, following) for word, following in pairwise(words))


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _is_request(word: str, following: str) -> bool:
    option, is_attached, value = word.partition("=")
    if word.startswith(_REQUIREMENTS):
        # Nobody knows what the file says; both installers take its options.
        return "://" in f"{word} {following}"
    if _NO_BINARY.fullmatch(option):
        return (value if is_attached else following) != _NONE
    # The short option may have its value attached.
    return _EDITABLE.fullmatch(option) is not None or (word.startswith("-e") and not word.startswith("--"))


def _names_source(text: str) -> bool:
    if text.startswith(_CONSTRAINTS):
        # Only pip takes options from there.
        return "://" in text
    plain = without_options(text)
    try:
        requirement = Requirement(plain)
        place = requirement.url or requirement.name
    except (ValueError, RecursionError):
        place = plain
    place = _END.split(place, maxsplit=1)[0]
    place = place.partition("[")[0] if _EXTRAS.search(place) and place.endswith("]") else place
    archive = _ARCHIVE.search(place)
    is_place = "/" in place or ":" in place or place.startswith(".") or archive is not None
    return is_place and not place.startswith("-") and not place.lower().endswith(".whl")


def _configured(project: Project, env: Mapping[str, str], *, is_discovered: bool) -> Iterator[str]:
    if is_discovered:
        for file in (PYPROJECT, _CONFIG):
            yield from _asked(file, (read_toml(project, file) or {}) if project.has(file) else {})
    for path in uv_files_elsewhere(project, env, is_discovered=is_discovered):
        if text := read_small(path):
            yield from _asked(str(path), parse_toml(text, str(path), f"Correct {path}."))


def uv_files_elsewhere(project: Project, env: Mapping[str, str], *, is_discovered: bool) -> Iterator[Path]:
    """Yield the files with settings that uv reads besides those in the app directory.

    Without ``is_discovered``, uv does not look for any, and reads the named one only.
    Source: https://docs.astral.sh/uv/concepts/configuration-files/.
    """
    if named := env.get("UV_CONFIG_FILE"):
        yield project.root / named
    if not is_discovered:
        return
    for folder in project.root.parents if project.upload else ():
        if folder.is_relative_to(project.uploaded):
            yield folder / PYPROJECT
            yield folder / _CONFIG
    own = env.get("XDG_CONFIG_HOME") or posixpath.join(env.get("HOME", ""), ".config")
    for place in (own, *(env.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep), "/etc"):
        if place.startswith("/"):
            yield Path(place, "uv", _CONFIG)


def _asked(file: str, document: Mapping[str, Any]) -> Iterator[str]:
    config = subtable(document, "tool", "uv") if file.endswith(PYPROJECT) else document
    if config.get("no-binary-package"):
        yield f"no-binary-package in {file}"
    if config.get("no-binary"):
        yield f"no-binary in {file}"
    if subtable(config, "pip").get("no-binary"):
        yield f"pip.no-binary in {file}"


def _refuse(asked: Iterable[str]) -> None:
    if found := ", ".join(asked):
        raise SourceBuildRefused(
            f"{ONLY_BINARY.name} is on, but {found} asks for packages to be built from their sources, or could.",
            "Remove that, or add wheels of these packages to the app.",
        )
