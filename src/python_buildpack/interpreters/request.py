"""Parses the Python version that an app requests, in the notations that people and tools use."""

import re
import unicodedata
from typing import assert_never

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.interpreters.inventory import Interpreter, Variant


class PythonVersionInvalid(BuildpackError):
    """The file or setting that names the Python version contains neither a version nor a range of versions."""

    code = "python-version-invalid"
    title = "This is not a Python version"


@frozen
class Exact:
    """Exactly one release: 3.12.4, or a pre-release such as 3.15.0rc1."""

    version: Version


@frozen
class Minor:
    """The newest patch release of a minor version: 3.12."""

    major: int
    minor: int


@frozen
class Range:
    """Any release that PEP 440 specifiers allow: >=3.10,<3.13."""

    specifiers: SpecifierSet
    others: tuple[SpecifierSet, ...] = ()
    """Alternative ranges: Poetry has an "or" between ranges, which PEP 440 lacks."""

    def within(self, minor: str) -> "Range":
        """Return this range limited to one minor version."""
        of_minor = SpecifierSet(f"=={minor}.*")
        return Range(self.specifiers & of_minor, tuple(other & of_minor for other in self.others))


@frozen
class Copied:
    """The source of what a tool wrote into a lock: a change in the lock itself would be refused, or undone."""

    place: str
    """``Pipfile (python_version)``."""
    command: str
    """What copies it again: ``pipenv lock``."""


@frozen
class VersionRequest:
    """A requested Python version."""

    text: str
    """The text as it was written."""
    origin: str
    """Where it was written, for the log: ``.python-version, line 1``."""
    wanted: Exact | Minor | Range
    variant: Variant = "default"
    copied: Copied | None = None
    """Where a tool copied it from, if a person does not write it at the origin."""

    def change(self, cure: str) -> str:
        """Return the sentence ``cure`` with the place where a reader changes the version for ``{}``."""
        copied = self.copied
        if copied is None:
            return cure.replace("{}", self.origin)
        return f"{cure.replace('{}', copied.place)} Then run {copied.command}."

    def allows(self, interpreter: Interpreter) -> bool:
        """Return whether this interpreter meets the request."""
        # A range limits only the version. A variant can only be requested with a single version.
        if not isinstance(self.wanted, Range) and interpreter.variant != self.variant:
            return False
        return is_wanted(self.wanted, interpreter.version)


def is_wanted(wanted: Exact | Minor | Range, version: Version) -> bool:
    """Return whether a version meets the request. A pre-release meets only an exact request."""
    match wanted:
        case Exact(exact):
            return version == exact
        case Minor(major, minor):
            return version.release[:2] == (major, minor) and not version.is_prerelease
        case Range(specifiers, others):
            return any(one.contains(version, prereleases=False) for one in (specifiers, *others))
        case other:
            assert_never(other)


_IMPLEMENTATION = re.compile(r"(?:c?python|v)[-@ ]?(?=[0-9])", re.IGNORECASE)
_PLATFORM = re.compile(r"-(?:linux|macos|darwin|windows)-\w+-\w+$", re.IGNORECASE)
"""The platform in uv's names of builds, as cpython-3.12.1-linux-x86_64-gnu. It is ignored: the image decides it."""
_ANY_PATCH = re.compile(r"(?P<release>[0-9]+(?:\.[0-9]+)?)(?:\.[x*])+", re.IGNORECASE)
_FREE_THREADED = re.compile(
    r"(?P<version>[0-9]+\.[0-9][0-9.]*(?:(?:a|b|rc)[0-9]+)?)(?:t|\+freethreaded)", re.IGNORECASE
)
_MINOR_PARTS = 2
_NEWEST_MAJOR = 99
_MAX_CHARACTERS = 200
"""Longer texts are refused: Python cannot convert numbers of thousands of digits."""
_EXAMPLES = "3.13 (its newest patch release), 3.13.2 (exactly this one) or a range such as >=3.11,<3.14"


def parse_version_request(text: str, origin: str) -> VersionRequest:
    """Return the request in ``text``, which was written at ``origin``. Raises PythonVersionInvalid.

    Besides PEP 440 specifiers: 3.12, 3.12.4, 3 (any 3.x), 3.12.* and 3.12.x, 3.13t (free-threaded), each also after
    ``python-`` (Heroku), ``cpython-``, ``cpython@`` (uv) or ``v``.
    """
    trimmed = text.strip()
    plain = _PLATFORM.sub("", trimmed[found.end() :]) if (found := _IMPLEMENTATION.match(trimmed)) else trimmed
    variant: Variant = "default"
    if threaded := _FREE_THREADED.fullmatch(plain):
        plain, variant = threaded["version"], "freethreaded"
    wanted = (_parse_version(plain) or _parse_range(plain)) if len(plain) <= _MAX_CHARACTERS else None
    if wanted is None:
        raise PythonVersionInvalid(*_explain(trimmed, origin))
    return VersionRequest(trimmed, origin, wanted, variant)


def _parse_version(text: str) -> Exact | Minor | Range | None:
    if any_patch := _ANY_PATCH.fullmatch(text):
        text = any_patch["release"]
    try:
        version = Version(text)
    except ValueError:
        return None
    if version.epoch or version.local or version.is_postrelease or version.is_devrelease:
        return None
    if version.major > _NEWEST_MAJOR:
        # 312, for 3.12.
        return None
    parts = len(version.release)
    if version.is_prerelease or parts > _MINOR_PARTS:
        return Exact(version)
    return Minor(version.major, version.minor) if parts == _MINOR_PARTS else Range(SpecifierSet(f"=={version.major}.*"))


def _parse_range(text: str) -> Range | None:
    try:
        specifiers = SpecifierSet(text)
    except ValueError:
        return None
    return Range(specifiers) if len(specifiers) else None


def parse_specifiers(text: str, origin: str, key: str) -> VersionRequest:
    """Understand ``text``, the value of ``key`` at ``origin``, where nothing but specifiers may stand (PEP 621).

    Raises PythonVersionInvalid for versions without an operator too: installers and build backends refuse those.
    """
    trimmed = text.strip()
    wanted = _parse_range(trimmed) if len(trimmed) <= _MAX_CHARACTERS else None
    if wanted is None:
        what, cure = _explain(trimmed, origin)
        if isinstance(_parse_version(trimmed) if len(trimmed) <= _MAX_CHARACTERS else None, Exact | Minor | Range):
            what = f"{origin} says {trimmed}, a version without an operator, which PEP 440 does not allow there."
        raise PythonVersionInvalid(what, _specifiers_to_write(trimmed, key) or cure)
    return VersionRequest(trimmed, origin, wanted)


def _specifiers_to_write(text: str, key: str) -> str | None:
    from python_buildpack.interpreters.rewrite import rewritten_range  # noqa: PLC0415 - only for errors

    found = rewritten_range(text)
    if found is None:
        return None
    minor = found.removeprefix("==").removesuffix(".*")
    of_one = f' for any {minor}, or {key} = ">={minor}" for {minor} and later' if found == f"=={minor}.*" else ""
    return f'Write {key} = "{found}"{of_one}.'


def _explain(text: str, origin: str) -> tuple[str, str]:
    """Return what is wrong and what to do: the text to write, where it is clear what was meant."""
    from python_buildpack.interpreters.rewrite import reason, rewritten  # noqa: PLC0415 - only for errors

    if not text:
        return f"{origin} is empty.", f"Write {_EXAMPLES}."
    found = rewritten(text)
    cure = f"Write {found} there, if that is what was meant, or else " if found else "Write "
    what = f"{origin} says {visible(text)}, which is neither a version of Python nor a range of versions."
    if visible(text) != text:
        what = f"{what} The characters shown as <U+…> are invisible in an editor, or look like others."
        return what, f"Type the line again. {cure}{_EXAMPLES}."
    return f"{what}{reason(text)}", f"{cure}{_EXAMPLES}."


def visible(text: str) -> str:
    """Return ``text`` with each invisible or ambiguous character replaced by its code point and name."""
    return "".join(
        character if _is_plain(character) else f"<U+{ord(character):04X} {_name(character)}>" for character in text
    )


def _is_plain(character: str) -> bool:
    return character == " " or (character.isprintable() and (character.isascii() or character.isalpha()))


def _name(character: str) -> str:
    return unicodedata.name(character, "control character").lower()
