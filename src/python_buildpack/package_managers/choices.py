"""The groups and extras to install besides the app's own dependencies: BP_PYTHON_GROUPS and BP_PYTHON_EXTRAS."""

from collections.abc import Iterable

from cnb.frozen import frozen
from python_buildpack.package_managers.failures.errors import GroupUnknown
from python_buildpack.settings.table import EXTRAS, GROUPS
from python_buildpack.settings.values import Settings

ALWAYS_INSTALLED = frozenset({"main", "default", "packages"})
"""The names of Poetry, PDM and Pipenv for the dependencies that belong to no group; choosing them has no effect."""


@frozen
class Choices:
    """The groups and extras that the user chose."""

    groups: tuple[str, ...]
    extras: tuple[str, ...]

    def options(self, group: str = "--group", extra: str = "--extra") -> tuple[str, ...]:
        """Return the choices as the options of a tool, one for each name."""
        options = [(group, name) for name in self.groups] + [(extra, name) for name in self.extras]
        return tuple(word for option in options for word in option)

    def __str__(self) -> str:
        return f"groups: {' '.join(sorted(self.groups))}; extras: {' '.join(sorted(self.extras))}\n"


@frozen
class DevelopmentChoices:
    """What an app declares for its developers and tests, besides its own dependencies."""

    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """Requirements files to install instead of those for production; empty if there are no others."""


def read_choices(settings: Settings) -> Choices:
    """Return the groups and extras that the settings name."""
    groups = tuple(name for name in settings.names(GROUPS) if name not in ALWAYS_INSTALLED)
    return Choices(groups, settings.names(EXTRAS))


def check_known(chosen: Iterable[str], known: Iterable[str], where: str) -> None:
    """Raise GroupUnknown for a name that is not in ``known``; used where the tool itself would ignore the name."""
    available = sorted(set(known))
    for name in chosen:
        if name not in available:
            raise GroupUnknown(
                f"{name} was chosen, but {where} has {', '.join(available) or 'no groups and no extras'}.",
                f"Correct {GROUPS.name} or {EXTRAS.name}, or add {name} to {where}.",
            )
