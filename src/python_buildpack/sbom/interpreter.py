"""The bill of the ``python`` layer: the interpreter, and the libraries that are linked into it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.interpreters.smoke import InterpreterBroken
from python_buildpack.ports.interfaces import Command, CommandRunner
from python_buildpack.sbom.bill import Component, Embedded, FromArchive, License, LicenseExpression, LicenseNotStated
from python_buildpack.sbom.origins import public_url
from python_buildpack.sbom.purls import generic_purl
from python_buildpack.secrets.redact import last_lines

NOT_STATED = LicenseNotStated()
_PROBE = Path(__file__).with_name("library_probe.py")


@frozen
class Known:
    """Information on a library that the interpreter does not give."""

    cpe: str = ""
    """Vendor and product in vulnerability databases; empty if they do not list it."""
    license: License = NOT_STATED


LIBRARIES: Mapping[str, Known] = {
    "berkeley-db": Known("oracle:berkeley_db"),
    "bzip2": Known("bzip:bzip2", LicenseExpression("bzip2-1.0.6")),
    "expat": Known("libexpat_project:libexpat", LicenseExpression("MIT")),
    "gdbm": Known("gnu:gdbm", LicenseExpression("GPL-3.0-or-later")),
    "libedit": Known("", LicenseExpression("BSD-3-Clause")),
    "libffi": Known("libffi_project:libffi", LicenseExpression("MIT")),
    "libuuid": Known("", LicenseExpression("BSD-3-Clause")),
    "mpdecimal": Known("", LicenseExpression("BSD-2-Clause")),
    "ncurses": Known("gnu:ncurses", LicenseExpression("X11-distribute-modifications-variant")),
    "openssl": Known("openssl:openssl", LicenseExpression("Apache-2.0")),
    "readline": Known("gnu:readline", LicenseExpression("GPL-3.0-or-later")),
    "sqlite": Known("sqlite:sqlite", LicenseExpression("blessing")),
    "tcl": Known("tcl:tcl", LicenseExpression("TCL")),
    "xz": Known("tukaani:xz"),
    "zlib": Known("zlib:zlib", LicenseExpression("Zlib")),
    "zstd": Known("facebook:zstandard", LicenseExpression("BSD-3-Clause")),
}
"""Berkeley DB and xz have no license here, because it depends on the version."""


def describe_interpreter(interpreter: Interpreter, executable: Path, runner: CommandRunner) -> Iterator[Component]:
    """Yield the interpreter and its libraries, which the interpreter lists itself. Raises InterpreterBroken."""
    libraries = [_library(name, version) for name, version in sorted(_probe(executable, runner).items())]
    yield from libraries
    yield describe_python(interpreter, libraries)


def describe_python(interpreter: Interpreter, libraries: Sequence[Component] = ()) -> Component:
    """Return the interpreter itself, which depends on the known ``libraries`` in it. Pure."""
    version = str(interpreter.version)
    origin = FromArchive(public_url(interpreter.url), {"sha256": interpreter.sha256})
    return Component(
        name="python",
        version=version,
        purl=generic_purl("python", version, origin),
        kind="platform",
        license=LicenseExpression("Python-2.0"),
        origin=origin,
        hashes=origin.hashes,
        cpe=_cpe("python:python", version),
        depends_on=tuple(sorted(library.purl for library in libraries)),
    )


def _probe(executable: Path, runner: CommandRunner) -> dict[str, str | None]:
    finished = runner.run(Command((str(executable), "-I", "-B", str(_PROBE)), {}, show=False))
    try:
        answer = json.loads(finished.output.strip().rpartition("\n")[2]) if finished.status == 0 else None
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise InterpreterBroken(
            f"{executable} was run to list the libraries that it is built with, and ended with status "
            f"{finished.status}: {last_lines(finished.output, 500)}",
            "Name another Python version, and please report this.",
        )
    return answer


def _library(name: str, version: str | None) -> Component:
    known = LIBRARIES.get(name, Known())
    origin = Embedded()
    return Component(
        name=name,
        version=version,
        purl=generic_purl(name, version, origin),
        license=known.license if _has_known_license(name, version) else LicenseNotStated(),
        origin=origin,
        cpe=_cpe(known.cpe, version) if known.cpe and version else None,
    )


def _has_known_license(name: str, version: str | None) -> bool:
    """Return whether the license in the table is that of this version: OpenSSL had another license before 3.0."""
    return name != "openssl" or not (version or "").startswith(("0.", "1."))


def _cpe(product: str, version: str) -> str:
    """Return the name in CPE 2.3 syntax, for an application with vendor, product and version only."""
    escaped = "".join(letter if letter.isalnum() or letter in "._" else f"\\{letter}" for letter in version)
    return f"cpe:2.3:a:{product}:{escaped}:*:*:*:*:*:*:*"
