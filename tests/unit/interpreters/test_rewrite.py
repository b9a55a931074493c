"""What is no Python version: the text that was probably meant is the one that the error says to write."""

import pytest

from python_buildpack.interpreters.request import PythonVersionInvalid, parse_specifiers, parse_version_request
from python_buildpack.interpreters.rewrite import rewritten, rewritten_range, with_all_patches


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("3.12", "==3.12.*"),
        ("3.12.*", "==3.12.*"),
        ("3.12.x", "==3.12.*"),
        ("3.12.4", "==3.12.4"),
        ("Python 3.12", "==3.12.*"),
        ("py312", "==3.12.*"),
        ("=3.12", "==3.12.*"),
        ("^3.12", ">=3.12,<4"),
        ("~3.12", "==3.12.*"),
        ("~3.12.4", "~=3.12.4"),
        ("python>=3.9", ">=3.9"),
        ("python >= 3.9, < 4", ">=3.9,<4"),
        ("=>3.10", ">=3.10"),
        ("\u22653.12", ">=3.12"),
        ("3.9+", ">=3.9"),
        ("3.9 or newer", ">=3.9"),
        (">=3.10 <4", ">=3.10,<4"),
        (">=3.10 and <3.13", ">=3.10,<3.13"),
        (">=3.10.*", ">=3.10"),
        ("3.10-3.12", ">=3.10,<3.13"),
        ("3.12, 3.13", ">=3.12,<3.14"),
        ("3.10 || 3.12", ">=3.10,<3.13,!=3.11.*"),
    ],
)
def test_a_slip_in_requires_python_is_quoted_with_what_to_write(text: str, meant: str) -> None:
    """What the error says to write can be copied, and is accepted."""
    assert rewritten_range(text) == meant
    with pytest.raises(PythonVersionInvalid) as caught:
        parse_specifiers(text, "pyproject.toml", "requires-python")
    assert f'Write requires-python = "{meant}"' in caught.value.cure
    assert parse_specifiers(meant, "pyproject.toml", "requires-python").text == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("python==3.12.1", "3.12.1"),
        ('"3.12"', "3.12"),
        ("3,12", "3.12"),
        ("312", "3.12"),
        ("py312", "3.12"),
        ("3.12-dev", "3.12"),
        ("python:3.12-slim", "3.12"),
        ("3.12.", "3.12"),
        ("python_version=3.12", "3.12"),
        ("3.12.1/envs/project", "3.12.1"),
        ("ref:v3.12.1", "3.12.1"),
        ("3.12+", ">=3.12"),
        ("^3.12", ">=3.12,<4"),
        ("\uff13.12", "3.12"),
    ],
)
def test_a_slip_in_a_version_file_is_quoted_with_what_to_write(text: str, meant: str) -> None:
    """A single version where one was meant."""
    assert rewritten(text) == meant
    with pytest.raises(PythonVersionInvalid) as caught:
        parse_version_request(text, "runtime.txt, line 1")
    assert f"Write {meant} there" in caught.value.cure
    parse_version_request(meant, "runtime.txt, line 1")


@pytest.mark.parametrize("text", ["three", "*", "<<<<<<< HEAD", ">=3.8,<4.0 || >=5", "my-env", "", "3.12 3.11"])
def test_nothing_is_guessed_where_it_is_not_clear(text: str) -> None:
    """Then the error has examples only."""
    assert rewritten_range(text) is None
    assert rewritten(text) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("==3.12", "==3.12.*"),
        (">=3.9,<=3.12", ">=3.9,<3.13"),
        ("==3.12.4", "==3.12.4"),
        ("==3.12.*", "==3.12.*"),
        (">=3.9", ">=3.9"),
    ],
)
def test_a_minor_version_that_means_its_first_release_alone(text: str, meant: str) -> None:
    """PEP 440 reads ==3.12 as 3.12.0, which hardly anybody means."""
    assert with_all_patches(text) == meant
