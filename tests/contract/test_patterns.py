"""Regular expressions from the table are what compiling them gives."""

import importlib.util
import marshal
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from devkit.mirror.prefixes import discover_prefixes
from devkit.packaging.assemble import OWN_PYTHON
from devkit.packaging.own_patterns import compile_patterns
from devkit.packaging.slim_own import OWN_PACKAGES
from devkit.paths import CHECKOUT
from python_buildpack.support import patterns

CHECKED = ("3.11", "3.12", "3.13")
"""The CPython versions whose ``re._compiler`` and ``_sre`` were seen to be what the table needs."""
LIBRARIES = ("packaging", "requests", "urllib3", "idna", "certifi", "charset_normalizer")

COMPARE = """
import re, sys
sys.path.insert(0, sys.argv[1])
from python_buildpack.support import patterns
compiler, parser = sys.modules["re._compiler"], sys.modules["re._parser"]
anew, parse = compiler.compile, parser.parse
expected = {key: anew(*key) for key in patterns.marshal.loads(patterns.TABLE.read_bytes())[1]}
patterns.use_compiled(patterns.TABLE)
parser.parse = None
for key, usual in expected.items():
    # Patterns are equal if their text, flags and code are.
    made = compiler.compile(*key)
    assert made == usual and made.groupindex == usual.groupindex and made.groups == usual.groups, key
parser.parse = parse
assert re.fullmatch("(?P<one>a)|another", "a")["one"] == "a"
print(len(expected))
"""


@pytest.fixture(scope="module")
def site_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of our packages with the libraries that they need, as in a package."""
    folder = tmp_path_factory.mktemp("site-packages")
    for package in OWN_PACKAGES:
        shutil.copytree(CHECKOUT / "src" / package, folder / package)
    for library in LIBRARIES:
        spec = importlib.util.find_spec(library)
        assert spec is not None
        assert spec.origin is not None
        (folder / library).symlink_to(Path(spec.origin).parent)
    return folder


def interpreter(version: str) -> Path:
    """Return an interpreter of this version of CPython; skip where the machine has none."""
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        return Path(sys.executable)
    found = [
        prefix.executable
        for prefix in discover_prefixes(os.environ, Path.home())
        if prefix.version.startswith(f"{version}.") and not prefix.freethreaded
    ]
    return found[0] if found else pytest.skip(f"this machine has no Python {version}")


@pytest.mark.parametrize("version", CHECKED)
def test_each_is_what_compiling_it_gives(site_packages: Path, version: str) -> None:
    """With its flags, groups and names, and without being parsed; what is not in the table is compiled as usual."""
    python = interpreter(version)
    compile_patterns(python, site_packages)
    argv = [str(python), "-I", "-B", "-c", COMPARE, str(site_packages)]
    compared = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert compared.returncode == 0, compared.stderr
    assert int(compared.stdout) > 100


def test_the_interpreter_of_a_package_is_one_that_was_checked() -> None:
    """Whoever gives packages another one checks first that its re still has what the table needs."""
    assert OWN_PYTHON in CHECKED


def test_the_table_is_the_same_each_time(site_packages: Path) -> None:
    """It is part of a package, and packages are reproducible."""
    table = site_packages / "python_buildpack" / "support" / "patterns.bin"
    compile_patterns(Path(sys.executable), site_packages)
    before = table.read_bytes()
    compile_patterns(Path(sys.executable), site_packages)
    assert table.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [None, b"", marshal.dumps(([0, "little"], {})), marshal.dumps(1), b"\xff" * 20],
    ids=["absent", "empty", "another interpreter's", "no table", "damaged"],
)
def test_a_table_that_does_not_fit_is_passed_over(tmp_path: Path, content: bytes | None) -> None:
    """Patterns are then compiled as usual."""
    before = sys.modules["re._compiler"].compile
    table = tmp_path / "patterns.bin"
    if content is not None:
        table.write_bytes(content)
    patterns.use_compiled(table)
    assert sys.modules["re._compiler"].compile is before
    assert re.fullmatch(f"(?:{tmp_path.name})?", "") is not None
