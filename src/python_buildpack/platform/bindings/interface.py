"""The interface of a type of binding: a name, and a pure function from the binding's entries to what it adds.

``apply`` handles each kind of addition, so a new type with known kinds of additions is one new module.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from cnb.errors import BuildpackError
from cnb.frozen import field, frozen
from python_buildpack.secrets.netrc import Login


class BindingInvalid(BuildpackError):
    """A service binding of a type that this buildpack knows has no value for a required entry, or an invalid one.

    The message names the binding and the entry, never its value.
    """

    code = "binding-invalid"
    title = "A service binding cannot be used"
    remedies = ("binding",)


@frozen
class Given:
    """A binding as it was read: all entries with their values."""

    name: str
    type: str
    path: Path
    entries: Mapping[str, str] = field(repr=False)

    def require(self, *names: str) -> str:
        """Return the value of the first of these entries that exists. Raises BindingInvalid if none has a value."""
        value = next((text.strip() for name in names if (text := self.entries.get(name)) is not None), "")
        if not value:
            lacks = "is empty" if any(name in self.entries for name in names) else "is missing"
            raise self.invalid(names[0], lacks)
        return value

    def optional(self, name: str) -> str:
        """Return the value of an entry without the white space around it, or "" if there is no such entry."""
        return self.entries.get(name, "").strip()

    def file(self, name: str) -> Path:
        """Return the path of an entry; kpack's older layout has the entries one level down."""
        plain = self.path / name
        return plain if plain.is_file() else self.path / "secret" / name

    def require_url(self, name: str) -> str:
        """Return the value of an entry that must be an http(s) URL. Raises BindingInvalid."""
        return self.check_url(name, self.require(name))

    def check_url(self, name: str, value: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
        """Return ``value`` if it is a URL with a host. Raises BindingInvalid."""
        try:
            parts = urlsplit(value)
            is_url = parts.scheme in schemes and bool(parts.hostname or parts.scheme == "file") and parts.port != 0
        except ValueError:
            is_url = False
        if not is_url or len(value.split()) != 1:
            raise self.invalid(name, f"is not a URL that begins with {' or '.join(f'{word}://' for word in schemes)}")
        return value

    def invalid(self, entry: str, fault: str) -> BindingInvalid:
        """Return the error for an entry; ``fault`` is a predicate, such as "is missing"."""
        return BindingInvalid(
            f"The binding {self.name} is of type {self.type}, but its entry {entry} {fault}.",
            f"Correct {entry} in the binding {self.name}, or remove the binding; docs/private-networks.md lists what "
            "each type has.",
        )


@frozen
class PackageIndex:
    """A package index: instead of the public one, or in addition to it."""

    url: str
    """Without credentials."""
    login: Login | None
    is_extra: bool
    order: Literal["", "first", "alone"] = ""
    """Whether it is searched before all others, or is the only one that is searched."""

    @property
    def summary(self) -> str:
        """Return the text for the log."""
        kind = {
            "first": "the package index that is searched first,",
            "alone": "the only package index,",
        }.get(self.order, "one more package index" if self.is_extra else "the package index")
        return f"{kind} {self.url}"


@frozen
class Variable:
    """A variable for the environment of all commands, unless the user has set it."""

    name: str
    value: str = field(repr=False)
    """It is hidden in all output if the variable or the binding's entry has the name of a secret, such as ``token``."""
    summary: str
    """The text for the log."""


@frozen
class Certificates:
    """Certificate authorities to trust besides the system's, as PEM."""

    summary: ClassVar[str] = "trusted certificates"
    pem: str


@frozen
class GitLogin:
    """A line of a git credential store: a URL with credentials."""

    summary: ClassVar[str] = "logins for git"
    line: str = field(repr=False)


@frozen
class GitSshKey:
    """A key for git over SSH, with the servers that may see it."""

    summary: ClassVar[str] = "a key for git over SSH"
    private_key: str = field(repr=False)
    """As OpenSSH reads it: PEM, with the last end of line."""
    known_hosts: str
    """Lines of a known_hosts file."""


@frozen
class DigestMirror:
    """The only URL from which the file with this digest is downloaded."""

    summary: ClassVar[str] = "addresses of single downloads"
    sha256: str
    url: str = field(repr=False)


@frozen
class HostMirror:
    """A URL that replaces a host in all downloads."""

    summary: ClassVar[str] = "mirrors for downloads"
    host: str
    """``default`` for all hosts without a mirror of their own."""
    url: str = field(repr=False)


Addition = PackageIndex | Login | Variable | Certificates | GitLogin | GitSshKey | DigestMirror | HostMirror
"""What a binding can add. Each has a ``summary`` for the log, without secrets."""


@frozen
class BindingType:
    """A type of binding."""

    name: str
    entries: frozenset[str] | None
    """The names of the entries that it may have; None if it may have any names."""
    read: Callable[[Given], tuple[Addition, ...]]
    """Returns what a binding adds. Pure. Raises BindingInvalid."""
    entries_meaning: str
    """Its entries, as Markdown for docs/private-networks.md."""
    meaning: str
    """What it does, as Markdown for docs/private-networks.md."""
