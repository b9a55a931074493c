"""The table [tool.terrarium] as a model, made from the registry: for its schema, which editors complete keys from.

Reading the table needs no pydantic (``declared.py``); the rule for a value is ``converted`` in both.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema, create_model

from python_buildpack.settings.declared import KEYS, PROCESSES, RUN_ENV, TABLES, converted
from python_buildpack.settings.setting import SECONDS, SWITCH, Setting
from python_buildpack.support.models import Strict, text

_NAME = r"[^\s,]+"


def terrarium_table() -> type[BaseModel]:
    """Return the model, with a field for each setting that an app may give."""
    fields: dict[str, Any] = {
        setting.name: (_type(setting), _field(key, _meaning(setting)))
        for key, setting in KEYS.items()
        if not setting.platform_only
    }
    meanings = {
        PROCESSES: "The commands of processes by their types.",
        RUN_ENV: "Variables that containers get unless their platform sets them.",
    }
    for name, (pattern, words) in TABLES.items():
        value = Annotated[str, Field(pattern=r"\S")] if name == PROCESSES else str
        schema = {
            "type": "object",
            "propertyNames": {"pattern": f"^(?:{pattern})$"},
            "additionalProperties": {"type": "string", **({"pattern": r"\S"} if name == PROCESSES else {})},
        }
        entries: Any = dict[text(pattern, words), value]  # type: ignore[misc]
        fields[name.replace("-", "_")] = (Annotated[entries, WithJsonSchema(schema)], _field(name, meanings[name]))
    return create_model("TerrariumTable", __base__=Strict, **fields)


def _field(key: str, meaning: str) -> Any:  # noqa: ANN401 - what pydantic.Field returns
    """Return a field that may be left out; what is left out is not null, which TOML does not have."""

    def without_default(schema: dict[str, Any]) -> None:
        schema.pop("default", None)
        schema.pop("title", None)

    return Field(default=None, alias=key, description=meaning, json_schema_extra=without_default)


def _type(setting: Setting) -> Any:  # noqa: ANN401 - a type
    def checked(value: Any) -> str:  # noqa: ANN401 - values of TOML
        found = converted(setting, value)
        if found is None:
            raise ValueError(setting.form or "another value")
        return found

    return Annotated[Any, AfterValidator(checked), WithJsonSchema(_schema(setting))]


def _schema(setting: Setting) -> dict[str, Any]:
    if setting.values == SWITCH:
        return {"type": "boolean"}
    if setting.is_list:
        return {"type": "array", "items": {"type": "string", "pattern": f"^{_NAME}$"}}
    if setting.pattern == SECONDS:
        return {"type": "integer", "minimum": 1, "maximum": 9_999_999}
    if setting.pattern:
        return {"type": "string", "pattern": f"^(?:{setting.pattern})$"}
    if setting.values:
        return {"type": "string", "enum": [value.lower() for value in setting.values]}
    return {"type": "string", "pattern": r"\S"}


def _meaning(setting: Setting) -> str:
    return f"{setting.meaning} Without it: {setting.default}."
