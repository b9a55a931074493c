"""Dependencies that a declaration gets from the app itself, and that the app does not have: found before anything else.

A build gets a folder, often only a part of a repository: a project beside it (``../shared``) and the root of its
workspace stay behind. What a manager says of it comes late and speaks of its own cache.
"""

import posixpath
from collections.abc import Iterator

from cnb.errors import BuildpackError
from python_buildpack.app.documents import PYPROJECT
from python_buildpack.app.hook_files import PRE_COMPILE
from python_buildpack.app.project import Project
from python_buildpack.package_managers.members import check_members, choose_members
from python_buildpack.package_managers.own_projects import OwnProjects, is_workspace_root, own_projects
from python_buildpack.package_managers.path_sources import (
    PathSource,
    in_pipfile,
    in_pylock,
    in_pyproject,
    in_requirements,
)
from python_buildpack.package_managers.project_file import project_choices
from python_buildpack.package_managers.pylock import Pylock
from python_buildpack.package_managers.uv_lock_places import local_sources
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.table import REQUIREMENT, SUBDIRECTORY
from python_buildpack.settings.values import Settings

_BY_UV = frozenset({"uv", "pyproject.toml"})


class LocalSourceMissing(BuildpackError):
    """A declaration gets a dependency from a path that is not in the app: not uploaded, or above it."""

    code = "local-source-missing"
    title = "A dependency that is in the app's own folders is missing"
    remedies = ("upload",)


class WorkspaceMissing(BuildpackError):
    """A project gets a dependency from its workspace, and the root of that workspace is not in the app."""

    code = "workspace-missing"
    title = "The workspace that the project belongs to is missing"
    remedies = ("upload",)


class WorkspaceMemberMissing(BuildpackError):
    """The workspace needs a member that is not in the app."""

    code = "workspace-member-missing"
    title = "A member of the workspace is missing"
    remedies = ("upload",)


def check_local_sources(project: Project, manager: str, settings: Settings) -> tuple[Notice, ...]:
    """Return a notice about members that a workspace lists and lacks, and raise an error for those that are needed.

    A hook that runs before the installation may create it, so nothing is said in an app that has one. Raises
    LocalSourceMissing, WorkspaceMissing, WorkspaceMemberMissing, MemberUnknown and MemberNotChosen.
    """
    if project.has(PRE_COMPILE):
        return ()
    folder = settings.get(SUBDIRECTORY)
    above = len([name for name in folder.text.split("/") if name not in {"", "."}]) if folder else 0
    missing = [source for source in _read(project, manager, settings) if _is_missing(source, project, above)]
    if missing:
        raise _missing_path(missing)
    return _check_workspace(project, settings) if manager in _BY_UV else ()


def _read(project: Project, manager: str, settings: Settings) -> Iterator[PathSource]:
    """Yield what the manager certainly reads, without groups and extras that it leaves out."""
    choices = project_choices(project, settings)
    chosen = {"", *choices.groups, *choices.extras}
    for source in _declared(project, manager, settings):
        # A lock of uv is checked as a whole.
        is_whole = manager == "uv" and source.tool == "uv"
        if is_whole or (source.group in chosen and not source.is_conditional):
            yield source


def _declared(project: Project, manager: str, settings: Settings) -> Iterator[PathSource]:
    if manager == "requirements.txt":
        for file in settings.names(REQUIREMENT) or ("requirements.txt",):
            yield from in_requirements(project, file)
    elif manager == "pipenv":
        yield from in_pipfile(project)
    elif manager == Pylock.name:
        yield from _in_pylock(project)
    elif manager in _BY_UV:
        for own in choose_members(own_projects(project), settings).included:
            yield from (source for source in in_pyproject(project, own.directory) if source.tool != "poetry")
    elif project.has(PYPROJECT):
        yield from (source for source in in_pyproject(project) if source.tool in {"", manager})


def _in_pylock(project: Project) -> Iterator[PathSource]:
    lock = Pylock().find(project) or ""
    # Of several, none is chosen: said where the lock is read.
    if ", " not in lock:
        yield from in_pylock(project, lock)


def _is_missing(source: PathSource, project: Project, above: int) -> bool:
    """Say whether a source is nowhere in the upload, in which the app is ``above`` folders deep."""
    if source.is_workspace or "$" in source.path:
        return False
    # Tools differ in what a path is relative to: the app directory, or the file that it stands in.
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(source.file), source.path))
    inside = (path for path in (source.path, beside) if path.split("/").count("..") <= above)
    return not any(project.exists(path) for path in inside)


def _missing_path(missing: list[PathSource]) -> LocalSourceMissing:
    lines = (
        f"{source.file} ({source.where}) gets {source.name or 'a dependency'} from {source.path}, "
        f"which is {_where(source.path)}."
        for source in missing
    )
    cure = "Add it to the app: is it ignored by git, or by the upload (.gitignore, project.toml)?"
    if any(source.path.startswith("/") for source in missing):
        cure = (
            "A path of another machine is of no use to a build (pip freeze writes such paths in an environment of "
            "Conda's): name the package and its version instead, as pip list --format=freeze does."
        )
    elif any(source.path.startswith("../") for source in missing):
        cure = (
            "A build has only the folder that it is given. Build the folder that has both (with uv, as the root of a "
            "workspace, where BP_PYTHON_PACKAGE names the member), or publish the dependency to an index."
        )
    return LocalSourceMissing("\n".join(lines), cure)


def _where(path: str) -> str:
    """Return what a path says of a place that is not there, for people."""
    if path.startswith("/"):
        return "not in the build"
    return "above the app directory" if path.startswith("../") else "not in the app"


def _check_workspace(project: Project, settings: Settings) -> tuple[Notice, ...]:
    own = own_projects(project)
    check_members(choose_members(own, settings), settings)
    _check_needed(project, own, settings)
    gone = [path for path in _locked_members(project) if not project.exists(path)]
    if gone:
        raise WorkspaceMemberMissing(
            f"uv.lock has the projects in {', '.join(gone)}, which are not in the app. {_members_of(own)}",
            "Add them to the app (are they ignored by git, or by the upload?), or remove them from the members in "
            "[tool.uv.workspace] and run uv lock.",
        )
    if not own.missing:
        return ()
    text = f"[tool.uv.workspace] lists {', '.join(own.missing)}, where the app has no project. Nothing else needs it."
    return (Notice("A member of the workspace is missing", text),)


def _check_needed(project: Project, own: OwnProjects, settings: Settings) -> None:
    """Raise WorkspaceMissing or WorkspaceMemberMissing for what a source of a workspace lacks."""
    wanted = [source for source in _read(project, "uv", settings) if source.is_workspace]
    lacking = [source for source in wanted if own.named(source.name) is None]
    if lacking and not is_workspace_root(project):
        names = ", ".join(dict.fromkeys(source.name for source in lacking))
        raise WorkspaceMissing(
            f"{lacking[0].file} gets {names} from its workspace ([tool.uv.sources]), but the app has no workspace: "
            "no [tool.uv.workspace] is in its pyproject.toml. A member of a workspace cannot be built alone.",
            "Build the folder with the workspace's root, and set BP_PYTHON_PACKAGE to the name of this project "
            f"({own.root.label if own.root else 'its name'}).",
        )
    if lacking:
        source = lacking[0]
        raise WorkspaceMemberMissing(
            f"{source.file} gets {source.name} from the workspace, but no member of it has this name. "
            f"{_members_of(own)}",
            f"Add the folder of {source.name} to the app, and to the members in [tool.uv.workspace].",
        )


def _members_of(own: OwnProjects) -> str:
    names = ", ".join(member.label for member in own.members) or "none"
    missing = f" It lists {', '.join(own.missing)}, too, which the app does not have." if own.missing else ""
    return f"Its members in the app are {names}.{missing}"


def _locked_members(project: Project) -> Iterator[str]:
    """Yield the directories of the projects that uv.lock has, besides the root."""
    for _, path in local_sources(project):
        found = posixpath.normpath(path)
        if found not in {".", ""} and not found.startswith(("../", "/")):
            yield found
