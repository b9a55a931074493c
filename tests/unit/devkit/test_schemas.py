"""The published schemas: they say of documents what the code says."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from devkit.generated_docs import sample_names
from devkit.paths import CHECKOUT, SAMPLES
from devkit.recipes import recipe_of
from devkit.schemas import FOLDER, SCHEMAS
from python_buildpack.decide.recipe import to_json
from python_buildpack.decide.recipe_model import Explained
from python_buildpack.interpreters.inventory import parse_inventory
from python_buildpack.settings.declared import KEYS, read_declared
from python_buildpack.settings.model import terrarium_table
from python_buildpack.support.models import problems

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

TABLE = terrarium_table()
VALUES: tuple[Any, ...] = (
    *(True, False, 0, 1, 60, -1, 10_000_000, 1.5, "", " ", "true", "x", "a b", "warn", "uv", "never", "2026-01-31"),
    *("7 days", [], ["a"], ["a b"], ["a", ""], [1], {}, {"web": "x"}, {"Web X": "x"}, {"web": ""}, {"web": 1}),
)


@cache
def validator(name: str) -> "Draft202012Validator":
    """Return the validator of a published schema, which is a valid one itself."""
    # Two seconds of CPU, which each process that collects tests would spend.
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    schema = json.loads((CHECKOUT / FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name: str) -> None:
    """Of its dialect, with a version in its name."""
    assert name.rpartition("-")[2].isdigit()
    assert validator(name).schema["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("key", [*(key for key, one in KEYS.items() if not one.platform_only), "processes", "run-env"])
def test_the_schema_allows_what_a_build_takes(key: str) -> None:
    """Of each key, for values of all types: the reader, the model and the schema agree."""
    schema = validator("tool-terrarium-1")
    for value in VALUES:
        table = {key: value}
        is_taken = not read_declared(table, "pyproject.toml", lambda _: 1).wrong
        # An empty list says nothing, and so does no harm.
        assert schema.is_valid(table) is is_taken, (table, is_taken)
        assert (not list(problems(TABLE, table))) is is_taken, table


def test_the_platforms_settings_are_no_keys() -> None:
    """An editor does not offer them."""
    keys = set(validator("tool-terrarium-1").schema["properties"])
    assert {"python-version", "processes", "run-env"} < keys
    assert not keys & {key for key, setting in KEYS.items() if setting.platform_only}


def test_our_own_inventory_fits_its_schema() -> None:
    """And what the model refuses for its form alone, the schema refuses."""
    import tomllib  # noqa: PLC0415 - beside its use

    path = CHECKOUT / "inventory.toml"
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    schema = validator("inventory-1")
    assert schema.is_valid(document)
    assert parse_inventory(path.read_bytes(), path.as_uri()).checked
    document["interpreters"][0]["sha256"] = "AB" * 32
    assert not schema.is_valid(document)


@pytest.mark.parametrize("app", [SAMPLES / name for name in sample_names()], ids=sample_names())
def test_what_explain_prints_fits_its_schema(app: Path) -> None:
    """Of every sample; the model knows each of its keys."""
    document = to_json(recipe_of(app, {"BP_PYTHON_SPLIT": "false"}, "amd64", date(2026, 11, 22)))
    validator("explain-1").validate(document)
    assert list(problems(Explained, document)) == []
