"""Frozen dataclasses whose methods are not generated.

``dataclass`` writes six methods for each class and compiles them when the module is imported: half a millisecond each
time. That was a third of a build in which nothing has changed, which imports 160 such classes and does little else.
The methods of a record are the same functions for all classes and go by the fields at every call: slower by some
microseconds, for the few objects that a build has. In all else it is the dataclass that it still is: ``fields``,
``replace``, ``asdict``, ``field`` and ``match``.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from typing import Any, ClassVar, NoReturn, Protocol, TypeVar, dataclass_transform

_T = TypeVar("_T")


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[_T]) -> type[_T]:
    """Make of a class what ``dataclass(frozen=True, slots=True)`` would, without pickling and keyword-only fields."""
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    made.__init__ = _initializer(made)
    made.__repr__ = _represent
    made.__eq__ = _is_equal
    made.__hash__ = _hash
    made.__setattr__ = _refuse
    made.__delattr__ = _refuse
    return made  # type: ignore[no-any-return]


def _initializer(cls: type[Any]) -> Callable[..., None]:
    """Return the ``__init__`` of a class; it raises TypeError as one that is written out would."""
    all_fields = fields(cls)
    names = tuple(each.name for each in all_fields if each.init)
    store = object.__setattr__
    finish = getattr(cls, "__post_init__", None)

    def initialize(self: object, *positional: object, **named: object) -> None:
        given = _bind(cls.__name__, names, positional, named)
        for each in all_fields:
            if each.name in given:
                store(self, each.name, given[each.name])
            elif each.default is not MISSING:
                store(self, each.name, each.default)
            elif each.default_factory is not MISSING:
                store(self, each.name, each.default_factory())
            elif each.init:
                raise TypeError(f"{cls.__name__}() misses the argument {each.name!r}")
        if finish is not None:
            finish(self)

    return initialize


def _bind(
    called: str, names: tuple[str, ...], positional: tuple[object, ...], named: Mapping[str, object]
) -> Mapping[str, object]:
    """Return the arguments by name. Raises TypeError for one too many, one given twice and one that is not known."""
    if len(positional) > len(names):
        raise TypeError(f"{called}() takes {len(names)} arguments and was given {len(positional)}")
    given = dict(zip(names, positional, strict=False))
    for name in named:
        if name in given or name not in names:
            raise TypeError(f"{called}() was given the argument {name!r} {'twice' if name in given else 'for nothing'}")
    return {**given, **named}


def _values(self: _Dataclass) -> tuple[object, ...]:
    return tuple(getattr(self, each.name) for each in fields(self))


def _represent(self: _Dataclass) -> str:
    shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _is_equal(self: _Dataclass, other: _Dataclass) -> bool:
    return type(other) is type(self) and _values(self) == _values(other)


def _hash(self: _Dataclass) -> int:
    return hash(_values(self))


def _refuse(self: object, name: str, value: object = None) -> NoReturn:
    del value
    raise FrozenInstanceError(f"{type(self).__name__} is frozen: {name!r} stays as it is")
