"""Code that attacks a build: as a hook of an app, and as the build backend of a source distribution."""

import sys
from pathlib import Path

from tiny_index import Distribution, source_files, write_page, write_sdist_files
from wheel_index import WheelIndex


def hook(app: Path, name: str, code: str) -> None:
    """Write a hook in Python. The tests' Python runs it: it has what an attacker can bring along."""
    path = app / "bin" / name
    path.parent.mkdir(exist_ok=True)
    search = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]
    path.write_text(f"#!{sys.executable}\nimport sys\nsys.path[:0] = {search!r}\n{code}", encoding="utf-8")
    path.chmod(0o755)


def publish_hostile_source(index: WheelIndex, name: str, code: str) -> None:
    """Add version 1.0 of a source distribution to the index, whose build backend begins with ``code``."""
    made = Distribution(name)
    files = source_files(made)
    files["backend.py"] = f"{code}\n{files['backend.py']}"
    folder = index.root / "simple" / name
    write_sdist_files(folder, made, files)
    write_page(folder)
