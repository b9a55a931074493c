"""Something that is no Python version: why it is none, and the exact text that was probably meant."""

import re
import unicodedata

from packaging.specifiers import SpecifierSet

_NAME = re.compile(r"^(?:c?python|python_version|py|cp)[-_@:= ]*(?=[0-9<>=!~^])", re.IGNORECASE)
_OPERATOR = re.compile(r"[<>=!~^]")
_SIGNS = {"=>": ">=", "=<": "<=", "≥": ">=", "≤": "<=", "≠": "!=", "==>": ">="}
_AND = re.compile(r"\s+(?:and|&&?)\s+|\s*[;&]\s*|(?<=[0-9*x])\s+(?=[<>=!~])", re.IGNORECASE)
_ANY_PATCH = re.compile(r"(?:\.[x*])+$", re.IGNORECASE)
_CARET = re.compile(r"\^\s*([0-9]+)((?:\.[0-9]+)*)$")
_TILDE = re.compile(r"~\s*([0-9]+)(?:\.([0-9]+))?(\.[0-9]+)?$")
_OR_LATER = re.compile(r"([0-9]+(?:\.[0-9]+)*)\s*(?:\+|(?:and|or)\s+(?:newer|later|higher|above|up))$", re.IGNORECASE)
_SPAN = re.compile(r"([0-9]+\.[0-9]+)(?:\.[x*])?\s*(?:-|\u2013|to|\.\.\.?)\s*3\.([0-9]+)(?:\.[x*])?$", re.IGNORECASE)
_SEVERAL = re.compile(r"3\.[0-9]+(?:\.[x*])?(?:\s*(?:,|\|\|?|/|\bor\b)\s*3\.[0-9]+(?:\.[x*])?)+$", re.IGNORECASE)
_COMMA = re.compile(r"([23])[,_-]([0-9]{1,2})$")
_NO_DOT = re.compile(r"3([0-9]{1,2})$")
_VERSION = re.compile(r"(?<![\w.])v?(3\.[0-9]{1,2}(?:\.[0-9]{1,2})?)(?![0-9])")
_PART = re.compile(
    r"(?P<operator>===?|~=|!=|<=?|>=?|=)?\s*v?(?P<version>[0-9]+(?:\.[0-9]+)*(?:\.[x*])?)$", re.IGNORECASE
)
_MINOR_ALONE = re.compile(r"(?P<operator>===?|<=)\s*(?P<major>[0-9]+)\.(?P<minor>[0-9]+)(?=\s*(?:,|$))")
_MINOR_PARTS = 2
_LONGEST = 100

_OTHER_IMPLEMENTATION = re.compile(
    r"(pypy|graalpy|jython|micropython|stackless|anaconda|miniconda|mambaforge)", re.IGNORECASE
)
_MISTAKES = (
    (_OTHER_IMPLEMENTATION, "This buildpack installs CPython only."),
    (re.compile(r"[\^~]"), "^ and ~ are notations of Poetry and npm; they are supported only in Poetry's table."),
    (re.compile(r"<{5}|={5}|>{5}"), "It looks like the mark of a merge conflict."),
    (re.compile(r"system$"), "It is pyenv's and asdf's name for the Python of the machine: an image has none."),
    (
        re.compile(r"(?:latest|stable|default|lts)\b", re.IGNORECASE),
        "The version that such a word means would change over time.",
    ),
    (re.compile(r"ref:"), "ref: is asdf's for a commit to compile; no Python is compiled in a build."),
    (re.compile(r"path:|[~.]?/"), "A path leads to a Python of your machine, which is not in the image."),
    (re.compile(r"[\d.]+/envs/"), "It is the name of a virtual environment of pyenv's."),
    (
        re.compile(r"[A-Za-z][\w.-]*$"),
        "If it is the name of a virtual environment of pyenv's: an image has none of those.",
    ),
)
"""What a text begins with, and why it is no version."""


def rewritten_range(text: str) -> str | None:
    """Return PEP 440 specifiers that say what ``text`` probably means; None where that is not clear."""
    plain = _plain(text)
    for rule in (_caret, _tilde, _or_later, _span, _several):
        if (found := rule(plain)) is not None:
            return found
    if no_dot := _NO_DOT.match(plain):
        return f"==3.{no_dot[1]}.*"
    parts = [_part(part.strip()) for part in _AND.sub(",", plain).split(",") if part.strip()]
    if parts and all(parts):
        return ",".join(part for part in parts if part)
    version = None if _OPERATOR.search(plain) else _one_version(plain)
    return _part(version) if version else None


def rewritten(text: str) -> str | None:
    """Return what to write in a file that names a version: a version where one was meant, else specifiers."""
    plain = _plain(text)
    if re.search(r"[<>^~!]|\bor\b|\band\b|\+$", plain) or _span(plain):
        return rewritten_range(text)
    return _one_version(plain)


def reason(text: str) -> str:
    """Return a sentence about a mistake that is common, with a space before it; empty for all others."""
    return next((f" {because}" for pattern, because in _MISTAKES if pattern.match(text)), "")


def with_all_patches(text: str) -> str:
    """Return specifiers in which a minor version after == and <= stands for its patch releases, not for x.y.0 alone."""
    return _MINOR_ALONE.sub(_with_patches, text)


def _with_patches(found: "re.Match[str]") -> str:
    operator, major, minor = found["operator"], found["major"], found["minor"]
    return f"<{major}.{int(minor) + 1}" if operator == "<=" else f"=={major}.{minor}.*"


def _plain(text: str) -> str:
    """Return ``text`` without quotes, the word python, and what hangs over at its end; with PEP 440's signs."""
    visible = (
        letter for letter in unicodedata.normalize("NFKC", text[:_LONGEST]) if unicodedata.category(letter) != "Cf"
    )
    plain = "".join(visible).strip().strip("\"'`").strip().rstrip(",;.").strip()
    for wrong, right in sorted(_SIGNS.items(), key=lambda sign: -len(sign[0])):
        plain = plain.replace(wrong, right)
    return _NAME.sub("", plain)


def _one_version(plain: str) -> str | None:
    if found := _COMMA.match(plain):
        return f"{found[1]}.{found[2]}"
    if found := _NO_DOT.match(plain):
        return f"3.{found[1]}"
    versions = _VERSION.findall(plain)
    return versions[0] if len(versions) == 1 else None


def _caret(plain: str) -> str | None:
    found = _CARET.match(plain)
    return f">={found[1]}{found[2]},<{int(found[1]) + 1}" if found else None


def _tilde(plain: str) -> str | None:
    if not (found := _TILDE.match(plain)):
        return None
    major, minor, patch = found.groups()
    if patch:
        return f"~={major}.{minor}{patch}"
    return f"=={major}.{minor}.*" if minor else f"=={major}.*"


def _or_later(plain: str) -> str | None:
    found = _OR_LATER.match(plain)
    return f">={found[1]}" if found else None


def _span(plain: str) -> str | None:
    found = _SPAN.match(plain)
    return f">={found[1]},<3.{int(found[2]) + 1}" if found else None


def _several(plain: str) -> str | None:
    """Return the range of all the minor versions that are listed, if none between them is left out."""
    if not _SEVERAL.match(plain):
        return None
    minors = sorted({int(number) for number in re.findall(r"3\.([0-9]+)", plain)})
    left_out = (f",!=3.{minor}.*" for minor in range(minors[0], minors[-1]) if minor not in minors)
    return f">=3.{minors[0]},<3.{minors[-1] + 1}{''.join(left_out)}"


def _part(part: str) -> str | None:
    """Return one specifier as PEP 440 has it; a version without an operator stands for all its patch releases."""
    if not (found := _PART.match(part)):
        return None
    operator, version = found["operator"] or "==", found["version"]
    short = _ANY_PATCH.sub("", version)
    is_pattern = short != version or (found["operator"] in {None, "="} and short.count(".") < _MINOR_PARTS)
    operator = {"=": "==", "===": "=="}.get(operator, operator)
    text = f"{operator}{short}.*" if is_pattern and operator in {"==", "!="} else f"{operator}{short}"
    try:
        return str(SpecifierSet(text))
    except ValueError:
        return None
