"""``netrc``: user names and passwords by host, in the format of curl, pip, uv and git's helpers."""

from python_buildpack.platform.bindings.interface import Addition, BindingType, Given
from python_buildpack.secrets.netrc import NetrcUnreadable, parse_netrc

_ENTRY = ".netrc"


def _read(given: Given) -> tuple[Addition, ...]:
    text = given.require(_ENTRY)
    try:
        logins = parse_netrc(text)
    except NetrcUnreadable as error:
        raise given.invalid(_ENTRY, "is not a netrc file") from error
    if not logins:
        raise given.invalid(_ENTRY, "names no machine")
    return logins


NETRC = BindingType(
    "netrc",
    frozenset({_ENTRY}),
    _read,
    entries_meaning="`.netrc`",
    meaning="Logins by host, for all installers, git and our own downloads.",
)
