"""Finds the Django project whose static files are collected. Pure."""

from python_buildpack.app.file_roles import is_aside, is_test_or_example
from python_buildpack.app.project import Project
from python_buildpack.installed.distributions import InstalledDistributions

MANAGE = "manage.py"
MAX_DEPTH = 2
"""Folders below the app's root in which manage.py is looked for, as on Heroku."""


def find_manage(project: Project, installed: InstalledDistributions) -> str | None:
    """Return the path of Django's manage.py that is nearest to the root, outside of folders for examples and tests.

    None if there is none, or Django is not installed.
    """
    if not installed.has("django"):
        return None
    paths = [
        path
        for path in project.files
        if path.rpartition("/")[2] == MANAGE
        and path.count("/") <= MAX_DEPTH
        and not is_test_or_example(path)
        # Other frameworks have a manage.py too (Flask-Script).
        and "django" in (project.sources.get(path) or "")
    ]
    return min(paths, key=lambda path: (is_aside(path), path.count("/"), path), default=None)
