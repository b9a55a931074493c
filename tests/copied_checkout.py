"""A copy of this checkout that a test may change, with an environment of its own that imports from the copy."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from devkit.paths import CHECKOUT

_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".*_cache", ".hypothesis", ".work", "dist", "__pycache__")


@dataclass(frozen=True, slots=True)
class CopiedCheckout:
    """The root of the copy."""

    root: Path

    @property
    def python(self) -> Path:
        """Return the interpreter that imports the copy's modules."""
        return self.root / ".venv" / "bin" / "python"

    def run(self, *argv: str) -> str:
        """Return what the interpreter prints with these arguments. Raises CalledProcessError."""
        # Bytecode is kept beside the sources, so only the first process compiles.
        argv = (str(self.python), "-I", *argv)
        return subprocess.run(argv, cwd=self.root, check=True, capture_output=True, text=True).stdout

    def add_to_registry(self, registry: str, tuple_begins: str, imported: str, entry: str) -> None:
        """Add an import to a registry, and an entry at the top of the tuple that begins with this text."""
        path = self.root / registry
        docstring, end, rest = path.read_text(encoding="utf-8").partition('"""\n\n')
        before, begins, after = rest.partition(tuple_begins)
        assert begins, f"{registry} has no {tuple_begins!r}"
        path.write_text(f"{docstring}{end}{imported}\n{before}{begins}\n    {entry},{after}", encoding="utf-8")


def copy_checkout(folder: Path) -> CopiedCheckout:
    """Copy the checkout's files into the folder, which does not exist."""
    shutil.copytree(CHECKOUT, folder, ignore=_LEFT_OUT, symlinks=True)
    _link_environment(CHECKOUT / ".venv", folder / ".venv", folder)
    return CopiedCheckout(folder)


def _link_environment(original: Path, copy: Path, checkout: Path) -> None:
    """Make an environment with the same distributions, in which the sources are the copy's."""
    packages = Path("lib") / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (copy / packages).mkdir(parents=True)
    (copy / "bin").mkdir()
    shutil.copyfile(original / "pyvenv.cfg", copy / "pyvenv.cfg")
    for entry in (*(original / "bin").iterdir(), *(original / packages).iterdir()):
        if entry.name != "terrarium.pth":
            link = copy / entry.relative_to(original)
            link.symlink_to(entry.resolve())
    (copy / packages / "terrarium.pth").write_text(f"{checkout / 'src'}\n{checkout}\n", encoding="utf-8")
