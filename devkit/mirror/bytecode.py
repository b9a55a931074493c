"""Adds the bytecode of its standard library to a repacked tree, so that no build has to compile it again.

See interpreters/shipped_bytecode.py, which takes it if it is what a build would make.
"""

import shutil
import tempfile
from pathlib import Path

from python_buildpack.installed.bytecode import compile_tree
from python_buildpack.interpreters.shipped_bytecode import MARK, mark_shipped
from python_buildpack.interpreters.slim import slim
from python_buildpack.ports.commands import SubprocessRunner


def add_bytecode(tree: Path, name: str) -> None:
    """Compile the standard library of the interpreter ``name`` in ``tree``, without what an image never has.

    Raises BytecodeFailed.
    """
    library = f"lib/{name}"
    with tempfile.TemporaryDirectory(prefix="bytecode-", dir=tree.parent) as folder:
        copy = Path(folder, "python")
        shutil.copytree(tree, copy, symlinks=True)
        slim(copy, library)
        compile_tree(copy / "bin" / name, copy / library, SubprocessRunner())
        mark_shipped(copy / library)
        shutil.copyfile(copy / library / MARK, tree / library / MARK)
        for cache in (copy / library).rglob("__pycache__"):
            shutil.copytree(cache, tree / cache.relative_to(copy))
