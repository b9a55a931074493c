"""The bill of materials of the buildpack itself, in the formats that it writes for images."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from cnb.sbom import Sbom
from devkit.paths import CHECKOUT
from devkit.version import own_version
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.sbom.bill import Bill, Component
from python_buildpack.sbom.distributions import read_distributions
from python_buildpack.sbom.formats import sboms
from python_buildpack.sbom.interpreter import describe_interpreter
from python_buildpack.sbom.locks import parse_lock
from python_buildpack.sbom.packages import describe_distributions


def package_sboms(
    interpreter: Interpreter, executable: Path, site_packages: Sequence[Path], more: Iterable[Component] = ()
) -> tuple[Sbom, ...]:
    """Return what a package for ``interpreter``'s architecture holds: Python, its libraries, distributions and uv.

    ``executable`` is the interpreter, or one of the same build that runs on this machine. The digests are those of
    requirements/*.txt. ``more`` is what an offline package has besides. Raises InterpreterBroken.
    """
    locks = "\n".join((CHECKOUT / "requirements" / name).read_text("utf-8") for name in ("runtime.txt", "dev.txt"))
    found = [distribution for folder in site_packages for distribution in read_distributions(folder)]
    runner = SubprocessRunner(lambda line: print(f"  {line}", file=sys.stderr))
    components = (
        *describe_interpreter(interpreter, executable, runner),
        *describe_distributions(found, interpreter.version, interpreter.arch, parse_lock(locks)),
        *more,
    )
    return sboms(Bill.of("terrarium-python", own_version(), components))
