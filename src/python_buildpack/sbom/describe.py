"""Makes the bills of materials of the layers from what is on disk after an installation.

Only builds that install something import it: a build that reuses its layers keeps their bills.
"""

from pathlib import Path

from cnb.sbom import Sbom
from python_buildpack.installed.dist_info import site_packages
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.ports.interfaces import CommandRunner
from python_buildpack.sbom.altered import altered_in
from python_buildpack.sbom.bill import Bill
from python_buildpack.sbom.distributions import read_distributions
from python_buildpack.sbom.formats import sboms
from python_buildpack.sbom.interpreter import describe_interpreter
from python_buildpack.sbom.locks import parse_lock
from python_buildpack.sbom.packages import describe_distributions


def python_sboms(
    layer: str, interpreter: Interpreter, executable: Path, runner: CommandRunner, tool_version: str
) -> tuple[Sbom, ...]:
    """Return the bills of a layer with an interpreter, in all formats. Raises InterpreterBroken."""
    return sboms(Bill.of(layer, tool_version, describe_interpreter(interpreter, executable, runner)))


def environment_sboms(
    layer: str, environment: Path, interpreter: Interpreter, lock: str, tool_version: str
) -> tuple[Sbom, ...]:
    """Return the bills of a layer with a virtual environment of ``interpreter``, in all formats.

    ``lock`` is the text of the lock or requirements that were installed, for the digests of the archives; or empty.
    """
    site = site_packages(environment)
    found, altered = read_distributions(site), altered_in(site)
    components = describe_distributions(found, interpreter.version, interpreter.arch, parse_lock(lock), altered)
    return sboms(Bill.of(layer, tool_version, components))
