"""Which of the app's own projects are in the image: what BP_PYTHON_PACKAGE chooses, else what uv would install.

At the root of a workspace, uv installs the project of that directory with what it needs; a root without a project
(a virtual root) means all members. An app without a workspace has all of its projects in the image.
"""

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.package_managers.own_projects import OwnProject, OwnProjects
from python_buildpack.settings.table import EXTRAS, GROUPS, PACKAGE
from python_buildpack.settings.values import Settings

ALL = "*"
"""The value of BP_PYTHON_PACKAGE for all members."""


class MemberUnknown(BuildpackError):
    """BP_PYTHON_PACKAGE names a project that is neither a member of the app's workspace nor in the app at all."""

    code = "member-unknown"
    title = "The app has no project of this name"
    remedies = ("variable",)


class MemberNotChosen(BuildpackError):
    """The root of a workspace needs nothing itself, and no member is chosen: the image would have no packages."""

    code = "member-not-chosen"
    title = "A member of the workspace has to be chosen"
    remedies = ("variable",)


@frozen
class Members:
    """The app's own projects, as far as they are in the image."""

    own: OwnProjects
    tops: tuple[OwnProject, ...]
    """The projects to install, without those that they need: one that is chosen, or all that nothing else needs."""
    included: tuple[OwnProject, ...]
    """``tops``, and all of the app's own that these need."""
    choice: str = ""
    """The value of BP_PYTHON_PACKAGE, "" where it is not set."""

    @property
    def left_out(self) -> tuple[OwnProject, ...]:
        """The projects that are not in the image."""
        return tuple(own for own in self.own.projects if own not in self.included)


def choose_members(own: OwnProjects, settings: Settings) -> Members:
    """Return what of the app's own projects is in the image. Raises MemberUnknown."""
    value = settings.get(PACKAGE)
    if value is None:
        return _without_choice(own)
    if value.text == ALL:
        return Members(own, own.projects, own.projects, ALL)
    chosen = own.named(value.text)
    if chosen is None:
        known = (
            ", ".join(sorted(project.label for project in own.projects if project.label)) or "no project with a name"
        )
        raise MemberUnknown(
            f"{value.origin} is {value.text}, but the app has {known}.",
            f"Correct {value.origin}, or set it to {ALL} for all of them.",
        )
    # Only uv installs one project alone: with every other manager the choice is one of processes.
    included = own.needed_by(chosen) if own.is_workspace else own.projects
    return Members(own, (chosen,), included, value.text)


def _without_choice(own: OwnProjects) -> Members:
    root = own.root
    if root is not None and own.is_workspace:
        return Members(own, (root,), own.needed_by(root))
    needed = {other.directory for one in own.projects for other in own.needed_by(one)[1:]}
    tops = tuple(one for one in own.projects if one.directory not in needed) or own.projects
    return Members(own, tops, own.projects)


def check_members(members: Members, settings: Settings) -> None:
    """Raise MemberNotChosen if the root of a workspace needs nothing, while members that it does not need do."""
    root = members.own.root
    is_chosen = any(settings.get(setting) for setting in (PACKAGE, GROUPS, EXTRAS))
    if is_chosen or root is None or not members.own.is_workspace or len(members.included) > 1:
        return
    if root.needs or root.has_computed_needs:
        return
    waiting = [member for member in members.left_out if member.needs]
    if waiting:
        names = ", ".join(member.label for member in members.left_out)
        raise MemberNotChosen(
            f"The project {root.label} in the app directory is the root of a workspace and needs no packages, so "
            f"nothing would be installed. The members of the workspace are {names}.",
            f"Set {PACKAGE.name} to the name of the member that is the app, to {ALL} for all of them, or to "
            f"{root.label} if it needs none of them.",
        )
