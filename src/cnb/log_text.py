"""Shows text of others in a log: what would act on a terminal, or on the platform that shows the log, is escaped.

File names, metadata and what programs print are written by whoever wrote the package or the app. A terminal obeys the
escape sequences in it, a viewer reorders it at bidirectional marks, and GitHub Actions, Azure Pipelines and TeamCity
take commands from the lines of a log. All that is printed passes through these functions, at the place that prints.
"""

import re

_COLOURS = re.compile(r"\x1b\[[0-9;:]{0,40}m")
"""Select Graphic Rendition (ECMA-48 8.3.117) changes colours only: compilers print it, and a log has no use for it."""
_JOINERS = "\u200c\u200d"
"""Words of Persian and Hindi, and some emoji, are spelt with these; they change no order."""
_COMMAND = re.compile(r"##(?=\[|vso\[|teamcity\[)")
"""Looked for anywhere in a line by the runners of GitHub Actions (its old form), Azure Pipelines and TeamCity."""
_WORKFLOW_COMMAND = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)
"""``::error::`` and the like at the beginning of a line: a command of GitHub Actions, white space before it or not."""


def shown(text: str) -> str:
    r"""Return ``text`` as it may be printed: several lines, in which nothing but the words themselves has an effect.

    Sequences that select colours are left out. Every other character that is not printable (control characters,
    bidirectional marks, line separators, lone surrogates) is written as Python writes it (``\x1b``); a tab and a line
    feed stay. The beginning of a command for the platform is broken by an escape, too.
    """
    if not text.replace("\n", "").replace("\t", "").isprintable():
        text = "".join(map(_visible, _COLOURS.sub("", text.replace("\r\n", "\n"))))
    if "##" in text:
        text = _COMMAND.sub(r"\\x23#", text)
    if "::" in text:
        text = _WORKFLOW_COMMAND.sub(r"\1\\x3a", text)
    return text


def shown_line(text: str) -> str:
    r"""Return ``text`` as ``shown`` does, on one line: a line feed is written as ``\n``."""
    return shown(text).replace("\n", "\\n")


def _visible(character: str) -> str:
    if character.isprintable() or character in "\t\n" or character in _JOINERS:
        return character
    import unicodedata  # noqa: PLC0415 - a shared library; few texts have such a character, and detect has none to print

    # Spaces of other widths, such as Japanese has one, are no control characters.
    is_space = unicodedata.category(character) == "Zs"
    return character if is_space else character.encode("unicode_escape").decode("ascii")
