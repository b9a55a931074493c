"""The ``nltk_data`` layer: the corpora and models that nltk.txt names, downloaded with the app's own NLTK."""

import re
from pathlib import Path
from typing import ClassVar

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.app.project import Project
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.layers.data.interface import AppPython, DataRequest
from python_buildpack.ports.interfaces import Command
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.table import NLTK_INDEX
from python_buildpack.settings.values import Settings

LIST = "nltk.txt"

# Since 3.10, NLTK's downloader refuses addresses in private networks, where mirrors usually are. The user has named
# this address, so it is allowed.
_MIRROR = """
import runpy
try:
    from nltk import pathsec
    pathsec.ENFORCE = False
except ImportError:
    pass
runpy.run_module("nltk.downloader", run_name="__main__", alter_sys=True)
"""

_PACKAGE = re.compile(r"\w[\w.-]*")
_ERROR = re.compile(r"^\[nltk_data\]\s+(?:Error|Unable)\b.*", re.MULTILINE)


class NltkListInvalid(BuildpackError):
    """nltk.txt has something other than names of NLTK data packages."""

    code = "nltk-list-invalid"
    title = "nltk.txt cannot be read"


class NltkDownloadFailed(BuildpackError):
    """NLTK could not download what nltk.txt names: its index cannot be reached, or has no such package."""

    code = "nltk-download-failed"
    title = "The data for NLTK could not be downloaded"
    remedies = ("network",)


def read_packages(project: Project) -> tuple[str, ...]:
    """Return the names in nltk.txt, each once; ``#`` begins a comment.

    Raises NltkListInvalid and ProjectFileUnreadable.
    """
    text = project.text(LIST) or ""
    words = [word for line in text.splitlines() for word in line.partition("#")[0].split()]
    wrong = [word for word in words if not _PACKAGE.fullmatch(word)]
    if wrong:
        raise NltkListInvalid(
            f"{LIST} holds {', '.join(wrong)}, which cannot be the name of NLTK data.",
            f"Name one package on each line of {LIST}, such as stopwords or punkt_tab.",
        )
    return tuple(dict.fromkeys(words))


@frozen
class NltkData:
    """Implements DataLayer for NLTK (https://www.nltk.org/data.html)."""

    name: ClassVar[str] = "nltk_data"
    heading: ClassVar[str] = "NLTK data"
    variable: ClassVar[str] = "NLTK_DATA"
    content: ClassVar[str] = "the corpora and models that `nltk.txt` names"

    def find(
        self, project: Project, installed: InstalledDistributions, settings: Settings
    ) -> DataRequest | Notice | None:
        """Return the names in nltk.txt. Raises NltkListInvalid and ProjectFileUnreadable."""
        packages = read_packages(project)
        if not packages:
            return None
        version = installed.version("nltk")
        if version is None:
            return Notice(
                f"{LIST} is not used",
                f"{LIST} names data for NLTK, but nltk is not installed. Add nltk to the app's dependencies, or "
                f"remove {LIST}.",
            )
        index = settings.get(NLTK_INDEX)
        return DataRequest(packages, f"{LIST} names them", version, index.text if index else "")

    def download(self, request: DataRequest, folder: Path, python: AppPython) -> None:
        """Run NLTK's downloader. Raises NltkDownloadFailed."""
        source = ("-u", request.source) if request.source else ()
        # -e: end on an error instead of asking whether to try again.
        options = ("-e", "-d", str(folder), *source, *request.names)
        command = ("-c", _MIRROR) if request.source else ("-m", "nltk.downloader")
        argv = (str(python.executable), "-W", "ignore", *command, *options)
        finished = python.runner.run(Command(argv, python.env))
        # After an error, the downloader prints it and still ends with status 0.
        failure = _ERROR.search(finished.output)
        if finished.status != 0 or failure or not any(folder.iterdir()):
            raise NltkDownloadFailed(
                failure[0] if failure else f"nltk.downloader {finished.ending}.",
                f"Check the names in {LIST}. Where NLTK's index cannot be reached, {NLTK_INDEX.name} names a mirror's.",
            )
