"""Reads the service bindings of the types known here, and says what they add."""

from collections.abc import Iterable, Iterator

from cnb.frozen import frozen
from cnb.platform import LARGEST, Binding
from python_buildpack.platform.bindings.interface import Addition, BindingType, Given
from python_buildpack.platform.bindings.registry import BINDING_TYPES
from python_buildpack.ports.notice import Notice


@frozen
class Found:
    """A binding with what it adds."""

    name: str
    type: str
    additions: tuple[Addition, ...]
    notices: tuple[Notice, ...]

    @property
    def summary(self) -> str:
        """Return for the log what the binding adds, without secrets."""
        return f"binding {self.name}, {self.type}: {', '.join(dict.fromkeys(each.summary for each in self.additions))}"


def read_bindings(bindings: Iterable[Binding]) -> tuple[Found, ...]:
    """Return what the bindings add, in the given order. Raises BindingInvalid for the first that is invalid."""
    types = {known.name: known for known in BINDING_TYPES}
    return tuple(
        _read(binding, types[binding.type.casefold()]) for binding in bindings if binding.type.casefold() in types
    )


def _read(binding: Binding, known: BindingType) -> Found:
    entries = {name: text for name in binding.entries if (text := binding.secret(name)) is not None}
    given = Given(binding.name, known.name, binding.path, entries)
    for name in binding.entries:
        if name not in entries and (known.entries is None or name in known.entries):
            raise given.invalid(name, f"cannot be read or has more than {LARGEST >> 20} MB")
    return Found(given.name, known.name, known.read(given), tuple(_unknown_entries(given, known)))


def _unknown_entries(given: Given, known: BindingType) -> Iterator[Notice]:
    unknown = sorted(given.entries.keys() - known.entries) if known.entries is not None else []
    if unknown:
        yield Notice(
            "A service binding has unknown entries",
            f"The binding {given.name} is of type {known.name}, which has the entries "
            f"{', '.join(sorted(known.entries or ()))}. Not read: {', '.join(unknown)}.",
        )
