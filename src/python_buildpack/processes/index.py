"""All source files of an app as facts, and the questions about names that go from file to file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from python_buildpack.processes import syntax
from python_buildpack.processes.facts import Binding, SourceFacts, read_facts
from python_buildpack.processes.places import Place, place
from python_buildpack.project import Project

MAX_HOPS = 8
"""How many names are followed from one to the next; a circle of imports ends here."""

NEVER = frozenset({"test", "tests", "testing", "doc", "docs", "example", "examples", "benchmark", "benchmarks",
                   "migrations", "fixtures", "conftest", "setup", "noxfile", "tasks_test"})  # fmt: skip
"""Folders and modules that hold no app to deploy."""
ASIDE = frozenset({"demo", "demos", "sample", "samples", "script", "scripts", "tools", "notebooks", "playground",
                   "scratch", "tutorial", "tutorials", "bin", "dev", "contrib", "vendor", "old", "archive",
                   "legacy", "backup"})  # fmt: skip
"""Folders that hold one only if there is none elsewhere."""
WRAPPED_NAMES = frozenset({"app", "application", "asgi_app", "wsgi_app", "asgi", "wsgi"})
"""Names for which ``app = Middleware(app)`` is taken as the same app inside a wrapper; ``db = SQLAlchemy(app)`` is none."""


@dataclass(frozen=True, slots=True)
class Export:
    """A name that a server can be pointed at: an app, or a function without required arguments that makes one."""

    facts: SourceFacts
    name: str
    origin: str
    """The full name of the foreign class or function that makes the app: ``flask.Flask``."""
    is_factory: bool
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """The facts of all sources that could be parsed, shallow files first."""

    sources: tuple[SourceFacts, ...] = ()
    unparsed: tuple[str, ...] = ()
    """Files that this Python cannot parse: Python 2, templates, broken ones."""
    _modules: Mapping[str, SourceFacts] = field(default_factory=dict)
    _exports: tuple[Export, ...] = ()

    def module(self, name: str) -> SourceFacts | None:
        """Return the file that ``import name`` would find among the app's own, if there is one."""
        return self._modules.get(name)

    def exports(self) -> tuple[Export, ...]:
        """Return everything that may be an app or a factory of apps, with its origin."""
        return self._exports

    def is_imported(self, facts: SourceFacts) -> bool:
        """Say whether another file of the app imports this one."""
        module = facts.place.module
        return any(
            other is not facts and any(name == module or name.startswith(f"{module}.") for name in other.imported)
            for other in self.sources
        )

    def origin(self, name: str) -> str:
        """Follow a full name through the app's own modules to the foreign name it comes from; "" where the trail ends."""
        for _ in range(MAX_HOPS):
            module, _, attribute = name.rpartition(".")
            facts = self._modules.get(module)
            if facts is None:
                return name if name.partition(".")[0] not in self._modules else ""
            following = self._next(facts, attribute)
            if following in {"", name}:
                return ""
            name = following
        return ""

    def _next(self, facts: SourceFacts, attribute: str) -> str:
        """Return where an attribute of a module leads, one step further."""
        if attribute in facts.functions:
            return next((name for name in facts.functions[attribute].returns if name), "")
        if attribute in facts.classes:
            return next((name for name in facts.classes[attribute] if name), "")
        own = f"{facts.place.module}.{attribute}"
        for binding in facts.bindings:
            if binding.name == attribute and (origin := _source(binding)) not in {"", own}:
                return origin
        return facts.imports.get(attribute, "")


def _source(binding: Binding) -> str:
    return binding.origin or binding.annotation


def build_index(project: Project) -> Index:
    """Parse every source of the project. Files that cannot be parsed are left out and named."""
    paths = project.files | project.directories
    sources: list[SourceFacts] = []
    unparsed: list[str] = []
    for path, text in project.sources.items():
        tree = syntax.parse(text)
        if tree is None:
            unparsed.append(path)
            continue
        # gunicorn.conf.py and the like cannot be imported, but say something all the same.
        where = place(path, tree, paths) or Place("", "")
        sources.append(read_facts(path, where, tree))
    modules: dict[str, SourceFacts] = {}
    for facts in sources:
        if facts.place.module:
            modules.setdefault(facts.place.module, facts)
    index = Index(tuple(sources), tuple(unparsed), modules)
    return Index(index.sources, index.unparsed, modules, tuple(_all_exports(index)))


def _all_exports(index: Index) -> Iterator[Export]:
    for facts in index.sources:
        if facts.place.module and not is_never(facts.path):
            yield from _exports(index, facts)


def _exports(index: Index, facts: SourceFacts) -> Iterator[Export]:
    module = facts.place.module
    found: dict[str, str] = {}
    for binding in facts.bindings:
        origin = index.origin(_source(binding)) if _source(binding) else ""
        wrapped = binding.arguments[0] if binding.arguments and binding.name in WRAPPED_NAMES else ""
        inner = index.origin(wrapped) if wrapped else ""
        # The first binding that is known decides: app = Flask(…) and then app = cors(app) is a Flask app.
        found.setdefault(binding.name, origin)
        if inner and "." in inner:
            found.setdefault(f"{binding.name}\0", inner)
    for name, origin in found.items():
        yield Export(facts, name.rstrip("\0"), origin, is_factory=False)
    for name in sorted(facts.imports.keys() - found.keys()):
        yield Export(facts, name, index.origin(facts.imports[name]), is_factory=False)
    for function in facts.functions.values():
        if not function.required and not function.name.startswith("_"):
            for returned in function.returns:
                yield Export(facts, function.name, index.origin(returned) if returned else "", True, function.is_async)
    del module


def is_never(path: str) -> bool:
    """Say whether a file is a test, an example or documentation, so that an app in it is not the one to deploy."""
    *folders, file = path.lower().removesuffix(".py").split("/")
    return (
        file in NEVER or file.startswith("test_") or file.endswith("_test") or any(part in NEVER for part in folders)
    )


def is_aside(path: str) -> bool:
    """Say whether a file stands in a folder of demonstrations or helpers."""
    return any(part in ASIDE for part in path.lower().split("/")[:-1])
