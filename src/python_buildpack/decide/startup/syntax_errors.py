"""Source files with which the app starts and that cannot be parsed: a container would end at once.

The buildpack parses with its own Python. A file that this one refuses is certainly wrong for an older Python, or the
same one. For a newer one, whose syntax may have more, the app's own Python is asked, where it is on disk.
"""

import posixpath
import sys
from collections.abc import Iterator

from packaging.version import Version

from cnb.errors import BuildpackError
from python_buildpack.app import syntax
from python_buildpack.app.file_roles import is_aside, is_test_or_example, is_usual_name
from python_buildpack.app.project import Project
from python_buildpack.decide.process_plan.decide import decide_plan, read_evidence
from python_buildpack.decide.process_plan.procfile_text import FILE
from python_buildpack.decide.processes.relevance import WORD
from python_buildpack.decide.startup.starts import starts_of
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.settings.values import Settings

_MOST = 40_000
"""Characters of sources that are parsed for this, in a build in which all is well."""


class SourceInvalid(BuildpackError):
    """The web process, or a worker, starts with a source file that has a syntax error.

    A file in Python 2, or one with a mistake, cannot be imported, so a container would end at once. Files with which no
    process starts are warned of.
    """

    code = "source-invalid"
    title = "A source file with which the app starts has a syntax error"


def unparsed_starts(project: Project, settings: Settings, declared: frozenset[str]) -> dict[str, str]:
    """Return the files with which processes start and that our own Python cannot parse → what it says of each.

    ``declared`` are the distributions that the app declares. Raises ProcfileInvalid and what ``read_evidence`` raises.
    """
    suspects = dict(_suspects(project, settings))
    if not suspects:
        return {}
    evidence = read_evidence(project, InstalledDistributions.declared(declared), settings)
    started: set[str] = set()
    for process in decide_plan(evidence).processes:
        starts = starts_of(process, evidence)
        started.update(starts.scripts)
        for name in starts.modules:
            base = name.replace(".", "/")
            paths = (posixpath.join(root, base) for root in starts.roots)
            started.update(file for path in paths for file in (f"{path}.py", f"{path}/__init__.py"))
    return {path: reason for path, reason in suspects.items() if path in started}


def is_certain(minor: str) -> bool:
    """Return whether our own Python knows all of the syntax of this minor version."""
    return Version(minor.removesuffix("t")) <= Version(f"{sys.version_info.major}.{sys.version_info.minor}")


def source_invalid(found: dict[str, str]) -> SourceInvalid:
    """Return the error for these files, each with what a Python says of it."""
    places = "; ".join(f"{path}, {reason}" for path, reason in found.items())
    (first, *_) = found
    end = "" if places.endswith(("?", ".", "!")) else "."
    return SourceInvalid(
        f"The app starts with {'a file' if len(found) == 1 else 'files'} that cannot be parsed: {places}{end}",
        f"Correct the line. To try it:\n    python -m py_compile {first}",
    )


def _suspects(project: Project, settings: Settings) -> Iterator[tuple[str, str]]:
    commands = [entry.text for entry in settings.commands().values()]
    named = frozenset(WORD.findall(" ".join([project.text(FILE) or "" if project.has(FILE) else "", *commands])))
    left = _MOST
    for path, text in project.sources.items():
        stem = path.rpartition("/")[2].removesuffix(".py")
        if stem not in named and (not is_usual_name(path) or is_aside(path) or is_test_or_example(path)):
            continue
        if len(text) > left:
            continue
        left -= len(text)
        tree = syntax.parse(text)
        # Without a column, it is a limit of our own parser, such as the depth of its recursion.
        if isinstance(tree, syntax.Unparsed) and tree.column is not None:
            column = f", column {tree.column}:" if tree.column else ":"
            yield path, tree.reason.replace(":", column, 1)
