"""Which Django project of the app has its static files collected. Pure."""

from python_buildpack.app.file_roles import is_aside, is_test_or_example
from python_buildpack.app.project import Project
from python_buildpack.installed.distributions import InstalledDistributions

MANAGE = "manage.py"
MAX_DEPTH = 2
"""As far below the app's root as Heroku looks."""


def find_manage(project: Project, installed: InstalledDistributions) -> str | None:
    """Return the path of the manage.py to run: Django's, nearest to the root, in no folder of demonstrations or tests.

    None where Django is not installed, whatever files there are.
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
