"""``dependency-mirror``: URLs that replace hosts in downloads. The name of an entry is the host, or ``default``."""

from collections.abc import Iterator, Mapping

from python_buildpack.platform.bindings.interface import Addition, BindingType, Given, HostMirror
from python_buildpack.settings.table import DEPENDENCY_MIRROR as SETTING

VARIABLE = SETTING.name
_SCHEMES = ("http", "https", "file")


def _read(given: Given) -> tuple[Addition, ...]:
    return tuple(
        HostMirror(host.lower(), given.check_url(host, given.require(host), _SCHEMES)) for host in sorted(given.entries)
    )


def mirrors_in(env: Mapping[str, str]) -> Iterator[HostMirror]:
    """Yield the mirrors in BP_DEPENDENCY_MIRROR and BP_DEPENDENCY_MIRROR_<HOST>; in <HOST>, _ is . and __ is -."""
    for name, value in sorted(env.items()):
        if name == VARIABLE and value.strip():
            yield HostMirror("default", value.strip())
        elif name.startswith(f"{VARIABLE}_") and value.strip():
            host = name.removeprefix(f"{VARIABLE}_").replace("__", "-").replace("_", ".")
            yield HostMirror(host.lower(), value.strip())


DEPENDENCY_MIRROR = BindingType(
    "dependency-mirror",
    None,
    _read,
    entries_meaning="a host, or `default`",
    meaning="The URL that replaces this host, or all hosts, in downloads of the buildpack itself. "
    "`{originalHost}` in it stands for the host.",
)
