"""Repacks one installation: copies it, makes it relocatable, tries it, and packs it."""

import shutil
import subprocess
from pathlib import Path

from cnb.errors import BuildpackError
from devkit.mirror.binaries import relocate_binaries
from devkit.mirror.plan import Copy, plan_copies
from devkit.mirror.prefixes import Prefix
from devkit.mirror.texts import rewrite_texts

MODULES = "ssl, sqlite3, ctypes, zlib, lzma, bz2, hashlib, uuid, decimal, _posixsubprocess"
"""What an interpreter of upstream always has, and one compiled without some headers has not."""


class RepackedPythonBroken(BuildpackError):
    """An installation does not start, or lacks modules, after it was moved."""

    code = "repacked-python-broken"
    title = "A repacked Python does not work"


def stage_prefix(prefix: Prefix, tree: Path) -> tuple[Path, ...]:
    """Write what belongs in the archive of ``prefix`` to ``tree``, and return the libraries that were bundled.

    Raises RepackedPythonBroken, MirrorToolMissing or MirrorToolFailed.
    """
    for copy in plan_copies(prefix):
        _copy(copy, tree)
    _write_links(prefix, tree)
    (tree / "lib" / prefix.name / "site-packages").mkdir(exist_ok=True)
    rewrite_texts(tree, prefix.root, prefix.name)
    libraries = relocate_binaries(tree)
    check_interpreter(tree, prefix.name)
    return libraries


def check_interpreter(tree: Path, python: str) -> None:
    """Start the interpreter of ``tree`` and import what every app may need. Raises RepackedPythonBroken."""
    program = f"import sys, {MODULES}; print(sys.prefix)"
    finished = subprocess.run(
        [tree / "bin" / python, "-I", "-B", "-c", program], capture_output=True, text=True, check=False, env={}
    )
    if finished.returncode or Path(finished.stdout.strip()) != tree.resolve():
        raise RepackedPythonBroken(
            f"{python} in {tree} ended with status {finished.returncode}:\n{finished.stdout}{finished.stderr}",
            f"Install the original of {python} again, with the headers of what is missing, or leave this version out.",
        )


def _copy(copy: Copy, tree: Path) -> None:
    target = tree / copy.target
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(copy.source, target)
    target.chmod(0o755 if copy.source.stat().st_mode & 0o100 else 0o644)


def _write_links(prefix: Prefix, tree: Path) -> None:
    """Make the short names: whatever an installation calls them, upstream has all of these."""
    minor, name = prefix.minor, prefix.name
    links = {
        "bin/python": name, "bin/python3": name, f"bin/python{minor}": name, "bin/python3-config": f"{name}-config",
        "bin/pip": f"pip{minor}", "bin/pip3": f"pip{minor}", "bin/idle3": f"idle{minor}",
        "bin/pydoc3": f"pydoc{minor}", "bin/2to3": f"2to3-{minor}",
        f"lib/lib{name}.so": prefix.library or "no-library",
    }  # fmt: skip
    for link, target in links.items():
        path = tree / link
        if (path.parent / target).exists() and not path.exists():
            path.symlink_to(target)
