"""The bill of the ``dependencies`` layer: all installed distributions and their dependencies."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from packaging.version import Version

from python_buildpack.sbom.bill import Component, FromArchive
from python_buildpack.sbom.distributions import Distribution
from python_buildpack.sbom.locks import Lock, locked_hashes
from python_buildpack.sbom.purls import distribution_purl
from python_buildpack.sbom.requirements import dependencies, marker_environment


def describe_distributions(
    distributions: Sequence[Distribution],
    python: Version,
    arch: str,
    lock: Lock,
    altered: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> Iterator[Component]:
    """Yield a component for each distribution; ``arch`` is the CNB specification's name of the CPU.

    ``altered`` are the files that are not as RECORD says, by the normalised name of their distribution.
    """
    purls = {
        distribution.key: distribution_purl(distribution.name, distribution.version, distribution.origin)
        for distribution in distributions
    }
    edges = dependencies(distributions, marker_environment(python, arch))
    for distribution in distributions:
        yield Component(
            name=distribution.name,
            version=distribution.version,
            purl=purls[distribution.key],
            license=distribution.license,
            origin=distribution.origin,
            hashes=_hashes(distribution, lock),
            content_sha256=distribution.content_sha256,
            own_bills=distribution.own_bills,
            altered=altered.get(distribution.key, ()),
            depends_on=tuple(sorted(purls[key] for key in edges[distribution.key])),
        )


def _hashes(distribution: Distribution, lock: Lock) -> Mapping[str, str]:
    origin = distribution.origin
    return origin.hashes if isinstance(origin, FromArchive) else locked_hashes(lock, distribution)
