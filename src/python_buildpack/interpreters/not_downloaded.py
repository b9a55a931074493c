"""Says of an interpreter that could not be downloaded why it is wanted, and whose address it is. Pure."""

from cnb.errors import BuildpackError
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.ports.fetching.http import DownloadFailed, DownloadNotFound
from python_buildpack.settings.table import INVENTORY, MIRROR, PYTHON_VERSION
from python_buildpack.settings.values import Settings


def explain_download(
    error: BuildpackError, interpreter: Interpreter, because: str, settings: Settings
) -> BuildpackError:
    """Return the error with the reason for this version, and with who can do something about a missing file.

    ``because`` is the reason for which the version was chosen.
    """
    if not isinstance(error, DownloadFailed | DownloadNotFound):
        return error
    what = f"{error.what}\nIt is Python {interpreter.version}, because {because}."
    if isinstance(error, DownloadFailed):
        return DownloadFailed(what, error.cure)
    for setting, place in ((MIRROR, "The mirror"), (INVENTORY, "The list")):
        value = settings.get(setting)
        if value is not None:
            return DownloadNotFound(
                f"{what} {place} is the one that {value.origin} names.",
                f"Put the file there, correct {value.origin}, or choose a version that is there by "
                f"{PYTHON_VERSION.name}.",
            )
    return DownloadNotFound(
        f"{what} The address is in the buildpack's own list of Pythons, so the app is not at fault.",
        f"Choose another version by {PYTHON_VERSION.name}, for example the patch release before, and report it.",
    )
