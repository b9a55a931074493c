"""What a bill of materials says, whatever the format it is written in."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from cnb.frozen import field, frozen

TOOL = "terrarium/python"
"""Who made the bill, as buildpack.toml calls us."""


@frozen
class LicenseExpression:
    """An SPDX license expression (PEP 639), in its canonical spelling."""

    text: str


@frozen
class LicenseName:
    """What the authors call the license, where that does not say exactly which one it is ("BSD")."""

    text: str


@frozen
class LicenseNotStated:
    """Nothing in the metadata says under which license it is."""


License = LicenseExpression | LicenseName | LicenseNotStated


@frozen
class FromIndex:
    """Installed by name from a package index; installers do not record which one, nor the archive's digest."""


@frozen
class FromRepository:
    """Built from a commit of a version control system. The address holds no credentials."""

    system: str
    url: str
    commit: str

    @property
    def locator(self) -> str:
        """Return the place as SPDX and purl write it: ``git+https://…@commit``."""
        return f"{self.system}+{self.url}@{self.commit}"


@frozen
class FromArchive:
    """Installed from one archive. The address holds no credentials; None if it was a file of the build machine."""

    url: str | None
    hashes: Mapping[str, str] = field(default_factory=dict)
    """Digests of the archive by the name of the algorithm, as hashlib calls it."""


@frozen
class FromDirectory:
    """Built from a directory of the app, so it is nowhere but here."""


@frozen
class Embedded:
    """Came inside another component of the bill, which is the one that depends on it."""


Origin = FromIndex | FromRepository | FromArchive | FromDirectory | Embedded


@frozen
class Component:
    """One thing that is in the layer."""

    name: str
    version: str | None
    """None where the thing does not tell."""
    purl: str
    """Its package URL: what the other components and both formats know it by."""
    kind: Literal["library", "platform"] = "library"
    license: License = LicenseNotStated()
    origin: Origin = FromIndex()
    hashes: Mapping[str, str] = field(default_factory=dict)
    """Digests of the archive that it was installed from, where that is known, by hashlib's names."""
    cpe: str | None = None
    """For what vulnerability databases know by that name alone, such as libraries in C."""
    content_sha256: str | None = None
    """The digest of its files' digests: see ``distributions.content_digest``."""
    own_bills: tuple[str, ...] = ()
    """Bills of materials that the distribution brought along (PEP 770), relative to the layer's site-packages."""
    depends_on: tuple[str, ...] = ()
    """Purls of other components of this bill, sorted."""


@frozen
class Bill:
    """All that is in one layer."""

    layer: str
    tool_version: str
    components: tuple[Component, ...]
    """Sorted by purl, each purl once."""

    @classmethod
    def of(cls, layer: str, tool_version: str, components: Iterable[Component]) -> "Bill":
        """Return the bill of these components, in the one order that they have in every build."""
        by_purl = {component.purl: component for component in components}
        return cls(layer, tool_version, tuple(by_purl[purl] for purl in sorted(by_purl)))


def roots(components: Sequence[Component]) -> tuple[str, ...]:
    """Return the purls from which all components can be reached: what nothing else depends on, and one of each ring."""
    edges = {component.purl: component.depends_on for component in components}
    wanted = {target for purl, targets in edges.items() for target in targets if target != purl}
    found = [purl for purl in edges if purl not in wanted]
    reached = _reachable(found, edges)
    for purl in sorted(edges):
        if purl not in reached:
            found.append(purl)
            reached |= _reachable([purl], edges)
    return tuple(sorted(found))


def _reachable(start: Iterable[str], edges: Mapping[str, tuple[str, ...]]) -> set[str]:
    reached: set[str] = set()
    todo = list(start)
    while todo:
        purl = todo.pop()
        if purl not in reached:
            reached.add(purl)
            todo.extend(edges.get(purl, ()))
    return reached
