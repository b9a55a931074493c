"""The table compatibility.toml, applied to an app's pins. Pure, except for reading the table."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from cnb.frozen import frozen

TABLE = Path(__file__).with_name("compatibility.toml")


@frozen
class Break:
    """Releases that do not run on a minor version of Python or a later one."""

    distribution: str
    releases: SpecifierSet
    python: Version
    because: str


@frozen
class Need:
    """Releases that need an old version of another distribution."""

    distribution: str
    releases: SpecifierSet
    constraint: str
    because: str
    undeclared: bool = False
    """Whether these releases do not require the other distribution, which they import."""


@frozen
class Table:
    """The content of compatibility.toml."""

    breaks: tuple[Break, ...]
    needs: tuple[Need, ...]


@cache
def read_table() -> Table:
    """Return the table that is shipped with the buildpack."""
    document = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return Table(
        tuple(
            Break(row["distribution"], SpecifierSet(row["releases"]), Version(row["python"]), row["because"])
            for row in document["breaks"]
        ),
        tuple(
            Need(
                row["distribution"],
                SpecifierSet(row["releases"]),
                row["constraint"],
                row["because"],
                row.get("undeclared", False),
            )
            for row in document["needs"]
        ),
    )


def first_break(pins: Mapping[str, Version], minor: str, table: Table) -> str | None:
    """Return why the pins do not run on this minor version of Python, or None if no reason is known."""
    for known in table.breaks:
        pinned = pins.get(known.distribution)
        if pinned is not None and Version(minor) >= known.python and known.releases.contains(pinned, prereleases=True):
            return f"{known.distribution} {pinned} {known.because}"
    return None


def needed_constraints(pins: Mapping[str, Version], table: Table) -> dict[str, str]:
    """Return the constraints to add to a resolution, each with its reason.

    No constraint is added for a distribution that the app pins itself: its author chose that version.
    """
    return {need.constraint: f"{need.distribution} {pinned} {need.because}" for need, pinned in _needed(pins, table)}


def undeclared_needs(pins: Mapping[str, Version], table: Table) -> tuple[str, ...]:
    """Return those of the needed constraints that are to be installed: the pins do not require what they import."""
    return tuple(dict.fromkeys(need.constraint for need, _ in _needed(pins, table) if need.undeclared))


def _needed(pins: Mapping[str, Version], table: Table) -> Iterator[tuple[Need, Version]]:
    for need in table.needs:
        pinned = pins.get(need.distribution)
        is_pinned = canonicalize_name(Requirement(need.constraint).name) in pins
        if pinned is not None and need.releases.contains(pinned, prereleases=True) and not is_pinned:
            yield need, pinned
