"""requirements.txt and the files that it includes, read as pip reads them, as far as deciding needs it.

Format: https://pip.pypa.io/en/stable/reference/requirements-file-format/. The installer reads the files itself; here
only three things are wanted from them: which files belong together, which names they hold, and whether pip would
demand hashes.
"""

import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.app.project import Project

_INCLUDE = re.compile(r"(?:-r\s*|--requirement[=\s]\s*|-c\s*|--constraint[=\s]\s*)(?P<path>.+)")
_CONSTRAINT = re.compile(r"-c|--constraint")
_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_PER_REQUIREMENT_OPTION = re.compile(r"\s--(?:hash|config-settings|global-option)\b.*$")
_TRUSTED_HOST = re.compile(r"--trusted-host[=\s]\s*(?P<host>\S+)")
_INDEX = re.compile(r"(?:-i|--index-url)[=\s]")
_EGG = re.compile(r"#egg=(?P<name>[A-Za-z0-9][\w.-]*)")


class RequirementsIncludeMissing(BuildpackError):
    """A requirements file includes another one (with -r or -c) that is not among the app's files."""

    code = "requirements-include-missing"
    title = "An included requirements file does not exist"


@frozen
class RequirementLine:
    """One logical line: comments gone, continuations joined."""

    file: str
    number: int
    text: str


@frozen
class RequirementFiles:
    """A requirements file with all that it includes."""

    files: tuple[str, ...]
    """Paths in the order of reading, the first one is the root."""
    lines: tuple[RequirementLine, ...]
    """The lines that are neither blank nor an include."""
    constraints: frozenset[str]
    """Those of the files that came by -c: they bound versions and ask for nothing."""

    @property
    def is_hashed(self) -> bool:
        """Say whether pip would be in hash-checking mode: one hash anywhere turns it on for all."""
        return any("--hash" in line.text for line in self.lines)

    @property
    def names(self) -> frozenset[str]:
        """Return the normalised names of the distributions that are asked for directly."""
        asked = (line.text for line in self.lines if line.file not in self.constraints)
        return frozenset(name for text in asked if (name := requirement_name(text)) is not None)


def read_requirement_files(project: Project, root: str) -> RequirementFiles:
    """Read ``root`` and what it includes. Raises RequirementsIncludeMissing and ProjectFileUnreadable."""
    seen: dict[str, None] = {}
    constraints: set[str] = set()
    lines: list[RequirementLine] = []
    waiting = [(root, False, "")]
    while waiting:
        path, is_constraint, included_by = waiting.pop(0)
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
        for line in _logical_lines(path, text):
            include = _INCLUDE.fullmatch(line.text)
            if include is None or _REMOTE.match(target := unquoted(include["path"])):
                # What a remote file asks for is not known here; that something is asked for is.
                lines.append(line)
            else:
                nested = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
                by_constraint = is_constraint or _CONSTRAINT.match(line.text) is not None
                waiting.append((nested, by_constraint, f"{path}, line {line.number},"))
    return RequirementFiles(tuple(seen), tuple(lines), frozenset(constraints))


def requirement_name(text: str) -> str | None:
    """Return the normalised name that a requirement line asks for, or None where it does not say one."""
    egg = _EGG.search(text)
    if egg:
        return canonicalize_name(egg["name"])
    try:
        return canonicalize_name(Requirement(without_options(text)).name)
    except (InvalidRequirement, RecursionError):
        # An option, a path or a bare URL: the installer finds out.
        return None


def without_options(text: str) -> str:
    """Return a requirement line without the options that only pip's files have, such as ``--hash``."""
    return _PER_REQUIREMENT_OPTION.sub("", text)


def uv_options(lines: Iterable[RequirementLine]) -> tuple[str, ...]:
    """Return the options that uv takes on its command line only, in its words."""
    wanted: dict[str, None] = {}
    for line in lines:
        if line.text == "--pre":
            wanted["--prerelease=allow"] = None
        elif host := _TRUSTED_HOST.fullmatch(line.text):
            wanted[f"--allow-insecure-host={host['host']}"] = None
    return tuple(wanted)


def names_its_index(lines: Iterable[RequirementLine]) -> bool:
    """Say whether the files choose the index, which goes before pip's settings for it."""
    return any(_INDEX.match(line.text) for line in lines)


def unquoted(path: str) -> str:
    """Return the path as pip takes it, which reads options as a shell would."""
    try:
        words = shlex.split(path)
    except ValueError:
        return path.strip()
    return words[0] if words else ""


def _logical_lines(path: str, text: str) -> Iterator[RequirementLine]:
    joined, start = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        start = start or number
        # pip joins first and strips comments after, but never continues a comment line.
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            joined += line[:-1]
            continue
        whole = _COMMENT.sub("", joined + line).strip()
        if whole:
            yield RequirementLine(path, start, whole)
        joined, start = "", 0
    whole = _COMMENT.sub("", joined).strip()
    if whole:
        yield RequirementLine(path, start, whole)
