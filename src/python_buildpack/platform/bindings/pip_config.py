"""``pip-config``: a pip.conf, whose settings are used by every package manager."""

from python_buildpack.platform.bindings.interface import Addition, BindingType, Given, Variable
from python_buildpack.support.ini import IniInvalid, read_ini

_ENTRY = "pip.conf"


def _read(given: Given) -> tuple[Addition, ...]:
    text = given.require(_ENTRY)
    try:
        read_ini(text)
    except IniInvalid as error:
        raise given.invalid(_ENTRY, "is not a configuration file of pip") from error
    return (Variable("PIP_CONFIG_FILE", str(given.file(_ENTRY)), "a pip.conf"),)


PIP_CONFIG = BindingType(
    "pip-config",
    frozenset({_ENTRY}),
    _read,
    entries_meaning="`pip.conf`",
    meaning="pip's settings, for pip and, translated, for the others: indexes, logins, proxy, certificates.",
)
