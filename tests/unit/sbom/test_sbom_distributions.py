"""Reading what is installed: real installations, old kinds of metadata, and broken ones."""

import base64
import hashlib
import subprocess
import time
import venv
import zipfile
from collections.abc import Callable
from importlib.metadata import distributions
from pathlib import Path

import pytest

from devkit.paths import CHECKOUT
from python_buildpack.installed.dist_info import RecordEntry, parse_record
from python_buildpack.sbom.bill import FromArchive, FromIndex, LicenseExpression, LicenseNotStated
from python_buildpack.sbom.distributions import Distribution, content_digest, read_distributions

UV = CHECKOUT / ".venv" / "bin" / "uv"
METADATA = """Metadata-Version: 2.4
Name: Sample.App
Version: 1.2
License-Expression: MIT
Classifier: Programming Language :: Python
License: Copyright
        somebody
Requires-Dist: click>=8
Requires-Dist: rich; extra == "pretty"
Provides-Extra: pretty

Requires-Dist: not-a-field-but-the-description
"""


def make_wheel(folder: Path) -> tuple[Path, str]:
    """Write a wheel with a script and a bill of its own; return it and the text of its RECORD."""
    info = "sample_app-1.2.dist-info"
    files = {
        "sample_app.py": "def main(): ...\n",
        f"{info}/METADATA": METADATA,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nsample = sample_app:main\n",
        f"{info}/sboms/parts.cdx.json": "{}\n",
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},"
        f"{len(text)}\n"
        for name, text in files.items()
    )
    record += f"{info}/RECORD,,\n"
    path = folder / "sample_app-1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(name, text)
    return path, record


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_an_installed_wheel_is_read_whole(installer: str, tmp_path: Path) -> None:
    """Name, version, license, requirements, origin; and its content has the same digest for every installer."""
    wheel, record = make_wheel(tmp_path)
    environment = str(tmp_path / "environment")
    venv.create(environment)
    python = str(CHECKOUT / ".venv" / "bin" / "python")
    programs = {
        "uv": [str(UV), "pip", "install", "--quiet", "--offline", "--python", environment, "--compile-bytecode"],
        "pip": [python, "-m", "pip", "--disable-pip-version-check", "--python", environment, "install", "--no-index"],
    }
    argv = [*programs[installer], "--no-deps", str(wheel)]
    subprocess.run(argv, check=True, cwd=tmp_path, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)})
    (site_packages,) = Path(environment).glob("lib/python*/site-packages")
    (found,) = read_distributions(site_packages)
    origin = found.origin
    assert found == Distribution(
        name="Sample.App",
        version="1.2",
        license=LicenseExpression("MIT"),
        requires=("click>=8", 'rich; extra == "pretty"'),
        extras=("pretty",),
        origin=origin,
        content_sha256=content_digest(parse_record(record.encode())),
        tags=("py3-none-any",),
        own_bills=("sample_app-1.2.dist-info/sboms/parts.cdx.json",),
    )
    # pip records the archive's digest since 23.1, uv does not; neither address means anything outside of this machine.
    assert isinstance(origin, FromArchive)
    assert origin.url is None
    if installer == "pip":
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        assert origin.hashes.get("sha256", digest) == digest


def test_what_an_installer_adds_is_not_content() -> None:
    """Bytecode, scripts and notes differ between installations of one wheel; its own files do not."""
    own = [RecordEntry("a.py", "sha256=1"), RecordEntry("a-1.dist-info/METADATA", "sha256=2")]
    added = {
        "../../../bin/a": "sha256=3",
        "__pycache__/a.cpython-313.pyc": "sha256=4",
        "p/__pycache__/b.cpython-313.pyc": "sha256=4",
        "a-1.dist-info/INSTALLER": "sha256=5",
        "a-1.dist-info/uv_cache.json": "sha256=6",
        "a-1.dist-info/direct_url.json": "sha256=7",
        "a-1.dist-info/RECORD": "",
    }
    assert content_digest(
        [*(RecordEntry(path, digest) for path, digest in added.items()), *reversed(own)]
    ) == content_digest(own)
    assert content_digest([RecordEntry("a.py", "sha256=9"), own[1]]) != content_digest(own)
    assert content_digest([RecordEntry("a.py")]) is None


def test_what_is_found_is_what_the_app_finds() -> None:
    """The same set as importlib.metadata, for all that this checkout has installed."""
    site = CHECKOUT / ".venv" / "lib"
    (site_packages,) = site.glob("python*/site-packages")
    expected = {(found.name, found.version) for found in distributions(path=[str(site_packages)])}
    assert {(found.name, found.version) for found in read_distributions(site_packages)} == expected


def test_old_and_broken_metadata(tmp_path: Path) -> None:
    """The single file of distutils counts; a name alone, an empty directory and bytes that are not UTF-8 do no harm."""
    (tmp_path / "old-1.egg-info").write_text("Name: old\nVersion: 1\nLicense: UNKNOWN\n", encoding="utf-8")
    for name, content in {
        "nameless-1.dist-info": b"Version: 1\n",
        "versionless-1.dist-info": b"Name: versionless\n",
        "latin-1.dist-info": b" stray\r\nName: latin\r\nVersion: 1\r\nSummary: caf\xe9\r\n\r\nName: other\r\n",
        "Latin-2.dist-info": b"Name: Latin\nVersion: 0\n",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "METADATA").write_bytes(content)
    (tmp_path / "empty-1.dist-info").mkdir()
    (tmp_path / "latin-1.dist-info" / "RECORD").write_text('"a,b.py",sha256=x,1\nlonely\n\n', encoding="utf-8")
    latin, old = read_distributions(tmp_path)
    assert (latin.name, old) == (
        "Latin",
        Distribution("old", "1", LicenseNotStated(), (), (), FromIndex(), None),
    )


def test_a_hundred_distributions_are_read_faster_than_by_the_standard_library(tmp_path: Path) -> None:
    """With long descriptions and many files, in processor time, compared with importlib.metadata for the same."""
    for number in range(100):
        info = tmp_path / f"package_{number}-1.dist-info"
        info.mkdir()
        text = METADATA.replace("Sample.App", f"package-{number}") + "long description\n" * 1500
        (info / "METADATA").write_text(text, encoding="utf-8")
        rows = (f"package_{number}/module_{row}.py,sha256={'x' * 43},1000\n" for row in range(80))
        (info / "RECORD").write_text("".join(rows), encoding="utf-8")

    def read_by_standard_library() -> int:
        found = distributions(path=[str(tmp_path)])
        return len([(one.metadata.get_all("Requires-Dist"), list(one.files or ())) for one in found])

    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    readers: dict[str, Callable[[], int]] = {
        "ours": lambda: len(read_distributions(tmp_path)),
        "theirs": read_by_standard_library,
    }
    for _ in range(3):
        for name, read in readers.items():
            start = time.process_time()
            assert read() == 100
            times[name].append(time.process_time() - start)
    assert min(times["ours"]) < min(times["theirs"]) * 0.8
