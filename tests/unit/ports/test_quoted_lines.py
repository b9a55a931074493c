"""The line that an error names is shown with it."""

import io
from pathlib import Path

import pytest

from cnb.errors import BuildpackError
from python_buildpack.ports.quoted_lines import quote
from python_buildpack.ports.reporter import TextReporter


class SampleError(BuildpackError):
    """An error for these tests."""

    code = "sample-error"
    title = "A sample went wrong"


@pytest.mark.parametrize(
    ("message", "quoted"),
    [
        ("requirements/dev.txt, line 2, is no requirement.", "2 | flask == == 1"),
        ("It is declared in requirements/dev.txt, line 1.", "1 | -r base.txt"),
        ("In `requirements/dev.txt, line 2`, and in requirements/dev.txt, line 1.", "2 | flask == == 1"),
        ("requirements/dev.txt, line 3 is after the end.", None),
        ("requirements/dev.txt, line 0.", None),
        ("other.txt, line 1.", None),
        ("../secret.txt, line 1.", None),
        ("link.txt, line 1.", None),
        ("requirements, line 1.", None),
        ("circle.txt, line 1.", None),
        ("odd\0.txt, line 1.", None),
        ("dev\ud800.txt, line 1.", None),
        (f"{'x' * 5000}, line 1.", None),
    ],
)
def test_the_first_line_that_is_there_is_quoted(tmp_path: Path, message: str, quoted: str | None) -> None:
    """With its number; nothing outside of the app."""
    app = tmp_path / "app"
    (app / "requirements").mkdir(parents=True)
    (app / "requirements" / "dev.txt").write_text("-r base.txt\r\nflask == == 1  \n")
    (tmp_path / "secret.txt").write_text("secret\n")
    (app / "link.txt").symlink_to(tmp_path / "secret.txt")
    (app / "circle.txt").symlink_to("circle.txt")
    found = quote(message, app)
    assert (found.lines if found else None) == (quoted and (quoted,))


def test_a_caret_is_below_the_column_and_what_cannot_be_seen_is_named(tmp_path: Path) -> None:
    """Text copied from a page has characters that look like others, or like nothing."""
    (tmp_path / "requirements.txt").write_text("\tflask\u00a0== \u201c1\u201d\n")
    found = quote("requirements.txt, line 1, column 9: no version", tmp_path)
    assert found is not None
    assert found.lines == (
        "1 |  flask<U+00A0>== <U+201C>1<U+201D>",
        "    " + " " * (len(" flask<U+00A0>=")) + "^",
        "<U+00A0> is a no-break space; type that place again",
        "<U+201C> is a left double quotation mark; type that place again",
        "<U+201D> is a right double quotation mark; type that place again",
    )


def test_an_error_shows_the_line_and_the_page_of_the_released_version(tmp_path: Path) -> None:
    """The line hides secrets as all of the log does, and the address works from anywhere."""
    (tmp_path / "requirements.txt").write_text("x @ https://user:hunter2@host/x.whl\n")
    stream = io.StringIO()
    reporter = TextReporter(stream)
    reporter.set_places(tmp_path, "https://example.com/terrarium", "1.2.3")
    reporter.failure(SampleError("requirements.txt, line 1, is refused.", "Write another one."))
    assert stream.getvalue() == (
        "\nerror: sample-error\n"
        "  A sample went wrong\n"
        "  requirements.txt, line 1, is refused.\n"
        "      1 | x @ https://****@host/x.whl\n"
        "  To fix it: Write another one.\n"
        "  More: https://example.com/terrarium/blob/v1.2.3/docs/errors/sample-error.md\n"
    )
