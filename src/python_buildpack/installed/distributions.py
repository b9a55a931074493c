"""What is installed: the one value that is handed to whoever asks whether a distribution is there, and which version.

It is read from an environment where that is on disk, and from the metadata of its layer where the layer is reused.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.utils import canonicalize_name

from cnb.frozen import frozen
from python_buildpack.installed.dist_info import read_dist_infos

_NORMALIZED = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""A normalised name (PEP 503). What pip leaves of a failed removal (``~ip-24.0.dist-info``) has none."""
_VERSION = re.compile(r"\S+")


@frozen
class InstalledDistributions:
    """The distributions of an environment."""

    versions: Mapping[str, str | None]
    """Normalised names (PEP 503) and the versions; None for one of which only the name is known."""

    @classmethod
    def read(cls, site_packages: Path) -> "InstalledDistributions":
        """Return what is in a site-packages directory; where two have the same name, the first one counts."""
        versions: dict[str, str | None] = {}
        for found in read_dist_infos(site_packages):
            if _NORMALIZED.fullmatch(found.name) and _VERSION.fullmatch(found.version):
                versions.setdefault(found.name, found.version)
        return cls(versions)

    @classmethod
    def declared(cls, names: Iterable[str]) -> "InstalledDistributions":
        """Return what an app that declares ``names`` will have at least: for decisions before an installation."""
        return cls({canonicalize_name(name): None for name in names})

    @classmethod
    def parse(cls, text: str) -> "InstalledDistributions":
        """Return the value that was written as ``text``: see ``__str__``."""
        pins = (pin.partition("==") for pin in text.split())
        return cls({name: version or None for name, _, version in pins})

    def __str__(self) -> str:
        """Return it in one line, equal for equal values: ``click==8.1.7 flask==3.0.3``."""
        pins = (name if version is None else f"{name}=={version}" for name, version in self.versions.items())
        return " ".join(sorted(pins))

    @property
    def names(self) -> frozenset[str]:
        """Return the normalised names."""
        return frozenset(self.versions)

    def has(self, *names: str) -> bool:
        """Say whether one of these distributions, by normalised names, is installed."""
        return any(name in self.versions for name in names)

    def version(self, name: str) -> str | None:
        """Return the version of a distribution; None if it is not installed, or only its name is known."""
        return self.versions.get(name)
