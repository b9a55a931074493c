"""Which requirements of installed distributions are not met: from metadata, as uv's own check finds them."""

import subprocess
import sys
from pathlib import Path

import pytest

from devkit.paths import CHECKOUT
from python_buildpack.installed.conflicts import find_conflicts

SITE = "lib/python3.11/site-packages"


def install(site: Path, name: str, version: str, *fields: str) -> None:
    """Write the metadata of a distribution."""
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    text = "\n".join(
        ("Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *fields, "", "Requires-Dist: no")
    )
    (info / "METADATA").write_text(text, encoding="utf-8")
    (info / "RECORD").write_text("", encoding="utf-8")
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n", encoding="utf-8")


CASES = {
    "an older version": ("Requires-Dist: b>=2", "b>=2, but 1.0 is installed"),
    "another name for the same": ("Requires-Dist: B<1", "B<1, but 1.0 is installed"),
    "missing": ("Requires-Dist: c_d", "c_d, which is not installed"),
    "missing on this system": ('Requires-Dist: c; sys_platform == "linux"', "c, which is not installed"),
    "met": ("Requires-Dist: b==1.*", ""),
    "on another system": ('Requires-Dist: c; sys_platform == "win32"', ""),
    "on another Python": ('Requires-Dist: c; python_version < "3"', ""),
    "of an extra": ('Requires-Dist: c; extra == "all" and python_version > "3"', ""),
    "Python": ("Requires-Python: <3", "Python <3, but this is 3.11.7"),
    "a comparison without meaning": ('Requires-Dist: c; python_version ~= "3"', "c, which is not installed"),
    "damaged": ("Requires-Dist: b >>> 2", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_each_kind_of_requirement(tmp_path: Path, case: str) -> None:
    """One that is not met is named with what is there instead."""
    line, sentence = CASES[case]
    install(tmp_path, "a", "1.0", line)
    install(tmp_path, "b", "1.0")
    assert find_conflicts(tmp_path, "3.11.7") == ((f"The package a requires {sentence}",) if sentence else ())


def test_as_uv_finds_them(tmp_path: Path) -> None:
    """The same number, by uv's check of a real environment."""
    uv = str(CHECKOUT / ".venv" / "bin" / "uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(tmp_path)], check=True)
    (site,) = tmp_path.glob("lib/python*/site-packages")
    lines = [line for line, _ in CASES.values() if ">>>" not in line and "Requires-Python" not in line]
    for number, line in enumerate(lines):
        install(site, f"a{number}", "1.0", line)
    install(site, "b", "1.0")
    argv = [uv, "pip", "check", "--python", str(tmp_path / "bin" / "python")]
    said = subprocess.run(argv, capture_output=True, text=True, check=False).stderr
    theirs = [line for line in said.splitlines() if line.startswith("The package")]
    version = ".".join(map(str, sys.version_info[:3]))
    assert len(find_conflicts(site, version)) == len(theirs) > 3
