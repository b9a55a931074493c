"""Finds the requirement with which a distribution brings the libraries that it needs, in its own metadata."""

from pathlib import Path

from python_buildpack.installed.dist_info import read_dist_infos

_EXTRA = "binary"
"""What distributions call the extra with compiled parts that include their libraries (psycopg, among others)."""


def with_own_libraries(site: Path, package: str) -> str | None:
    """Return that requirement, ``psycopg[binary]``, for the name of a package in site-packages; None without one."""
    for found in read_dist_infos(site):
        fields = found.fields()
        owned = (entry.path.partition("/")[0].removesuffix(".py") for entry in found.record())
        if _EXTRA in fields.get("provides-extra", ()) and package in owned:
            return f"{fields.get('name', [found.name])[0]}[{_EXTRA}]"
    return None
