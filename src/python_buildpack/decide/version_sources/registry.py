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
    setting.read,
    runtime_txt.read,
    python_version_file.read,
    pipfile.read_lock,
    pipfile.read_file,
    pyproject.read,
    poetry.read,
    setup_py.read,
    locks.read_uv,
    locks.read_poetry,
    locks.read_pdm,
    locks.read_pylock,
)
