"""Tables of file names that are written from the registries: in known_files.py, and for the shell in bin/detect."""

from collections.abc import Iterable, Iterator, Mapping

from cnb.build_plan import build_plan_document
from cnb.toml_files import toml_bytes
from devkit.written_blocks import with_block
from python_buildpack.app.known_files import BEGINNING, MISSPELT, SCRIPT_METADATA, SEPARATORS
from python_buildpack.decide.version_sources.interface import VersionSource
from python_buildpack.decide.version_sources.registry import VERSION_SOURCES
from python_buildpack.detect import ALSO_DECLARING, BARE, CHOOSING, FORCING, HEAD, MOST_SCRIPTS, PROGRAM
from python_buildpack.package_managers.interface import Manager
from python_buildpack.package_managers.registry import MANAGERS
from python_buildpack.platform.build_plan import own_plan

_WIDTH = 92


def written_tables() -> Mapping[str, str]:
    """Return the text of each file with such a table by its path in the checkout."""
    blocks = {"src/python_buildpack/app/known_files.py": _python_block(), "bin/detect": _shell_block()}
    return {path: with_block(path, block) for path, block in blocks.items()}


def known_files() -> tuple[str, ...]:
    """Return the files by which package managers and version sources are known, each once."""
    named: tuple[Manager | VersionSource, ...] = (*MANAGERS, *VERSION_SOURCES)
    return tuple(dict.fromkeys(file for one in named for file in one.files))


def _python_block() -> str:
    return "".join(["KNOWN_FILES = (\n", *(f'    "{file}",\n' for file in known_files()), ")\n"])


def _shell_block() -> str:
    declaring = [name for name in (*known_files(), *ALSO_DECLARING) if "/" not in name]
    others = [name for name in _other_patterns() if "/" not in name]
    below = [name for name in (*ALSO_DECLARING, *_other_patterns()) if "/" in name]
    return "\n".join(
        [
            "look_at_names() {",
            "    for name in * .[!.]*; do",
            "        case $name in",
            *(f"            {line}) declared=yes; break ;;" for line in _lines(declaring, " | ")),
            *(f"            {line}) possible=yes ;;" for line in _lines(others, " | ")),
            "        esac",
            "    done",
            "}",
            f"below='{' '.join(below)}'",
            f"metadata='{SCRIPT_METADATA}' most_scripts={MOST_SCRIPTS} head={HEAD}",
            f'forcing="{_values(FORCING)}"',
            f'choosing="{_values(CHOOSING)}"',
            f"plan='{toml_bytes(build_plan_document(own_plan())).decode().rstrip()}'\n",
        ]
    )


def _values(names: Iterable[str]) -> str:
    return "\\\n".join(_lines((f"${{{name}:-}}" for name in names), ""))


def _other_patterns() -> Iterator[str]:
    """Yield what detect takes where nothing speaks against it, and patterns that are wider than the misspelt names."""
    yield from (*BARE, f"*/{PROGRAM}")
    beginnings = dict.fromkeys(letters[:BEGINNING] for letters, meant in MISSPELT.items() if meant in known_files())
    for beginning in beginnings:
        either_case = "".join(f"[{letter}{letter.upper()}]" for letter in beginning)
        yield from (f"{either_case}*", f"[{SEPARATORS}]{either_case}*")


def _lines(words: Iterable[str], separator: str) -> Iterator[str]:
    """Yield the words, each once, in lines that are not too long."""
    line = ""
    for word in dict.fromkeys(words):
        if line and len(line) + len(separator) + len(word) > _WIDTH:
            yield line
            line = ""
        line += f"{separator}{word}" if line else word
    yield line
