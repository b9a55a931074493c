"""The format of netrc files (user names and passwords by host): read, written, and searched for what to hide.

Source: https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html, as curl, pip and uv read it.
"""

import re
from collections.abc import Iterator

from cnb.frozen import field, frozen

DEFAULT_MACHINE = "default"
"""The host of a login that counts for all hosts without one of their own."""
_WORD = re.compile(r'"(?P<quoted>(?:[^"\\\n]|\\.)*)"|(?P<plain>[^\s"]\S*)|(?P<open>")')
_ESCAPED = re.compile(r"\\(.)")


@frozen
class Login:
    """A user name and a password for a host."""

    host: str
    username: str
    password: str = field(repr=False)
    port: int | None = None
    """The port of the address that it was given for, if that names one. A netrc file cannot say it."""

    @property
    def summary(self) -> str:
        """Return what the log says of it."""
        return f"a login for {self.host}"


class NetrcUnreadable(ValueError):
    """A text is not in the format of a netrc file."""


def parse_netrc(text: str) -> tuple[Login, ...]:
    """Return the logins of a netrc file. Raises NetrcUnreadable, whose text quotes nothing.

    Read by hand: the standard library's takes files only, and its errors quote the text that they reject.
    """
    logins: list[Login] = []
    words = _words(text)
    for word in words:
        if word not in {"machine", DEFAULT_MACHINE}:
            if word in {"login", "user", "account", "password"} and logins:
                logins[-1] = _with(logins[-1], word, _next(words))
                continue
            raise NetrcUnreadable
        logins.append(Login(_next(words) if word == "machine" else DEFAULT_MACHINE, "", ""))
    return tuple(logins)


def write_netrc(logins: tuple[Login, ...]) -> str:
    """Return the text of a netrc file; for a host that comes twice the first login counts, as tools read it."""
    first = {login.host: login for login in reversed(logins)}
    ordered = sorted(first.values(), key=lambda login: (login.host == DEFAULT_MACHINE, login.host))
    return "".join(
        f"{'' if login.host == DEFAULT_MACHINE else 'machine '}{login.host} "
        f"login {_quoted(login.username)} password {_quoted(login.password)}\n"
        for login in ordered
    )


def passwords_in(text: str) -> Iterator[str]:
    """Yield what stands after each ``password`` of any text, netrc or not: for hiding, where too much does no harm."""
    words = (_plain(match) for match in _WORD.finditer(text) if not match["open"])
    for word in words:
        if word == "password" and not (value := next(words, "")).startswith(("=", ":")):
            yield value.strip("'")


def _words(text: str) -> Iterator[str]:
    lines = iter(text.splitlines())
    for line in lines:
        stripped = line.strip()
        if stripped.startswith("macdef"):
            # A macro, up to an empty line: of use to ftp only.
            while next(lines, "").strip():
                pass
        elif not stripped.startswith("#"):
            yield from _split(stripped)


def _split(line: str) -> Iterator[str]:
    """Split at white space; a word may be in double quotes, and a backslash in them takes the next character as is."""
    for match in _WORD.finditer(line):
        if match["open"]:
            raise NetrcUnreadable
        yield _plain(match)


def _plain(match: re.Match[str]) -> str:
    return match["plain"] or _ESCAPED.sub(r"\1", match["quoted"])


def _next(words: Iterator[str]) -> str:
    word = next(words, None)
    if word is None:
        raise NetrcUnreadable
    return word


def _with(login: Login, word: str, value: str) -> Login:
    match word:
        case "password":
            return Login(login.host, login.username, value)
        case "account":
            return login
        case _:
            return Login(login.host, value, login.password)


def _quoted(value: str) -> str:
    if value and not set(value) & set(" \t\"'\\#"):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
