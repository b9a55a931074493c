"""Resolves names across the source files of an app."""

from collections.abc import Iterator, Mapping

from cnb.frozen import field, frozen, replace
from python_buildpack.app import syntax
from python_buildpack.app.project import Project
from python_buildpack.decide.processes.module_info import Binding, Function, ModuleInfo, read_module
from python_buildpack.decide.processes.places import Place, places
from python_buildpack.decide.processes.relevance import MAX_CHARACTERS, KnownNames, select
from python_buildpack.package_managers.members import Members

MAX_HOPS = 8
"""How many names are followed from one to the next; this ends circular imports."""

WRAPPED_NAMES = frozenset({"app", "application", "asgi_app", "wsgi_app", "asgi", "wsgi"})
"""Names for which ``app = Middleware(app)`` is a wrapped app; ``db = SQLAlchemy(app)`` is not an app."""


@frozen
class Export:
    """A name that a server can import: an app, or a function without required arguments that makes one."""

    info: ModuleInfo
    name: str
    origin: str
    """The full name of the class or function, not the app's own, that makes the app: ``flask.Flask``."""
    is_factory: bool
    is_async: bool = False


@frozen
class SourceIndex:
    """The information about all parsed sources, those near the root first."""

    sources: tuple[ModuleInfo, ...] = ()
    _modules: Mapping[str, ModuleInfo] = field(default_factory=dict)
    _exports: tuple[Export, ...] = ()
    stopped: str | None = None
    """Where parsing stopped because of the limit, if it did."""
    unparsed: Mapping[str, str] = field(default_factory=dict)
    """Sources that this Python cannot parse → the syntax error."""
    _bindings: Mapping[str, Mapping[str, tuple[Binding, ...]]] = field(default_factory=dict)
    """Modules → their names → what binds each, in the order of the file."""

    def module(self, name: str) -> ModuleInfo | None:
        """Return the app's own file that ``import name`` would import, if there is one."""
        return self._modules.get(name)

    def source(self, path: str) -> ModuleInfo | None:
        """Return the information about the file at this path, relative to the app's directory, if it was parsed."""
        return next((info for info in self.sources if info.path == path), None)

    def exports(self) -> tuple[Export, ...]:
        """Return everything that may be an app or an app factory, with its origin."""
        return self._exports

    def is_imported(self, info: ModuleInfo) -> bool:
        """Say whether another file of the app imports this one."""
        module = info.place.module
        return any(
            other is not info and any(name == module or name.startswith(f"{module}.") for name in other.imported)
            for other in self.sources
        )

    def origin(self, name: str, hops: int = MAX_HOPS) -> str:
        """Follow a full name through the app's own modules to the name outside of the app that it is; "" if none.

        ``hops`` is how many names are followed from this one on.
        """
        for left in reversed(range(hops)):
            module, _, attribute = name.rpartition(".")
            info = self._modules.get(module)
            if info is None and (held := self._held(name, left)):
                name = held
                continue
            if info is None:
                return name if name.partition(".")[0] not in self._modules else ""
            following = self._next(info, attribute)
            if following in {"", name}:
                return ""
            name = following
        return ""

    def maker(self, name: str) -> Binding | Function | None:
        """Follow a full name to where the app's own sources bind it to a call, or define it as an app factory.

        None for names outside of the app, classes, and functions with required arguments.
        """
        for _ in range(MAX_HOPS):
            module, _, attribute = name.rpartition(".")
            info = self._modules.get(module)
            if info is None:
                held = self._held(name, MAX_HOPS)
                return Binding(attribute, held, called=True) if held else None
            if attribute in info.functions:
                function = info.functions[attribute]
                return None if function.required else function
            binding = next(iter(self._bound(module, attribute)), None)
            if binding is not None and (binding.called or binding.annotation):
                return binding
            name = binding.origin if binding is not None else info.imports.get(attribute, "")
        return None

    def instance(self, name: str) -> Function | None:
        """Return the method that is run when an instance of the app's own class is called, also of one it inherits."""
        for _ in range(MAX_HOPS):
            module, _, item = self._class(name).rpartition(".")
            info = self._modules.get(module)
            if info is None or item not in info.classes:
                return None
            if item in info.instances:
                return info.instances[item]
            name = next((base for base in info.classes[item] if base), "")
        return None

    def _held(self, name: str, hops: int) -> str:
        """Return the full name of ``module.object.attribute`` or ``module.Class.method``, "" if unknown."""
        holder, _, attribute = name.rpartition(".")
        module, _, item = holder.rpartition(".")
        info = self._modules.get(module)
        if info and attribute.isdecimal():
            # One item of a tuple that a function returns.
            items = info.functions[item].unpacked if item in info.functions else ()
            return items[int(attribute)] if int(attribute) < len(items) else ""
        made = next(iter(self._bound(module, item)), None)
        kind = self._class(made.origin if made and made.called else holder)
        source, _, own = kind.rpartition(".")
        if source in self._modules:
            return self._modules[source].attributes.get(f"{own}.{attribute}", "")
        # Of a class from outside: what its method returns, or its attribute.
        # The object may be made of itself: in a loop, line = line.strip().
        foreign = self.origin(made.origin, hops) if made and made.called else ""
        return f"{foreign}.{attribute}" if foreign else ""

    def _class(self, name: str) -> str:
        """Return the full name of the app's own class that a name refers to, at its definition."""
        for _ in range(MAX_HOPS):
            module, _, item = name.rpartition(".")
            info = self._modules.get(module)
            if info is None or item in info.classes:
                break
            name = info.imports.get(item, "")
        return name

    def _next(self, info: ModuleInfo, attribute: str) -> str:
        """Return the full name that an attribute of a module refers to, one step further."""
        if attribute in info.functions:
            return next((name for name in info.functions[attribute].returns if name), "")
        if attribute in info.classes:
            return next((name for name in info.classes[attribute] if name), "")
        module = info.place.module
        for binding in self._bound(module, attribute):
            if (origin := _source(binding)) not in {"", f"{module}.{attribute}"}:
                return origin
        return info.imports.get(attribute, "")

    def _bound(self, module: str, name: str) -> tuple[Binding, ...]:
        return self._bindings.get(module, {}).get(name, ())


def _by_name(bindings: tuple[Binding, ...]) -> Mapping[str, tuple[Binding, ...]]:
    found: dict[str, list[Binding]] = {}
    for binding in bindings:
        found.setdefault(binding.name, []).append(binding)
    return {name: tuple(several) for name, several in found.items()}


def _source(binding: Binding) -> str:
    return binding.origin or binding.annotation


def build_index(project: Project, known: KnownNames, members: Members) -> SourceIndex:
    """Parse the selected sources, without those of projects that are not in the image.

    Files that this Python cannot parse (Python 2, templates) are only listed.
    """
    paths = project.files | project.directories
    files: dict[str, syntax.Nodes] = {}
    unparsed = dict(project.unread)
    left_out = members.left_out
    of_image = {
        path: text for path, text in project.sources.items() if not left_out or members.own.of(path) not in left_out
    }
    selected, too_much = select(
        of_image, known.words, frozenset(path for own in members.included for path in own.entries)
    )
    for path in selected:
        tree = syntax.parse(project.sources[path])
        if isinstance(tree, syntax.Unparsed):
            unparsed[path] = tree.reason
            continue
        files[path] = syntax.sort_nodes(tree)
    found = places(files, paths, members.own)
    # gunicorn.conf.py and similar files cannot be imported, but are read too.
    sources = [read_module(path, found.get(path) or Place("", ""), nodes) for path, nodes in files.items()]
    modules: dict[str, ModuleInfo] = {}
    for info in sources:
        if info.place.module and info.place.module not in known.single_files:
            other = modules.setdefault(info.place.module, info)
            # Python takes the package of two with the same name in a directory.
            if info.place.is_package and other.place.root == info.place.root:
                modules[info.place.module] = info
    bindings = {name: _by_name(info.bindings) for name, info in modules.items()}
    index = SourceIndex(tuple(sources), modules, _bindings=bindings)
    stopped = f"parsed {MAX_CHARACTERS // 1000} kB of source, up to {too_much}" if too_much else None
    return replace(index, _exports=tuple(_all_exports(index)), stopped=stopped, unparsed=unparsed)


def _all_exports(index: SourceIndex) -> Iterator[Export]:
    for info in index.sources:
        if info.place.module:
            yield from _exports(index, info)


def _exports(index: SourceIndex, info: ModuleInfo) -> Iterator[Export]:
    for binding in info.bindings:
        yield from _bound(index, info, binding)
    names = {binding.name for binding in info.bindings}
    for name in sorted(info.imports.keys() - names):
        yield from _alias(index, info, name, info.imports[name])
    for function in info.functions.values():
        if not function.required and not function.name.startswith("_"):
            for returned in filter(None, function.returns):
                yield Export(info, function.name, index.origin(returned), True, function.is_async)


def _bound(index: SourceIndex, info: ModuleInfo, binding: Binding) -> Iterator[Export]:
    """Yield the possible origins of a name: the call that makes it, its annotation, and what a wrapper wraps."""
    if not binding.called and not binding.annotation:
        yield from _alias(index, info, binding.name, binding.origin)
        return
    wrapped = (*binding.arguments[:1], binding.keywords.get("app", "")) if binding.name in WRAPPED_NAMES else ()
    for name in filter(None, (binding.origin, binding.annotation, *wrapped)):
        yield Export(info, binding.name, index.origin(name), is_factory=False)


def _alias(index: SourceIndex, info: ModuleInfo, name: str, target: str) -> Iterator[Export]:
    """Yield a name for an object that the app defines elsewhere; a name for a class from outside is not an app."""
    maker = index.maker(target)
    if maker is not None:
        is_async = isinstance(maker, Function) and maker.is_async
        yield Export(info, name, index.origin(target), isinstance(maker, Function), is_async)
