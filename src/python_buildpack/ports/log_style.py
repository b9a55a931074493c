"""How a log is decorated: colours, and the groups and annotations of GitHub Actions and GitLab CI.

A build has no terminal, so colours come only where somebody asks for them by FORCE_COLOR or CLICOLOR_FORCE, or where
the output is a terminal, and never with NO_COLOR (https://no-color.org, https://force-color.org). Groups and
annotations come where the variable of that CI is among those of the build: GITHUB_ACTIONS=true (workflow commands) or
GITLAB_CI=true (collapsible sections). A platform does not pass them to a build by itself.
"""

from collections.abc import Mapping
from typing import Literal

from cnb.frozen import frozen

FORCING = ("FORCE_COLOR", "CLICOLOR_FORCE")
"""The variables by which programs print colours without a terminal."""
_CODES = {"heading": "1", "warning": "33", "error": "1;31", "aside": "2"}
"""Select Graphic Rendition: bold, yellow, bold red, faint."""

Kind = Literal["heading", "warning", "error", "aside"]


@frozen
class LogStyle:
    """What is added to the words of a log."""

    has_colours: bool = False
    ci: Literal["", "github", "gitlab"] = ""

    def paint(self, text: str, kind: Kind) -> str:
        """Return the text in the colour of its kind, if there are colours."""
        return f"\x1b[{_CODES[kind]}m{text}\x1b[0m" if self.has_colours else text

    def open_part(self, title: str, at: float) -> str:
        """Return the line with which a part of the log begins, ``at`` this time in seconds since 1970."""
        line = self.paint(f"[{title}]", "heading")
        if self.ci == "github":
            return f"::group::[{title}]"
        if self.ci == "gitlab":
            return f"\x1b[0Ksection_start:{int(at)}:{_section(title)}\r\x1b[0K{line}"
        return line

    def close_part(self, title: str, at: float) -> str:
        """Return the line, with its end, that closes a part of the log; empty without groups."""
        if self.ci == "github":
            return "::endgroup::\n"
        return f"\x1b[0Ksection_end:{int(at)}:{_section(title)}\r\x1b[0K\n" if self.ci == "gitlab" else ""

    def annotation(
        self, kind: Literal["warning", "error"], title: str, text: str, place: tuple[str, int] | None = None
    ) -> str:
        """Return the line, with its end, that lets GitHub show a text beside the code; empty elsewhere."""
        if self.ci != "github":
            return ""
        where = f"file={_property(place[0])},line={place[1]}," if place else ""
        return f"::{kind} {where}title={_property(title)}::{_data(text)}\n"


def choose_style(env: Mapping[str, str], *, is_terminal: bool) -> LogStyle:
    """Return the style for these variables. Pure."""
    is_forced = any(env.get(name, "") not in {"", "0"} for name in FORCING)
    has_colours = not env.get("NO_COLOR") and (is_forced or (is_terminal and env.get("TERM") != "dumb"))
    if env.get("GITHUB_ACTIONS") == "true":
        return LogStyle(has_colours, "github")
    return LogStyle(has_colours, "gitlab" if env.get("GITLAB_CI") == "true" else "")


def _section(title: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in title.lower()) or "part"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
