"""The app's own projects, and the processes that come from them: which one is preferred, and what has to be said."""

import posixpath
from collections.abc import Iterator

from python_buildpack.app.file_roles import is_test_or_example
from python_buildpack.decide.processes.interface import Candidate, Evidence
from python_buildpack.package_managers.members import ALL, Members
from python_buildpack.package_managers.own_projects import OwnProject
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.table import PACKAGE


def is_elsewhere(path: str, members: Members) -> bool:
    """Say whether a file belongs to a project that another one needs, or to another one than the chosen."""
    own = members.own.of(path) if len(members.own.projects) > 1 or members.choice else None
    if own is None:
        # A file of no project comes last only where one is chosen.
        return members.choice not in {"", ALL}
    return own not in members.tops or _is_needed(own, members)


def _is_needed(own: OwnProject, members: Members) -> bool:
    return own.directory != "" and any(own.name in other.needs for other in members.included)


def several_apps(choices: list[Candidate], members: Members) -> Iterator[Notice]:
    """Yield the notice that apps of several projects could be the web process, at most one.

    ``choices`` are the candidates, the one that is started first.
    """
    if members.choice not in {"", ALL} or len(members.own.projects) < 2:  # noqa: PLR2004 - one project has no rival
        return
    holders = [members.own.of(choice.rank.path) for choice in choices if choice.rank.path]
    if holders[:1] == [None]:
        # What is started belongs to the app directory, and the projects are its libraries.
        return
    projects = list(dict.fromkeys(own for own in holders if own is not None and not _is_needed(own, members)))
    if others := projects[1:]:
        named = ", ".join(own.label for own in others)
        yield Notice(
            "Several projects of the app have a web app",
            f"The one of {projects[0].label} is started; {named} {'have' if len(others) > 1 else 'has'} one, too. "
            f"{PACKAGE.name} chooses another: {PACKAGE.name}={others[0].label}. To start several from one image, name "
            "them in a Procfile.",
        )


def not_installed(evidence: Evidence, *, is_empty: bool) -> Iterator[Notice]:
    """Yield a notice for each member of the workspace that is not installed but imported.

    In an image without a process (``is_empty``), all that are not installed are named.
    """
    if is_empty:
        names = ", ".join(own.label for own in evidence.members.left_out)
        yield Notice(
            "Members of the workspace are not in the image",
            f"Not installed, and not looked at for processes: {names}. {PACKAGE.name} chooses one of them by its name, "
            f"and {PACKAGE.name}={ALL} installs all.",
        )
    left_out = {
        module: own
        for own in evidence.members.left_out
        if not evidence.has(own.name)
        for module in _modules(own, evidence)
    }
    said: set[str] = set()
    for info in evidence.index.sources:
        for name in sorted(info.imported):
            own = left_out.get(name.partition(".")[0])
            is_own = evidence.index.module(name.partition(".")[0]) is not None
            if own is None or own.label in said or is_own or is_test_or_example(info.path):
                continue
            said.add(own.label)
            user = evidence.members.own.of(info.path)
            yield Notice(
                f"{own.label} is not installed",
                f"{info.path} imports {name}, which is in the project {own.label} ({own.directory}). It is a member of "
                f"the workspace, but {user.label if user else 'nothing'} does not need it. Add {own.label} to the "
                f"dependencies, with {own.label} = {{ workspace = true }} in [tool.uv.sources], or set "
                f"{PACKAGE.name} to {ALL} for all members.",
            )


def _modules(own: OwnProject, evidence: Evidence) -> Iterator[str]:
    """Yield the names of the modules and packages in a project's roots."""
    for root in own.roots:
        before = f"{root}/" if root else ""
        for path in evidence.project.sources:
            name, slash, _ = path.removeprefix(before).partition("/")
            if path.startswith(before) and (slash or name.endswith(".py")):
                inside = posixpath.join(before, name)
                is_package = slash and f"{inside}/__init__.py" in evidence.project.files
                if is_package or not slash:
                    yield name.removesuffix(".py")
