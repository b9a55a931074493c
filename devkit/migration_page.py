"""The table of other builders' variables in docs/migration.md, the rest of which is written by hand."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from devkit.written_blocks import with_block
from python_buildpack.settings.table import SETTINGS
from python_buildpack.settings.unknown import FOREIGN

PAGE = "docs/migration.md"
_BUILDERS = {"GOOGLE_*": "Google", "RAILPACK_*": "Railpack", "NIXPACKS_*": "Nixpacks", "BP_*": "Paketo"}
_BUILDERS |= {"PROJECT_PATH": "Heroku", "APP_BASE": "Heroku"}
"""Whose variables a setting's other names are; those of tools, such as uv, are no other builder's."""


def migration_page() -> str:
    """Return the page with the table of today. Raises DevkitError where the page has no place for it."""
    rows = sorted({*_read(), *((row.builder, f"`{row.name}`", row.instead) for row in FOREIGN)})
    lines = ["| builder | variable | here |\n|---|---|---|\n", *(f"| {' | '.join(row)} |\n" for row in rows)]
    return with_block(PAGE, f"\n{''.join(lines)}\n")


def _read() -> Iterator[tuple[str, str, str]]:
    """Yield the variables that are read, as they have the meaning of a setting."""
    for setting in SETTINGS:
        for alias in setting.names[1:]:
            builder = next((builder for names, builder in _BUILDERS.items() if fnmatchcase(alias, names)), None)
            if builder is not None:
                yield builder, f"`{alias}`", f"Read, as `{setting.name}`."
