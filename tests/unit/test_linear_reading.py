"""What reads the text of others takes time in proportion to its length, whatever the text is.

Four times the text may take four times as long; what takes the square takes sixteen times. The two are measured in the
same run, so that a slow machine slows both.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from python_buildpack.app.project import Project
from python_buildpack.app_code import program_failures
from python_buildpack.layers.dependencies.conditions import digest_conditions
from python_buildpack.package_managers.failures.builds import BUILD_CAUSES
from python_buildpack.package_managers.failures.causes import find_cause
from python_buildpack.package_managers.local_files import local_content
from python_buildpack.package_managers.requirement_files import read_requirement_files
from python_buildpack.secrets.redact import redact

FEW, MANY = 16_000, 64_000
GENEROUS = 10
SHORTEST = 0.02
"""Seconds: what takes less for the longer text needs no comparison."""


def requirements(text: str) -> None:
    """Read a requirements file as a build does."""
    project = Project(Path("/nonexistent"), frozenset({"requirements.txt"}), texts={"requirements.txt": text})
    files = read_requirement_files(project, "requirements.txt")
    assert files.required is not None
    local_content(project.root, files.lines)


def conditions(text: str) -> None:
    """Search a declaration for what decides an installation."""
    digest_conditions(Project(Path("/nonexistent")), text, text, {})


READERS: dict[str, Callable[[str], object]] = {
    "requirements": requirements,
    "conditions": conditions,
    "collectstatic": program_failures.explain,
    "redaction": redact,
}
CASES = {
    "spaces before no comment": ("x", " ", "!"),
    "tabs": ("", "\t", "x"),
    "wide spaces": ("x", "\u00a0", "!"),
    "continuations": ("", "x\\\n", "x"),
    "hashes of a fragment": ("./x", "#a", ""),
    "extras of a path": ("./x", "[a]", ""),
    "extras of a path that end in none": ("./x", "[a]", "x"),
    "spaces before a marker": ("./x", " ", "; x"),
    "file and spaces": ("x @ file:", " ", "/"),
    "options": ("", "--hash ", "x"),
    "errors of a database": ("", "OperationalError: ", ""),
    "frames of a traceback": ("", 'File "x/os.py", line 1, in __getitem__\n a\n', ""),
    "web tokens": ("", "-eyJaaaaaaaa", ""),
    "addresses": ("", "://a", ""),
    "headers": ("", "cookie: a", ""),
}


def seconds(reader: Callable[[str], object], parts: tuple[str, str, str], size: int) -> float:
    """Return the seconds of the processor for a text of this size, at best."""
    before, repeated, after = parts
    text = before + repeated * (size // len(repeated)) + after

    def taken() -> Iterator[float]:
        for _ in range(3):
            start = time.process_time()
            reader(text)
            yield time.process_time() - start

    return min(taken())


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("reader", READERS)
def test_four_times_the_text_takes_no_sixteen_times_as_long(reader: str, case: str) -> None:
    """For each reader, and each text that one of them took the square of its length for, or worse."""
    many = seconds(READERS[reader], CASES[case], MANY)
    assert many < SHORTEST or many < GENEROUS * seconds(READERS[reader], CASES[case], FEW)


def builds_of_pip(size: int) -> str:
    """Return what pip prints when it builds many packages, each with a name of its own."""
    begin = "Building wheel for p{0} (pyproject.toml): "
    text = f"{begin}started\n{begin}finished with status 'done'\n"
    return "".join(text.format(number) for number in range(size // len(text)))


def test_the_last_of_many_builds_of_pip_is_found_in_time() -> None:
    """Each that succeeded is passed over, without a search of all that comes after it."""
    causes = BUILD_CAUSES[:6]

    def taken(size: int) -> float:
        text = builds_of_pip(size)
        start = time.process_time()
        assert find_cause(text, causes) is None
        return time.process_time() - start

    many = min(taken(MANY) for _ in range(2))
    assert many < SHORTEST or many < GENEROUS * min(taken(FEW) for _ in range(2))
