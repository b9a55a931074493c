"""Reads requirements.txt and the files that it includes, as pip does.

Format: https://pip.pypa.io/en/stable/reference/requirements-file-format/. The installer reads the files itself. Here
only three things are needed: which files are included, which names they contain, and whether pip would require
hashes.
"""

import posixpath
import re
import shlex
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.app.project import Project
from python_buildpack.package_managers.variables_in_files import BRACES, check_variables

_INCLUDE = re.compile(r"(?:-r\s*|--requirement[=\s]\s*|-c\s*|--constraint[=\s]\s*)(?P<path>.+)")
_CONSTRAINT = re.compile(r"-c|--constraint")
# No expression here begins with a repetition: on a long run of it, a search takes the square of its length.
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_PER_REQUIREMENT_OPTION = re.compile(r"\s--(?:hash|config-settings|global-option)\b.*$")
_TRUSTED_HOST = re.compile(r"--trusted-host[=\s]\s*(?P<host>\S+)")
_INDEX = re.compile(r"(?:-i|--index-url)[=\s]")
_EGG = re.compile(r"#egg=(?P<name>[A-Za-z0-9][\w.-]*)")


class RequirementsIncludeMissing(BuildpackError):
    """A requirements file includes another one (with -r or -c) that is not among the app's files."""

    code = "requirements-include-missing"
    title = "An included requirements file does not exist"
    remedies = ("upload",)


@frozen
class RequirementLine:
    """One logical line: without comments, and with continuation lines joined."""

    file: str
    number: int
    text: str


@frozen
class RequirementFiles:
    """A requirements file and all files that it includes."""

    files: tuple[str, ...]
    """Paths relative to the app, in the order of reading; the first one is the file that includes the others."""
    lines: tuple[RequirementLine, ...]
    """The lines that are neither blank nor include a local file."""
    constraints: frozenset[str]
    """The files that are included with -c: they limit versions, but do not require anything."""

    @property
    def is_hashed(self) -> bool:
        """Whether pip would use hash-checking mode: one hash turns it on for all requirements."""
        return any("--hash" in line.text for line in self.lines)

    @property
    def required(self) -> tuple[str, ...]:
        """The lines that are no constraints."""
        return tuple(line.text for line in self.lines if line.file not in self.constraints)


def read_requirement_files(project: Project, root: str, env: Mapping[str, str] | None = None) -> RequirementFiles:
    """Read the file ``root`` and what it includes.

    ``env`` has the values of variables in the paths of included files; without it, such files are passed over. Raises
    RequirementsIncludeMissing, VariableUnset, ProjectFileUnreadable.
    """
    seen: dict[str, None] = {}
    constraints: set[str] = set()
    lines: list[RequirementLine] = []
    waiting = deque([(root, False, "")])
    while waiting:
        path, is_constraint, included_by = waiting.popleft()
        if path in seen:
            continue
        seen[path] = None
        if is_constraint:
            constraints.add(path)
        text = project.text(path)
        if text is None:
            raise RequirementsIncludeMissing(
                f"{included_by} includes {path}, but there is no such file in the app.",
                f"Add {path} to the app (is it ignored by git or by the upload?), or remove the line that includes it.",
            )
        for line in logical_lines(path, text):
            include = _INCLUDE.fullmatch(line.text)
            target = _target(include["path"], line, env) if include else ""
            if not target or _REMOTE.match(target):
                # The content of a remote file is not known here, but the line shows that something is required.
                lines.append(line)
            else:
                nested = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
                by_constraint = is_constraint or _CONSTRAINT.match(line.text) is not None
                waiting.append((nested, by_constraint, f"{path}, line {line.number},"))
    return RequirementFiles(tuple(seen), tuple(lines), frozenset(constraints))


def _target(path: str, line: RequirementLine, env: Mapping[str, str] | None) -> str:
    """Return the path of an included file with the values of its variables; "" if they are not known."""
    if BRACES.search(path) is None:
        return unquoted(path)
    if env is None:
        return ""
    check_variables([(line.file, line.number, path)], env)
    return unquoted(BRACES.sub(lambda match: env[match["name"]], path))


def requirement_name(text: str) -> str | None:
    """Return the normalised name in a requirement line, or None if it has no name."""
    egg = _EGG.search(text)
    if egg:
        return canonicalize_name(egg["name"])
    try:
        return canonicalize_name(Requirement(without_options(text)).name)
    except (ValueError, RecursionError):
        # An option, a path or a URL without a name.
        return None


def without_options(text: str) -> str:
    """Return a requirement line without pip's options, such as ``--hash``, which PEP 508 does not have."""
    return _PER_REQUIREMENT_OPTION.sub("", text)


def uv_options(lines: Iterable[RequirementLine]) -> tuple[str, ...]:
    """Return uv's command-line options for the options in the lines that uv does not read from files."""
    wanted: dict[str, None] = {}
    for line in lines:
        if line.text == "--pre":
            wanted["--prerelease=allow"] = None
        elif host := _TRUSTED_HOST.fullmatch(line.text):
            wanted[f"--allow-insecure-host={host['host']}"] = None
    return tuple(wanted)


def names_its_index(lines: Iterable[RequirementLine]) -> bool:
    """Return whether the files name the index, which takes precedence over pip's settings."""
    return any(_INDEX.match(line.text) for line in lines)


def unquoted(path: str) -> str:
    """Return the path without shell quoting, as pip reads it."""
    try:
        words = shlex.split(path)
    except ValueError:
        return path.strip()
    return words[0] if words else ""


@lru_cache(maxsize=64)
def logical_lines(path: str, text: str) -> tuple[RequirementLine, ...]:
    """Return the logical lines of a file. A build asks ten times; with hashes, they are a tenth of its time."""
    return tuple(_joined_lines(path, text))


def _joined_lines(path: str, text: str) -> Iterator[RequirementLine]:
    joined, start = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        start = start or number
        # pip joins first and strips comments after, but never continues a comment line.
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            joined += line[:-1]
            continue
        logical = _COMMENT.sub("", joined + line).strip()
        if logical:
            yield RequirementLine(path, start, logical)
        joined, start = "", 0
    logical = _COMMENT.sub("", joined).strip()
    if logical:
        yield RequirementLine(path, start, logical)
