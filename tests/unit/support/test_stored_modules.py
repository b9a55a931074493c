"""The file with the bytecode of our own modules: used where it fits."""

import importlib
import marshal
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any

import pytest

from devkit.packaging.own_modules import store_modules
from python_buildpack.installed.bytecode import compile_tree
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.support.stored_modules import BYTE_ORDER, SIZE, STORED, use_stored


def file_of(index: Any) -> bytes:
    """Return the content of a file with this index and no bytecode."""
    content = marshal.dumps(index, 2)
    return len(content).to_bytes(SIZE, BYTE_ORDER) + content


@pytest.mark.parametrize(
    "content",
    [None, b"", b"\xff" * 40, file_of(1), file_of((b"another", {})), file_of((MAGIC_NUMBER, {}))[:-2]],
    ids=["absent", "empty", "damaged", "no index", "another interpreter's", "cut off"],
)
def test_a_file_that_does_not_fit_is_passed_over(content: bytes | None, tmp_path: Path) -> None:
    """Modules are then imported as usual."""
    file = tmp_path / "modules.bin"
    if content is not None:
        file.write_bytes(content)
    before = list(sys.meta_path)
    use_stored(file)
    assert sys.meta_path == before


def test_modules_are_imported_as_from_their_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages, modules in them and their errors: with their files, and with the line of the source in a traceback."""
    package = tmp_path / "stored_example"
    sources = {
        "__init__.py": "NAME = __name__\n",
        "part/__init__.py": "from stored_example import NAME\n",
        "part/one.py": "HERE = __file__\n\n\ndef fail():\n    raise ValueError(HERE)\n",
    }
    for name, text in sources.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "python_buildpack" / "support").mkdir(parents=True)
    compile_tree(Path(sys.executable), tmp_path, SubprocessRunner(print))
    store_modules(tmp_path, ["stored_example"])
    assert list(package.rglob("*.pyc")) == []
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    # What is asked of the file system from here on fails.
    monkeypatch.setattr(sys, "path", [])
    use_stored(tmp_path / "python_buildpack" / "support" / STORED.name)
    try:
        one = importlib.import_module("stored_example.part.one")
        with pytest.raises(ValueError, match=r"part/one.py") as caught:
            one.fail()
    finally:
        for name in [name for name in sys.modules if name.startswith("stored_example")]:
            del sys.modules[name]
    assert Path(one.HERE) == package / "part" / "one.py"
    assert one.__package__ == "stored_example.part"
    assert caught.traceback[-1].lineno == 4
