"""The rooms in docs/architecture.md: the picture and the table, the rest of which is written by hand."""

from devkit.rooms import ROOMS, meaning_of, picture
from devkit.written_blocks import with_block

PAGE = "docs/architecture.md"


def architecture_page() -> str:
    """Return the page with the rooms of today. Raises DevkitError where the page has no place for them."""
    rows = [f"| `{room}` | {meaning_of(room)} |\n" for room in ROOMS]
    table = "".join(("| room | what it is for |\n", "|---|---|\n", *rows))
    return with_block(PAGE, f"\n{picture()}\n{table}\n")
