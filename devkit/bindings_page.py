"""The table of binding types in docs/private-networks.md, the rest of which is written by hand."""

from devkit.written_blocks import with_block
from python_buildpack.platform.bindings.registry import BINDING_TYPES

PAGE = "docs/private-networks.md"


def private_networks_page() -> str:
    """Return the page with the table of today. Raises DevkitError where the page has no place for it."""
    return with_block(PAGE, f"\n{_table()}\n")


def _table() -> str:
    rows = [f"| `{known.name}` | {known.entries_meaning} | {known.meaning} |\n" for known in BINDING_TYPES]
    return "".join(("| type | entries | what it does |\n", "|---|---|---|\n", *rows))
