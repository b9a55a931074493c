"""All version sources, in order of precedence. A new one is a module in this folder and a line here."""

from python_buildpack.decide.version_sources import (
    asdf,
    locks,
    mise,
    pipfile,
    poetry,
    pyproject,
    python_version_file,
    runtime_txt,
    script,
    setting,
    setup_py,
    workspace,
)
from python_buildpack.decide.version_sources.interface import VersionSource

VERSION_SOURCES: tuple[VersionSource, ...] = (
    setting.SOURCE,
    runtime_txt.SOURCE,
    python_version_file.SOURCE,
    asdf.SOURCE,
    mise.SOURCE,
    pipfile.LOCKED,
    pipfile.DECLARED,
    pyproject.SOURCE,
    workspace.SOURCE,
    poetry.SOURCE,
    setup_py.SOURCE,
    script.SOURCE,
    *locks.SOURCES,
)
