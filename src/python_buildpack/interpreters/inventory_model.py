"""The rules of an inventory.toml, as a model: whoever writes one gets a schema, and sentences about what is wrong."""

from typing import Annotated, Literal, Self

from packaging.version import Version
from pydantic import Field, model_validator

from python_buildpack.support.models import Strict, text


def _is_full(version: str) -> bool:
    try:
        return len(Version(version).release) == len(("major", "minor", "patch"))
    except ValueError:
        # InvalidVersion, or a number of thousands of digits.
        return False


class InterpreterRow(Strict):
    """One build of CPython."""

    version: text(r"[0-9][0-9A-Za-z.+-]{0,60}", "a full version such as 3.13.2", _is_full)  # type: ignore[valid-type]
    build: text(r"[0-9A-Za-z][0-9A-Za-z._-]*", "letters, digits, dots and dashes")  # type: ignore[valid-type]
    """By which builds of the same version differ, and the part of a mirror's addresses before the file."""
    os: Literal["linux"]
    arch: Literal["amd64", "arm64"]
    libc: Literal["gnu", "musl"]
    variant: Literal["default", "freethreaded"]
    url: text(r"\s*\S.*", "an address, or a path relative to the inventory's")  # type: ignore[valid-type]
    sha256: text(r"[0-9a-f]{64}", "64 hexadecimal digits in lower case")  # type: ignore[valid-type]


class InventoryDocument(Strict):
    """The list of Python builds that BP_PYTHON_INVENTORY names, as TOML."""

    default: text(r"[0-9]+\.[0-9]+", 'a minor version such as "3.14"')  # type: ignore[valid-type]
    """The minor version for apps that do not name one."""
    interpreters: Annotated[list[InterpreterRow], Field(min_length=1)]

    @model_validator(mode="after")
    def _has_default(self) -> Self:
        if not any(row.version.startswith(f"{self.default}.") for row in self.interpreters):
            raise ValueError(f"default is {self.default}, but no interpreter is of that version")
        return self
