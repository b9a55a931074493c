"""Decides which requirements files pip itself must install: those that uv would read differently or refuse. Pure.

Every rule is for a difference between pip and uv that tests/contract/test_requirement_lines.py shows.
"""

import posixpath
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from packaging.requirements import Requirement

from python_buildpack.app.project import Project
from python_buildpack.package_managers.requirement_files import RequirementFiles, RequirementLine, without_options

_OPTION = re.compile(r"(?P<name>--?[A-Za-z][\w-]*)(?:[=\s]\s*(?P<value>.*))?")
_UNDERSTOOD = frozenset(
    {
        *("-e", "--editable", "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--no-index"),
        *("--no-binary", "--only-binary", "--pre", "--trusted-host", "--require-hashes"),
        *("-r", "--requirement", "-c", "--constraint"),
    }
)
"""Options on separate lines that uv reads as pip does, or that the build passes to uv on its command line."""
_VARIABLES = (
    *("PIP_NO_BINARY", "PIP_ONLY_BINARY", "PIP_PREFER_BINARY", "PIP_NO_DEPS", "PIP_REQUIRE_HASHES", "PIP_REQUIREMENT"),
    *("PIP_CONFIG_SETTINGS", "PIP_IGNORE_REQUIRES_PYTHON", "PIP_BUILD_CONSTRAINT", "PIP_UPLOADED_PRIOR_TO"),
)
"""Settings of pip for which uv has no variable."""
_OFF = frozenset({"", "0", "false", "no", "off"})
_GLUED = re.compile(r"-[rceif](?![\s=-])")
_OTHER_LINE_ENDS = re.compile(r"[\v\f\x1c-\x1e\x85\u2028\u2029]")
_VCS = re.compile(r"(?:git|hg|svn|bzr)\+", re.IGNORECASE)
_VARIABLE_AS_TEXT = re.compile(r"^\$\{[A-Z0-9_]+\}|[=<>~!]\s*\$\{[A-Z0-9_]+\}")
_PINNED = re.compile(r"[A-Za-z0-9][\w.-]*(?:\[[\w., -]*\])?\s*==\s*[\w.+!]+(?:\s+--hash[=\s]\S+)*")
"""The usual line of a lock. It needs no further check, which saves time: a lock may have hundreds."""
_OTHER_OPTION_AFTER = re.compile(r"\s--(?!hash\b)[a-z]")


def reason_for_pip(project: Project, files: RequirementFiles, env: Mapping[str, str]) -> str | None:
    """Return why pip itself must install these files, or None if uv can.

    ``env`` is the build's environment with the settings in pip's configuration files.
    """
    for name in _VARIABLES:
        if env.get(name, "").strip().lower() not in _OFF:
            return f"{name} is set, and uv has no such setting"
    return next(_reasons(project, files, env), None)


def _reasons(project: Project, files: RequirementFiles, env: Mapping[str, str]) -> Iterator[str]:
    for place in env.get("PIP_FIND_LINKS", "").split():
        if _is_missing(project, place, ""):
            yield f"PIP_FIND_LINKS names {place}, which does not exist, and which uv would not ignore"
    for file in files.files:
        yield from (f"{file}{why}" for why in _in_file(project, file))
    for line in files.lines:
        if why := _in_line(project, line, is_constraint=line.file in files.constraints):
            yield f"{line.file}, line {line.number}: {why}"
    names = [_name(line) for line in files.lines]
    if names.count("-i") + names.count("--index-url") > 1:
        yield "--index-url is given more than once, which uv refuses"
    if "--require-hashes" in names and not files.is_hashed:
        yield "--require-hashes is given without any hash"


def _in_file(project: Project, file: str) -> Iterator[str]:
    if _is_declared_otherwise(project, file):
        yield " is in the encoding that a comment in it declares, and uv reads UTF-8 only"
    yield from (f", line {number}: {why}" for number, why in _in_text(project.text(file) or ""))


def _is_declared_otherwise(project: Project, file: str) -> bool:
    """Say whether a file is not UTF-8 and could be read because a comment says what it is (PEP 263)."""
    text = project.text(file) or ""
    if text.isascii() or "coding" not in "".join(text.splitlines()[:2]):
        return False
    raw = (project.root / file).read_bytes()
    try:
        return not raw.decode()
    except UnicodeDecodeError:
        return not raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE))


def _in_line(project: Project, line: RequirementLine, *, is_constraint: bool) -> str | None:
    if is_constraint and "--hash" in line.text:
        return "uv does not read hashes in constraints"
    if line.text.startswith("-"):
        return _in_option(project, line)
    return None if _PINNED.fullmatch(line.text) else _in_requirement(line)


def _in_text(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, reason) for differences that are visible only before continued lines are joined."""
    if found := _OTHER_LINE_ENDS.search(text):
        yield text.count("\n", 0, found.start()) + 1, "pip ends a line at a character where uv does not"
    lines = [*text.splitlines(), ""]
    for number, (line, following) in enumerate(pairwise(lines), start=1):
        if line.lstrip().startswith("#"):
            continue
        if line.endswith("\\") and not following.lstrip().startswith("--hash"):
            yield number, "uv continues a line only before --hash"
        if _GLUED.match(line):
            yield number, "uv needs a space after a short option"


def _in_option(project: Project, line: RequirementLine) -> str | None:
    found = _OPTION.fullmatch(line.text)
    name, value = (found["name"], found["value"] or "") if found else (line.text, "")
    match name:
        case _ if name not in _UNDERSTOOD:
            return f"uv does not support {name}"
        case "-e" | "--editable" if _VCS.match(value.strip("'\"")):
            return "uv does not install a repository in editable mode"
        case "-e" | "--editable" if " ;" in value:
            return "pip ignores the marker of an editable requirement, and uv does not"
        case "--no-binary" | "--only-binary" if "," in value or ":none:" in value:
            return f"uv allows only one name after {name}"
        case "-f" | "--find-links" if _is_missing(project, value.strip("'\""), posixpath.dirname(line.file)):
            return f"uv looks for {value} only in the directory of the file"
        case _:
            return "uv does not read a backslash in an option as pip does" if "\\" in value else None


def _in_requirement(line: RequirementLine) -> str | None:
    if _VARIABLE_AS_TEXT.search(line.text):
        return "uv replaces environment variables only in URLs"
    if _OTHER_OPTION_AFTER.search(line.text):
        return "of the options after a requirement, uv supports only --hash"
    try:
        specifiers = Requirement(without_options(line.text)).specifier
    except ValueError:
        return None
    if "--hash" in line.text and "@" not in line.text and not any(one.operator == "==" for one in specifiers):
        return "uv allows a hash only after a version with =="
    for one in specifiers:
        if one.operator == "===":
            return "uv compares versions after === by their value, pip by their text"
        if one.operator in {"<", "<="} and one.prereleases:
            return "with an upper bound that is a pre-release, pip allows pre-releases, and uv does not"
    return None


def _name(line: RequirementLine) -> str:
    found = _OPTION.fullmatch(line.text)
    return found["name"] if found else ""


def _is_missing(project: Project, place: str, folder: str) -> bool:
    """Return whether the value of --find-links is a local path that does not exist."""
    if not place or ":" in place or "${" in place:
        return False
    try:
        return not Path(project.root, folder, place).exists()
    except (OSError, ValueError):
        # The name is too long, or has a NUL in it.
        return True
