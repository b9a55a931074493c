"""The inline metadata of an app that is one script (PEP 723): ``requires-python``."""

from python_buildpack.app.project import Project
from python_buildpack.decide.version_sources.interface import Declaration, VersionSource
from python_buildpack.interpreters.request import parse_version_request
from python_buildpack.package_managers.inline_metadata import find_script, read_metadata
from python_buildpack.settings.values import Settings


def read(project: Project, settings: Settings) -> Declaration | None:
    """Return what the script asks for."""
    del settings
    script = find_script(project)
    requires = read_metadata(project, script).get("requires-python") if script else None
    if not isinstance(requires, str) or not requires.strip():
        return None
    origin = f"{script} (requires-python)"
    return Declaration(parse_version_request(requires, origin), origin)


SOURCE = VersionSource(read)
