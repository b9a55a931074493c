"""Files that are not as RECORD says."""

import json
from pathlib import Path

from manager_context import write_app
from python_buildpack.installed.dist_info import RecordEntry, format_record
from python_buildpack.sbom.altered import altered_files, altered_in
from python_buildpack.sbom.bill import MOST_ALTERED, Bill, Component
from python_buildpack.sbom.cyclonedx import to_cyclonedx
from python_buildpack.sbom.spdx import to_spdx

FILES = {
    "lib/__init__.py": "x = 1\n",
    "lib/other.py": "y = 2\n",
    "lib-1.0.dist-info/METADATA": "Name: lib\nVersion: 1.0\n",
}


def installed(folder: Path) -> Path:
    """Return a site-packages directory with one distribution, as an installer leaves it."""
    site = write_app(folder, FILES)
    rows = [RecordEntry.of(path, site / path) for path in FILES]
    rows += [
        RecordEntry("../../bin/lib", rows[0].hash, 6),
        RecordEntry("lib/__pycache__/x.pyc"),
        RecordEntry("gone.py"),
    ]
    (site / "lib-1.0.dist-info" / "RECORD").write_bytes(format_record(rows))
    return site


def test_changed_and_missing_files_are_found(tmp_path: Path) -> None:
    """With another size or the same one; scripts and bytecode are the installers' own."""
    site = installed(tmp_path)
    assert altered_in(site) == {}
    (site / "lib" / "__init__.py").write_text("x = 9\n", encoding="utf-8")
    (site / "lib" / "other.py").unlink()
    assert altered_in(site) == {"lib": ("lib/__init__.py", "lib/other.py")}
    (site / "lib" / "__init__.py").write_text("x = 1  # longer\n", encoding="utf-8")
    assert altered_in(site) == {"lib": ("lib/__init__.py", "lib/other.py")}


def test_what_is_in_a_layer_that_is_not_on_disk_is_not_looked_at(tmp_path: Path) -> None:
    """A reused layer of a heavy package: a link leads to it."""
    site = installed(tmp_path)
    record = [RecordEntry.of("lib/other.py", site / "lib/other.py")]
    (site / "lib").rename(tmp_path / "away")
    (site / "lib").symlink_to(tmp_path / "nowhere")
    assert altered_files(record, site) == ()
    (site / "lib").unlink()
    (site / "lib").symlink_to(tmp_path / "away")
    assert altered_files(record, site) == ()


def test_the_documents_name_them() -> None:
    """The first ones, and how many more there are."""
    paths = tuple(f"lib/{number:02}.py" for number in range(MOST_ALTERED + 2))
    bill = Bill.of("dependencies", "1.0", [Component("lib", "1.0", "pkg:pypi/lib@1.0", altered=paths)])
    (component,) = json.loads(to_cyclonedx(bill))["components"]
    assert [one["value"] for one in component["properties"]] == [*paths[:MOST_ALTERED], "and 2 more"]
    assert "Differs from RECORD: lib/00.py\n" in json.loads(to_spdx(bill))["packages"][0]["comment"]
