"""Writes the log of a build: a heading for each step, lines below it, warnings and errors in one format."""

import re
import time
from collections.abc import Callable, Iterable
from enum import IntEnum
from pathlib import Path
from typing import TextIO

from cnb.errors import BuildpackError
from cnb.log_text import shown
from python_buildpack.ports.log_style import LogStyle
from python_buildpack.secrets.redact import Redactor

ERRORS = "docs/errors"
"""The folder with a page for each code, relative to the address of the released version, or to a checkout."""
_WIDTH = 80
_WORTH_SAYING = 0.2
"""Seconds: what took less is not timed in the log."""
_FORGED = re.compile(r"^warning:(?= )", re.MULTILINE)
"""A name with a line feed in it would make a line of ours look like two, the second one a warning."""


class Level(IntEnum):
    """The least important part of a log that is still written."""

    DETAILS = -1
    ALL = 0
    WARNINGS = 1
    ERRORS = 2

    @classmethod
    def named(cls, text: str) -> "Level":
        """Return the level that a value of BP_LOG_LEVEL asks for."""
        levels = {"DEBUG": cls.DETAILS, "QUIET": cls.WARNINGS, "WARN": cls.WARNINGS, "WARNING": cls.WARNINGS}
        return {**levels, "ERROR": cls.ERRORS}.get(text.upper(), cls.ALL)


class TextReporter:
    """Implements interfaces.Reporter: a log of plain text, decorated as ``style`` says, without progress bars.

    ``clock`` returns seconds, from any moment on.
    """

    def __init__(
        self,
        stream: TextIO,
        level: Level = Level.ALL,
        clock: Callable[[], float] = time.monotonic,
        style: LogStyle = LogStyle(),  # noqa: B008 - frozen
    ) -> None:
        self.level = level
        self._stream = stream
        self._clock = clock
        self._style = style
        self._began = clock()
        self._part: tuple[str, float] | None = None
        self._redactor = Redactor()
        self._warnings: list[tuple[str, str]] = []
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
        if self.level <= Level.ALL:
            self._write(f"{self._clean_line(what)}\n")

    def end(self, how_to_run: str, sizes: Iterable[str]) -> None:
        """Sum up a build that succeeded: its warnings' titles, the sizes, how to run it, the seconds."""
        self.heading("Image")
        if len(self._warnings) > 1:
            self.line(f"{len(self._warnings)} warnings are above:")
            for number, (title, _) in enumerate(self._warnings, start=1):
                self.line(f"{number}. {title}")
        for line in sizes:
            self.line(line)
        self.line(f"To run it: {how_to_run}")
        self.line(f"Built in {self._clock() - self._began:.1f} s")
        self._close_part(is_timed=False)

    def hide(self, secrets: Iterable[str]) -> None:
        """Let these not be seen from now on, however they are spelt."""
        self._redactor.learn(secrets)

    def heading(self, text: str) -> None:
        """Open a part of the log; the one before ends with the seconds that it took."""
        self._close_part()
        if self.level > Level.ALL:
            return
        title = self._clean_line(text)
        self._part = (title, self._clock())
        self._write(f"\n{self._style.open_part(title, time.time())}\n" if text else "\n")

    def line(self, text: str) -> None:
        """Say one thing, wrapped, below the heading."""
        if self.level <= Level.ALL:
            self._write(_indented(_FORGED.sub(r"warning\\x3a", self._clean(text)), "  "))

    def output(self, text: str) -> None:
        """Pass on a line of a tool's output, unwrapped: it may be searched for."""
        if self.level <= Level.ALL:
            self._write("".join(f"    {line}\n" for line in self._clean(text).split("\n")))

    def detail(self, text: str) -> None:
        """Say what only BP_LOG_LEVEL=debug shows, unwrapped."""
        if self.level <= Level.DETAILS:
            lines = self._clean(text).split("\n")
            self._write("".join(f"  {self._style.paint(f'debug: {line}', 'aside')}\n" for line in lines))

    def warning(self, title: str, text: str) -> None:
        """Warn of something that does not stop the build; once, also where a step is done twice."""
        what, text = self._clean_line(title), self._clean(text)
        if (what, text) in self._warnings:
            return
        self._warnings.append((what, text))
        if self.level is not Level.ERRORS:
            self._write(f"  {self._style.paint('warning:', 'warning')} {what}\n{_indented(text, '    ')}")
            self._write(self._style.annotation("warning", what, text))

    def fact(self, name: str, value: object) -> None:
        """Show nothing."""

    def failure(self, error: BuildpackError) -> None:
        """Explain an error, and those beside it: what it is called, what happened, what to do, where to read more."""
        from python_buildpack.ports.quoted_lines import quote  # noqa: PLC0415 - on failure only

        self._close_part()
        quoted = quote(error.what, self._app) if self._app else None
        what = self._clean(error.what)
        self._write(
            f"\n{self._style.paint(f'error: {error.code}', 'error')}\n"
            + _indented(error.title, "  ")
            + _indented(what, "  ")
            # Indented, so that it stays below the heading and as it is.
            + "".join(f"      {self._clean_line(line)}\n" for line in (quoted.lines if quoted else ()))
            + _indented(f"To fix it: {self._clean(error.cure)}", "  ")
            + f"  More: {self._pages}{ERRORS}/{error.code}.md\n"
        )
        place = (self._clean_line(quoted.file), quoted.number) if quoted else None
        self._write(self._style.annotation("error", f"{error.code}: {error.title}", what, place))
        for other in error.beside:
            self.failure(other)

    def _close_part(self, *, is_timed: bool = True) -> None:
        if self._part is None:
            return
        title, began = self._part
        self._part = None
        seconds = self._clock() - began if is_timed else 0.0
        if seconds >= _WORTH_SAYING:
            self._write(f"  {self._style.paint(f'Took {seconds:.1f} s', 'aside')}\n")
        self._write(self._style.close_part(title, time.time()))

    def apology(self, error: BaseException, details: str, keep: Callable[[str], Path | None]) -> None:
        """Own up to a bug of ours. ``details`` is the traceback; ``keep`` writes it, without secrets, to a file."""
        from python_buildpack.ports.fault_report import last_places  # noqa: PLC0415 - few builds end so

        self._close_part()
        details = self._clean(details)
        report = keep(details)
        text = self._clean(str(error))
        tracker = f"{self._home}/issues" if self._home else "the issue tracker named in README.md"
        kept = f", or with the file {report} if that outlives the build" if report else ""
        where = f" ({last_places(error)})" if error.__traceback__ else ""
        self._write(
            f"\n{self._style.paint('error: internal-error', 'error')}\n"
            + _indented(f"This is a bug of the Python buildpack: {type(error).__name__}: {text}{where}.", "  ")
            + _indented(
                f"To fix it: Build again. If that fails too, report it at {tracker} with this text{kept}. Both are "
                "without the secrets that the buildpack knows of. BP_LOG_LEVEL=DEBUG shows the whole traceback here.",
                "  ",
            )
            + "".join(f"  {line}\n" for line in (details.splitlines() if self.level <= Level.DETAILS else ()))
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
