"""What tools print may be long, and on one line; the reason for a failure is found in it all the same, and soon."""

import time

import pytest

from python_buildpack.package_managers.failures.explain import explain, known_causes
from python_buildpack.ports.interfaces import Finished

CAUSES = tuple(dict.fromkeys(one for tool in ("uv", "pip", "poetry", "pdm", "pipenv") for one in known_causes(tool)))
"""Those of all tools, each once: most are shared by several, and a tool on its own has no others."""
PATIENCE = 20.0
"""Seconds of the processor for all that is printed; it takes about one, and took hours."""
LONG = (
    "x" * 2_000_000,
    "a " * 1_000_000,
    "\n" * 1_000_000,
    "depends on Python>=3 " * 50_000,
    "the current Python version ",
)


@pytest.mark.parametrize("text", LONG, ids=lambda text: text[:20].strip() or "lines")
def test_a_long_output_is_searched_in_linear_time(text: str) -> None:
    """For all causes that there are: none shows in it."""
    start = time.process_time()
    error = explain(Finished(1, f"{text}\nand then it ended\n"), "requirements.txt", causes=CAUSES)
    assert time.process_time() - start < PATIENCE
    assert error.code == "dependencies-not-installed"


@pytest.mark.parametrize("text", LONG, ids=lambda text: text[:20].strip() or "lines")
def test_the_reason_at_the_end_is_found(text: str) -> None:
    """It is what a tool says last."""
    end = "\nfatal: unable to access 'https://git.example/x.git/'\n"
    assert explain(Finished(1, f"{text}{end}"), "requirements.txt").code == "git-failed"
