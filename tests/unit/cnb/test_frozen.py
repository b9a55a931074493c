"""Records behave as frozen dataclasses with slots do: each claim is held against one."""

import dataclasses
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, dataclass
from typing import Any, ClassVar

import pytest

from cnb.frozen import field, fields, frozen, replace, values


def made(decorate: Callable[[type], type], field: Callable[..., Any]) -> Any:
    """Return the same class, decorated one way or the other."""

    class Point:
        """Has a field of each kind."""

        x: int
        secret: str = field(repr=False)
        y: int = 2
        names: list[str] = field(default_factory=list)
        total: int = field(init=False, default=0)

        def __post_init__(self) -> None:
            object.__setattr__(self, "total", self.x + self.y)

    return decorate(Point)


Usual = made(dataclass(frozen=True, slots=True), dataclasses.field)
Record = made(frozen, field)


@pytest.mark.parametrize(
    ("positional", "named"),
    [((1, "s"), {}), ((1,), {"secret": "s", "y": 5}), ((1, "s", 3, ["n"]), {}), ((), {"secret": "s", "x": 1})],
)
def test_takes_the_same_arguments(positional: tuple[Any, ...], named: dict[str, Any]) -> None:
    """By position and by name, defaults and factories; what is shown of it is the same too."""
    usual, ours = Usual(*positional, **named), Record(*positional, **named)
    assert asdict(ours) == asdict(usual)
    assert repr(ours) == repr(usual)
    assert "secret" not in repr(ours)


@pytest.mark.parametrize(
    ("positional", "named"),
    [
        ((), {}),
        ((1,), {}),
        ((1, "s", 2, [], 5), {}),
        ((1, "s"), {"x": 2}),
        ((1, "s"), {"z": 2}),
        ((1, "s"), {"total": 2}),
    ],
)
def test_refuses_the_same_arguments(positional: tuple[Any, ...], named: dict[str, Any]) -> None:
    """Too few, too many, twice, unknown, and what is not to be given."""
    for kind in (Usual, Record):
        with pytest.raises(TypeError):
            kind(*positional, **named)


def test_each_has_its_own_factory_made_value() -> None:
    """A list that is a default is not shared."""
    assert Record(1, "s").names is not Record(1, "s").names


def test_is_frozen() -> None:
    """Nothing is set, added or deleted, and there is no room for more."""
    one = Record(1, "s")
    with pytest.raises(FrozenInstanceError):
        one.x = 2
    with pytest.raises(FrozenInstanceError):
        one.new = 2
    with pytest.raises(FrozenInstanceError):
        del one.x
    assert not hasattr(one, "__dict__")


def test_is_compared_by_value_and_kind() -> None:
    """Equal fields make equal records, of the same class only; equal ones have one place in a set."""

    def pair() -> Any:
        class Pair:
            """Has two fields."""

            left: int
            right: int

        return frozen(Pair)

    Pair, Other = pair(), pair()  # noqa: N806 - they are classes
    assert Pair(1, 2) == Pair(1, 2) != Pair(1, 3)
    assert Pair(1, 2) != Other(1, 2)
    assert Pair(1, 2) != (1, 2)
    assert {Pair(1, 2), Pair(1, 2)} == {Pair(1, 2)}
    with pytest.raises(TypeError):
        hash(Record(1, "s"))


def test_is_a_dataclass_to_the_standard_library() -> None:
    """Fields, copies with changes, and matching by position."""
    one = Record(1, "s")
    for ours, usual in zip(dataclasses.fields(one), dataclasses.fields(Usual), strict=True):
        assert (ours.name, ours.type, ours.default, ours.init, ours.repr) == (
            usual.name, usual.type, usual.default, usual.init, usual.repr,
        )  # fmt: skip
    assert dataclasses.replace(one, y=7).total == 8
    match one:
        case Record(x, secret):
            assert (x, secret) == (1, "s")
        case _:
            raise AssertionError
    assert dataclasses.is_dataclass(Record)


def test_what_is_shipped_needs_no_standard_library() -> None:
    """The same functions, for a build that has nothing to do."""
    one = Record(1, "s")
    assert [each.name for each in fields(one)] == [each.name for each in dataclasses.fields(Usual)]
    assert values(replace(one, y=7)) == (1, "s", 7, [], 8)
    with pytest.raises(TypeError):
        replace(one, total=2)
    with pytest.raises(TypeError):
        fields("text")


def test_fields_are_inherited() -> None:
    """Those of the base go first, and what is no field is left alone."""

    @frozen
    class Base:
        """Has one field, and a constant."""

        left: int
        kind: ClassVar[str] = "pair"

    @frozen
    class Derived(Base):
        """Has one more."""

        right: int = 2

    assert repr(Derived(1)).endswith("Derived(left=1, right=2)")
    assert Derived(1) != Base(1)
    assert Derived.kind == "pair"
