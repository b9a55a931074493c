"""Frozen dataclasses that are fast to define.

``dataclass`` generates and compiles methods for each class when its module is imported, and itself imports much of the
standard library. A build in which nothing has changed imports 160 such classes and does little else: the generated
methods took a third of its time, and the rest of the definitions a tenth. Here all classes share the same methods,
which look up the fields at every call. A call is slower by some microseconds, which does not matter for the few
objects of a build.

Type checkers see frozen classes as dataclasses. The standard library's ``replace``, ``asdict``, ``fields`` and
``is_dataclass`` accept them too, but then ``dataclasses`` is imported: shipped code uses the functions of this module.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar, dataclass_transform, get_origin

if TYPE_CHECKING:
    from dataclasses import field, replace

__all__ = ["Field", "field", "fields", "frozen", "is_frozen", "replace", "values"]

_T = TypeVar("_T")
_set = object.__setattr__
_NOTHING: Any = object()
"""Marks a field without a default."""


class Field:
    """A field of a frozen class; takes the same arguments as ``dataclasses.field``."""

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
        """Make a field; ``frozen`` sets its name later."""
        self.name = ""
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.metadata = metadata

    def initial(self) -> object:
        """Return the default of the field. Raises LookupError if it has none."""
        if self.default_factory is not _NOTHING:
            return self.default_factory()
        if self.default is _NOTHING:
            raise LookupError(self.name)
        return self.default


if not TYPE_CHECKING:
    field = Field


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[_T]) -> type[_T]:
    """Decorate a class as ``dataclass(frozen=True, slots=True)`` does, without pickling and keyword-only fields."""
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
    # Slots can only be set when a class is created, so a second class is created.
    kind: Any = type(cls)
    made: type[_T] = kind(cls.__name__, cls.__bases__, body)
    return made


def fields(of: object) -> tuple[Field, ...]:
    """Return the fields of a frozen class or of its instance, in order. Raises TypeError for anything else."""
    found: tuple[Field, ...] | None = getattr(of, "__record_fields__", None)
    if found is None:
        raise TypeError(f"{of!r} is not of a frozen class")
    return found


def is_frozen(one: object) -> bool:
    """Return whether the object is an instance of a frozen class."""
    return hasattr(type(one), "__record_fields__")


def values(one: object) -> tuple[Any, ...]:
    """Return the values of the fields of a frozen instance, in order."""
    return tuple(getattr(one, each.name) for each in fields(one))


if not TYPE_CHECKING:

    def replace(one: _T, /, **changes: object) -> _T:
        """Return a copy of a frozen instance with other values for some fields."""
        return type(one)(**{each.name: getattr(one, each.name) for each in fields(one) if each.init} | changes)


class _AskedByStandardLibrary:
    """Computes ``__dataclass_fields__``, by which the standard library recognises a dataclass, when it is read."""

    def __get__(self, one: object, cls: type[Any]) -> dict[str, Any]:
        import dataclasses  # noqa: PLC0415 - slow to import, and seldom needed

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
    # Without those of base classes. Python 3.14 computes annotations on access; before, they are stored in the class.
    return cls.__annotations__ if "__annotations__" in vars(cls) or "__annotate_func__" in vars(cls) else {}


def _initialize(self: object, *positional: object, **named: object) -> None:
    """Set the fields from the arguments. Raises TypeError where a normal ``__init__`` would."""
    cls: Any = type(self)
    if not named and len(positional) == len(cls.__match_args__) == len(cls.__record_fields__):
        # Some classes have tens of thousands of instances, which are made in this way.
        for name, value in zip(cls.__match_args__, positional, strict=True):
            _set(self, name, value)
    else:
        _set_each(self, _bind(cls, positional, named))
    if hasattr(cls, "__post_init__"):
        cls.__post_init__(self)


def _set_each(self: object, given: Mapping[str, object]) -> None:
    """Set the fields from arguments by name, and the others to their defaults. Raises TypeError if one has none."""
    for each in fields(self):
        if each.name in given:
            value = given[each.name]
        else:
            try:
                value = each.initial()
            except LookupError:
                if not each.init:
                    continue
                raise TypeError(f"{type(self).__name__}() is missing the argument {each.name!r}") from None
        _set(self, each.name, value)


def _bind(cls: type[Any], positional: tuple[object, ...], named: Mapping[str, object]) -> Mapping[str, object]:
    """Return the arguments by name. Raises TypeError for too many, repeated and unknown arguments."""
    names: tuple[str, ...] = cls.__match_args__
    if len(positional) > len(names):
        raise TypeError(f"{cls.__name__}() takes {len(names)} arguments and was given {len(positional)}")
    given = dict(zip(names, positional, strict=False))
    for name in named:
        if name in given or name not in names:
            wrong = "twice" if name in given else "but has no such field"
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
    from dataclasses import FrozenInstanceError  # noqa: PLC0415 - slow to import, and only a bug needs it

    del value
    raise FrozenInstanceError(f"{type(self).__name__} is frozen: {name!r} cannot be changed")


_METHODS: Mapping[str, Callable[..., object]] = {
    "__init__": _initialize,
    "__repr__": _represent,
    "__eq__": _is_equal,
    "__hash__": _hash,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
}
