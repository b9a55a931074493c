"""The names of a module and of the functions in it, resolved to full dotted names through the imports. Pure."""

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from python_buildpack.app import syntax
from python_buildpack.decide.processes.places import Place

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


class Scope:
    """Resolves names in the scope of the module, or of a function in it."""

    def __init__(self, module: str, imports: Mapping[str, str], local: frozenset[str], star: str = "") -> None:
        self.module, self.imports, self.local = module, imports, local
        self.star = star
        """The only module, not the app's own, of which all names are imported."""

    def name(self, node: ast.expr | None) -> str:
        """Return the full dotted name of an expression, "" if it has none."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _DOTTED.fullmatch(node.value):
            return self.resolve(node.value)  # a quoted annotation
        return self.resolve(syntax.dotted(node))

    def resolve(self, name: str) -> str:
        """Return the full name of a name that may be an import, a local one, or one of the only ``import *``."""
        first, dot, rest = name.partition(".")
        if first in self.imports:
            return f"{self.imports[first]}{dot}{rest}"
        if first in self.local or not self.star or hasattr(builtins, first) or not first.isidentifier():
            return f"{self.module}.{name}" if first in self.local and self.module else name
        return f"{self.star}.{name}"

    def value(self, node: ast.expr | None) -> tuple[str, bool]:
        """Return the resolved name in an expression, and whether it is called."""
        while isinstance(node, ast.Await):
            node = node.value
        if isinstance(node, ast.BoolOp):
            node = node.values[-1]
        if isinstance(node, ast.IfExp):
            node = node.body
        if isinstance(node, ast.Call):
            return self.name(made_first(node).func), True
        if isinstance(node, ast.Subscript):
            return self._item(node), False
        return self.name(node), False

    def _item(self, node: ast.Subscript) -> str:
        """Return the name of ``app.extensions["celery"]``, by which apps use Celery with Flask."""
        holder, key = syntax.dotted(node.value), syntax.text_of(node.slice)
        return self.resolve(f"{holder}.{key}") if key and holder.endswith(".extensions") else ""

    def inside(self, imports: Mapping[str, str]) -> "Scope":
        """Return the scope in a function with imports of its own."""
        return Scope(self.module, {**self.imports, **imports}, self.local, self.star)

    def without(self, hidden: frozenset[str]) -> "Scope":
        """Return the scope in a function whose parameters have these names."""
        imports = {name: origin for name, origin in self.imports.items() if name not in hidden}
        return Scope(self.module, imports, self.local - hidden, self.star)


def narrower_scopes(top: Iterable[ast.stmt], module: Scope, anywhere: Scope) -> dict[ast.Call, Scope]:
    """Return the scopes of the calls where names of the module are parameters: ``def run(app): make_server(…, app)``.

    ``anywhere`` is the scope of all other calls.
    """
    known = module.local | module.imports.keys()
    found: dict[ast.Call, Scope] = {}
    for node in top:
        for function in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(function, FUNCTIONS):
                arguments = function.args
                named = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
                if hidden := known & {argument.arg for argument in named}:
                    scope = anywhere.without(frozenset(hidden))
                    found.update({call: scope for call in ast.walk(function) if isinstance(call, ast.Call)})
    return found


def imports_of(nodes: Sequence[ast.stmt], place: Place) -> dict[str, str]:
    """Return the full dotted names that statements import, by the names under which they do."""
    found: dict[str, str] = {}
    for node in nodes:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    first = alias.name.partition(".")[0]
                    found[alias.asname or first] = alias.name if alias.asname else first
            case ast.ImportFrom(names=names):
                module = place.absolute(node.module or "", node.level)
                found.update({alias.asname or alias.name: f"{module}.{alias.name}" for alias in names})
            case _:
                pass
    found.pop("*", None)
    return found


def star_import(nodes: Sequence[ast.stmt]) -> str:
    """Return the module of the only ``from module import *``; of several nobody knows which one has a name."""
    stars = [
        node for node in nodes if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    ]
    return (stars[0].module or "") if len(stars) == 1 and not stars[0].level else ""


def local_names(top: list[ast.stmt]) -> Iterator[str]:
    """Yield the names that statements bind: of functions, classes and values."""
    for node in top:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            yield node.name
        for target, _ in syntax.assignments(node):
            yield target


def made_first(node: ast.Call) -> ast.Call:
    """Return ``Broker(…)`` of ``Broker(…).with_this(…).with_that(…)``: methods of such names return that object."""
    while isinstance(node.func, ast.Attribute) and node.func.attr.startswith("with_"):
        if not isinstance(node.func.value, ast.Call):
            break
        node = node.func.value
    return node
