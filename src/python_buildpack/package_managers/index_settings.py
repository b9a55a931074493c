"""What an app's files say to each installer about indexes, and about wheels or sources.

To add an installer with such files, add a function to the module that reads its indexes, and an entry here.
"""

from collections.abc import Callable, Iterator, Mapping

from python_buildpack.app.project import Project
from python_buildpack.package_managers.index_of_pdm import pdm_settings
from python_buildpack.package_managers.index_of_pipfile import pipfile_settings
from python_buildpack.package_managers.index_of_uv import uv_settings
from python_buildpack.package_managers.poetry_sources import poetry_settings

_READERS: tuple[Callable[[Project, Mapping[str, str]], Iterator[str]], ...] = (
    uv_settings,
    poetry_settings,
    pdm_settings,
    pipfile_settings,
)


def index_settings(project: Project, env: Mapping[str, str]) -> Iterator[str]:
    """Yield the texts, of all installers: a project without a lock may have the tables of any. They may have logins.

    Raises ProjectFileInvalid.
    """
    for read in _READERS:
        yield from read(project, env)
