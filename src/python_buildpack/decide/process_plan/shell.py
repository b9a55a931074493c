"""Which commands need a shell, and which one; and how the server still gets the platform's signals."""

import contextlib
import re
import shlex
from collections.abc import Iterator

from cnb.frozen import frozen

BASH_WORDS = frozenset({"[[", "source", "declare", "typeset", "shopt", "pushd", "popd", "function", "select", "mapfile",
                        "readarray", "let", "local"})  # fmt: skip
KEYWORDS = frozenset({"if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac",
                      "{", "}", "!", "time"})  # fmt: skip
BUILTINS = frozenset({"cd", "export", "exec", ".", "eval", "set", "unset", "ulimit", "umask", "trap", "wait", "exit",
                      "return", "shift", "read", "alias", "command", ":", "true", "false", "test", "["})  # fmt: skip
"""Commands that some images do not have as programs, or that change the shell itself."""
BASH_SYNTAX = re.compile(
    r"<\(|>\(|<<<|&>|\|&|\(\(|\$'|\$\{!|\$\{\w+(?:\[|\^|,|/|:\d)|\w\+?=\(|pipefail|\{[^{}\s]*(?:,|\.\.)[^{}\s]*\}"
    r"|\[ [^]]* == |\bwait\s+-n\b|\$\{?(?:RANDOM|SECONDS|E?UID|PIPESTATUS|BASH\w*)\b"
)
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
SHELLS = frozenset({"sh", "bash"})
SEPARATORS = ("&&", "||", ";;", ";", "|&", "|", "&", "(", ")", "\n")
_SEPARATOR = re.compile("|".join(map(re.escape, SEPARATORS)))
SHELL_CHARACTERS = frozenset("|&;<>()`$*?[~")


@frozen
class Word:
    """One word of a simple command: what it is for the program, and where it stands in the text."""

    value: str
    start: int
    end: int


WORD = re.compile(r"(?:'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.|[^\s'\"\\])+", re.DOTALL)


@frozen
class _Piece:
    """A part of a command outside of quotes, or inside of one pair of them."""

    text: str
    quote: str


def wrap(text: str) -> tuple[str, ...]:
    """Return the command that does what a shell would do with ``text``, without a shell if none is needed.

    ``sh`` is chosen unless the syntax is bash's. ``exec`` is added before the last program, so that this becomes the
    process and gets signals. Raises ValueError for quotes that are not closed.
    """
    inner = unwrapped(text)
    words = shlex.split(inner, comments=True)
    if not needs_shell(inner):
        return tuple(words)
    if inner != text:
        return (shlex.split(text)[0], "-c", _with_exec(inner))
    name = "bash" if _is_bash(text) else "sh"
    return (name, "-c", _with_exec(text))


def unwrapped(text: str) -> str:
    """Return what ``sh -c "…"`` runs, and any other command unchanged.

    Such a shell would stay the server's parent process and not pass signals on to it.
    """
    words = shlex.split(text, comments=True)
    if len(words) == len(("sh", "-c", "…")) and words[0].rpartition("/")[2] in SHELLS and words[1] == "-c":
        return words[2]
    return text


def needs_shell(text: str) -> bool:
    """Say whether a command uses syntax or builtins of a shell."""
    words = shlex.split(text, comments=True)
    if words and (words[0] in BUILTINS | KEYWORDS | BASH_WORDS or ASSIGNMENT.match(words[0])):
        return True
    for piece in _pieces(text):
        special = SHELL_CHARACTERS if not piece.quote else {'"': frozenset("$`")}.get(piece.quote, frozenset())
        if not special.isdisjoint(piece.text):
            return True
        if not piece.quote and BASH_SYNTAX.search(piece.text):
            return True
    return False


def has_bare_call(text: str) -> bool:
    """Say whether a command has ``app:create_app()`` without quotes, which is a syntax error in every shell."""
    return any(not piece.quote and re.search(r"\w:[\w.]+\(", piece.text) for piece in _pieces(text))


def programs(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of each simple command in a line, without leading assignments; a best effort."""
    found: list[tuple[str, ...]] = []
    with contextlib.suppress(ValueError):
        text = unwrapped(text)
    for segment, _ in segments(text):
        words = _split(segment)
        while words and (ASSIGNMENT.match(words[0]) or words[0] in {"exec", "env", "/usr/bin/env", *KEYWORDS}):
            words = words[1:]
        if words:
            found.append(words)
    return tuple(found)


def words_of(segment: str, offset: int = 0) -> tuple[Word, ...]:
    """Return the words of one simple command, which begins at ``offset`` in its line; none after a comment begins."""
    found: list[Word] = []
    for match in WORD.finditer(segment):
        if match[0].startswith("#"):
            break
        value = "".join(_split(match[0])) or match[0].strip("'\"")
        found.append(Word(value, offset + match.start(), offset + match.end()))
    return tuple(found)


def _split(segment: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(segment, comments=True))
    except ValueError:
        return tuple(segment.split())


def _is_bash(text: str) -> bool:
    unquoted = " ".join(piece.text for piece in _pieces(text) if piece.quote != "'")
    return bool(BASH_SYNTAX.search(unquoted)) or any(words[0] in BASH_WORDS for words in programs(text))


def _with_exec(text: str) -> str:
    """Put ``exec`` before the last simple command, if it is a program and all before it is joined by && or ;."""
    parts = list(segments(text))
    last, start = parts[-1] if parts else ("", 0)
    separators = {text[begin:end] for begin, end in separators_of(text)}
    words = _split(last)
    assignments = len(words) - len(_unassigned(words))
    rest = words[assignments:]
    uses_keywords = any(
        words and words[0] in KEYWORDS | BASH_WORDS for segment, _ in parts if (words := _split(segment))
    )
    if not separators <= {"&&", ";"} or uses_keywords or not rest or rest[0] in BUILTINS:
        return text
    match = re.match(rf"\s*(?:[A-Za-z_]\w*=(?:'[^']*'|\"[^\"]*\"|[^\s'\"])*\s+){{{assignments}}}", last)
    if match is None:
        return text
    at = start + match.end()
    return f"{text[:at]}exec {text[at:]}"


def _unassigned(words: tuple[str, ...]) -> tuple[str, ...]:
    while words and ASSIGNMENT.match(words[0]):
        words = words[1:]
    return words


def segments(text: str) -> Iterator[tuple[str, int]]:
    """Yield (simple command, where it starts) between the separators."""
    start = 0
    for begin, end in separators_of(text):
        if text[start:begin].strip():
            yield text[start:begin], start
        start = end
    if text[start:].strip() or not start:
        yield text[start:], start


def separators_of(text: str) -> Iterator[tuple[int, int]]:
    """Yield where unquoted separators begin and end."""
    position = 0
    for piece in _pieces(text):
        for found in () if piece.quote else _SEPARATOR.finditer(piece.text):
            redirects = found[0] == "&" and found.start() and piece.text[found.start() - 1] in "<>"
            if not redirects:
                yield position + found.start(), position + found.end()
        position += len(piece.text)


def is_unclosed(text: str) -> bool:
    """Say whether a quote that begins in a text does not end in it."""
    *_, last = _pieces(text)
    return bool(last.quote)


def _pieces(text: str) -> Iterator[_Piece]:
    """Split a command at its quotes; the pieces together are the text, including quotes and backslashes."""
    start, quote, index = 0, "", 0
    while index < len(text):
        character = text[index]
        if character == "\\" and quote != "'":
            # A character after a backslash is literal: a piece of its own, as if it were in single quotes.
            yield _Piece(text[start:index], quote)
            yield _Piece(text[index : index + 2], "'")
            index += 2
            start = index
            continue
        if quote and character == quote:
            yield _Piece(text[start : index + 1], quote)
            start, quote = index + 1, ""
        elif not quote and character in "'\"":
            yield _Piece(text[start:index], "")
            start, quote = index, character
        elif not quote and character == "#" and (index == 0 or text[index - 1].isspace()):
            break
        index += 1
    yield _Piece(text[start:index], quote)
