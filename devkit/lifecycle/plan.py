"""The build plan: what buildpacks provide and require, and which of their alternatives fit (spec: Detection)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import tomlkit

from devkit.lifecycle.documents import Table, check_keys, read_toml, string, subtable, tables
from devkit.lifecycle.problems import Violation


@dataclass(frozen=True, slots=True)
class Require:
    """One ``[[requires]]``: a name and what the requiring buildpack says about it."""

    name: str
    metadata: Table = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way in which a buildpack is content: the top level of its plan, or one ``[[or]]``."""

    provides: tuple[str, ...] = ()
    requires: tuple[Require, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A buildpack that passed detection, with its alternatives in the order in which it prefers them."""

    id: str
    optional: bool
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """One dependency of the resolved plan. The first provider may satisfy it, or leave it unmet for the next."""

    name: str
    providers: tuple[str, ...]
    requires: tuple[Require, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """The buildpacks that take part, in order, and what they owe each other."""

    group: tuple[str, ...]
    entries: tuple[PlanEntry, ...]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """No combination of alternatives fits; ``reasons`` holds one line for every combination tried."""

    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    id: str
    optional: bool
    alternative: Alternative


def read_plan(path: Path) -> tuple[Alternative, ...]:
    """Read the plan that a ``bin/detect`` wrote: its top level, then each ``[[or]]``.

    Raises Violation for anything that the contract does not name, ``requires.version`` included.
    """
    document = read_toml(path)
    check_keys(document, frozenset({"provides", "requires", "or"}), "build plan")
    others = tables(document, "or", "build plan")
    for table in others:
        check_keys(table, frozenset({"provides", "requires"}), "[[or]]")
    return tuple(_read_alternative(table) for table in (document, *others))


def _read_alternative(table: Table) -> Alternative:
    provides = tables(table, "provides", "build plan")
    for entry in provides:
        check_keys(entry, frozenset({"name"}), "[[provides]]")
    return Alternative(
        provides=tuple(string(entry, "name", "[[provides]]") for entry in provides),
        requires=tuple(_read_require(entry) for entry in tables(table, "requires", "build plan")),
    )


def _read_require(entry: Table) -> Require:
    if "version" in entry:
        raise Violation("[[requires]]: version is not allowed here; metadata.version is")
    check_keys(entry, frozenset({"name", "metadata"}), "[[requires]]")
    return Require(string(entry, "name", "[[requires]]"), subtable(entry, "metadata", "[[requires]]"))


def write_buildpack_plan(path: Path, requires: Sequence[Require]) -> None:
    """Write what ``bin/build`` finds at CNB_BP_PLAN_PATH: the entries that it is asked to meet."""
    entries = [
        {"name": require.name} | ({"metadata": require.metadata} if require.metadata else {}) for require in requires
    ]
    path.write_text(tomlkit.dumps({"entries": entries} if entries else {}))


def resolve(candidates: Sequence[Candidate]) -> Resolved | Unresolved:
    """Return the first combination of alternatives that fits; the first buildpack's first choice is given up last.

    It fits when every requirement is provided by the same or an earlier buildpack, and everything provided is required
    by the same or a later one. An optional buildpack that stands in the way is left out, in its last alternative.
    """
    reasons = []
    for trial in _trials(candidates):
        match _try(trial):
            case Resolved() as resolved:
                return resolved
            case str() as reason:
                reasons.append(reason)
    return Unresolved(tuple(dict.fromkeys(reasons)))


def _trials(candidates: Sequence[Candidate]) -> Iterator[list[_Choice]]:
    if not candidates:
        yield []
        return
    first, *rest = candidates
    for index, alternative in enumerate(first.alternatives):
        droppable = first.optional and index == len(first.alternatives) - 1
        for others in _trials(rest):
            yield [_Choice(first.id, droppable, alternative), *others]


def _try(trial: list[_Choice]) -> Resolved | str:
    while True:
        entries, faults = _match(trial)
        if not faults:
            break
        for choice, reason in faults:
            if not choice.optional:
                return f"{choice.id} {reason}"
        dropped = {choice.id for choice, _ in faults}
        trial = [choice for choice in trial if choice.id not in dropped]
    if not trial:
        return "no buildpack is left"
    return Resolved(tuple(choice.id for choice in trial), tuple(entries))


def _match(trial: list[_Choice]) -> tuple[list[PlanEntry], list[tuple[_Choice, str]]]:
    providers: dict[str, list[_Choice]] = {}
    unused: dict[str, list[_Choice]] = {}
    requires: dict[str, list[Require]] = {}
    faults: list[tuple[_Choice, str]] = []
    for choice in trial:
        for name in choice.alternative.provides:
            unused.setdefault(name, []).append(choice)
        for require in choice.alternative.requires:
            providers.setdefault(require.name, []).extend(unused.pop(require.name, []))
            if providers[require.name]:
                requires.setdefault(require.name, []).append(require)
            else:
                faults.append((choice, f"requires {require.name!r}, which nothing before it provides"))
    for name, choices in unused.items():
        faults.extend((choice, f"provides {name!r}, which nothing after it requires") for choice in choices)
    entries = [PlanEntry(name, tuple(c.id for c in providers[name]), tuple(found)) for name, found in requires.items()]
    return entries, faults
