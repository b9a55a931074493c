"""Which bytecode a step read: seen by access times, with a real Python that imports real files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from python_buildpack.app_code.bytecode_cache import BytecodeCache, restored_bytecode
from python_buildpack.support.cached_files import CachedFile


@pytest.fixture
def cache(tmp_path: Path) -> BytecodeCache:
    """Return the bytecode cache of a layer with three compiled modules, one of them in a package."""
    root = tmp_path / "root"
    for name in ("used.py", "unused.py", "package/__init__.py"):
        path = root / "lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"name = {name!r}\n", encoding="utf-8")
    compile_all(root)
    return BytecodeCache(root, CachedFile(tmp_path / "bytecode-x.tar.zst"))


def compile_all(root: Path) -> None:
    """Compile everything, as the layers have it: not compared with the source."""
    mode = ("-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash")
    subprocess.run([sys.executable, *mode, str(root)], check=True)


def python(root: Path, program: str) -> str:
    """Run a program that can import the modules, and return what it prints."""
    run = [sys.executable, "-B", "-c", program]
    environment = {**os.environ, "PYTHONPATH": str(root / "lib")}
    return subprocess.run(run, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def bytecode(cache: BytecodeCache) -> set[str]:
    """Return the modules that have bytecode."""
    return {path.name.partition(".")[0] for path in cache.root.rglob("*.pyc")}


def lose_bytecode(cache: BytecodeCache) -> None:
    """Leave the layer as it comes out of its archive."""
    for path in list(cache.root.rglob("__pycache__")):
        shutil.rmtree(path)


def test_what_was_read_comes_back_and_nothing_else(cache: BytecodeCache) -> None:
    """It is believed without a look at its source, whose time is another by then."""
    with restored_bytecode((cache,)):
        python(cache.root, "import used, package")
    lose_bytecode(cache)
    (cache.root / "lib/used.py").touch()

    with restored_bytecode((cache,)):
        assert bytecode(cache) == {"used", "__init__"}
        # Not from the source, for that says something else.
        (cache.root / "lib/used.py").write_text("name = 'changed'", encoding="utf-8")
        assert python(cache.root, "import used; print(used.name)") == "used.py"


def test_two_steps_read_together(cache: BytecodeCache) -> None:
    """collectstatic, then a hook: what the first one read is not forgotten when the second begins."""
    with restored_bytecode((cache,)):
        python(cache.root, "import used")
        with restored_bytecode((cache,)):
            python(cache.root, "import package")
    lose_bytecode(cache)
    cache.put_back()
    assert bytecode(cache) == {"used", "__init__"}


def test_a_layer_with_bytecode_of_its_own_keeps_it(cache: BytecodeCache) -> None:
    """It is the layer that is exported: not a byte of it comes from elsewhere."""
    with restored_bytecode((cache,)):
        python(cache.root, "import used")
    shutil.rmtree(cache.root / "lib/__pycache__")
    cache.put_back()
    assert bytecode(cache) == {"__init__"}


def test_nothing_read_is_nothing_kept(cache: BytecodeCache) -> None:
    """No empty archive; and a file system that records no access looks just like this."""
    with restored_bytecode((cache,)):
        pass
    assert not cache.archive.exists()


def test_a_damaged_archive_is_done_without(cache: BytecodeCache) -> None:
    """It is slower, and it is made anew when the layer is."""
    with restored_bytecode((cache,)):
        python(cache.root, "import used")
    cache.archive.path.write_bytes(b"damaged")
    lose_bytecode(cache)
    with restored_bytecode((cache,)):
        assert python(cache.root, "import used; print(used.name)") == "used.py"
    assert not cache.archive.exists()
