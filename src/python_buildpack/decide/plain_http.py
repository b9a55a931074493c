"""What the buildpack itself downloads without encryption, because a setting says so. Pure.

Indexes of packages are the installers' business, and are refused there: see package_managers/policy.py.
"""

from python_buildpack.ports.notice import Notice
from python_buildpack.settings.table import AUDIT_URL, DEPENDENCY_MIRROR, INVENTORY, MIRROR, NLTK_INDEX
from python_buildpack.settings.values import Settings

_PLAIN = "http://"
_UNCHECKED = {
    INVENTORY.name: "it has the digests of Python's builds, so whoever can change it on the way decides what is run",
    AUDIT_URL.name: "whoever can change its answers can hide a vulnerability",
    NLTK_INDEX.name: "its data is checked by what the same index says",
}
_CHECKED = "files are checked by their digests, but others can see what is downloaded"


def notice_plain_http(settings: Settings) -> tuple[Notice, ...]:
    """Return one notice for all settings whose addresses begin with http://."""
    given = [value.origin for setting in (INVENTORY, MIRROR, NLTK_INDEX, AUDIT_URL) if (value := settings.get(setting))]
    given += sorted(name for name in settings.env if name.startswith(DEPENDENCY_MIRROR.name))
    plain = [name for name in given if settings.env[name].strip().lower().startswith(_PLAIN)]
    if not plain:
        return ()
    lines = [f"{name}: {_UNCHECKED.get(name, _CHECKED)}." for name in plain]
    return (
        Notice(
            "Downloads of the buildpack are not encrypted",
            "\n".join([*lines, f"To fix it, write https:// in {', '.join(plain)}, if the server has it."]),
        ),
    )
