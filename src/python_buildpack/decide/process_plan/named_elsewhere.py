"""Which of several apps the app's files for other platforms start: a Dockerfile that runs one of them says so. Pure."""

import re
from collections.abc import Sequence

from cnb.frozen import replace
from python_buildpack.app.project import Project, ProjectFileUnreadable
from python_buildpack.decide.process_plan.platform_files import WITH_COMMANDS
from python_buildpack.decide.processes.interface import Candidate

TARGET = re.compile(r"(?<![\w.:/-])[\w.-]+:\w+")
"""An app as servers take it, ``module:name``, which is not a part of a longer word."""


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
