"""What README.md and the pages say to type, and the figures that README.md takes from other pages."""

import re
import shlex

import pytest

from devkit.__main__ import command_line
from devkit.demo import PICTURE, TEXT, picture
from devkit.paths import CHECKOUT
from devkit.version import own_version
from typed_commands import ELSEWHERE, PAGES, TypeCommand, commands, other_blocks, program_of

PLACES = {"DIR": "samples/flask", "BUILDER": "builder", "BUILDPACK": "python.cnb"}


def words_of(step: TypeCommand) -> list[str]:
    """Return the words of a command, with values in the places that are the reader's to fill in."""
    return [PLACES.get(word, word) for word in shlex.split(step.command)]


ALL = [(page, words_of(step)) for page in PAGES for step in commands(page)]
OURS = [(page, words[1:]) for page, words in ALL if words[0] == "./dev"]
PACKS = [(page, words) for page, words in ALL if words[:2] == ["pack", "build"]]


@pytest.mark.parametrize(("page", "words"), OURS, ids=[f"{page}: {' '.join(words)}" for page, words in OURS])
def test_a_command_of_the_pages_is_one_of_ours(page: str, words: list[str]) -> None:
    """Its verb, its options and their values are those of the command line."""
    assert page
    assert command_line().parse_args(words).verb == words[0]


@pytest.mark.parametrize(("page", "words"), PACKS, ids=[f"{page}: {' '.join(words)}" for page, words in PACKS])
def test_a_build_with_pack_can_be_typed_as_it_is(page: str, words: list[str]) -> None:
    """It names a builder, which pack has no default for, and the file of the package has the version of today."""
    assert page
    assert {"--builder", "--buildpack"} <= set(words)
    named = words[words.index("--buildpack") + 1]
    assert re.sub(r"\d+\.\d+\.\d+", own_version(), named) == named


def test_the_first_commands_are_there() -> None:
    """The pages do have commands: an empty list would pass all of the above."""
    assert ["package"] in [words for page, words in OURS if page == "README.md"]
    assert any(page == "README.md" for page, _ in PACKS)


def test_each_command_is_typed_by_a_test_or_has_a_reason() -> None:
    """What is not typed is in one list, which has no entry too many, and names tests that there are."""
    every = [step for page in PAGES for step in commands(page)]
    for page in PAGES:
        for step in commands(page):
            is_typed = program_of(step.command) in {"dev", "pack", "docker", "curl", "ls", "mkdir", "printf"}
            assert is_typed or step.is_elsewhere, (page, step.command)
    for beginning, reason in ELSEWHERE.items():
        assert any(step.command.startswith(beginning) for step in every), f"no page has {beginning}"
        assert all((CHECKOUT / path).is_file() for path in re.findall(r"tests/\S+\.py", reason)), reason


def test_commands_are_in_blocks_that_tests_read() -> None:
    """Of the language `console`: a block without a language has output or a file, and no line that calls a program.

    The pages of single errors are written from the code, and their blocks are logs.
    """
    programs = {program_of(step.command) for page in PAGES for step in commands(page)} | {"pip", "uv", "git", "kubectl"}
    for page in (page for page in PAGES if not page.startswith("docs/errors/")):
        calls = [line for line in other_blocks(page) if line.startswith("$ ") or program_of(line) in programs]
        assert calls == [], page


def test_the_figures_are_those_of_the_pages_that_they_link_to() -> None:
    """Each number in the table of README.md is on one of the pages to which its row links."""
    text = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ") and line.count(" | ") == 2]
    checked = 0
    for _, said, links in rows:
        linked = "".join(
            (CHECKOUT / target).read_text(encoding="utf-8") for target in re.findall(r"\]\((.*?)\)", links)
        )
        for figure in re.findall(r"\d+(?:\.\d+)?", said):
            assert re.search(rf"(?<![\d.]){re.escape(figure)}(?![\d.])", linked), (figure, links)
            checked += 1
    assert checked >= 3


def test_the_picture_is_that_of_the_text() -> None:
    """Each line of both commands is in it; what is special to XML is escaped."""
    text = (CHECKOUT / TEXT).read_text(encoding="utf-8")
    assert (CHECKOUT / PICTURE).read_text(encoding="utf-8") == picture(text)
    assert text.count("\n$ pack build") == 1
    assert "&lt;b&gt; &amp;</text>" in picture("$ one\n<b> &\n$ two\n")
