"""From a failed run of an installer to the error that the user reads."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from cnb.errors import BuildpackError
from cnb.files import DiskFull, shows_full_disk
from python_buildpack.package_managers.failures.causes import Cause, find_cause
from python_buildpack.package_managers.failures.errors import DependenciesNotInstalled, InstallerKilled
from python_buildpack.package_managers.failures.logins import say_login
from python_buildpack.package_managers.failures.uv import UV
from python_buildpack.ports.interfaces import Finished

STATUS_KILLED = -9
_NO_ENV: Mapping[str, str] = MappingProxyType({})


def explain(
    finished: Finished,
    file: str,
    tool: str = "uv",
    causes: tuple[Cause, ...] = UV,
    env: Mapping[str, str] = _NO_ENV,
) -> BuildpackError:
    """Return the error for a failed run of a tool on the declarations in ``file``.

    ``causes`` are those that the tool is known for; ``env``, which it was run with, tells whether it had a login.
    """
    if finished.status == STATUS_KILLED:
        return InstallerKilled(
            f"The installer was killed by the system while it worked on {file}; most likely out of memory.",
            "Give the build more memory.",
        )
    if shows_full_disk(finished.output):
        return DiskFull(f"the packages of {file}")
    found = find_cause(finished.output, causes)
    if found is not None:
        index = found.facts.get("url", "")
        return found.error(file=file, login=say_login(env, index, finished.output) if index else "")
    return DependenciesNotInstalled(
        f"{tool} ended with status {finished.status} while it worked on {file}; its output is above.",
        f"Correct what it names, in {file} or around it.",
    )


def lines_with(text: str, *words: str) -> Iterator[str]:
    """Yield the lines of a tool's log that have one of the words in them, each once."""
    seen = dict.fromkeys(line.strip() for line in text.splitlines() if any(word in line for word in words))
    yield from seen
