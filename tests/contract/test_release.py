"""What a release says about the buildpack itself: its bill of materials, licences and notes."""

import json
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from bill_validators import cyclonedx_problem
from devkit.errors import DevkitError
from devkit.packaging.assemble import with_homepage
from devkit.packaging.package import Packaged
from devkit.paths import CHECKOUT
from devkit.version import UNRELEASED, annotations, notes_of, own_version
from python_buildpack.installed.elf.symbols import remove_symbols

PERMISSIVE = {
    "Apache-2.0",
    "Apache-2.0 OR BSD-2-Clause",
    "MIT",
    "MIT OR Apache-2.0",
    "BSD-3-Clause",
    "MPL-2.0",
    "PSF-2.0",
    "Python-2.0",
}
"""Licences that a buildpack under Apache-2.0 may carry along unchanged."""


def components(packaged: Packaged) -> list[dict[str, object]]:
    """Return what the CycloneDX document lists."""
    (path,) = [path for path in packaged.bills if path.name.endswith(".cdx.json")]
    found: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))["components"]
    return found


def test_the_bill_lists_what_is_shipped(packaged: Packaged) -> None:
    """All locked dependencies, the interpreter, its libraries and uv; and the document fits CycloneDX's schema."""
    site_packages = packaged.directory / "python" / "lib" / "python3.13" / "site-packages"
    shipped = {canonicalize_name(path.name.partition("-")[0]) for path in site_packages.glob("*.dist-info")}
    names = {canonicalize_name(str(component["name"])) for component in components(packaged)}
    assert len(shipped) >= 7
    assert names >= {*shipped, "python", "openssl", "sqlite", "uv"}
    (path,) = [path for path in packaged.bills if path.name.endswith(".cdx.json")]
    assert cyclonedx_problem(path.read_text(encoding="utf-8")) is None


def test_every_shipped_distribution_has_a_licence_that_allows_it(packaged: Packaged) -> None:
    """A new dependency under a licence that nobody has looked at fails here, before it is shipped."""
    for component in components(packaged):
        if not str(component["purl"]).startswith("pkg:pypi/"):
            continue
        licenses = component.get("licenses", [])
        assert isinstance(licenses, list)
        stated = {item.get("expression") or item["license"].get("id") or item["license"]["name"] for item in licenses}
        assert stated, f"{component['name']} states no licence"
        assert stated <= PERMISSIVE, component["name"]


def test_a_start_of_the_package_compiles_no_regular_expression(packaged: Packaged) -> None:
    """Of all that importing the build needs; Python would compile them anew each time."""
    program = (
        "import sys; from python_buildpack.support import patterns; patterns.use_compiled(patterns.TABLE)\n"
        "sys.modules['re._parser'].parse = None\n"
        "import python_buildpack.entry, python_buildpack.build, python_buildpack.platform.build_environment\n"
        "import cnb.toml_text\n"
    )
    python = packaged.directory / "python" / "bin" / "python3"
    output = subprocess.run([python, "-I", "-B", "-c", program], capture_output=True, text=True, check=False)
    assert output.returncode == 0, output.stderr


def test_a_start_of_the_package_imports_our_modules_from_one_file(packaged: Packaged) -> None:
    """All but those that read that file; it has the code of the sources beside it."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from python_buildpack.support import patterns, stored_modules\n"
        "stored_modules.use_stored(stored_modules.STORED)\n"
        "import python_buildpack.entry, python_buildpack.build, python_buildpack.wiring\n"
        "ours = [name for name in sys.modules if name.startswith(('cnb', 'python_buildpack'))]\n"
        "stored = type(sys.meta_path[0])\n"
        "print(*[name for name in ours if not isinstance(sys.modules[name].__spec__.loader, stored)])\n"
        "content = stored_modules.STORED.read_bytes()\n"
        "size = int.from_bytes(content[:8], 'little')\n"
        "magic, rows = stored_modules.marshal.loads(content[8 : 8 + size])\n"
        "for name, (start, length, path) in rows.items():\n"
        "    code = stored_modules.marshal.loads(content[8 + size + start : 8 + size + start + length])\n"
        "    source = (stored_modules.STORED.parents[2] / path).read_bytes()\n"
        "    assert code == compile(source, path, 'exec', dont_inherit=True, optimize=2), name\n"
        "assert {*ours} <= {*rows}\n"
    )
    python = packaged.directory / "python" / "bin" / "python3"
    output = subprocess.run([python, "-I", "-B", "-c", program], capture_output=True, text=True, check=False)
    assert output.returncode == 0, output.stderr
    first = {"python_buildpack", "python_buildpack.support"}
    assert {*output.stdout.split()} == first | {
        f"python_buildpack.support.{name}" for name in ("patterns", "stored_modules")
    }
    site_packages = packaged.directory / "python" / "lib" / "python3.13" / "site-packages"
    compiled = sorted(path.name.partition(".")[0] for path in (site_packages / "python_buildpack").rglob("*.pyc"))
    assert compiled == ["__init__", "__init__", "__main__", "patterns", "stored_modules"]


def test_the_package_has_nothing_that_only_people_read(packaged: Packaged) -> None:
    """No symbols for debuggers, no docstrings in what is compiled; all unpacked it has less than 62 MB."""
    library = packaged.directory / "python" / "lib"
    assert [path.name for path in library.rglob("*.so*") if path.is_file() and remove_symbols(path)] == []
    code = (
        "import inspect, json, pydantic, requests\n"
        "print([one.__name__ for one in (inspect.signature, json.dumps, requests.get, pydantic.BaseModel)"
        " if one.__doc__])"
    )
    python = packaged.directory / "python" / "bin" / "python3"
    assert subprocess.run([python, "-I", "-B", "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"
    assert packaged.unpacked_bytes < 62_000_000


def test_the_package_has_the_licence_texts(packaged: Packaged) -> None:
    """Permissive licences ask for one thing: that their text comes along."""
    site_packages = packaged.directory / "python" / "lib" / "python3.13" / "site-packages"
    for metadata in site_packages.glob("*.dist-info"):
        texts = [path for path in metadata.rglob("*") if path.name.upper().startswith(("LICEN", "COPYING", "NOTICE"))]
        assert texts, metadata.name


def test_release_notes_are_the_changelogs_section() -> None:
    """Between its heading and the next one; a version that has none is refused by name."""
    changelog = "# Changelog\n\n## [1.1.0] - 2026-01-02\n\nNew.\n\n## 1.0.0\n\nOld.\n"
    assert notes_of(changelog, "1.1.0") == "New.\n"
    assert notes_of(changelog, "1.0.0") == "Old.\n"
    with pytest.raises(DevkitError, match=r"no section '1\.2\.0'"):
        notes_of(changelog, "1.2.0")
    written = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert notes_of(written, UNRELEASED)
    assert "### " in notes_of(written, own_version())


def test_a_release_knows_its_homepage() -> None:
    """Only the workflow knows where the repository is; without an address buildpack.toml is as it was."""
    text = (CHECKOUT / "buildpack.toml").read_text(encoding="utf-8")
    released = tomllib.loads(with_homepage(text, "https://example.com/terrarium"))
    assert released["buildpack"].pop("homepage") == "https://example.com/terrarium"
    assert released == tomllib.loads(text)
    assert with_homepage(text, "") == text
    assert annotations("https://example.com/x")["org.opencontainers.image.source"] == "https://example.com/x"


def test_the_security_policy_says_how_to_report() -> None:
    """SECURITY.md is where platforms look for it, and names what is supported and how to report."""
    text = Path(CHECKOUT / "SECURITY.md").read_text(encoding="utf-8")
    assert "report" in text.lower()
    assert "supported" in text.lower()
