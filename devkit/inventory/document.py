"""The text of ``inventory.toml``: written with tomlkit, read with tomllib, the same bytes for the same builds."""

import tomllib
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import tomlkit
from pydantic import BaseModel, ConfigDict, ValidationError

from cnb.errors import BuildpackError
from devkit.inventory.builds import Build


class InventoryUnreadable(BuildpackError):
    """An ``inventory.toml`` that is to be compared or extended is damaged."""

    code = "inventory-unreadable"
    title = "The list of interpreters cannot be read"


class _Inventory(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    default: str
    interpreters: tuple[Build, ...]


def render_inventory(default: str, builds: Iterable[Build], comment: str) -> str:
    """Return the document with ``default`` as its minor and ``builds`` in the order given, below a comment."""
    document = tomlkit.document()
    for line in comment.splitlines():
        document.add(tomlkit.comment(line))
    document.add("default", tomlkit.string(default))
    tables = tomlkit.aot()
    for build in builds:
        table = tomlkit.table()
        table.update(asdict(build))
        tables.append(table)
    document.add("interpreters", tables)
    return tomlkit.dumps(document)


def read_inventory(path: Path) -> tuple[str, tuple[Build, ...]]:
    """Return the default minor and the builds of an inventory. Raises InventoryUnreadable."""
    try:
        inventory = _Inventory.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise InventoryUnreadable(
            f"{path} is not an inventory: {error}", "Restore it from version control, or delete it and make it again."
        ) from error
    return inventory.default, inventory.interpreters
