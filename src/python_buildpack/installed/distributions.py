"""The installed distributions and their versions, as a value that can be stored in the metadata of a layer.

It is read from the environment if that is on disk, or else, if its layer is reused, from the layer's metadata.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.utils import canonicalize_name

from cnb.frozen import frozen

_NORMALIZED = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""A normalised name (PEP 503). It does not match what pip leaves after a failed removal (``~ip-24.0.dist-info``)."""
_VERSION = re.compile(r"\S+")


@frozen
class InstalledDistributions:
    """The distributions of an environment."""

    versions: Mapping[str, str | None]
    """Version by normalised name (PEP 503); None if only the name is known."""
    modules: frozenset[str] | None = None
    """Names of the modules at the top of what is installed (see imports/top_level.py); None if they are not known."""

    @classmethod
    def read(cls, site_packages: Path) -> "InstalledDistributions":
        """Return the distributions in a site-packages directory; of two with the same name, the first one counts."""
        from python_buildpack.installed.dist_info import read_dist_infos  # noqa: PLC0415 - on installation only

        versions: dict[str, str | None] = {}
        for found in read_dist_infos(site_packages):
            if _NORMALIZED.fullmatch(found.name) and _VERSION.fullmatch(found.version):
                versions.setdefault(found.name, found.version)
        return cls(versions)

    @classmethod
    def declared(cls, names: Iterable[str]) -> "InstalledDistributions":
        """Return the value for an app that declares ``names``, for decisions before the installation."""
        return cls({canonicalize_name(name): None for name in names})

    @classmethod
    def parse(cls, text: str) -> "InstalledDistributions":
        """Return the value of a text that ``__str__`` wrote."""
        pins = (pin.partition("==") for pin in text.split())
        return cls({name: version or None for name, _, version in pins})

    def __str__(self) -> str:
        """Return the value in one sorted line: ``click==8.1.7 flask==3.0.3``."""
        pins = (name if version is None else f"{name}=={version}" for name, version in self.versions.items())
        return " ".join(sorted(pins))

    @property
    def names(self) -> frozenset[str]:
        """The normalised names."""
        return frozenset(self.versions)

    def has(self, *names: str) -> bool:
        """Return whether at least one of these distributions, given by normalised names, is installed."""
        return any(name in self.versions for name in names)

    def version(self, name: str) -> str | None:
        """Return the version of a distribution; None if it is not installed, or only its name is known."""
        return self.versions.get(name)

    def changes_since(self, earlier: "InstalledDistributions") -> tuple[str, ...]:
        """Return what differs from an earlier installation, a line for each distribution, sorted by name.

        ``~ flask 3.1.1 -> 3.1.2`` for another version, ``+ flask 3.1.2`` for a new one, ``- flask 3.1.1`` for one that
        is no longer there.
        """
        lines = []
        for name in sorted(self.names | earlier.names):
            before, now = earlier.version(name) or "", self.version(name) or ""
            if name not in earlier.names:
                lines.append(f"+ {name} {now}".rstrip())
            elif name not in self.names:
                lines.append(f"- {name} {before}".rstrip())
            elif before != now:
                lines.append(f"~ {name} {before} -> {now}")
        return tuple(lines)
