"""Turns a failed run of an installer into an error for the user."""

import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from types import MappingProxyType

from cnb.errors import BuildpackError
from cnb.files import DiskFull, shows_full_disk
from python_buildpack.package_managers.failures.causes import Cause, find_cause
from python_buildpack.package_managers.failures.errors import (
    BuildVariableMissing,
    DependenciesNotInstalled,
    InstallerKilled,
    PackageBuildFailed,
)
from python_buildpack.package_managers.failures.logins import say_login
from python_buildpack.package_managers.failures.withheld import asked_for
from python_buildpack.ports.interfaces import Finished

STATUS_KILLED = -9
MOST_MEMORY = 4 << 30
"""Bytes that uv or pip itself may use, without compilers: many times what they need for the largest apps."""
_NO_ENV: Mapping[str, str] = MappingProxyType({})


def explain(
    finished: Finished,
    file: str,
    tool: str = "uv",
    env: Mapping[str, str] = _NO_ENV,
    causes: tuple[Cause, ...] | None = None,
    withheld: frozenset[str] = frozenset(),
    declared: Callable[[str], str | None] = lambda _: None,
) -> BuildpackError:
    """Return the error for a failed run of a tool on the declarations in ``file``.

    ``env`` is the environment of the run; it shows whether there was a login. ``causes`` are looked for in place of
    those that are known of the tool. ``withheld`` are the user's variables that the run did not get. ``declared``
    returns the place where the app declares what a tool calls a package, or None.
    """
    error = _explain(finished, file, tool, env, causes, declared)
    if isinstance(error, PackageBuildFailed | DependenciesNotInstalled) and (
        names := asked_for(finished.output, withheld)
    ):
        return BuildVariableMissing(
            f"{error.what} The output names {', '.join(names)}: set for the app, but not passed on to what builds "
            "packages, which may be anybody's code.",
            f"If the build of a package needs it, set BP_PYTHON_BUILD_ENV={','.join(names)}. {error.cure}",
        )
    return error


def _explain(
    finished: Finished,
    file: str,
    tool: str,
    env: Mapping[str, str],
    causes: tuple[Cause, ...] | None,
    declared: Callable[[str], str | None],
) -> BuildpackError:
    if finished.is_too_large:
        return InstallerKilled(
            f"The installer used more than {MOST_MEMORY >> 30} GB of memory while it worked on {file}, and was ended. "
            "An index that answers without an end makes it do so.",
            "Look at the addresses of the indexes and files that the app and the platform name.",
        )
    if finished.status == STATUS_KILLED:
        return InstallerKilled(
            f"The system killed the installer while it worked on {file}; most likely out of memory.",
            "Give the build more memory.",
        )
    if shows_full_disk(finished.output):
        return DiskFull(f"the packages of {file}")
    found = find_cause(finished.output, known_causes(tool) if causes is None else causes)
    if found is not None:
        index = found.details.get("url", "")
        from python_buildpack.package_managers.failures.projects import failed_project  # noqa: PLC0415 - on failure only

        login = say_login(env, index, finished.output) if index else ""
        error = found.error(file=file, login=login, project=failed_project(finished.output, file))
        package = found.details.get("package", "").partition("==")[0]
        if isinstance(error, PackageBuildFailed) and (other := _recommended(finished.output, package)):
            error = type(error)(
                error.what,
                f"Require {other} in place of {package}: it has wheels, as the output above says. If that is not "
                f"possible: {error.cure}",
            )
        place = declared(found.details.get("package", ""))
        return type(error)(f"{error.what} It is declared in {place}.", error.cure) if place else error
    return DependenciesNotInstalled(
        f"{tool} {finished.ending} while it worked on {file}; its output is above.",
        f"Correct what the output names, in {file} or in the build's settings.",
    )


def _recommended(output: str, package: str) -> str:
    """Return the distribution that a failed build recommends instead, if it is a variant of the same; else ""."""
    # Another name could be anybody's.
    match = package and re.search(rf"install the PyPI\s{{1,40}}'(?P<name>{re.escape(package)}-\w{{1,40}})'", output)
    return match["name"] if match else ""


def known_causes(tool: str) -> tuple[Cause, ...]:
    """Return why a tool is known to fail. Each tool has a module of its name beside this one.

    They are loaded by builds that fail only. Raises ModuleNotFoundError for a tool without one.
    """
    module = import_module(f"{__package__}.{tool}")
    causes: tuple[Cause, ...] = module.CAUSES
    return causes


def lines_with(text: str, *words: str) -> Iterator[str]:
    """Yield the lines of a tool's log that contain one of the words, each once."""
    seen = dict.fromkeys(line.strip() for line in text.splitlines() if any(word in line for word in words))
    yield from seen
