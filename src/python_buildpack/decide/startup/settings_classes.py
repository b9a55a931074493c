"""The variables that a settings class of pydantic needs: its fields without a default, read when an instance is made.

See https://docs.pydantic.dev/latest/concepts/pydantic_settings. A class is left alone where something else may give
values: validators that run before, other sources, names of its own for variables, a base class in another module.
"""

import ast
from collections.abc import Iterator, Mapping

from python_buildpack.app.syntax import dotted, text_of

_BASE = "BaseSettings"
PACKAGES = ("pydantic", "pydantic_settings")
_OTHER_SOURCES = ("settings_customise_sources", "__init__", "__new__")
_HARMLESS = frozenset({"env_file", "env_file_encoding", "extra", "case_sensitive", "env_ignore_empty", "env_prefix"})
"""Settings of such a class that leave the names of variables alone, besides the prefix that is added."""


def settings_classes(tree: ast.Module, imported: Mapping[str, str]) -> Mapping[str, dict[str, int]]:
    """Return the classes at the top of a module with the variables that each needs, and their lines.

    ``imported`` are the names that the module imports, with the modules that they are from.
    """
    bases = {name for name, module in imported.items() if module in PACKAGES and name == _BASE}
    found: dict[str, dict[str, int]] = {}
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        names = {dotted(base) for base in node.bases}
        if not names or not names <= {*bases, *found} or node.keywords or node.decorator_list:
            continue
        inherited = {name: line for base in names for name, line in found.get(base, {}).items()}
        own = _needed(node)
        if own is not None:
            found[node.name] = {**inherited, **own}
    return found


def _needed(node: ast.ClassDef) -> dict[str, int] | None:
    """Return the variables of the fields that a class adds; None if they cannot be known."""
    configured: dict[str, ast.expr] = {}
    fields: dict[str, int] = {}
    for part in node.body:
        match part:
            case ast.AnnAssign(target=ast.Name(id=name), value=value, annotation=annotation, lineno=line):
                is_needed = _is_required(value) and not _is_optional(annotation) and not name.startswith("_")
                fields |= {name: line} if is_needed else {}
            case ast.Assign(targets=[ast.Name(id="model_config")], value=ast.Call(keywords=words)):
                configured |= {word.arg or "**": word.value for word in words}
            case ast.ClassDef(name="Config", body=body):
                configured |= dict(_assigned(body))
            case ast.FunctionDef(decorator_list=decorators, name=name):
                if name in _OTHER_SOURCES or any(map(_runs_before, decorators)):
                    return None
            case _:
                pass
    if not configured.keys() <= _HARMLESS:
        return None
    prefix = text_of(configured["env_prefix"]) if "env_prefix" in configured else ""
    return None if prefix is None else {f"{prefix}{name}".upper(): line for name, line in fields.items()}


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case _:
                pass


def _is_required(value: ast.expr | None) -> bool:
    """Return whether a field has no default: nothing, or ``Field(...)``."""
    match value:
        case None:
            return True
        case ast.Call(func=function, args=[ast.Constant(value=only)], keywords=[]):
            return only is ... and dotted(function).rpartition(".")[2] == "Field"
        case _:
            return False


def _is_optional(annotation: ast.expr) -> bool:
    """Return whether an annotation may have a default by itself, or is no field."""
    words = {dotted(node).rpartition(".")[2] for node in ast.walk(annotation) if isinstance(node, ast.expr)}
    has_none = any(isinstance(node, ast.Constant) and node.value is None for node in ast.walk(annotation))
    return has_none or not words.isdisjoint({"Optional", "ClassVar", "Annotated"})


def _runs_before(decorator: ast.expr) -> bool:
    """Return whether a method may give fields a value before they are looked for."""
    call = decorator if isinstance(decorator, ast.Call) else None
    name = dotted(call.func if call else decorator).rpartition(".")[2]
    if name in {"root_validator", "validator"}:
        return True
    mode = next((text_of(word.value) for word in call.keywords if word.arg == "mode"), None) if call else None
    return name in {"model_validator", "field_validator"} and mode != "after"
