"""What people write when they name a Python version, and how it is understood."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from python_buildpack.interpreters.inventory import Interpreter, Variant
from python_buildpack.interpreters.request import (
    Exact,
    Minor,
    PythonVersionInvalid,
    Range,
    parse_version_request,
    visible,
)

ANY_3 = Range(SpecifierSet("==3.*"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("3.12", Minor(3, 12)),
        ("3.12.4", Exact(Version("3.12.4"))),
        ("  3.12.4\n", Exact(Version("3.12.4"))),
        ("python-3.12.4", Exact(Version("3.12.4"))),
        ("python-3.12", Minor(3, 12)),
        ("Python 3.12", Minor(3, 12)),
        ("python3.12", Minor(3, 12)),
        ("cpython-3.12", Minor(3, 12)),
        ("cpython@3.12.1", Exact(Version("3.12.1"))),
        ("v3.12", Minor(3, 12)),
        ("3.12.*", Minor(3, 12)),
        ("3.12.x", Minor(3, 12)),
        ("3", ANY_3),
        ("3.x", ANY_3),
        ("3.*", ANY_3),
        ("3.x.x", ANY_3),
        ("3.15.0rc1", Exact(Version("3.15.0rc1"))),
        ("3.15rc1", Exact(Version("3.15.0rc1"))),
        (">=3.10,<3.13", Range(SpecifierSet(">=3.10,<3.13"))),
        (" >= 3.10 , < 3.13 ", Range(SpecifierSet(">=3.10,<3.13"))),
        ("~=3.11", Range(SpecifierSet("~=3.11"))),
        ("==3.12.*", Range(SpecifierSet("==3.12.*"))),
        ("==3.12", Range(SpecifierSet("==3.12"))),
        ("!=3.9.*,>=3.8", Range(SpecifierSet("!=3.9.*,>=3.8"))),
        ("2.7", Minor(2, 7)),
    ],
)
def test_understands(text: str, wanted: Exact | Minor | Range) -> None:
    """Every notation that people and tools use for CPython versions is understood."""
    request = parse_version_request(text, "runtime.txt")

    assert (request.wanted, request.variant) == (wanted, "default")
    assert (request.text, request.origin) == (text.strip(), "runtime.txt")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("3.13t", Minor(3, 13)),
        ("cpython-3.13t", Minor(3, 13)),
        ("3.13+freethreaded", Minor(3, 13)),
        ("3.14.2t", Exact(Version("3.14.2"))),
        ("3.15.0rc1t", Exact(Version("3.15.0rc1"))),
    ],
)
def test_understands_free_threaded(text: str, wanted: Exact | Minor) -> None:
    """A t behind the version asks for the build without the global lock."""
    request = parse_version_request(text, "runtime.txt")

    assert (request.wanted, request.variant) == (wanted, "freethreaded")


@pytest.mark.parametrize(
    "text",
    [
        "three", "3.12.", "3..12", "3,12", "3.12 3.13", "3.12-dev", "3.12.4+local", "3.12.4.post1", "3.12.dev0",
        "1!3.12", ">=", ">=3.10 <3.13", "3.10 - 3.12", "=3.12", "3.12; echo", "3.13td", "t", "python", "-3", "3.x.4",
        "v", ",",
    ],
)  # fmt: skip
def test_refuses(text: str) -> None:
    """What is no version is refused, with the place and the text."""
    with pytest.raises(PythonVersionInvalid) as caught:
        parse_version_request(text, ".python-version, line 2")

    assert caught.value.what.startswith(f".python-version, line 2 says {text}, ")
    assert "3.13.2" in caught.value.cure


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("pypy3.10-7.3", "CPython only"),
        ("miniconda3-latest", "CPython only"),
        ("^3.11", "Poetry"),
        ("~3.11", "Poetry"),
        ("latest", "change over time"),
        ("3.12\u200b", "3.12<U+200B zero width space>"),
        ("3.\u00a012", "<U+00A0 no-break space>"),
        ("\uff13.12", "<U+FF13 fullwidth digit three>"),
        ("3.12\x00", "<U+0000 control character>"),
        (">\u20603.12", "<U+2060 word joiner>"),
    ],
)
def test_explains_the_usual_mistakes(text: str, word: str) -> None:
    """For the mistakes that are common, the error says what they are."""
    with pytest.raises(PythonVersionInvalid) as caught:
        parse_version_request(text, "runtime.txt")

    assert word in caught.value.what


@settings(deadline=None, derandomize=True, database=None)
@given(st.text(max_size=30))
def test_anything_is_either_understood_or_explained(text: str) -> None:
    """No text, however odd, makes the buildpack fail in another way; and what is shown of it can be seen."""
    with suppress(PythonVersionInvalid):
        parse_version_request(text, "runtime.txt")
    assert visible(text).isprintable()


def test_shows_plain_text_as_it_is() -> None:
    """Letters of any language are no mystery."""
    assert visible(">= 3.12, é") == ">= 3.12, é"


@pytest.mark.parametrize(
    ("text", "version", "variant", "allowed"),
    [
        ("3.12", "3.12.4", "default", True),
        ("3.12", "3.13.0", "default", False),
        ("3.12", "3.12.0rc1", "default", False),
        ("3.12.4", "3.12.4", "default", True),
        ("3.12.4", "3.12.5", "default", False),
        (">=3.10", "3.12.4", "default", True),
        (">=3.10", "3.12.4", "freethreaded", True),
        (">=3.13", "3.12.4", "default", False),
        ("3.13t", "3.13.1", "default", False),
        ("3.13", "3.13.1", "freethreaded", False),
    ],
)
def test_knows_what_it_allows(text: str, version: str, variant: Variant, allowed: bool) -> None:
    """A request can be asked about an interpreter that somebody else chose."""
    interpreter = Interpreter(Version(version), "1", "linux", "amd64", "gnu", variant, "https://x", "0" * 64)

    assert parse_version_request(text, "runtime.txt").allows(interpreter) is allowed
