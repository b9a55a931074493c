"""Finds the CPython installations of this machine that can be repacked."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.version import Version
from pydantic import BaseModel, ConfigDict, ValidationError

from devkit.inventory.builds import ARCHITECTURES

MINORS = tuple(f"3.{minor}" for minor in range(9, 16))

PROBE = """
import json, os, platform, sys, sysconfig
value = sysconfig.get_config_var
executable = getattr(sys, "_base_executable", None) or sys.executable
print(json.dumps({
    "releaselevel": sys.version_info[3],
    "implementation": sys.implementation.name,
    "libc": platform.libc_ver()[0],
    "lib": getattr(sys, "platlibdir", "lib"),
    "prefix": {
        "version": "%d.%d.%d" % sys.version_info[:3],
        "machine": platform.machine(),
        "freethreaded": bool(value("Py_GIL_DISABLED")),
        "patched": bool({"posix_local", "deb_system"} & set(sysconfig.get_scheme_names())),
        "root": sys.base_prefix,
        "executable": os.path.realpath(executable),
        "stdlib": os.path.dirname(os.path.realpath(os.__file__)),
        "include": value("INCLUDEPY"),
        "libdir": value("LIBDIR"),
        "library": value("INSTSONAME") if value("Py_ENABLE_SHARED") else None,
    },
}))
"""
"""Asked of each interpreter itself: only it knows where its parts are."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """A CPython installation, described by itself."""

    version: str
    machine: str
    """``x86_64`` or ``aarch64``."""
    freethreaded: bool
    patched: bool
    """Whether a distribution changed where it installs to (Debian, Ubuntu)."""
    root: Path
    executable: Path
    stdlib: Path
    include: Path
    libdir: Path
    library: str | None
    """The file name of the shared libpython that the executable needs, in ``libdir``."""

    @property
    def minor(self) -> str:
        """The version without its patch number."""
        return self.version.rpartition(".")[0]

    @property
    def name(self) -> str:
        """What its files and directories are called: ``python3.13``, ``python3.13t``."""
        return f"python{self.minor}{'t' if self.freethreaded else ''}"

    @property
    def variant(self) -> str:
        """The inventory's word for it."""
        return "freethreaded" if self.freethreaded else "default"


class _Answer(BaseModel):
    """What a Python that is of use for a mirror answers: a final CPython on glibc, laid out as upstream's are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    releaselevel: Literal["final"]
    implementation: Literal["cpython"]
    libc: Literal["glibc"]
    lib: Literal["lib"]
    """Fedora's lib64 is compiled in, and upstream's archives know only lib."""
    prefix: Prefix


def discover_prefixes(environ: Mapping[str, str], home: Path) -> tuple[Prefix, ...]:
    """Return this machine's repackable CPythons from 3.9 on, newest first; one installation per version and variant.

    Looks among pyenv's versions, then for ``python3.X`` along PATH. A Python that a distribution patched is taken only
    where there is no other, for it installs to places of its own outside virtual environments.
    """
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    found: dict[tuple[str, str], Prefix] = {}
    patched: list[Prefix] = []
    for executable in (*sorted(pyenv.glob("versions/3.*/bin/python3")), *_on_path(environ.get("PATH", ""), pyenv)):
        match probe_prefix(executable):
            case None:
                continue
            case Prefix(patched=True) as prefix:
                patched.append(prefix)
            case prefix:
                found.setdefault((prefix.version, prefix.variant), prefix)
    return _newest_first(found.values() if found else patched[:1])


def _newest_first(prefixes: Iterable[Prefix]) -> tuple[Prefix, ...]:
    by_variant = sorted(prefixes, key=lambda prefix: prefix.variant)
    return tuple(sorted(by_variant, key=lambda prefix: Version(prefix.version), reverse=True))


def _on_path(path: str, pyenv: Path) -> Iterator[Path]:
    # pyenv's shims lead to the versions that were looked at already, or fail.
    folders = [folder for folder in path.split(os.pathsep) if folder and Path(folder) != pyenv / "shims"]
    for name in (*MINORS, *(f"{minor}t" for minor in MINORS), "3"):
        for folder in folders:
            executable = shutil.which(f"python{name}", path=folder)
            if executable is not None:
                yield Path(executable)


def probe_prefix(executable: Path) -> Prefix | None:
    """Ask an interpreter where its parts are; None when it does not answer or is of no use for a mirror."""
    try:
        finished = subprocess.run(
            [executable, "-I", "-c", PROBE], capture_output=True, text=True, check=False, timeout=30
        )
        answer = _Answer.model_validate_json(finished.stdout)
    except (OSError, ValidationError, subprocess.TimeoutExpired):
        return None
    prefix = answer.prefix
    return prefix if prefix.minor in MINORS and prefix.machine in ARCHITECTURES else None
