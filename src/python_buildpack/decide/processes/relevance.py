"""Selects the sources to parse. Parsing takes 0.3 s for a megabyte, searching for words a tenth of that."""

import re
from collections.abc import Iterable, Iterator, Mapping

from cnb.frozen import frozen
from python_buildpack.app.file_roles import is_test_or_example, may_begin_app

MAX_CHARACTERS = 300_000
"""How much source is parsed: first files with usual names, then those near the root.

Together with the longest scan of the tree this takes 0.4 s, even if every line is a call.
"""

WORD = re.compile(r"[A-Za-z_]\w*")
IMPORTED = re.compile(r"^[ \t]*from[ \t]+([.\w]+)[ \t]+import\b", re.MULTILINE)
RE_EXPORT = re.compile(r"\bimport\b(?P<names>[(\w, \t]*)")
_APPS = frozenset({"app", "application"})
"""The usual names of an app that a module may have from another one."""

NAMEABLE = frozenset({"doc", "docs", "example", "examples", "benchmark", "benchmarks"})
"""Names in NO_APPS that may still be the app's own package: the project of a tutorial is often named example."""
NAMING = re.compile(r"\b(?:from|import)[ \t]+(\w+)|DJANGO_SETTINGS_MODULE\W+(\w+)")


@frozen
class KnownNames:
    """The names by which all frameworks, task queues and servers are known; made in ``registry.py``."""

    words: frozenset[str]
    """Every file with an app, a factory or a queue that can be found has one of these words."""
    single_files: frozenset[str]
    """Frameworks that are a single file, which is often copied into the app but is not part of it."""
    run_calls: frozenset[str]
    """Full names of calls with which a program serves an app with the framework's own server."""
    mounts: frozenset[str]
    """Last parts of the names of calls that add an app to another one as a part of it."""
    queues: frozenset[str]
    """The names of task queues, in lower case: modules that are called like one import the app for its workers."""


def select(
    sources: Mapping[str, str], words: frozenset[str], entries: frozenset[str] = frozenset()
) -> tuple[tuple[str, ...], str | None]:
    """Return the paths of the sources to parse, in order, and the first that is left out as too much, if any.

    These are the files in the app directory itself, and below it those with usual names and ``entries``, in which the
    app's commands begin, those that these import, and those with one of the ``words``; no tests and examples. Together
    they have at most MAX_CHARACTERS.
    """
    named = frozenset(_named_packages(sources))
    paths = [path for path in sources if not is_test_or_example(_inside(path, named))]
    left = MAX_CHARACTERS
    too_much: str | None = None
    selected: set[str] = set()
    # Possible entries of the app come first, however deep: a large app has ten times as much source as we parse.
    for path in (path for path in paths if path in entries or may_begin_app(path)):
        if len(sources[path]) <= left:
            left -= len(sources[path])
            selected.add(path)
        else:
            too_much = too_much or path
    imported = frozenset(_imported_names(sources[path] for path in selected))
    for path in paths:
        is_first = path in entries or may_begin_app(path)
        if not is_first and (_module_name(path) in imported or _has_word(sources[path], words)):
            left -= len(sources[path])
            if left < 0:
                too_much = too_much or path
                break
            selected.add(path)
    return tuple(path for path in paths if path in selected), too_much


def _named_packages(sources: Mapping[str, str]) -> Iterator[str]:
    """Yield folders with names of examples that contain the app: its manage.py or its entry names them."""
    for path, text in sources.items():
        folder, slash, _ = path.rpartition("/")
        if may_begin_app(path) and not is_test_or_example(path):
            names = {name for pair in NAMING.findall(text) for name in pair} & NAMEABLE
            yield from (f"{folder}{slash}{name}/" for name in names)


def _imported_names(texts: Iterable[str]) -> Iterator[str]:
    """Yield the last parts of the modules that sources import from: one of them may re-export an app."""
    for text in texts:
        yield from (module.rpartition(".")[2] for module in IMPORTED.findall(text))


def _module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]


def _inside(path: str, packages: frozenset[str]) -> str:
    """Return the path relative to the package, of these, that contains it; else the path."""
    return next((path.removeprefix(package) for package in packages if path.startswith(package)), path)


def _re_exports(text: str) -> bool:
    # One by one: a pattern with both words would search the rest of the text from each import.
    return any(not _APPS.isdisjoint(WORD.findall(found["names"])) for found in RE_EXPORT.finditer(text))


def _has_word(text: str, words: frozenset[str]) -> bool:
    # Finding all words is three times as fast as a pattern with all of ours as alternatives.
    return not words.isdisjoint(WORD.findall(text)) or ("app" in text and _re_exports(text))
