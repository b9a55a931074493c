"""Compiled modules that imports reach, and libraries that modules load by ctypes or cffi."""

from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.installed.imports.modules import ModuleFiles
from python_buildpack.installed.imports.native import loads, reached_extensions
from python_buildpack.installed.imports.reach import Reach

SEARCH = """
def found():
    names = ["enchant-2", "libenchant-2", "enchant"]
    for name in names:
        path = find_library(name)
        if path:
            return path
"""

TRY = """
try:
    for name in ('port', 'lib/libport.dylib'):
        path = find_library(name)
        if path is not None:
            break
    else:
        raise OSError('no port')
except OSError:
    if platform.system() == 'Darwin':
        path = 'libport.dylib'
    else:
        {other}
"""


def reached(folder: Path) -> Reach:
    return Reach(ModuleFiles((folder,)), ("lib",), certainly=False)


@pytest.mark.parametrize(
    ("source", "stems"),
    [
        ("path = find_library('magic')\n", ("magic",)),
        ("lib = ctypes.CDLL('libgobject-2.0.so.0')\n", ("gobject-2.0",)),
        ("x = _dlopen(ffi, 'libpango-1.0-0', 'pango-1.0', 'libpango-1.0.dylib')\n", ("pango-1.0",)),
        ("c = dlopen(ffi, ('cairo-2', 'cairo'), ('libcairo.so.2', 'libcairo-2.dll'))\n", ("cairo",)),
        (
            "def load():\n    if 'Windows' == platform.system():\n        CDLL('a')\n    else:\n        CDLL('b')\n",
            ("b",),
        ),
        ("if sys.platform == 'darwin':\n    CDLL('a')\nelif sys.platform == 'linux':\n    CDLL('b')\n", ("b",)),
        ("if sys.platform.startswith('win'):\n    CDLL('a')\n", ()),
        ("try:\n    CDLL('a')\nexcept OSError:\n    pass\n", ()),
        ("if has_it:\n    CDLL('a')\n", ()),
        ("x = _dlopen(ffi, 'a', allow_fail=True)\n", ()),
        ("x = CDLL(name)\ny = CDLL(None)\nz = CDLL('kernel32.dll')\n", ()),
        ("x = CDLL('/opt/thing/libx.so')\n", ()),
        (f"{SEARCH}if not found():\n    raise ImportError('no enchant')\n", ("enchant-2", "enchant")),
        (SEARCH, ()),
        (TRY.format(other="raise"), ("port",)),
        (TRY.format(other="import bundled"), ()),
        ("try:\n    CDLL('a')\nexcept OSError as error:\n    raise ImportError('a') from error\n", ("a",)),
        (
            "for name in ('dmtx', 'libdmtx-64.dll'):\n    x = find_library(name)\nif not x:\n    raise ImportError\n",
            ("dmtx",),
        ),
    ],
)
def test_libraries_that_are_named_in_a_call_are_read(tmp_path: Path, source: str, stems: tuple[str, ...]) -> None:
    """As Linux names them; calls that may find nothing, or that run on another system, are left out."""
    folder = write_app(tmp_path, {"lib/__init__.py": source})
    assert [load.stems for load in loads(reached(folder))] == ([stems] if stems else [])


def test_compiled_modules_are_reached_by_name_or_by_a_package_that_imports_by_name(tmp_path: Path) -> None:
    """A library without the function of a module is none, and a module that nothing imports does not count."""
    folder = write_app(
        tmp_path,
        {
            "lib/__init__.py": "def late():\n    from . import _fast\n    import loader\n",
            "loader/__init__.py": "import importlib\n",
            "unused/__init__.py": "",
        },
    )
    for path in ("lib/_fast.cpython-313-x86_64-linux-gnu.so", "lib/_other.abi3.so", "loader/sub/_x.so", "unused/_y.so"):
        (folder / path).parent.mkdir(exist_ok=True)
        name = Path(path).name.partition(".")[0]
        (folder / path).write_bytes(b"\x7fELF" + f"PyInit_{name}\0".encode())
    (folder / "loader" / "libplugin.so").write_bytes(b"\x7fELF nothing of Python's")
    found = {str(path.relative_to(folder)) for path in reached_extensions(reached(folder), (folder,))}
    assert found == {"lib/_fast.cpython-313-x86_64-linux-gnu.so", "loader/sub/_x.so"}
