"""What pydantic says of a document, in sentences of ours; for documents of users that are new to a build.

Importing pydantic takes longer than half of an unchanged build, so no module imports this one, or a module with
models, at its top: it is imported by the function that needs it (``tests/contract/test_declared_settings.py``).
"""

import re
from collections.abc import Callable, Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, WithJsonSchema

from python_buildpack.support.toml_words import type_name

_TYPES = {
    "string_type": "a string",
    "int_type": "a number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}
_LONGEST = 60


class Strict(BaseModel):
    """A document, or a part of one, in which every key is known and nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _open(schema: dict[str, Any]) -> None:
    schema.pop("additionalProperties", None)


class Written(Strict):
    """A document that we write, or a part of one. Its readers have to take new keys, so its schema allows them."""

    model_config = ConfigDict(json_schema_extra=_open)


def text(pattern: str, words: str, check: Callable[[str], bool] | None = None) -> Any:  # noqa: ANN401 - a type
    """Return the type of a string that a pattern matches as a whole; ``words`` follow "has to be"."""

    def checked(value: str) -> str:
        if not re.fullmatch(pattern, value) or (check is not None and not check(value)):
            raise ValueError(words)
        return value

    schema = {"type": "string", "pattern": f"^(?:{pattern})$", "description": words}
    return Annotated[str, AfterValidator(checked), WithJsonSchema(schema)]


def problems(model: type[BaseModel], document: object) -> Iterator[str]:
    """Yield what is wrong with a document, a sentence for each key; nothing if it fits the model."""
    try:
        model.model_validate(document)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            yield f"{_place(one['loc'])}{_fault(one)}"


def _place(keys: tuple[str | int, ...]) -> str:
    """Return where a value is: ``interpreters 2: url`` for the key of the second table."""
    place = ""
    for key in keys:
        if isinstance(key, int):
            place += f" {key + 1}"
        else:
            place += f"{': ' if place[-1:].isdigit() else '.' if place else ''}{key}"
    return f"{place} " if place else ""


def _fault(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails, whose ctx may have anything
    value, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a key that belongs there"
        case "too_short":
            return "is empty"
        case "literal_error":
            return f"is {_shown(value)}, but has to be {context['expected'].replace(chr(39), '')}"
        case "value_error" if error["loc"]:
            return f"is {_shown(value)}, but has to be {context['error']}"
        case "value_error":
            return str(context["error"])
        case kind if kind in _TYPES:
            return f"is {_shown(value)}, but has to be {_TYPES[kind]}"
        case _:
            return f"is {_shown(value)}: {error['msg']}"


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f'"{value[:_LONGEST]}"' if value.strip() else "empty"
    return str(value).lower() if isinstance(value, bool) else type_name.get(type(value), "of another type")
