"""Reads INI files (setup.cfg, pip.conf) as configparser does, but in a time that grows with their size alone.

configparser collects a message for each line that it cannot read, and searches a line for its delimiter from each of
its blanks: a file of a megabyte can cost it hours (https://docs.python.org/3/library/configparser.html).
"""

import re
from collections.abc import Iterator

_DEFAULT = "DEFAULT"
"""The section whose options all others have."""
_DELIMITER = re.compile("[=:]")
_SECTION = re.compile(r"\[(?P<name>.+)\]")
_COMMENTS = ("#", ";")

Sections = dict[str, dict[str, str]]


class IniInvalid(ValueError):
    """A line is neither a section, nor an option of one, nor the continuation of a value."""


def read_ini(text: str) -> Sections:
    """Return the options by section, their names in lower case; a later one has precedence. Raises IniInvalid."""
    defaults: dict[str, list[str]] = {}
    sections: dict[str, dict[str, list[str]]] = {}
    section: dict[str, list[str]] | None = None
    value: list[str] | None = None
    depth = 0
    for number, indentation, line in _lines(text):
        if not line:
            if value is not None:
                value.append("")
        elif section is not None and value is not None and indentation > depth:
            value.append(line)
        elif named := _SECTION.match(line):
            depth, value = indentation, None
            section = defaults if named["name"] == _DEFAULT else sections.setdefault(named["name"], {})
        else:
            depth = indentation
            delimiter = _DELIMITER.search(line)
            if section is None or delimiter is None or not delimiter.start():
                raise IniInvalid(f"line {number}")
            value = section[line[: delimiter.start()].rstrip().lower()] = [line[delimiter.end() :].strip()]
    texts = {option: _joined(lines) for option, lines in defaults.items()}
    return {
        name: {**texts, **{option: _joined(lines) for option, lines in options.items()}}
        for name, options in sections.items()
    }


def _lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (number, indentation, content) of the lines that are no comments."""
    for number, line in enumerate(text.split("\n"), start=1):
        content = line.strip()
        if not content.startswith(_COMMENTS):
            yield number, len(line) - len(line.lstrip()), content


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).rstrip()
