"""Says that a Poetry project itself is not installed, because its source has no module of its name."""

import re

from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.package_managers.project_file import FILE
from python_buildpack.ports.interfaces import Finished

# Poetry installs the project last, when all locked packages are installed.
_NO_MODULE = re.compile(r"does not contain any element|No file/folder found for package")


def warn_of_no_module(context: InstallContext, finished: Finished) -> bool:
    """Return whether Poetry's build backend found no module, and warn of it if so: the rest is installed."""
    if not _NO_MODULE.search(finished.output):
        return False
    context.reporter.warning(
        "The project itself is not installed",
        f"Poetry finds no module in the source for the package that {FILE} names. All dependencies are "
        "installed. Set package-mode = false in [tool.poetry] if the app is run from its source.",
    )
    return True
