"""Lines of requirements.txt that are checked before anything is downloaded."""

from pathlib import Path

from python_buildpack.app.project import scan
from python_buildpack.package_managers.requirement_files import read_requirement_files
from python_buildpack.package_managers.requirement_lines import check_lines


def test_a_number_of_thousands_of_digits_is_left_to_the_installer(tmp_path: Path) -> None:
    """Python refuses to make a number of it, with another error than packaging's own."""
    (tmp_path / "requirements.txt").write_text(f"flask=={'9' * 5000}\nflask==1.0\n", encoding="utf-8")
    check_lines(read_requirement_files(scan(tmp_path), "requirements.txt"), is_overridden=False)
