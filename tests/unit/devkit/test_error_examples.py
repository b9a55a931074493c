"""The pages of errors: each has an example that really happens, or says why it has none."""

import pytest

from cnb.errors import BuildpackError
from devkit.error_pages import error_pages, example_log, read_examples
from devkit.errors import DevkitError
from devkit.generated_docs import error_classes
from devkit.paths import CHECKOUT
from python_buildpack.ports.reporter import ERRORS

EXAMPLES = [example for example in read_examples() if "none" not in example]
WITHOUT = {"development-tools-not-installed", "hook-changed-version", "nothing-built", "programs-left"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["code"])
def test_a_page_shows_its_error(example: dict[str, str]) -> None:
    """The log on it names code, page and cure, and no directory of this machine.

    It is the log of an error that was made to happen: test_generated_docs.py makes each page again.
    """
    page = (CHECKOUT / ERRORS / f"{example['code']}.md").read_text(encoding="utf-8")
    log = page.partition("The log ends with:")[2]
    assert f"\nerror: {example['code']}\n" in log
    assert f"docs/errors/{example['code']}.md" in log
    assert "  To fix it: " in log
    assert "/tmp" not in log
    assert "/dev/shm" not in log


def test_the_pages_are_in_english_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Git speaks the language of whoever runs it, where its translations are installed."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")
    (example,) = (one for one in EXAMPLES if one["code"] == "repository-not-cloned")
    assert "fatal: Could not read from remote repository." in " ".join(example_log(example).split())


def test_no_error_is_without_an_example_and_without_a_reason() -> None:
    """Whoever adds an error adds an example; the few that cannot have one are these."""
    assert {example["code"] for example in read_examples() if "none" in example} == WITHOUT
    assert {kind.code for kind in error_classes()} == {example["code"] for example in read_examples()}

    class New(BuildpackError):
        """Somebody has just added it."""

        code = "new-error"
        title = "A new error"

    with pytest.raises(DevkitError, match="new-error"):
        error_pages((*error_classes(), New))
