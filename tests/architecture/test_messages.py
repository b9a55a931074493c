"""Every message of an error that the code has is read here: its form, its length, and that it says what to do."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from devkit.generated_docs import error_classes
from devkit.rooms import modules, nodes

LONGEST = 500
NOT_OURS = re.compile(r"\b(?:sorry|oops|unfortunately|I|we|our|my)\b", re.IGNORECASE)


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
    # Errors that are raised with what happened and what to do; the others make one of the two texts themselves.
    two_texts = {kind.__name__ for kind in error_classes() if "__init__" not in kind.__dict__}
    for path in modules().values():
        for node in nodes(path):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[what, cure, *_]) if name in two_texts:
                    yield Message(f"{path.name}:{node.lineno}", _text(what), _text(cure))
                case _:
                    pass


@cache
def messages() -> tuple[Message, ...]:
    """Return all messages; not before a test runs, for each process that collects tests would read all code."""
    return tuple(_messages())


def faults_of(message: Message) -> Iterator[str]:
    """Yield what is wrong with a message: no words, too long, no whole sentence, not said as a builder says it."""
    for text in (message.what, message.cure):
        if not text.strip():
            yield "an empty text"
        if len(text) > LONGEST:
            yield f"more than {LONGEST} characters"
        if NOT_OURS.search(text):
            yield "an apology, or a speaker"
    # A message that is filled in as a whole has its sentence where it is made.
    if not re.search(r"[A-Za-z]{3}", message.what) and not message.what.startswith("{}"):
        yield "no words of what happened"
    last = (message.cure.rstrip().splitlines() or [""])[-1]
    is_to_copy = last.startswith("    ")
    if not is_to_copy and not last.endswith((".", "{}")):
        yield "what to do does not end as a sentence"


def test_there_are_messages() -> None:
    """The reader of the code finds them."""
    assert len(messages()) > 100


def test_a_message_is_whole_sentences_of_bounded_length() -> None:
    """No bare output of a tool without a sentence, none that only apologises, none without what to do."""
    assert {message: found for message in messages() if (found := list(faults_of(message)))} == {}


def test_what_is_wrong_with_a_message_is_seen() -> None:
    """Each of the faults, in a message that has it."""
    right = Message("x.py:1", "The file {} has no line 3.", "Add one.")
    assert list(faults_of(right)) == []
    assert list(faults_of(replace(right, what=" "))) == ["an empty text", "no words of what happened"]
    assert list(faults_of(replace(right, what="word " * LONGEST))) == [f"more than {LONGEST} characters"]
    assert list(faults_of(replace(right, what="Sorry, that failed."))) == ["an apology, or a speaker"]
    assert list(faults_of(replace(right, cure="Add one"))) == ["what to do does not end as a sentence"]
    assert list(faults_of(replace(right, cure="Run:\n    uv lock"))) == []
