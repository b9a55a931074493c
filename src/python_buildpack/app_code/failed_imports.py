"""Explains imports that failed one after the other. Pure.

Packages try several modules for one purpose: ``try: import psycopg``, ``except ImportError: import psycopg2``. Python
prints the exceptions of all attempts as one chain, and the last one is only about the module that was tried last. What
counts is the first attempt at a module that is there and cannot be imported; if none is there, all of them are named.

Exceptions are attempts at one thing if each was raised by the file that caught the one before, in its handling: by
another import, or by a ``raise`` of its own ("Error loading psycopg2 or psycopg module"); so is one that another names
as its cause (``raise … from``). A module that the handling reaches deeper (``except ImportError: from production import
*``) is another failure, and the last one counts.
"""

import re
from collections.abc import Callable

from python_buildpack.app_code.explanation import Explanation
from python_buildpack.app_code.tracebacks import Raised, last_chain
from python_buildpack.installed.missing_libraries import debian_package

_IMPORT_ERRORS = ("ImportError", "ModuleNotFoundError")
_NO_MODULE = re.compile(r"No module named ['\"](?P<name>[^'\"]+)['\"]")
_LIBRARY = re.compile(
    r"(?P<name>\S+\.so[\w.]*): cannot open shared object|\b(?P<sought>lib[\w.+-]+) (?:library )?not found|"
    r"cannot load library ['\"](?P<loaded>[^'\"/]+)['\"]|library \(tried ['\"](?P<tried>[^'\"/]+)['\"]"
)
"""What the loader says, cffi, and packages that look for a library themselves, such as Django for GDAL."""
_STANDARD_LIBRARY = re.compile(r"^<frozen |/lib/python3\.\d+/(?!(?:site|dist)-packages/)")
_LINES = 5

Included = Callable[[str], str | None]
"""Takes the name of an installed package; returns the requirement with which its libraries come, or None."""


def root_failure(output: str) -> Raised | None:
    """Return the exception to which a program's end goes back, or None: see above."""
    attempts = _attempts(last_chain(output))
    imports = [raised for raised in attempts if raised.name in _IMPORT_ERRORS]
    there = (raised for raised in imports if not _is_absent(raised, attempts))
    return next(there, next(iter(imports), attempts[-1] if attempts else None))


def explain_import(output: str, included: Included = lambda _: None) -> Explanation | None:
    """Return why an import failed, if it is that of an installed package, or the last of several attempts."""
    root = root_failure(output)
    if root is None or not (root.name in _IMPORT_ERRORS or _lacks_library(root)):
        return None
    attempts = _attempts(last_chain(output))
    if not _is_absent(root, attempts):
        return _explain_broken(root, included)
    absent = [found["name"] for raised in attempts if (found := _no_module(raised))]
    return _explain_absent(absent)


def _lacks_library(raised: Raised) -> bool:
    """Return whether an installed package did not find a library, whatever it raises then."""
    return _LIBRARY.search(raised.message) is not None and _package_of(raised) is not None


def _attempts(chain: tuple[Raised, ...]) -> tuple[Raised, ...]:
    """Return the end of a chain in which each exception was raised where the one before was caught."""
    attempts = list(chain[-1:])
    for earlier in reversed(chain[:-1]):
        if not _gave_up(attempts[0], earlier):
            break
        attempts.insert(0, earlier)
    return tuple(attempts)


def _gave_up(later: Raised, earlier: Raised) -> bool:
    if later.names_cause:
        return True
    inner = later.innermost
    if inner is None or not earlier.frames or inner.file != earlier.frames[0].file:
        return False
    return later.name in _IMPORT_ERRORS or inner.source.startswith("raise ")


def _is_absent(raised: Raised, attempts: tuple[Raised, ...]) -> bool:
    """Return whether the module itself that was tried is not there, and not one that an installed package imports."""
    inner = raised.innermost
    if _no_module(raised) is None or inner is None:
        return _no_module(raised) is not None
    tried_in = {attempt.frames[0].file for attempt in attempts if attempt.frames}
    return inner.package is None or inner.file in tried_in or not inner.source.startswith(("import ", "from "))


def _no_module(raised: Raised) -> "re.Match[str] | None":
    return _NO_MODULE.match(raised.message) if raised.name in _IMPORT_ERRORS else None


def _package_of(raised: Raised) -> str | None:
    """Return the installed package in which it was raised, or which called the standard library that raised it."""
    frames = (frame for frame in reversed(raised.frames) if frame.package or not _STANDARD_LIBRARY.search(frame.file))
    return next((frame.package for frame in frames), None)


def _explain_broken(root: Raised, included: Included) -> Explanation | None:
    library = _LIBRARY.search(root.message)
    package = _package_of(root)
    if package is None and library is None:
        return None
    subject = f"The installed package {package}" if package else "A module that the app imports"
    said = " / ".join(line.strip() for line in root.message.splitlines()[:_LINES])
    what = f"{subject} is there and cannot be imported: {said.rstrip('.')}."
    return Explanation(what, _cure(package, library, root, included), starts=False)


def _cure(package: str | None, library: "re.Match[str] | None", root: Raised, included: Included) -> str:
    cures = []
    requirement = included(package) if package else None
    if requirement is not None:
        cures.append(f"Require {requirement}, which brings what is missing")
    if library is not None:
        name = next(name for name in library.groups() if name)
        debian = debian_package(name)
        has = f"{name} (Debian's package {debian})" if debian else name
        cures.append(
            f"Use build and run images with {has}, or have it installed (BP_APT_PACKAGES, if the builder has the image "
            "extension terrarium/apt, or an apt buildpack)"
        )
    elif found := _no_module(root):
        cures.append(f"Add the distribution that has {found['name']} to the app's dependencies")
    if not cures:
        cures.append(f"Use another version of {package}, or of Python, with which it can be imported")
    return f"{'. Or: '.join(cures)}."


def _explain_absent(names: list[str]) -> Explanation:
    first, *others = dict.fromkeys(names)
    if others:
        what = f"The app imports {first}, or {', or '.join(others)} in its place, and none of them is installed."
    else:
        what = f"The app imports {first}, which is neither installed nor a module of the app."
    return Explanation(
        what,
        f"Add the distribution that has {first} to the app's dependencies. If it is needed for development only, do "
        "not import it elsewhere: groups for development are not installed.",
        starts=False,
    )
