"""The JSON Schemas of the documents that we read and write, made from their models, and the page about them."""

import json
from collections.abc import Mapping

from pydantic import BaseModel

from python_buildpack.decide.recipe_model import Explained
from python_buildpack.interpreters.inventory_model import InventoryDocument
from python_buildpack.settings.model import terrarium_table
from python_buildpack.telemetry.record_model import BuildRecord

FOLDER = "docs/schemas"
PAGE = "docs/schemas.md"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMAS: Mapping[str, tuple[type[BaseModel], str]] = {
    "tool-terrarium-1": (terrarium_table(), "the table `[tool.terrarium]` of a pyproject.toml"),
    "inventory-1": (InventoryDocument, "the list of Python builds that `BP_PYTHON_INVENTORY` names, as TOML"),
    "explain-1": (Explained, "what `explain --json` prints"),
    "build-record-1": (BuildRecord, "the record that `BP_PYTHON_TELEMETRY` asks for"),
}
"""By the names of their files. The number is the version: another one where a reader of the old one would fail."""
_INTRODUCTION = """\
Each document has a [JSON Schema](https://json-schema.org) of the 2020-12 dialect, made from the model by which it is
checked. The number in a name is the version of the document, which its field `schema` has, too, where we write it. A
new version is made if a field is removed or gets another meaning; new fields may come at any time.

Editors that know JSON Schemas for TOML complete the keys of `[tool.terrarium]` from the first one.
"""


def schema_pages() -> dict[str, str]:
    """Return the files of the schemas, and the page that lists them, by their paths in the checkout."""
    rows = [f"| [{name}.json](schemas/{name}.json) | {what} |" for name, (_, what) in SCHEMAS.items()]
    table = "\n".join(["| schema | of |", "|---|---|", *rows])
    files = {f"{FOLDER}/{name}.json": _text(model) for name, (model, _) in SCHEMAS.items()}
    return {PAGE: f"{_INTRODUCTION}\n{table}\n", **files}


def _text(model: type[BaseModel]) -> str:
    schema = {"$schema": _DIALECT, **model.model_json_schema(by_alias=True)}
    return json.dumps(schema, indent=2) + "\n"
