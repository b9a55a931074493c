"""Finds the Django project whose static files are collected. Pure."""

from python_buildpack.app.file_roles import is_aside, is_test_or_example
from python_buildpack.app.project import Project
from python_buildpack.decide.process_plan.members import is_elsewhere
from python_buildpack.decide.processes.frameworks.django import DJANGO
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.package_managers.members import choose_members
from python_buildpack.package_managers.own_projects import own_projects
from python_buildpack.settings.values import Settings

MANAGE = "manage.py"
MAX_DEPTH = 2
"""Folders below the app's root in which manage.py is looked for, as on Heroku."""


def find_manage(project: Project, installed: InstalledDistributions, settings: Settings) -> str | None:
    """Return the path of Django's manage.py that is nearest to the root, outside of folders for examples and tests.

    Those of projects that are not in the image do not count; that of the chosen one comes first. None if there is none,
    or Django is not installed. Raises MemberUnknown, ProjectFileUnreadable and ProjectFileInvalid.
    """
    if not installed.has(*DJANGO.distributions):
        return None
    members = choose_members(own_projects(project), settings)
    paths = [
        path
        for path in project.files
        if path.rpartition("/")[2] == MANAGE
        and path.count("/") <= MAX_DEPTH
        and not is_test_or_example(path)
        # Other frameworks have a manage.py too (Flask-Script).
        and "django" in (project.sources.get(path) or "")
        and members.own.of(path) not in members.left_out
    ]
    return min(
        paths,
        key=lambda path: (is_elsewhere(path, members), is_aside(path), path.count("/"), path),
        default=None,
    )
