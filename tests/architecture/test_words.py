"""Plain words: the private names that the code once had do not come back."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from devkit.paths import CHECKOUT

WHERE = ("src", "devkit", "tests", "docs", "bin", "dev", "README.md", "CONTRIBUTING.md")
SELF = "tests/architecture/test_words.py"


@dataclass(frozen=True, slots=True)
class Word:
    """A word that is not used here, as a regular expression, and what to write instead."""

    old: str
    new: str
    ignores_case: bool = True

    def found(self, line: str) -> str | None:
        """Return the part of a line that is the word, or None."""
        match = re.search(self.old, line, re.IGNORECASE if self.ignores_case else 0)
        return match[0] if match else None


WORDS = (
    Word(r"\bworkbench\b", "InstallContext"),
    Word(r"\bpython_buildpack[./]steps\b", "app_code"),
    Word(r"\bpython_buildpack[./](decide[./])?frozen\b", "decide/pins"),
    Word(r"\bSituation\b", "DecisionInputs", ignores_case=False),
    Word(r"\bdivider\b|\bdivid(e|es|ed|ing) (the|an|its) (environment|layers?)\b|\bparted\b", "split"),
    Word(r"\bsettl(e|es|ed|ing)\b", "remove_installer_files, or decide"),
    Word(r"\bINSIDE\b", "SUBDIRECTORY", ignores_case=False),
    Word(r"\btidied\b|\btidy up\b", "cleanup_after, or clean up"),
    Word(r"\btold\b|\btell(s|ing)?\b", "report, say, show"),
    Word(r"\bsurroundings\b", "build_environment, or environment"),
    Word(r"\bwith_a_face\b|\ba face\b|\bfaces?=", "ui"),
    Word(r"@record\b|\bimport record\b", "frozen", ignores_case=False),
    Word(r"\blayer facts?\b|\bname of the fact\b|\bfacts (of|about) (a|the) (layer|module|source)\b", "metadata, info"),
    Word(r"\blarder\b", "MetadataCache"),
    Word(r"\bclass Kept\b|\bKept\(", "ReusableGroup", ignores_case=False),
    Word(r"\bshelf\b|\bshelves\b", "BytecodeCache, or what it is"),
    Word(r"\bremove_traces\b", "scrub_credentials"),
    Word(r"\bon_disk\b", "restored"),
    Word(r"\b(lend|lends|lent|lending|loans?)\b", "restore, yield, provide"),
    Word(r"\bdef explained\b|\bexplained\(", "explain_failure", ignores_case=False),
    Word(r"^class Index\b", "SourceIndex, PackageIndex, ArchiveIndex", ignores_case=False),
    Word(r"\bAdvice\b", "Notice", ignores_case=False),
    Word(r"\bInterpreterLayer\b", "PythonLayer"),
    Word(r"\bfor (its|their) own sakes?\b", "the reason itself"),
    Word(r"\btakes? its place\b", "replaces it"),
    Word(r"\bmakes of\b", "what it does with it"),
    Word(r"\bworkshops?\b", "devkit"),
    Word(r"\bas ever\b", "as usual, as before"),
    Word(r"\bslips?\b|\bin vain\b", "mistake, without effect"),
    Word(r"\bgo(es)? before\b", "has precedence over, or is before"),
)


@pytest.fixture(scope="module")
def texts() -> Mapping[str, str]:
    """Return the content of the tracked text files by their paths."""
    argv = ["git", "ls-files", *WHERE]
    listed = subprocess.run(argv, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    # A file may be removed and not yet be committed.
    paths = (path for path in listed.stdout.splitlines() if path != SELF and (CHECKOUT / path).is_file())
    # Some files of tests are not UTF-8.
    return {path: (CHECKOUT / path).read_text(encoding="utf-8", errors="ignore") for path in paths}


def places(word: Word, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the lines that have the word, each with its place; most files are passed over as a whole."""
    anywhere = re.compile(word.old, re.MULTILINE | (re.IGNORECASE if word.ignores_case else 0))
    for path, text in texts.items():
        for number, line in enumerate(text.splitlines() if anywhere.search(text) else (), 1):
            if old := word.found(line):
                yield f"{path}:{number}", old


@pytest.mark.parametrize("word", WORDS, ids=[word.new for word in WORDS])
def test_a_private_word_is_not_used(word: Word, texts: Mapping[str, str]) -> None:
    """The failure names each place, the word in it, and what to write instead."""
    found = [f"{place}: {old!r}: write {word.new}" for place, old in places(word, texts)]
    assert found == [], "\n".join(["", *found])


def test_a_private_word_is_found() -> None:
    """Each expression finds what it is for."""
    lines = ("class Workbench:", "class Index:", "it is told", "@record", "they lend it", "for its own sake")
    assert [line for line in lines if not any(word.found(line) for word in WORDS)] == []
