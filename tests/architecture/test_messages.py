"""Every message of an error that the code has is read here: its form, its length, and that it says what to do."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from devkit.generated_docs import error_classes
from devkit.paths import CHECKOUT

LONGEST = 500
NOT_OURS = re.compile(r"\b(?:sorry|oops|unfortunately|I|we|our|my)\b", re.IGNORECASE)
KINDS = {kind.__name__: kind for kind in error_classes()}
TWO_TEXTS = {name for name, kind in KINDS.items() if "__init__" not in kind.__dict__}
"""Errors that are raised with what happened and what to do; the others make one of the two texts themselves."""


@dataclass(frozen=True)
class Message:
    """The two texts of one raise, with {} for what is filled in."""

    place: str
    what: str
    cure: str


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=values):
            return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in values)  # type: ignore[misc]
        case ast.BinOp(left=left, right=right):
            return _text(left) + _text(right)
        case ast.IfExp(body=body):
            return _text(body)
        case _:
            return "{}"


def _messages() -> Iterator[Message]:
    for path in sorted((CHECKOUT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[what, cure, *_]) if name in TWO_TEXTS:
                    yield Message(f"{path.name}:{node.lineno}", _text(what), _text(cure))
                case _:
                    pass


MESSAGES = tuple(_messages())


def test_there_are_messages() -> None:
    """The reader of the code finds them."""
    assert len(MESSAGES) > 100


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.place)
def test_a_message_is_whole_sentences_of_bounded_length(message: Message) -> None:
    """No bare output of a tool without a sentence, none that only apologises, none without what to do."""
    for text in (message.what, message.cure):
        assert text.strip()
        assert len(text) <= LONGEST
        assert not NOT_OURS.search(text)
    # A message that is filled in as a whole has its sentence where it is made.
    assert re.search(r"[A-Za-z]{3}", message.what) or message.what.startswith("{}")
    last = message.cure.rstrip().splitlines()[-1]
    is_to_copy = last.startswith("    ")
    assert is_to_copy or last.endswith((".", "{}"))
