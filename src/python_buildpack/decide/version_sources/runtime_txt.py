"""runtime.txt: one line such as ``python-3.12.4``, as on Heroku and DigitalOcean."""

from python_buildpack.app.documents import ProjectFileInvalid
from python_buildpack.app.project import Project
from python_buildpack.decide.version_sources.interface import Declaration, VersionSource
from python_buildpack.interpreters.request import parse_version_request
from python_buildpack.settings.values import Settings

FILE = "runtime.txt"


def read(project: Project, settings: Settings) -> Declaration | None:
    """Return the version in the file's first line that is not blank."""
    del settings
    text = project.text(FILE)
    if text is None:
        return None
    for number, line in enumerate(text.splitlines(), start=1):
        version = line.partition("#")[0].strip()
        if version:
            origin = f"{FILE}, line {number}"
            return Declaration(parse_version_request(version, origin), origin)
    raise ProjectFileInvalid(f"{FILE} is empty.", f"Write a version such as python-3.13 in {FILE}, or delete the file.")


SOURCE = VersionSource(read, (FILE,))
