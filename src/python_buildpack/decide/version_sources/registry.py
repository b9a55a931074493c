"""All version sources, the one that goes first at the top. A new one is a module beside this one and a line here."""

from python_buildpack.decide.version_sources import (
    locks,
    pipfile,
    poetry,
    pyproject,
    python_version_file,
    runtime_txt,
    setting,
    setup_py,
)
from python_buildpack.decide.version_sources.interface import VersionSource

VERSION_SOURCES: tuple[VersionSource, ...] = (
    setting.SOURCE,
    runtime_txt.SOURCE,
    python_version_file.SOURCE,
    pipfile.LOCKED,
    pipfile.DECLARED,
    pyproject.SOURCE,
    poetry.SOURCE,
    setup_py.SOURCE,
    *locks.SOURCES,
)
