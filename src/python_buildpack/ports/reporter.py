"""Writes the log of a build: a heading for each step, lines below it, warnings and errors in one format."""

import re
import time
from collections.abc import Callable, Iterable
from enum import IntEnum
from pathlib import Path
from typing import TextIO

from cnb.errors import BuildpackError
from cnb.log_text import shown
from python_buildpack.secrets.redact import Redactor

ERRORS_PAGE = "docs/errors.md"
"""Relative to the address of the released version, or to a checkout."""
_WIDTH = 110
_FORGED = re.compile(r"^warning:(?= )", re.MULTILINE)
"""A name with a line feed in it would make a line of ours look like two, the second one a warning."""


class Level(IntEnum):
    """The least important part of a log that is still written."""

    ALL = 0
    WARNINGS = 1
    ERRORS = 2


class TextReporter:
    """Implements interfaces.Reporter: a log of plain text, without colours and progress bars: it is in no terminal.

    ``clock`` returns seconds, from any moment on.
    """

    def __init__(self, stream: TextIO, level: Level = Level.ALL, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._level = level
        self._clock = clock
        self._began = clock()
        self._redactor = Redactor()
        self._warnings: list[str] = []
        self._app: Path | None = None
        self._home = ""
        self._pages = ""

    def set_places(self, app: Path, homepage: str, version: str) -> None:
        """Let errors quote lines of the app, and point to the pages of this version of the buildpack.

        ``homepage`` is that of buildpack.toml: the address of the repository, or empty in a package that nobody
        released, whose pages are those of the checkout.
        """
        self._app = app
        self._home = homepage
        self._pages = f"{homepage}/blob/v{version}/" if homepage else ""

    def begin(self, what: str) -> None:
        """Say which buildpack it is, before the first heading."""
        if self._level is Level.ALL:
            self._write(f"{self._clean_line(what)}\n")

    def end(self, how_to_run: str, new: str) -> None:
        """Sum up a build that succeeded: its warnings' titles, what is new in the image, how to run it, the seconds."""
        self.heading("Image")
        if len(self._warnings) > 1:
            self.line(f"{len(self._warnings)} warnings are above:")
            for number, title in enumerate(self._warnings, start=1):
                self.line(f"{number}. {title}")
        self.line(new)
        if how_to_run:
            self.line(f"To run it: {how_to_run}")
        self.line(f"Built in {self._clock() - self._began:.1f} s")

    def hide(self, secrets: Iterable[str]) -> None:
        """Let these not be seen from now on, however they are spelt."""
        self._redactor.learn(secrets)

    def heading(self, text: str) -> None:
        """Open a part of the log."""
        if self._level is Level.ALL:
            self._write(f"\n[{self._clean_line(text)}]\n" if text else "\n")

    def line(self, text: str) -> None:
        """Say one thing, wrapped, below the heading."""
        if self._level is Level.ALL:
            self._write(_indented(_FORGED.sub(r"warning\\x3a", self._clean(text)), "  "))

    def output(self, text: str) -> None:
        """Pass on a line of a tool's output, unwrapped: it may be searched for."""
        if self._level is Level.ALL:
            self._write("".join(f"    {line}\n" for line in self._clean(text).split("\n")))

    def warning(self, title: str, text: str) -> None:
        """Warn of something that does not stop the build."""
        self._warnings.append(self._clean_line(title))
        if self._level is not Level.ERRORS:
            self._write(f"  warning: {self._clean_line(title)}\n{_indented(self._clean(text), '    ')}")

    def fact(self, name: str, value: object) -> None:
        """Show nothing."""

    def failure(self, error: BuildpackError) -> None:
        """Explain an error: what it is called, what happened, what to do, where to read more."""
        from python_buildpack.ports.quoted_lines import quoted_line  # noqa: PLC0415 - on failure only

        quoted = quoted_line(error.what, self._app) if self._app else None
        # Indented, so that it stays below the heading and as it is.
        line = f"    {self._clean_line(quoted)}\n" if quoted else ""
        self._write(
            f"\nerror: {error.code}\n"
            + _indented(error.title, "  ")
            + _indented(self._clean(error.what), "  ")
            + _indented(line, "  ")
            + _indented(f"To fix it: {self._clean(error.cure)}", "  ")
            + f"  More: {self._pages}{ERRORS_PAGE}#{error.code}\n"
        )

    def apology(self, error: BaseException, details: str | None) -> None:
        """Own up to a bug of ours. ``details`` is the traceback, if the user asked for it."""
        text = self._clean(str(error))
        self._write(
            "\nerror: internal-error\n"
            + _indented(
                f"This is a bug of the Python buildpack: {type(error).__name__}: "
                f"{text}. Please build again; if that fails too, report it at "
                f"{f'{self._home}/issues' if self._home else 'the issue tracker named in README.md'}. "
                "BP_LOG_LEVEL=DEBUG shows the details.",
                "  ",
            )
            + "".join(f"  {line}\n" for line in self._clean(details or "").splitlines())
        )

    def _clean(self, text: str) -> str:
        """Return a text without secrets, and without characters that act on what shows it."""
        # Before, too: an escape may go through a secret. And after: without its colours, a text may be one.
        return self._redactor.redact(shown(self._redactor.redact(text)))

    def _clean_line(self, text: str) -> str:
        return self._clean(text).replace("\n", "\\n")

    def _write(self, text: str) -> None:
        # Texts are redacted before they are wrapped, too: a secret of several words must not be broken in two.
        self._stream.write(self._redactor.redact(text))
        # The lifecycle reads a pipe: without a flush the log would arrive in 8 KB blocks, out of order with the tools'.
        self._stream.flush()


def _indented(text: str, margin: str) -> str:
    return "".join(f"{_wrapped(paragraph, margin)}\n" for paragraph in text.splitlines())


def _wrapped(paragraph: str, margin: str) -> str:
    is_sample = paragraph[:1].isspace()
    if is_sample or any(len(word) > _WIDTH - len(margin) for word in paragraph.split()):
        # Indented text (a file's content) and long URLs are there to be copied, so they stay on their line.
        return margin + paragraph
    import textwrap  # noqa: PLC0415 - it compiles five regular expressions, and detect seldom has a line to wrap

    return textwrap.fill(
        paragraph,
        _WIDTH,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )
