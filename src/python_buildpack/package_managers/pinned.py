"""The exact versions that an app declares, and with which Python versions each of them is installed. Pure."""

from collections.abc import Iterable, Mapping

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.version import Version

from cnb.frozen import field, frozen

NEWEST_PATCH = 99
"""Stands for the newest release of a minor version, in markers that ask for the full version."""


@frozen
class ConditionalPin:
    """One version of a distribution, and the environment marker with which it is installed."""

    name: str
    """Normalised (PEP 503)."""
    version: Version
    marker: str

    def is_for(self, minor: str) -> bool:
        """Say whether it is installed with this minor version of Python on Linux; if that is not clear, it is."""
        values = {"python_version": minor, "python_full_version": f"{minor}.{NEWEST_PATCH}", "extra": ""}
        try:
            return Marker(self.marker).evaluate(values)
        except (ValueError, UndefinedComparison, UndefinedEnvironmentName, RecursionError):
            return True


@frozen
class Pinned:
    """The exact versions that an app declares, by normalised name (PEP 503)."""

    versions: Mapping[str, Version] = field(default_factory=dict)
    """Those without a marker."""
    wheels: Mapping[str, tuple[str, ...]] | None = None
    """The file names of the wheels of each name, if a lock lists them; None if they must be looked up on the index."""
    sources: tuple[str, ...] = ()
    """uv's options for the places of the distributions, if they are not on the index."""
    conditional: tuple[ConditionalPin, ...] = ()
    """Those with a marker, of which a distribution may have several."""

    @classmethod
    def of(
        cls,
        pins: Iterable[tuple[str, Version, str]],
        wheels: Mapping[str, tuple[str, ...]] | None = None,
        sources: tuple[str, ...] = (),
    ) -> "Pinned":
        """Return the value for (normalised name, version, marker or "") and the other fields."""
        pins = tuple(pins)
        always = {name: version for name, version, marker in pins if not marker}
        return cls(always, wheels, sources, tuple(ConditionalPin(*pin) for pin in pins if pin[2]))

    def __bool__(self) -> bool:
        """Say whether there are any."""
        return bool(self.versions or self.conditional)

    def at(self, minor: str) -> dict[str, Version]:
        """Return name → version of what is installed with this minor version of Python, such as ``3.13``."""
        return {**self.versions, **{pin.name: pin.version for pin in self.conditional if pin.is_for(minor)}}
