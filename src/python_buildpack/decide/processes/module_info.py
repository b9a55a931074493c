"""Reads from a syntax tree what is needed to find the apps in one source file."""

import ast
from collections.abc import Iterator, Mapping

from cnb.frozen import field, frozen, replace
from python_buildpack.app import syntax
from python_buildpack.decide.processes.places import Place
from python_buildpack.decide.processes.scope import (
    FUNCTIONS,
    Scope,
    imports_of,
    local_names,
    narrower_scopes,
    star_import,
)


@frozen
class Call:
    """A call somewhere in the file, with names resolved through the imports."""

    name: str
    strings: tuple[str, ...]
    """Positional string literals."""
    names: tuple[str, ...]
    """Positional arguments that are names (or calls: then what is called), resolved; "" for anything else."""
    keywords: Mapping[str, str]
    """Keyword arguments: a resolved name, a string literal, or "". ``**`` stands for those of a dictionary."""
    line: int = 0
    literal: frozenset[str] = frozenset()
    """The keywords whose value is a string literal."""


@frozen
class Binding:
    """A name bound at module level: to the result of a call, or to another name."""

    name: str
    origin: str
    """The resolved name that is called or aliased, "" if the value is anything else."""
    called: bool
    arguments: tuple[str, ...] = ()
    """Resolved names among the call's positional arguments."""
    annotation: str = ""
    keywords: Mapping[str, str] = field(default_factory=dict)


@frozen
class Function:
    """A module-level function that may be an app or an app factory."""

    name: str
    parameters: tuple[str, ...]
    required: int
    is_async: bool
    returns: tuple[str, ...]
    """Resolved names of what it returns: of the callables, or of its annotation."""
    unpacked: tuple[str, ...] = ()
    """If it returns a tuple: the resolved name of each of its items."""
    decorators: tuple[str, ...] = ()
    """Resolved names of its decorators."""


@frozen
class ModuleInfo:
    """What is known of one source file."""

    path: str
    place: Place
    imports: Mapping[str, str]
    """Names bound by module-level imports → their full dotted names."""
    imported: frozenset[str]
    """Full names of all modules and objects that are imported anywhere in the file."""
    bindings: tuple[Binding, ...]
    functions: Mapping[str, Function]
    classes: Mapping[str, tuple[str, ...]]
    """Module-level classes → resolved names of their bases."""
    instances: Mapping[str, Function]
    """Those of them whose instances can be called → that method, without its first parameter."""
    attributes: Mapping[str, str]
    """``Class.name`` → the resolved name of what its methods set ``self.name`` to, or of what ``name()`` returns."""
    calls: tuple[Call, ...]
    uses: frozenset[str]
    """Resolved names of all callables that are called or used as decorators."""
    assigned: frozenset[str]
    """Last parts of all names and attributes that are assigned anywhere in the file."""
    constants: Mapping[str, tuple[str, ...]]
    """Module-level names bound to string literals or lists of them; ``+=`` adds."""
    defaults: Mapping[str, str]
    """Environment variables that the file sets with ``os.environ.setdefault`` or by assignment."""
    has_main: bool
    is_relative: bool
    """Whether the file has relative imports: these work in a module of a package only, not in a script."""
    acts: bool
    """Whether the file has calls for their effect at module level, not only definitions."""
    runs: frozenset[str]
    """Resolved names of what is called for its effect whenever the file is imported: not under a condition."""
    reads_port: bool
    """Whether the file contains the string PORT, as in ``os.environ["PORT"]``."""

    @property
    def only_defines(self) -> bool:
        """Whether the file defines functions or classes and calls nothing: run as a program, it ends at once."""
        return not (self.has_main or self.acts) and bool(self.functions or self.classes)

    def is_using(self, *prefixes: str) -> bool:
        """Say whether anything of these modules is called or used as a decorator."""
        return any(use.startswith(f"{prefix}.") or use == prefix for use in self.uses for prefix in prefixes)


def read_module(path: str, place: Place, nodes: syntax.Nodes) -> ModuleInfo:
    """Return what is known of a parsed file."""
    tree = nodes.tree
    top = list(syntax.statements(tree.body))
    scope = Scope(place.module, imports_of(top, place), frozenset(local_names(top)), star_import(top))
    # Calls may be in functions with imports of their own; the module's imports have precedence.
    anywhere = scope.inside({**imports_of([*nodes.imports, *nodes.from_imports], place), **scope.imports})
    narrower = narrower_scopes(top, scope, anywhere)
    made = {node: _call(node, narrower.get(node, anywhere)) for node in nodes.calls}
    calls = tuple(made.values())
    classes = {node.name: node for node in top if isinstance(node, ast.ClassDef)}
    return ModuleInfo(
        path=path,
        place=place,
        imports=scope.imports,
        imported=frozenset(anywhere.imports.values()) | frozenset(_modules(nodes, place)),
        bindings=tuple(_bindings(top, scope, made)),
        functions={node.name: _function(node, scope, place) for node in top if isinstance(node, FUNCTIONS)},
        classes={name: tuple(scope.name(base) for base in node.bases) for name, node in classes.items()},
        instances={
            name: _called(method, scope, place)
            for name, node in classes.items()
            for method in node.body
            if isinstance(method, FUNCTIONS) and method.name == "__call__"
        },
        attributes={
            f"{name}.{attribute}": origin
            for name, node in classes.items()
            for attribute, origin in _attributes(node, scope, place)
        },
        calls=calls,
        uses=frozenset({call.name for call in calls} | {anywhere.value(node)[0] for node in nodes.decorators}) - {""},
        assigned=frozenset(nodes.stores),
        constants=_constants(top),
        defaults=dict(_environment_defaults(nodes, calls)),
        acts=any(map(syntax.is_act, top)),
        runs=frozenset(scope.name(call.func) for call in _unconditional(tree.body)) - {""},
        has_main=any(syntax.is_main_guard(node) for node in tree.body),
        is_relative=any(node.level for node in nodes.from_imports),
        reads_port="PORT" in nodes.strings,
    )


def _unconditional(body: list[ast.stmt]) -> Iterator[ast.Call]:
    """Yield the calls for their effect in the order in which an import makes them, whatever the conditions are."""
    for node in body:
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="run" | "run_until_complete")) as call):
                # asyncio's: what is given is run.
                yield from (call, *(one for one in call.args[:1] if isinstance(one, ast.Call)))
            case ast.Expr(value=ast.Call() as call):
                yield call
            case ast.Try(body=inner) | ast.With(body=inner):
                yield from _unconditional(inner)
            case _:
                pass


def _modules(nodes: syntax.Nodes, place: Place) -> Iterator[str]:
    for node in nodes.from_imports:
        yield place.absolute(node.module or "", node.level)
    for plain in nodes.imports:
        yield from (alias.name for alias in plain.names)


def _bindings(top: list[ast.stmt], scope: Scope, made: Mapping[ast.Call, Call]) -> Iterator[Binding]:
    for node in top:
        annotation = scope.name(node.annotation) if isinstance(node, ast.AnnAssign) else ""
        for name, value in syntax.assignments(node):
            origin, called = scope.value(value)
            inner = made.get(value) if isinstance(value, ast.Call) else None
            yield Binding(
                name, origin, called, inner.names if inner else (), annotation, inner.keywords if inner else {}
            )
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Call() as call):
                names = [syntax.dotted(target) for target in targets]
                made_by = scope.value(call)[0]
                yield from (Binding(name, f"{made_by}.{at}", called=True) for at, name in enumerate(names) if name)
            case _:
                pass


def _call(node: ast.Call, scope: Scope) -> Call:
    texts = {word.arg or "**": syntax.text_of(word.value) for word in node.keywords}
    return Call(
        name=scope.name(node.func) or _method(node.func),
        strings=tuple(text for argument in node.args if (text := syntax.text_of(argument)) is not None),
        names=tuple("" if syntax.text_of(argument) else scope.value(argument)[0] for argument in node.args),
        keywords={word.arg or "**": texts[word.arg or "**"] or scope.value(word.value)[0] for word in node.keywords},
        line=node.lineno,
        literal=frozenset(name for name, text in texts.items() if text),
    )


def _method(node: ast.expr) -> str:
    """Return the name of the method in ``Interface(…).launch()``, which is called on a value without a name."""
    return f"().{node.attr}" if isinstance(node, ast.Attribute) else ""


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope, place: Place) -> Function:
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    required = len(positional) - len(arguments.defaults) + sum(default is None for default in arguments.kw_defaults)
    return Function(
        name=node.name,
        parameters=tuple(argument.arg for argument in positional),
        required=required,
        is_async=isinstance(node, ast.AsyncFunctionDef),
        returns=tuple(dict.fromkeys(_returns(node, scope, place))),
        unpacked=_unpacked(node, scope, place),
        decorators=tuple(name for one in node.decorator_list if (name := scope.value(one)[0])),
    )


def _called(method: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope, place: Place) -> Function:
    function = _function(method, scope, place)
    return replace(function, parameters=function.parameters[1:])


def _returns(node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope, place: Place) -> Iterator[str]:
    body = list(syntax.statements(node.body))
    scope = scope.inside(imports_of(body, place))
    made = _made(body, scope)
    for statement in body:
        if isinstance(statement, ast.Return):
            yield made.get(syntax.dotted(statement.value)) or scope.value(statement.value)[0]
    yield scope.name(node.returns)


def _unpacked(node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope, place: Place) -> tuple[str, ...]:
    body = list(syntax.statements(node.body))
    for statement in body:
        if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Tuple):
            inner = scope.inside(imports_of(body, place))
            made = _made(body, inner)
            return tuple(made.get(syntax.dotted(item)) or inner.value(item)[0] for item in statement.value.elts)
    return ()


def _made(body: list[ast.stmt], scope: Scope) -> dict[str, str]:
    """Return the resolved names of what is called for each local name of a function."""
    made: dict[str, str] = {}
    for statement in body:
        for name, value in syntax.assignments(statement):
            made.setdefault(name, scope.value(value)[0])
        items = statement.items if isinstance(statement, ast.With) else ()
        made.update(
            {name: scope.value(item.context_expr)[0] for item in items if (name := syntax.dotted(item.optional_vars))}
        )
    return made


def _attributes(node: ast.ClassDef, scope: Scope, place: Place) -> Iterator[tuple[str, str]]:
    for method in node.body:
        if not isinstance(method, FUNCTIONS):
            continue
        yield from ((method.name, returned) for returned in _returns(method, scope, place) if returned)
        body = list(syntax.statements(method.body))
        inner = scope.inside(imports_of(body, place))
        for statement in body:
            match statement:
                case (
                    ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value)
                    | ast.AnnAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=name), value=value)
                ):
                    yield name, inner.value(value)[0]
                case _:
                    pass


def _constants(top: list[ast.stmt]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for node in top:
        for name, value in syntax.assignments(node):
            found[name] = syntax.texts_of(value)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = found.get(node.target.id, ()) + syntax.texts_of(node.value)
    return {name: texts for name, texts in found.items() if texts}


def _environment_defaults(nodes: syntax.Nodes, calls: tuple[Call, ...]) -> Iterator[tuple[str, str]]:
    for node in nodes.assignments:
        match node:
            case ast.Assign(targets=[ast.Subscript(value=environ, slice=key)], value=value):
                name, text = syntax.text_of(key), syntax.text_of(value)
                if syntax.dotted(environ).endswith("environ") and name and text:
                    yield name, text
            case _:
                pass
    for call in calls:
        if call.name == "os.environ.setdefault" and len(call.strings) == 2:  # noqa: PLR2004 - a name and a value
            yield call.strings[0], call.strings[1]
