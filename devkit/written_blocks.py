"""Parts of files that are written from the code, in files whose rest is written by hand."""

from devkit.errors import DevkitError
from devkit.paths import CHECKOUT

BEGIN = "Written by ./dev refresh docs: begin"
END = "Written by ./dev refresh docs: end"
"""The line before such a part has the one in a comment, the line after it has the other."""


def with_block(path: str, block: str) -> str:
    """Return the text of the file at ``path`` in the checkout, with ``block`` between the two lines.

    Raises DevkitError if the file has not one place for it.
    """
    lines = (CHECKOUT / path).read_text(encoding="utf-8").splitlines(keepends=True)
    begins = [number for number, line in enumerate(lines) if BEGIN in line]
    ends = [number for number, line in enumerate(lines) if END in line]
    if len(begins) != 1 or len(ends) != 1 or ends < begins:
        raise DevkitError(f"{path} has not one place between a line with {BEGIN!r} and one with {END!r}.")
    return "".join([*lines[: begins[0] + 1], block, *lines[ends[0] :]])
