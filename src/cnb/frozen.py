"""Frozen dataclasses that cost next to nothing to define.

``dataclass`` writes methods for each class and compiles them when the module is imported, and itself imports a good
part of the standard library. A build in which nothing has changed imports 160 such classes and does little else: the
methods were a third of it, and the rest of defining them a tenth. The methods of a record are the same functions for
all classes and go by the fields at every call: slower by some microseconds, for the few objects that a build has.

To type checkers records are dataclasses, and to the standard library they become ones when it asks: its ``replace``,
``asdict``, ``fields`` and ``is_dataclass`` take them. What is shipped uses the functions of this module instead.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar, dataclass_transform, get_origin

if TYPE_CHECKING:
    from dataclasses import field, replace

__all__ = ["Field", "field", "fields", "frozen", "is_frozen", "replace", "values"]

_T = TypeVar("_T")
_NOTHING: Any = object()
"""Stands for a default that there is none of."""


class Field:
    """A field of a record: the arguments are ``dataclasses.field``'s."""

    __slots__ = ("default", "default_factory", "init", "metadata", "name", "repr")

    def __init__(
        self,
        *,
        default: object = _NOTHING,
        default_factory: Callable[[], Any] = _NOTHING,
        init: bool = True,
        repr: bool = True,  # noqa: A002 - its name in dataclasses
        metadata: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """Describe a field that does not know its name yet."""
        self.name = ""
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.metadata = metadata

    def initial(self) -> object:
        """Return the value of a field that was given none. Raises LookupError if it has to be given."""
        if self.default_factory is not _NOTHING:
            return self.default_factory()
        if self.default is _NOTHING:
            raise LookupError(self.name)
        return self.default


if not TYPE_CHECKING:
    field = Field


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[_T]) -> type[_T]:
    """Make of a class what ``dataclass(frozen=True, slots=True)`` would, without pickling and keyword-only fields."""
    own = tuple(_own_fields(cls))
    inherited = (each for base in reversed(cls.__mro__[1:]) for each in vars(base).get("__record_fields__", ()))
    all_fields = tuple({each.name: each for each in (*inherited, *own)}.values())
    names = {each.name for each in own}
    body = {name: value for name, value in vars(cls).items() if name not in names | {"__dict__", "__weakref__"}}
    body |= {
        "__slots__": tuple(each.name for each in own),
        "__match_args__": tuple(each.name for each in all_fields if each.init),
        "__record_fields__": all_fields,
        "__dataclass_fields__": _AskedByStandardLibrary(),
        "__qualname__": cls.__qualname__,
    }
    for name, method in _METHODS.items():
        body.setdefault(name, method)
    # Slots have to be there when a class is made, so it is made again.
    kind: Any = type(cls)
    made: type[_T] = kind(cls.__name__, cls.__bases__, body)
    return made


def fields(of: object) -> tuple[Field, ...]:
    """Return the fields of a record, or of a class of records, in order. Raises TypeError for anything else."""
    found: tuple[Field, ...] | None = getattr(of, "__record_fields__", None)
    if found is None:
        raise TypeError(f"{of!r} is no record")
    return found


def is_frozen(one: object) -> bool:
    """Say whether it is a record; a class of records is none."""
    return hasattr(type(one), "__record_fields__")


def values(one: object) -> tuple[Any, ...]:
    """Return the values of a record's fields, in order."""
    return tuple(getattr(one, each.name) for each in fields(one))


if not TYPE_CHECKING:

    def replace(one: _T, /, **changes: object) -> _T:
        """Return a copy of a record with other values for some fields."""
        return type(one)(**{each.name: getattr(one, each.name) for each in fields(one) if each.init} | changes)


class _AskedByStandardLibrary:
    """Answers for ``__dataclass_fields__``, by which the standard library knows a dataclass."""

    def __get__(self, one: object, cls: type[Any]) -> dict[str, Any]:
        import dataclasses  # noqa: PLC0415 - this is what records are there to avoid

        body: dict[str, Any] = {each.name: dataclasses.field(**dict(_described(each))) for each in fields(cls)}
        types = {name: kind for base in reversed(cls.__mro__) for name, kind in _annotations(base).items()}
        body["__annotations__"] = {each.name: types[each.name] for each in fields(cls)}
        twin: Any = dataclasses.dataclass(init=False, repr=False, eq=False)(type(cls.__name__, (), body))
        found: dict[str, Any] = twin.__dataclass_fields__
        return found


def _described(each: Field) -> Iterator[tuple[str, Any]]:
    yield from (("init", each.init), ("repr", each.repr), ("metadata", each.metadata))
    for name in ("default", "default_factory"):
        if (value := getattr(each, name)) is not _NOTHING:
            yield name, value


def _own_fields(cls: type[Any]) -> Iterator[Field]:
    for name, kind in _annotations(cls).items():
        if kind is ClassVar or get_origin(kind) is ClassVar:
            continue
        given = vars(cls).get(name, _NOTHING)
        one = given if isinstance(given, Field) else Field(default=given)
        one.name = name
        yield one


def _annotations(cls: type[Any]) -> Mapping[str, Any]:
    # Of the class alone: Python 3.14 makes them when they are asked for, those before keep them in the class.
    return cls.__annotations__ if "__annotations__" in vars(cls) or "__annotate_func__" in vars(cls) else {}


def _initialize(self: object, *positional: object, **named: object) -> None:
    """Raise TypeError as an ``__init__`` that is written out would."""
    given = _bind(type(self), positional, named)
    for each in fields(self):
        if each.name in given:
            value = given[each.name]
        else:
            try:
                value = each.initial()
            except LookupError:
                if not each.init:
                    continue
                raise TypeError(f"{type(self).__name__}() misses the argument {each.name!r}") from None
        object.__setattr__(self, each.name, value)
    finish = getattr(self, "__post_init__", None)
    if finish is not None:
        finish()


def _bind(cls: type[Any], positional: tuple[object, ...], named: Mapping[str, object]) -> Mapping[str, object]:
    """Return the arguments by name. Raises TypeError for one too many, one given twice and one that is not known."""
    names: tuple[str, ...] = cls.__match_args__
    if len(positional) > len(names):
        raise TypeError(f"{cls.__name__}() takes {len(names)} arguments and was given {len(positional)}")
    given = dict(zip(names, positional, strict=False))
    for name in named:
        if name in given or name not in names:
            wrong = "twice" if name in given else "for nothing"
            raise TypeError(f"{cls.__name__}() was given the argument {name!r} {wrong}")
    return {**given, **named}


def _represent(self: object) -> str:
    shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _is_equal(self: object, other: object) -> bool:
    return type(other) is type(self) and values(self) == values(other)


def _hash(self: object) -> int:
    return hash(values(self))


def _refuse(self: object, name: str, value: object = None) -> NoReturn:
    from dataclasses import FrozenInstanceError  # noqa: PLC0415 - nobody does this

    del value
    raise FrozenInstanceError(f"{type(self).__name__} is frozen: {name!r} stays as it is")


_METHODS: Mapping[str, Callable[..., object]] = {
    "__init__": _initialize,
    "__repr__": _represent,
    "__eq__": _is_equal,
    "__hash__": _hash,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
}
