"""The error of a collectstatic that failed."""

from cnb.errors import BuildpackError
from python_buildpack.app_code.failed_imports import Included
from python_buildpack.app_code.program_failures import Lacking, explain_failure
from python_buildpack.ports.interfaces import Finished
from python_buildpack.settings.table import DISABLE_COLLECTSTATIC


class CollectstaticFailed(BuildpackError):
    """Django's ``manage.py collectstatic`` failed. Most often its settings need a value that the build does not have.

    The settings are imported with the environment of the build, in which a platform's secrets may be missing.
    ``DISABLE_COLLECTSTATIC=1`` builds the image without static files.
    """

    code = "collectstatic-failed"
    title = "Django's static files could not be collected"
    remedies = ("variable",)


def failure(
    command: str,
    status: int,
    output: str,
    app: str = "",
    included: Included = lambda _: None,
    lacking: Lacking = lambda _: (),
) -> CollectstaticFailed:
    """Return the error for a command that failed. ``app`` is the app's directory.

    ``included`` returns the requirement with which the libraries of an installed package come, if there is one, and
    ``lacking`` the variables that a file of the app needs and that the build does not have.
    """
    known = explain_failure(output, app, included, lacking)
    offer = f" To build without static files, set {DISABLE_COLLECTSTATIC.name}=1." if known.starts else ""
    return CollectstaticFailed(f"{command} {Finished(status, output).ending}. {known.what}", f"{known.cure}{offer}")
