"""BP_PYTHON_SLIM: what goes from installed packages, what stays, and that their lists stay true."""

import csv
import hashlib
from base64 import urlsafe_b64encode
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from python_buildpack.installed.file_kinds import ALWAYS, BY_REQUEST, decide_file_kinds
from python_buildpack.installed.slim import slim
from python_buildpack.settings.values import Settings

ALL = (*ALWAYS, *BY_REQUEST)


def install(site: Path, name: str, files: dict[str, str]) -> None:
    """Write a distribution as an installer leaves it: its files and the list of them."""
    metadata = f"{name}-1.0.dist-info"
    files = {**files, f"{metadata}/METADATA": f"Name: {name}\nVersion: 1.0\n"}
    for path, text in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text, encoding="utf-8")
    rows = "".join(f"{path},,\n" for path in files)
    (site / metadata / "RECORD").write_text(f"{rows}{metadata}/RECORD,,\n", encoding="utf-8")


def listed(site: Path, name: str) -> set[str]:
    """Return what the distribution lists."""
    text = (site / f"{name}-1.0.dist-info" / "RECORD").read_text(encoding="utf-8")
    return {row[0] for row in csv.reader(text.splitlines())}


def test_what_a_running_app_has_no_use_for_goes(tmp_path: Path) -> None:
    """Tests, stubs, sources and static libraries go, and translations that are compiled; the rest stays."""
    goes = {
        "pkg/tests/__init__.py": "",
        "pkg/tests/data/big.csv": "x" * 1000,
        "pkg/core.pyi": "",
        "pkg/include/core.h": "",
        "pkg/core.pxd": "",
        "pkg/libcore.a": "y" * 500,
        "pkg/locale/de/django.po": "z" * 300,
    }
    stays = {
        "pkg/locale/de/django.mo": "",
        "pkg/i18n/only.po": "",
        "pkg/__init__.py": "",
        "pkg/py.typed": "",
        "pkg/core.so": "",
        "pkg/testing.py": "",
        "pkg/test/run.py": "",
    }
    install(tmp_path, "pkg", goes | stays)
    saved = slim(tmp_path, tmp_path, ALL)
    assert saved.files == len(goes)
    assert saved.bytes_by_kind == {"tests": 1000, "static libraries": 500, "translators' files": 300}
    assert all((tmp_path / path).exists() for path in stays)
    assert not (tmp_path / "pkg/tests").exists()
    assert not (tmp_path / "pkg/include").exists()
    assert listed(tmp_path, "pkg") == {*stays, "pkg-1.0.dist-info/METADATA", "pkg-1.0.dist-info/RECORD"}


@pytest.mark.parametrize(
    "line",
    ["from .tests.runner import Runner", "from pkg.tests import helper", "    import pkg.tests", "from . import tests"],
)
def test_tests_that_the_package_imports_stay(line: str, tmp_path: Path) -> None:
    """As astropy does: without them the package itself could not be imported."""
    install(tmp_path, "pkg", {"pkg/__init__.py": f"{line}\n", "pkg/tests/__init__.py": "", "pkg/a.pyi": ""})
    slim(tmp_path, tmp_path, ALL)
    assert (tmp_path / "pkg/tests/__init__.py").exists()
    assert not (tmp_path / "pkg/a.pyi").exists()


def test_stubs_that_the_package_reads_stay(tmp_path: Path) -> None:
    """As scikit-image's, which say to lazy_loader what to import; another package's go."""
    lazy = "import lazy_loader\n__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)\n"
    install(tmp_path, "pkg", {"pkg/__init__.py": lazy, "pkg/__init__.pyi": "from .core import run\n"})
    install(tmp_path, "other", {"other/__init__.py": "", "other/__init__.pyi": ""})
    slim(tmp_path, tmp_path, ALL)
    assert (tmp_path / "pkg/__init__.pyi").exists()
    assert not (tmp_path / "other/__init__.pyi").exists()


@pytest.mark.parametrize(
    ("text", "gone"),
    [(None, {"a.po"}), ("perhaps", {"a.po"}), ("true", {"a.po", "a.pyi"}), ("false", set()), ("0", set())],
)
def test_the_setting_has_three_values(text: str | None, gone: set[str], tmp_path: Path) -> None:
    """Without it goes what nobody misses, with true more, with false nothing."""
    files = {f"pkg/{name}": "" for name in ("a.po", "a.mo", "a.pyi", "__init__.py")}
    install(tmp_path, "pkg", files)
    slim(tmp_path, tmp_path, decide_file_kinds(Settings({} if text is None else {"BP_PYTHON_SLIM": text})))
    assert {name for name in ("a.po", "a.mo", "a.pyi", "__init__.py") if not (tmp_path / "pkg" / name).exists()} == gone


def test_a_list_that_names_files_of_others_takes_nothing_from_them(tmp_path: Path) -> None:
    """Neither above site-packages nor by its whole path."""
    site = tmp_path / "site"
    (tmp_path / "theirs.pyi").touch()
    install(site, "pkg", {"pkg/__init__.py": ""})
    record = site / "pkg-1.0.dist-info" / "RECORD"
    with record.open("a", encoding="utf-8") as file:
        file.write(f"../theirs.pyi,,\npkg/../../theirs.pyi,,\n{tmp_path}/theirs.pyi,,\n")
    assert slim(site, site, ALL).files == 0
    assert (tmp_path / "theirs.pyi").exists()


def test_descriptions_go_and_the_fields_stay(tmp_path: Path) -> None:
    """As the standard library reads them; the list has the new digest, and the installer's cache the whole file."""
    install(tmp_path, "pkg", {"pkg/__init__.py": ""})
    folder = tmp_path / "pkg-1.0.dist-info"
    fields = "Metadata-Version: 2.4\nName: pkg\nVersion: 1.0\nLicense-Expression: MIT\nRequires-Dist: other>=1\n"
    (folder / "METADATA").write_bytes(f"{fields}\n# Pkg\n\n{'Long. ' * 1000}\n".encode())
    (tmp_path / "cache").hardlink_to(folder / "METADATA")
    saved = slim(tmp_path, tmp_path, ALL)
    assert saved.bytes_by_kind == {"descriptions": (tmp_path / "cache").stat().st_size - len(fields)}
    assert (folder / "METADATA").read_text(encoding="utf-8") == fields
    found = PathDistribution(folder)
    assert (found.version, found.requires) == ("1.0", ["other>=1"])
    (listed,) = [file for file in found.files or () if file.name == "METADATA"]
    assert listed.hash is not None
    digest = hashlib.sha256(fields.encode()).digest()
    assert (listed.hash.value, listed.size) == (urlsafe_b64encode(digest).decode().rstrip("="), len(fields))
    assert slim(tmp_path, tmp_path, ALL).files == 0


def test_what_nobody_lists_stays(tmp_path: Path) -> None:
    """A package called tests at the top, files of no distribution, a second run: nothing more goes."""
    install(tmp_path, "tests", {"tests/__init__.py": "", "pkg/tests/a.py": ""})
    (tmp_path / "loose/tests").mkdir(parents=True)
    (tmp_path / "loose/tests/a.py").write_text("", encoding="utf-8")
    assert slim(tmp_path, tmp_path, ALL).files == 1
    assert slim(tmp_path, tmp_path, ALL).files == 0
    assert (tmp_path / "tests/__init__.py").exists()
    assert (tmp_path / "loose/tests/a.py").exists()
