"""What others wrote, in a log: nothing in it acts on who reads the log, or on what shows it."""

import sys
import unicodedata

import pytest

from cnb.log_text import shown, shown_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x1b[2K\x1b[1Agone", "\\x1b[2K\\x1b[1Agone"),
        ("\x9b2Jgone", "\\x9b2Jgone"),
        ("evil\rgood", "evil\\rgood"),
        ("a\x08b\x7f\0", "a\\x08b\\x7f\\x00"),
        ("abc\u202etxt.exe", "abc\\u202etxt.exe"),
        ("\u2066a\u2069 \ufeff\u200b\u2028\x85", "\\u2066a\\u2069 \\ufeff\\u200b\\u2028\\x85"),
        ("undecodable \udcff", "undecodable \\udcff"),
        ("\U000e0041hidden", "\\U000e0041hidden"),
    ],
)
def test_characters_without_a_picture_are_written_as_escapes(text: str, expected: str) -> None:
    """Terminal sequences, what overwrites, what reorders, what is invisible."""
    assert shown(text) == expected


def test_colours_are_left_out() -> None:
    """Compilers print them; they have no meaning but for the eye, and hide nothing once they are gone."""
    assert shown("\x1b[1;31merror\x1b[0m: \x1b[38:5:12mx\x1b[m") == "error: x"


def test_words_of_all_languages_stay() -> None:
    """Letters, marks, spaces and emoji of any script, tabs, and the ends of lines of both kinds."""
    text = "\tföö 日本\u3000語 \u0645\u06cc\u200c\u0631\u0648\u0645 é \N{WOMAN}\u200d\N{PERSONAL COMPUTER} 100 €\nnext"
    assert shown(text) == text
    assert shown("dos\r\nlines\r\n") == "dos\nlines\n"


def test_no_character_of_the_two_dangerous_kinds_passes() -> None:
    """Of all that Unicode has: control and format characters, line separators, surrogates; joiners apart."""
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in "\t\n\u200c\u200d":
            assert shown(f"a{character}b") != f"a{character}b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("::error file=x::no", "\\x3a:error file=x::no"),
        ("fine\n \t\u3000::set-output name=a::b", "fine\n \t\u3000\\x3a:set-output name=a::b"),
        ("x ##[error]no", "x \\x23#[error]no"),
        ("x ##vso[task.setvariable variable=a]b", "x \\x23#vso[task.setvariable variable=a]b"),
        ("##teamcity[message text='x']", "\\x23#teamcity[message text='x']"),
        ("\x1b[0m::add-mask::x", "\\x3a:add-mask::x"),
    ],
)
def test_commands_for_the_platform_are_broken(text: str, expected: str) -> None:
    """GitHub Actions reads the beginning of a line, Azure Pipelines and TeamCity all of it."""
    assert shown(text) == expected


@pytest.mark.parametrize("text", ["tests/test_x.py::test_a FAILED", "std::vector", "## heading", "a: b"])
def test_what_is_no_command_stays(text: str) -> None:
    """Colons inside a line are everywhere."""
    assert shown(text) == text


def test_on_one_line_there_is_one_line() -> None:
    """A name with a line feed in it does not begin a line."""
    assert shown_line("name\n[Python]\n") == "name\\n[Python]\\n"
