"""Decides which distributions get a layer of their own: a pure function of what is installed.

A layer of its own is reused by reference as long as the distribution stays the same, whatever else changes, and apps
with the same distribution share it. Both pay only for big ones.
"""

from collections.abc import Iterable, Iterator

from cnb.frozen import frozen
from python_buildpack.layers.packages.description import Description, Part

HEAVY = 5_000_000
"""Bytes, without bytecode, from which on a layer is worth having: at 45 ms a MB, a quarter of a second a build."""
MOST = 20
"""Images may have 127 layers in all, and each costs something of its own."""
PREFIX = "package-"


@frozen
class Group:
    """Distributions that move together into one layer."""

    layer: str
    """Named after its largest distribution."""
    members: tuple[Part, ...]
    """Sorted by name."""

    @property
    def tops(self) -> tuple[str, ...]:
        """Return the entries of site-packages that move, sorted."""
        return tuple(sorted({top for part in self.members for top in part.tops}))

    @property
    def size(self) -> int:
        """Return how many bytes move."""
        return sum(part.size for part in self.members)

    @property
    def versions(self) -> tuple[str, ...]:
        """Return ``name==version`` of each member."""
        return tuple(f"{part.name}=={part.version}" for part in self.members)


@frozen
class Tie:
    """Why two distributions cannot be in different layers."""

    names: tuple[str, str]
    because: str


@frozen
class Split:
    """What moves; all else stays."""

    groups: tuple[Group, ...] = ()
    """Largest first."""


def decide_split(description: Description) -> Split:
    """Return the layers for the heaviest distributions, each with all that it cannot be parted from."""
    groups = [_group(parts) for parts in _clusters(description) if not any(_fixed(part, description) for part in parts)]
    heavy = sorted((group for group in groups if group.size >= HEAVY), key=lambda group: (-group.size, group.layer))
    return Split(tuple(heavy[:MOST]))


def find_ties(parts: Iterable[Part]) -> Iterator[Tie]:
    """Yield what holds distributions together.

    A directory of several distributions (a namespace package, say) can only be a link to one place. And a library that
    looks for another one beside its own distribution starts from where it really is, not from the link.
    """
    owners: dict[str, str] = {}
    several = tuple(parts)
    for part in several:
        for top in sorted(part.tops):
            owner = owners.setdefault(top, part.name)
            if owner != part.name:
                yield Tie((owner, part.name), f"both have files in {top}")
    for part in several:
        for top in sorted(part.reaches & owners.keys()):
            if owners[top] != part.name:
                yield Tie((part.name, owners[top]), f"libraries of {part.name} load others from {top}")


def _clusters(description: Description) -> list[list[Part]]:
    """Return the distributions in the smallest sets that have no ties to each other."""
    leader = {part.name: part.name for part in description.parts}

    def lead(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    for tie in find_ties(description.parts):
        first, second = sorted(map(lead, tie.names))
        leader[second] = first
    clusters: dict[str, list[Part]] = {}
    for part in sorted(description.parts, key=lambda part: part.name):
        clusters.setdefault(lead(part.name), []).append(part)
    return list(clusters.values())


def _fixed(part: Part, description: Description) -> str:
    """Return why a distribution stays where it is, or nothing."""
    if part.fixed:
        return part.fixed
    if unowned := sorted(part.tops.keys() & description.unowned):
        return f"{unowned[0]} has files that are nobody's"
    if folders := sorted(part.outside & description.library_folders):
        return f"its libraries load others from {folders[0]}"
    return ""


def _group(parts: list[Part]) -> Group:
    largest = min(parts, key=lambda part: (-part.size, part.name))
    return Group(f"{PREFIX}{largest.name}", tuple(parts))
