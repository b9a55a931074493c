"""Files of variables for containers."""

from pathlib import Path

import pytest

from devkit.env_files import read_env_file
from devkit.errors import DevkitError


def test_lines_are_variables(tmp_path: Path) -> None:
    """As with ``docker run --env-file``: comments and empty lines do not count, and quotes belong to the value."""
    file = tmp_path / "dev.env"
    file.write_text("# a comment\n\nA=1\nB='x y'\nC=\nURL=a=b\n", encoding="utf-8")
    assert read_env_file(file) == {"A": "1", "B": "'x y'", "C": "", "URL": "a=b"}


@pytest.mark.parametrize("text", ["A\n", "=1\n", "A=1\nB C\n"])
def test_another_line_is_named(text: str, tmp_path: Path) -> None:
    """With its number."""
    file = tmp_path / "dev.env"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DevkitError, match=f"line {text.count(chr(10))}: "):
        read_env_file(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Not a traceback."""
    with pytest.raises(DevkitError, match=r"none\.env cannot be read"):
        read_env_file(tmp_path / "none.env")
