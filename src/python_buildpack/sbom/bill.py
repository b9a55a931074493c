"""The content of a bill of materials, independent of its format."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from cnb.frozen import field, frozen

MOST_ALTERED = 20
"""Altered files of a component that are listed."""
TOOL = "terrarium/python"
"""The tool that made the bill: the buildpack's id in buildpack.toml."""


@frozen
class LicenseExpression:
    """An SPDX license expression (PEP 639), in its canonical spelling."""

    text: str


@frozen
class LicenseName:
    """The authors' name for a license, if it does not identify exactly one ("BSD")."""

    text: str


@frozen
class LicenseNotStated:
    """The metadata does not state a license."""


License = LicenseExpression | LicenseName | LicenseNotStated


@frozen
class FromIndex:
    """Installed by name from a package index; installers record neither the index nor the archive's digest."""


@frozen
class FromRepository:
    """Built from a commit of a version control system. The URL contains no credentials."""

    system: str
    url: str
    commit: str

    @property
    def locator(self) -> str:
        """The notation of SPDX and purl: ``git+https://…@commit``."""
        return f"{self.system}+{self.url}@{self.commit}"


@frozen
class FromArchive:
    """Installed from one archive. The URL contains no credentials; None if it was a local file."""

    url: str | None
    hashes: Mapping[str, str] = field(default_factory=dict)
    """Hexadecimal digests of the archive, by hashlib's name of the algorithm."""


@frozen
class FromDirectory:
    """Built from a directory of the app, so it is available nowhere else."""


@frozen
class Embedded:
    """Contained in another component of the bill, which depends on it."""


Origin = FromIndex | FromRepository | FromArchive | FromDirectory | Embedded


@frozen
class Component:
    """One component of the layer."""

    name: str
    version: str | None
    """None if it is not known."""
    purl: str
    """Its package URL, which identifies it in the bill and in both formats."""
    kind: Literal["library", "platform"] = "library"
    license: License = LicenseNotStated()
    origin: Origin = FromIndex()
    hashes: Mapping[str, str] = field(default_factory=dict)
    """Hexadecimal digests of the archive that it was installed from, by hashlib's name; empty if not known."""
    cpe: str | None = None
    """The CPE name, for components that vulnerability databases list only by CPE, such as C libraries."""
    content_sha256: str | None = None
    """The digest of its files' digests: see ``distributions.content_digest``."""
    own_bills: tuple[str, ...] = ()
    """Bills of materials in the distribution (PEP 770), as paths relative to the layer's site-packages."""
    depends_on: tuple[str, ...] = ()
    """Purls of other components of this bill, sorted."""
    altered: tuple[str, ...] = ()
    """Its files that are not as its RECORD says, as paths relative to the layer's site-packages."""
    advisories: tuple[str, ...] = ()
    """Addresses of pages about its known vulnerabilities."""


@frozen
class Vulnerability:
    """A known vulnerability of a component."""

    ids: tuple[str, ...]
    """Its identifiers in all databases, the best known first."""
    page: str
    """The address of a page about it."""
    affects: str
    """The purl of the component."""
    summary: str = ""
    severity: str = ""
    """In CycloneDX's words, "" if it is not known."""
    fixed: str = ""
    """The lowest version that does not have it, "" if none is known."""
    is_accepted: bool = False
    """Whether the user has said that it does not concern the app."""


def altered_shown(component: Component) -> tuple[str, ...]:
    """Return the altered files to list, with the number of those that are too many."""
    more = len(component.altered) - MOST_ALTERED
    return (*component.altered[:MOST_ALTERED], *((f"and {more} more",) if more > 0 else ()))


@frozen
class Bill:
    """The components of one layer."""

    layer: str
    tool_version: str
    components: tuple[Component, ...]
    """Sorted by purl, each purl once."""
    vulnerabilities: tuple[Vulnerability, ...] | None = None
    """None if nobody has looked for any."""

    @classmethod
    def of(
        cls,
        layer: str,
        tool_version: str,
        components: Iterable[Component],
        vulnerabilities: tuple[Vulnerability, ...] | None = None,
    ) -> "Bill":
        """Return the bill of these components, sorted."""
        by_purl = {component.purl: component for component in components}
        return cls(layer, tool_version, tuple(by_purl[purl] for purl in sorted(by_purl)), vulnerabilities)


def roots(components: Sequence[Component]) -> tuple[str, ...]:
    """Return the purls from which all components can be reached: those that no other needs, and one of each cycle."""
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
