"""Decides which distributions get a layer of their own: a pure function of what is installed.

Such a layer is reused by reference as long as the distribution stays the same, whatever else changes, and apps with the
same distribution share it. Both are worth it for big distributions only.
"""

from collections.abc import Iterable, Iterator

from cnb.frozen import frozen
from python_buildpack.layers.info import LayerInfo
from python_buildpack.layers.packages.description import Description, Distribution

HEAVY = 5_000_000
"""Smallest size in bytes, without bytecode: at 45 ms for each MB, a layer then saves a quarter of a second a build."""
MOST = 20
"""Images may have 127 layers in all, and each layer has a cost of its own."""
PREFIX = "package-"

INFO = LayerInfo(
    f"{PREFIX}<name>",
    "launch",
    "one heavy distribution, or several that have to stay together, in `site-packages/`; linked from the environment",
    "another content of the distribution, another interpreter",
)


@frozen
class Group:
    """Distributions that move together into one layer."""

    layer: str
    """Named after its largest distribution."""
    members: tuple[Distribution, ...]
    """Sorted by name."""

    @property
    def tops(self) -> tuple[str, ...]:
        """Return the entries of site-packages that move, sorted."""
        return tuple(sorted({top for member in self.members for top in member.tops}))

    @property
    def size(self) -> int:
        """Return how many bytes move."""
        return sum(member.size for member in self.members)

    @property
    def versions(self) -> tuple[str, ...]:
        """Return ``name==version`` of each member."""
        return tuple(f"{member.name}=={member.version}" for member in self.members)


@frozen
class Tie:
    """Why two distributions cannot be in different layers."""

    names: tuple[str, str]
    because: str


@frozen
class Split:
    """The groups that move into layers; everything else stays in the environment."""

    groups: tuple[Group, ...] = ()
    """Largest first."""

    @property
    def layers(self) -> tuple[str, ...]:
        """Return the names of the layers."""
        return tuple(group.layer for group in self.groups)


def decide_split(description: Description) -> Split:
    """Return the layers for the heaviest distributions, each with all that has to be in the same layer."""
    movable = (one for one in _clusters(description) if not any(_fixed(member, description) for member in one))
    groups = map(_group, movable)
    heavy = sorted((group for group in groups if group.size >= HEAVY), key=lambda group: (-group.size, group.layer))
    return Split(tuple(heavy[:MOST]))


def find_ties(distributions: Iterable[Distribution]) -> Iterator[Tie]:
    """Yield the pairs of distributions that have to be in the same layer.

    A directory of several distributions (a namespace package, for example) can only link to one place. And a library
    with a relative RUNPATH looks for others from its real path, not from the link.
    """
    owners: dict[str, str] = {}
    several = tuple(distributions)
    for distribution in several:
        for top in sorted(distribution.tops):
            owner = owners.setdefault(top, distribution.name)
            if owner != distribution.name:
                yield Tie((owner, distribution.name), f"both have files in {top}")
    for distribution in several:
        for top in sorted(distribution.reaches & owners.keys()):
            if owners[top] != distribution.name:
                yield Tie((distribution.name, owners[top]), f"libraries of {distribution.name} load others from {top}")


def _clusters(description: Description) -> list[list[Distribution]]:
    """Return the distributions in the smallest sets without ties between them."""
    leader = {one.name: one.name for one in description.distributions}

    def lead(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    for tie in find_ties(description.distributions):
        first, second = sorted(map(lead, tie.names))
        leader[second] = first
    clusters: dict[str, list[Distribution]] = {}
    for distribution in sorted(description.distributions, key=lambda one: one.name):
        clusters.setdefault(lead(distribution.name), []).append(distribution)
    return list(clusters.values())


def _fixed(distribution: Distribution, description: Description) -> str:
    """Return why a distribution cannot be moved; empty if it can."""
    if distribution.fixed:
        return distribution.fixed
    if unowned := sorted(distribution.tops.keys() & description.unowned):
        return f"{unowned[0]} has files that no distribution lists"
    if folders := sorted(distribution.outside & description.library_folders):
        return f"its libraries load others from {folders[0]}"
    return ""


def _group(members: list[Distribution]) -> Group:
    largest = min(members, key=lambda member: (-member.size, member.name))
    return Group(f"{PREFIX}{largest.name}", tuple(members))
