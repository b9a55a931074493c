"""What a type of binding is here: a name, and a pure function from the binding's entries to what it adds.

``apply`` has one place for each kind of addition, so a new type that adds what others add is one new module.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from cnb.errors import BuildpackError
from cnb.frozen import field, frozen
from python_buildpack.secrets.netrc import Login


class BindingInvalid(BuildpackError):
    """A service binding of a type that this buildpack knows lacks an entry, or has one that cannot be what it is for.

    The message names the binding and the entry, never what is in it.
    """

    code = "binding-invalid"
    title = "A service binding cannot be used"


@frozen
class Given:
    """A binding as it was read: all entries with their values."""

    name: str
    type: str
    path: Path
    entries: Mapping[str, str] = field(repr=False)

    def require(self, *names: str) -> str:
        """Return the value of the first of these entries that is there. Raises BindingInvalid if none is, or empty."""
        value = next((text.strip() for name in names if (text := self.entries.get(name)) is not None), "")
        if not value:
            lacks = "is empty" if any(name in self.entries for name in names) else "is missing"
            raise self.invalid(names[0], lacks)
        return value

    def optional(self, name: str) -> str:
        """Return the value of an entry without the white space around it, or an empty text."""
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
        """Return the error that says what is wrong with an entry."""
        return BindingInvalid(
            f"The binding {self.name} is of type {self.type}, but its entry {entry} {fault}.",
            f"Correct {entry} in the binding {self.name}, or remove the binding; docs/private-networks.md lists what "
            "each type has.",
        )


@frozen
class PackageIndex:
    """A package index: in place of the public one, or beside it."""

    url: str
    """Without credentials."""
    login: Login | None
    is_extra: bool

    @property
    def summary(self) -> str:
        """Return what the log says of it."""
        return f"{'one more package index' if self.is_extra else 'the package index'} {self.url}"


@frozen
class Variable:
    """A variable of the environment of all commands, unless the user has given it a value."""

    name: str
    value: str = field(repr=False)
    summary: str
    """What the log says of it."""


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
class DigestMirror:
    """Where the file with this digest is to be had from, and from nowhere else."""

    summary: ClassVar[str] = "addresses of single downloads"
    sha256: str
    url: str = field(repr=False)


@frozen
class HostMirror:
    """What stands for a host: all that would be downloaded from there comes from here."""

    summary: ClassVar[str] = "mirrors for downloads"
    host: str
    """``default`` for all hosts that have none of their own."""
    url: str = field(repr=False)


Addition = PackageIndex | Login | Variable | Certificates | GitLogin | DigestMirror | HostMirror
"""What a binding can add. Each has a ``summary`` for the log, which holds nothing secret."""


@frozen
class BindingType:
    """A type of binding."""

    name: str
    entries: frozenset[str] | None
    """The names of the entries that it may have; None where names are data."""
    read: Callable[[Given], tuple[Addition, ...]]
    """Returns what a binding adds. Pure. Raises BindingInvalid."""
    entries_meaning: str
    """What its entries are, and ..."""
    meaning: str
    """... what it does: both for docs/private-networks.md."""
