"""Checks an installation for faults that would otherwise be seen only when the app crashes."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.version import Version

from cnb.frozen import frozen
from python_buildpack.installed.conflicts import find_conflicts
from python_buildpack.installed.contradictory_metadata import check_metadata
from python_buildpack.installed.dist_info import site_packages
from python_buildpack.installed.imports.lacking import Lack, find_lacks
from python_buildpack.installed.imports.native import loads, reached_extensions
from python_buildpack.installed.imports.substitutes import SUBSTITUTES
from python_buildpack.installed.missing_libraries import Needs, advice, find_missing
from python_buildpack.installed.own_libraries import with_own_libraries
from python_buildpack.layers.dependencies.older_python import OlderPythonNeeded
from python_buildpack.layers.dependencies.reached import Reached
from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.ports.interfaces import Reporter

_MOST_NAMED = 5


@frozen
class Failing:
    """An import that fails, in an installed distribution that the app reaches."""

    distribution: str
    """Name and version."""
    lack: Lack

    @property
    def because(self) -> str:
        """Return the reason against this Python: "lib 2.3 imports audioop, which Python 3.13 no longer has"."""
        lack = self.lack
        when = f"Python {lack.gone} no longer has" if lack.gone else f"Python has since {lack.came} only"
        when = when if lack.gone or lack.came else "no installed package has"
        return f"{self.distribution} imports {lack.what}, which {when}"


def inspect_environment(
    context: InstallContext, venv: Path, interpreter: Path, elsewhere: frozenset[str], older: tuple[str, ...]
) -> None:
    """Warn about packages with conflicting requirements, about imports that fail, and about missing libraries.

    ``elsewhere`` are the names of libraries that the image will have, though they are not on disk now. ``older`` are
    older Pythons that the app may have, the newest first. Raises OlderPythonNeeded if one of them has what is lacking,
    and MetadataContradictory.
    """
    site = site_packages(venv)
    check_metadata(site)
    reached = Reached(context.project, site, _minor(context), context.settings)
    failing = tuple(_failing(reached))
    if (minor := _first_that_has(failing, older)) is not None:
        decides = min((one for one in failing if one.lack.gone), key=lambda one: Version(one.lack.gone))
        raise OlderPythonNeeded(minor, decides.because, context.since if context.built_from_source else None)
    _report_conflicts(context, venv)
    for one in failing:
        context.reporter.warning("An installed package imports what is not there", _advice(one, context))
    _report_libraries(context, venv, interpreter, elsewhere, reached)


def _failing(reached: Reached) -> Iterator[Failing]:
    for lack in find_lacks(reached.certainly):
        owner = reached.owner(lack.path)
        if owner is not None:
            name = owner.fields().get("name", [owner.name])[0]
            yield Failing(f"{name} {owner.version}", lack)


def _minor(context: InstallContext) -> str:
    return ".".join(context.python_version.split(".")[:2])


def _first_that_has(failing: Iterable[Failing], older: tuple[str, ...]) -> str | None:
    """Return the newest of the older Pythons on which nothing fails that went with a Python; None if nothing did."""
    gone = [one.lack for one in failing if one.lack.gone]
    return next((minor for minor in older if not any(lack.is_on(minor) for lack in gone)), None) if gone else None


def _advice(one: Failing, context: InstallContext) -> str:
    lack = one.lack
    substitute = SUBSTITUTES.get(lack.what)
    cures = [
        *([f"add {substitute} to the dependencies"] if substitute else []),
        *([f"ask for a Python before {lack.gone} in .python-version"] if lack.gone else []),
        *([f"ask for Python {lack.came} or newer in .python-version"] if lack.came else []),
        f"take a version of {one.distribution.partition(' ')[0]} that does not need it",
    ]
    return (
        f"{one.because} ({lack.path}), and the app runs on {_minor(context)}. The import fails when the app starts. "
        f"To fix it, {', or '.join(cures)}."
    )


def _report_libraries(
    context: InstallContext, venv: Path, interpreter: Path, elsewhere: frozenset[str], reached: Reached
) -> None:
    extensions = set(reached_extensions(reached.perhaps, (reached.site,)))
    found = find_missing(venv, interpreter, context.env, Needs(tuple(extensions), tuple(loads(reached.perhaps))))
    missing = tuple(one for one in found.needed if one.library not in elsewhere)
    if missing:
        packages = {one.needed_by.partition("/site-packages/")[2].partition("/")[0] for one in missing}
        own = sorted(filter(None, (with_own_libraries(reached.site, name) for name in packages)))
        context.reporter.warning(
            "Shared libraries are missing",
            "\n".join(map(advice, missing))
            + "\nWithout them the import fails when the app runs. Add the packages to the "
            "build and run images (an Aptfile with the image extension terrarium/apt does that, or an apt buildpack "
            "before this one), or take a package that includes them"
            f"{': require ' + ', '.join(own) if own else ', such as opencv-python-headless or psycopg2-binary'}.",
        )
    _say_plugins(context.reporter, [name for name in found.of_plugins if name not in elsewhere])


def _say_plugins(reporter: Reporter, libraries: list[str]) -> None:
    if libraries:
        more = f" and {len(libraries) - _MOST_NAMED} more" if len(libraries) > _MOST_NAMED else ""
        reporter.line(
            f"Only plugins that nothing imports need these libraries, which are not there: "
            f"{', '.join(libraries[:_MOST_NAMED])}{more}"
        )


def _report_conflicts(context: InstallContext, venv: Path) -> None:
    conflicts = find_conflicts(site_packages(venv), context.python_version)
    if conflicts:
        context.reporter.warning("Installed packages contradict each other", "\n".join(conflicts))
