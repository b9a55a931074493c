"""Which requirement brings the libraries of a distribution."""

from pathlib import Path

from python_buildpack.installed.own_libraries import with_own_libraries


def test_the_extra_is_read_from_the_metadata(tmp_path: Path) -> None:
    """The package's distribution has it; one without the extra, and one that is not there, have none."""
    for name, extra in (("Fast-DB", "Provides-Extra: binary\n"), ("plain", "")):
        folder = tmp_path / f"{name.replace('-', '_').lower()}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{extra}", "utf-8")
        (folder / "RECORD").write_text(f"{name[:4].lower()}/__init__.py,,\n", "utf-8")
    names = {name: with_own_libraries(tmp_path, name) for name in ("fast", "plai", "absent")}
    assert names == {"fast": "Fast-DB[binary]", "plai": None, "absent": None}
