"""Files that only an installer uses: equal packages must be equal in each build."""

from pathlib import Path

from manager_context import write_app
from python_buildpack.installed.installer_files import remove_installer_files

RECORD = "a-1.dist-info/METADATA,,\na-1.dist-info/uv_cache.json,,\na-1.dist-info/REQUESTED,,\na-1.dist-info/RECORD,,\n"


def test_what_differs_in_each_build_is_left_out(tmp_path: Path) -> None:
    """Uv notes the times of a local project's files, and RECORD lists that note; the metadata stay."""
    info = "lib/python3.13/site-packages/a-1.dist-info"
    files = {"METADATA": "Name: a\nVersion: 1\n", "uv_cache.json": "{}", "REQUESTED": "", "RECORD": RECORD}
    write_app(tmp_path, {f"{info}/{name}": text for name, text in files.items()})
    remove_installer_files(tmp_path, (tmp_path / info).parent)
    assert {path.name for path in (tmp_path / info).iterdir()} == {"METADATA", "RECORD"}
    record = (tmp_path / info / "RECORD").read_text(encoding="utf-8")
    assert record == "a-1.dist-info/METADATA,,\na-1.dist-info/RECORD,,\n"
