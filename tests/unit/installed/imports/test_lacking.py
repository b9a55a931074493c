"""Imports of installed packages that fail on a Python: read from real files, as a wheel installs them."""

from pathlib import Path

import pytest

from devkit.stdlib_changes import written_tables
from manager_context import CHECKOUT, write_app
from python_buildpack.installed.imports.lacking import find_lacks
from python_buildpack.installed.imports.modules import ModuleFiles
from python_buildpack.installed.imports.reach import Reach
from python_buildpack.installed.imports.reading import Import, is_certain, read_imports

SIX = """
import sys
class _Importer(object):
    def find_module(self, fullname, path=None):
        return self
sys.meta_path.append(_Importer())
"""


def lacking(folder: Path, files: dict[str, str], minor: str, *roots: str) -> list[str]:
    """Return what fails on a Python in modules that ``roots`` reach."""
    reach = Reach(ModuleFiles((write_app(folder, files),)), roots or ("lib",), certainly=True)
    return sorted(f"{lack.importer}: {lack.what}" for lack in find_lacks(reach, minor))


def test_a_module_that_python_lost_is_found_at_any_depth(tmp_path: Path) -> None:
    """From the version that lost it on; the chain of imports may be relative, and pass through packages."""
    files = {
        "lib/__init__.py": "from . import voice\n",
        "lib/voice/__init__.py": "from .player import (\n    Player,  # the one\n)\n",
        "lib/voice/player.py": "import os, audioop as sound\nPlayer = sound\n",
    }
    assert lacking(tmp_path, files, "3.13") == ["lib.voice.player: audioop"]
    assert lacking(tmp_path, files, "3.12") == []


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    import cgi\nexcept ImportError:\n    cgi = None\n",
        "def old():\n    import cgi\n",
        "import sys\nif sys.version_info < (3, 13):\n    import cgi\n",
        '"""Use it so:\nimport cgi\n"""\n',
        "text = '''\nimport cgi\n'''\n",
        "from . import cgi\n",
        "from .cgi import x\n",
        "import cgi_tools\n",
        "# import cgi\n",
        "import cgi(\n",
    ],
)
def test_what_is_guarded_or_no_import_does_not_count(tmp_path: Path, source: str) -> None:
    """Only what certainly fails counts."""
    assert lacking(tmp_path, {"lib/__init__.py": source, "lib/cgi.py": ""}, "3.14") == []


def test_what_only_a_guarded_import_reaches_does_not_count(tmp_path: Path) -> None:
    """A backend that is tried in vain, and one that nothing imports."""
    files = {
        "lib/__init__.py": "try:\n    from . import fast\nexcept ImportError:\n    pass\n",
        "lib/fast.py": "import imp\n",
        "lib/unused.py": "import imp\n",
    }
    assert lacking(tmp_path, files, "3.13") == []


def test_a_substitute_that_is_installed_counts(tmp_path: Path) -> None:
    """audioop-lts is called audioop; setuptools brings distutils by a hook, and pkg_resources until version 82."""
    files = {"lib.py": "import audioop\nimport distutils.util\nimport pkg_resources\n"}
    assert lacking(tmp_path / "a", files, "3.13") == ["lib: audioop", "lib: distutils", "lib: pkg_resources"]
    more = {"audioop/__init__.py": "", "_distutils_hack/__init__.py": "", "pkg_resources/__init__.py": ""}
    assert lacking(tmp_path / "b", {**files, **more}, "3.13") == []


def test_names_that_a_module_lost_are_found(tmp_path: Path) -> None:
    """From the tables of the standard library's stubs; what came later than this Python fails, too."""
    files = {"lib.py": "from collections import Mapping\nfrom ast import Str\nimport tomllib\n"}
    assert lacking(tmp_path, files, "3.14") == ["lib: ast.Str", "lib: collections.Mapping"]
    assert lacking(tmp_path, files, "3.10") == ["lib: collections.Mapping", "lib: tomllib"]
    assert lacking(tmp_path, files, "3.9") == ["lib: tomllib"]


@pytest.mark.parametrize("import_", ["from .six.moves import urllib", "from lib.six.moves.urllib.parse import quote"])
def test_a_copy_of_an_old_six_is_found(tmp_path: Path, import_: str) -> None:
    """It gives six.moves by find_module, which Python 3.12 no longer calls; six 1.16 has find_spec."""
    files = {"lib/__init__.py": f"{import_}\n", "lib/six.py": SIX}
    assert lacking(tmp_path / "old", files, "3.12") == ["lib: lib.six.moves"]
    assert lacking(tmp_path / "old", files, "3.11") == []
    new = {**files, "lib/six.py": SIX + "    def find_spec(self, fullname, path, target=None):\n        return None\n"}
    assert lacking(tmp_path / "new", new, "3.12") == []


def test_statements_are_read_with_their_lines() -> None:
    """As Python numbers them, whatever is between."""
    text = "import a\nimport b.c as d, e\n\n\ndef f():\n    from .. import g as h, \\\n        i\nfrom .j import *\n"
    assert list(read_imports(text)) == [
        Import(1, True, 0, "a", ()),
        Import(2, True, 0, "b.c", ()),
        Import(2, True, 0, "e", ()),
        Import(6, False, 2, "", ("g", "i")),
        Import(8, True, 1, "j", ()),
    ]
    assert [line for line in range(1, 9) if is_certain(text, line)] == [1, 2, 8]


def test_the_tables_are_as_the_pinned_stubs_say() -> None:
    """./dev refresh stdlib writes them."""
    for path, text in written_tables().items():
        assert (CHECKOUT / path).read_text(encoding="utf-8") == text
