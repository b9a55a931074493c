"""What the app's files for other platforms start: a Dockerfile says which of several apps or programs it is. Pure."""

import re
from collections.abc import Iterator, Sequence

from cnb.frozen import replace
from python_buildpack.app.project import Project, ProjectFileUnreadable
from python_buildpack.decide.process_plan.platform_files import DOCKERFILES, WITH_COMMANDS
from python_buildpack.decide.processes.interface import Candidate

TARGET = re.compile(r"(?<![\w.:/-])[\w.-]+:\w+")
"""An app as servers take it, ``module:name``, which is not a part of a longer word."""

_STARTING = re.compile(
    r"^[ \t\"'-]*(?:CMD|ENTRYPOINT|command|run_command|dockerCommand|startCommand)\b.*", re.MULTILINE | re.IGNORECASE
)
"""A line that begins with a word by which these files give the command of a container."""
_PROGRAM = re.compile(
    r"\bpython[\d.]*[\"', ]+(?:-[uOB][\"', ]+)*(?:-m[\"', ]+(?P<module>[\w.]+)|(?P<path>[\w./-]+\.py)\b)"
)

_ANOTHER = re.compile(r"(?:&&|;)[ \t]*[\w./]")


def programs(project: Project) -> Iterator[tuple[str, str, str]]:
    """Yield the path or the module that Python runs by such a file, and the name of the file; the likeliest first.

    An absolute path is one in the container: it is the app's file that it ends with.
    """
    for name in WITH_COMMANDS:
        # HEALTHCHECK may have its CMD in the next line.
        text = re.sub(r"\\\r?\n", " ", _text(project, name))
        lines = [found[0] for found in _STARTING.finditer(text)]
        # The last CMD of a Dockerfile counts; the first service of a compose file is the likeliest.
        for line in reversed(lines) if name in DOCKERFILES else lines:
            # What is before it prepares something; if another program is after it, that one is meant.
            for found in list(_PROGRAM.finditer(line))[-1:]:
                if _ANOTHER.search(line, found.end()):
                    continue
                path = found["path"] or ""
                parts = path.removeprefix("./").split("/")
                ends = ["/".join(parts[at:]) for at in range(len(parts) if path.startswith("/") else 1)]
                yield next((end for end in ends if end in project.files), ""), found["module"] or "", name


def best_first(candidates: Sequence[Candidate], project: Project) -> list[Candidate]:
    """Return the candidates in their order, but the first of those that such a file starts comes before all others.

    The project that was chosen, and an app that the sources name as the only one, have precedence over such a file.
    """
    best = candidates[0].rank if len(candidates) > 1 else None
    if best is None:
        return list(candidates)
    named = {target: name for name in reversed(WITH_COMMANDS) for target in TARGET.findall(_text(project, name))}
    for one in candidates if named else ():
        words = (*one.decision.command, *(value for _, value in one.decision.environment))
        files = [named[target] for word in words if (target := word.removesuffix("()")) in named]
        if files and (one.rank.elsewhere, one.rank.undeclared) == (best.elsewhere, best.undeclared):
            because = f"{one.decision.because}; {files[0]} starts it"
            first = replace(one, decision=replace(one.decision, because=because))
            return [first, *(other for other in candidates if other is not one)]
    return list(candidates)


def _text(project: Project, name: str) -> str:
    """Return the text of the file, "" if there is none that can be read: the choice is then made without it."""
    if name not in project.files:
        return ""
    try:
        return project.text(name) or ""
    except ProjectFileUnreadable:
        return ""
