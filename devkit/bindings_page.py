"""The table of binding types in docs/private-networks.md, the rest of which is written by hand."""

from devkit.errors import DevkitError
from devkit.paths import CHECKOUT
from python_buildpack.platform.bindings.registry import BINDING_TYPES

PAGE = "docs/private-networks.md"
_BEGIN = "<!-- The types of bindings, written by ./dev refresh docs from the code. -->\n"
_END = "<!-- The end of what is written from the code. -->\n"


def private_networks_page() -> str:
    """Return the page with the table of today. Raises DevkitError where the page has no place for it."""
    before, begin, rest = (CHECKOUT / PAGE).read_text(encoding="utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not end:
        raise DevkitError(f"{PAGE} has no table between {_BEGIN.strip()} and {_END.strip()}.")
    return f"{before}{begin}\n{_table()}\n{end}{after}"


def _table() -> str:
    rows = [f"| `{known.name}` | {known.entries_meaning} | {known.meaning} |\n" for known in BINDING_TYPES]
    return "".join(("| type | entries | what it does |\n", "|---|---|---|\n", *rows))
