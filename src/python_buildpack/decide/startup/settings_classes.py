"""The variables that a settings class of pydantic needs: its fields without a default, read when an instance is made.

See https://docs.pydantic.dev/latest/concepts/pydantic_settings. A class is left alone where something else may give
values: validators that run before, other sources, names of its own for variables, a base class in another module.
"""

import ast
from collections.abc import Iterator, Mapping

from cnb.frozen import frozen
from python_buildpack.app.syntax import dotted, text_of

_BASE = "BaseSettings"
PACKAGES = ("pydantic", "pydantic_settings")
_OTHER_SOURCES = ("settings_customise_sources", "__init__", "__new__")
_HARMLESS = frozenset({"env_file", "env_file_encoding", "extra", "case_sensitive", "env_ignore_empty", "env_prefix"})
"""Settings of such a class that leave the names of variables alone, besides the prefix that is added."""


@frozen
class _Class:
    """What is known of one class, with what it inherits."""

    fields: Mapping[str, int]
    """The names of the fields without a default, with their lines."""
    configured: Mapping[str, ast.expr]

    @property
    def variables(self) -> dict[str, int] | None:
        """Return the variables, with the lines of their fields; None if their names are not known."""
        prefix = text_of(self.configured.get("env_prefix", _EMPTY))
        match self.configured.get("case_sensitive", _NO):
            case ast.Constant(value=bool(is_exact)) if prefix is not None:
                names = ((f"{prefix}{name}", line) for name, line in self.fields.items())
                return {name if is_exact else name.upper(): line for name, line in names}
            case _:
                return None


_EMPTY, _NO = ast.Constant(""), ast.Constant(value=False)


def settings_classes(tree: ast.Module, imported: Mapping[str, str]) -> Mapping[str, dict[str, int]]:
    """Return the classes at the top of a module with the variables that each needs, and their lines.

    ``imported`` are the names that the module imports, with the modules that they are from.
    """
    bases = {name for name, module in imported.items() if module in PACKAGES and name == _BASE}
    found: dict[str, _Class] = {}
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        names = [dotted(base) for base in node.bases]
        if not names or not {*names} <= {*bases, *found} or node.keywords or node.decorator_list:
            # A class of this name above it is another one.
            found.pop(node.name, None)
            continue
        own = _with_own(node, [found[name] for name in reversed(names) if name in found])
        if own is not None:
            found[node.name] = own
    return {name: one.variables for name, one in found.items() if one.variables is not None}


def _with_own(node: ast.ClassDef, inherited: list[_Class]) -> _Class | None:
    """Return a class with what it inherits, the nearest last; None if its fields or their names cannot be known."""
    methods = (part for part in node.body if isinstance(part, ast.FunctionDef))
    if any(method.name in _OTHER_SOURCES or any(map(_runs_before, method.decorator_list)) for method in methods):
        return None
    configured = {key: value for one in inherited for key, value in one.configured.items()}
    for part in node.body:
        words = _configured(part)
        if words is None:
            return None
        configured |= words
    fields = {name: line for one in inherited for name, line in one.fields.items()}
    for part in node.body:
        fields = _with_field(fields, part)
    return _Class(fields, configured) if configured.keys() <= _HARMLESS else None


def _with_field(fields: dict[str, int], part: ast.stmt) -> dict[str, int]:
    """Return the fields without a default after a statement of the class."""
    match part:
        case ast.AnnAssign(target=ast.Name(id=name), value=value, annotation=annotation, lineno=line):
            is_needed = _is_required(value) and not _is_optional(annotation) and not name.startswith("_")
            others = {other: at for other, at in fields.items() if other != name}
            return {**others, name: line} if is_needed and name != "model_config" else others
        case ast.Assign(targets=targets):
            return {name: line for name, line in fields.items() if name not in map(dotted, targets)}
        case _:
            return fields


def _configured(part: ast.stmt) -> dict[str, ast.expr] | None:
    """Return the settings of the class that a statement of it gives, if any; None if they cannot be read."""
    match part:
        case ast.AnnAssign(target=ast.Name(id="model_config"), value=value):
            return _words(value)
        case ast.Assign(targets=[ast.Name(id="model_config")], value=value):
            return _words(value)
        case ast.ClassDef(name="Config", body=body):
            return dict(_assigned(body))
        case _:
            return {}


def _words(value: ast.expr | None) -> dict[str, ast.expr] | None:
    """Return the items of ``SettingsConfigDict(…)`` or of a dictionary; None if not all can be read."""
    match value:
        case ast.Call(args=[], keywords=words) if all(word.arg for word in words):
            return {str(word.arg): word.value for word in words}
        case ast.Dict(keys=keys, values=values):
            names = [text_of(key) if key is not None else None for key in keys]
            return None if None in names else {str(name): one for name, one in zip(names, values, strict=True)}
        case _:
            return None


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
