"""Imports of installed packages that fail on a Python: read from real files, as a wheel installs them."""

from pathlib import Path

import pytest

from devkit.stdlib_changes import written_tables
from manager_context import CHECKOUT, write_app
from python_buildpack.installed.imports.lacking import find_lacks, world_of
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
    there = ModuleFiles((write_app(folder, files),))
    reach = Reach(there, roots or ("lib",), certainly=True, world=world_of(there, minor))
    return sorted(f"{lack.importer}: {lack.what}" for lack in find_lacks(reach))


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
    """A backend that is tried and not found, and one that nothing imports."""
    files = {
        "lib/__init__.py": "try:\n    from . import fast\nexcept ImportError:\n    pass\n",
        "lib/fast.py": "import imp\n",
        "lib/unused.py": "import imp\n",
    }
    assert lacking(tmp_path, files, "3.13") == []


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    import cgi\nexcept ImportError:\n    import cgi_of_nobody\n",
        "try:\n    import cgi\nexcept ImportError:\n    print('reinstall')\n    raise\n",
        "try:\n    import cgi\nexcept ImportError:\n    try:\n        import nobody.x\n    except:\n        raise\n",
        "try:\n    import cgi\nexcept (ImportError, OSError):\n    from imp import find_module\n",
        "try:\n    import cgi\nexcept ValueError:\n    pass\n",
        "try:\n    import cgi\nfinally:\n    pass\n",
        "import sys\nif sys.version_info[0] >= 3:\n    import cgi\n",
        "import sys\nif sys.version_info < (3,):\n    pass\nelse:\n    import cgi\n",
        "import os\nif os.environ.get('ONLY_VERSION') != '1':\n    import cgi\n",
        "from six import PY2\nif not PY2:\n    import cgi\n",
        "def f():\n    pass\n\n\nif True:\n    x = 1\n    import cgi\nelse:\n    pass\ny = 1\n",
    ],
)
def test_what_nothing_saves_is_found(tmp_path: Path, source: str) -> None:
    """An attempt whose alternative is not there either; a branch that this Python takes."""
    assert lacking(tmp_path, {"lib/__init__.py": source, "six.py": ""}, "3.14") == ["lib: cgi"]


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    import cgi\nexcept ImportError:\n    import other\n",
        "try:\n    import cgi\nexcept ImportError:\n    if x:\n        raise\n",
        "try:\n    import cgi\nexcept ImportError:\n    import other.sub\n",
        "try:\n    import cgi\nexcept errors.Missing:\n    pass\n",
        "try:\n    import cgi\nexcept ImportError:\n    from html import escape\n",
        "import os\nif os.environ.get('OLD') == '1':\n    import cgi\n",
        "from six import PY2\nif PY2 or unknown():\n    import cgi\n",
        "def f():\n    try:\n        import cgi\n    except ImportError:\n        raise\n",
    ],
)
def test_what_something_may_save_does_not_count(tmp_path: Path, source: str) -> None:
    """The alternative is there, or it cannot be said."""
    other = "import sys\nsys.modules['other.sub'] = sys\n"
    assert lacking(tmp_path, {"lib/__init__.py": source, "other/__init__.py": other}, "3.14") == []


def test_names_that_are_read_as_attributes_are_found(tmp_path: Path) -> None:
    """While the module is imported: bases, decorators, defaults; a package gives away names of its modules."""
    source = (
        "import collections, asyncio\nclass A(collections.MutableMapping):\n    @asyncio.coroutine\n    def f(): pass\n"
    )
    assert lacking(tmp_path, {"lib.py": source}, "3.11") == [
        "lib: asyncio.coroutine",
        "lib: collections.MutableMapping",
    ]
    assert lacking(tmp_path, {"lib.py": source}, "3.10") == ["lib: collections.MutableMapping"]
    assert lacking(tmp_path, {"lib.py": source}, "3.9") == []


@pytest.mark.parametrize(
    "source",
    [
        "import collections\ndef f():\n    return collections.Mapping\n",
        "import collections\ntry:\n    M = collections.Mapping\nexcept AttributeError:\n    M = dict\n",
        "import collections\nM = collections.Mapping if hasattr(collections, 'Mapping') else dict\n",
        "import collections\nM = lambda: collections.Mapping\n",
        "import collections\ncollections.Mapping = dict\nM = collections.Mapping\n",
        "import collections\nM = my.collections.Mapping\n",
        "import collections\n# collections.Mapping\n",
        "import collections\nimport sys\nif sys.version_info < (3, 3):\n    M = collections.Mapping\n",
    ],
)
def test_attributes_that_are_perhaps_not_read_do_not_count(tmp_path: Path, source: str) -> None:
    """In functions and attempts, and what the module gives back itself."""
    assert lacking(tmp_path, {"lib.py": source}, "3.14") == []


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


@pytest.mark.parametrize(
    ("manager", "found"),
    [
        ("warnings.catch_warnings()", ["lib: distutils"]),
        ("contextlib.suppress(ImportError)", []),
        ("try_import() as _imports", []),
        ("lock", []),
    ],
)
def test_a_context_manager_may_save_an_import(tmp_path: Path, manager: str, found: list[str]) -> None:
    """``suppress`` does, and so do packages' own ones for what is optional."""
    assert lacking(tmp_path, {"lib.py": f"with {manager}:\n    import distutils\n"}, "3.13") == found
