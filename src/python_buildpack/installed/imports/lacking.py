"""Finds the imports of installed packages that fail, because this Python or the environment lacks what they name.

Only what certainly fails is found: a chain of statements, each of which runs whenever its module is imported, from a
module that the app imports to one that imports what is not there. Which these are: certain.py.
"""

import sys
from collections.abc import Iterator

from packaging.version import Version

from cnb.frozen import frozen
from python_buildpack.installed.imports.attributes import is_read, is_restored
from python_buildpack.installed.imports.certain import World, certain_lines
from python_buildpack.installed.imports.modules import ModuleFiles
from python_buildpack.installed.imports.reach import Edge, Reach
from python_buildpack.installed.imports.stdlib_modules import GAINED, LOST
from python_buildpack.installed.imports.stdlib_names import LOST_NAMES

SETUPTOOLS_HAS = ("pkg_resources", "distutils")
"""Modules that setuptools brings: distutils by a hook (``_distutils_hack``)."""
_HOOK = "_distutils_hack"
OLD_IMPORTERS_END = "3.12"
"""The first Python that no longer asks importers in sys.meta_path for ``find_module`` (its What's New, "Removed")."""


@frozen
class Lack:
    """An import that fails."""

    what: str
    """The module, or the module with the name in it."""
    importer: str
    """The full name of the module that imports it."""
    path: str
    """The file of the importer, relative to site-packages."""
    gone: str = ""
    """The first Python without it; empty if it depends on no Python."""
    came: str = ""
    """The first Python with it; empty if it was always there."""

    def is_on(self, minor: str) -> bool:
        """Return whether the import fails on this Python."""
        if self.gone or self.came:
            return is_lacking(minor, self.gone, self.came)
        return True


def is_lacking(minor: str, gone: str, came: str) -> bool:
    """Return whether a Python lacks what went with the version ``gone``, or came with ``came``; both may be empty."""
    this = Version(minor)
    return bool(gone and this >= Version(gone)) or bool(came and this < Version(came))


_DOTS_OF_MODULE = 2
_RE_EXPORTED = {
    f"{package}.{name}": LOST_NAMES[f"{package}.{module}.{name}"]
    for package, module, name in (whole.split(".") for whole in LOST_NAMES if whole.count(".") == _DOTS_OF_MODULE)
}
"""Names that packages give away from their own modules (``asyncio.coroutine`` is from asyncio.coroutines)."""
_LOST = {**_RE_EXPORTED, **LOST_NAMES}
_LOST_OF = {
    module: tuple(sorted(whole for whole in _LOST if whole.rpartition(".")[0] == module))
    for module in {whole.rpartition(".")[0] for whole in _LOST}
}
"""Module → its lost names, in full."""


def world_of(files: ModuleFiles, minor: str) -> World:
    """Return what is there on a minor version of Python and in some directories."""

    def is_lost(module: str, name: str) -> bool:
        if files.find(module) is not None:
            return False
        top = module.partition(".")[0]
        if top in sys.stdlib_module_names or top in LOST:
            lost = [LOST.get(top, ""), LOST.get(module, ""), _LOST.get(f"{module}.{name}", "")]
            return any(is_lacking(minor, gone, "") for gone in lost)
        package = files.find(top)
        # A package may make modules itself, as six does.
        return package is None or (package.is_package and "sys.modules" not in package.text())

    return World(minor, is_lost)


def find_lacks(reach: Reach) -> tuple[Lack, ...]:
    """Return what certainly fails in modules that are reached, each name once, in the world of ``reach``."""
    found: dict[str, Lack] = {}
    if reach.world is None:
        return ()
    for edge in reach.unresolved:
        for lack in _lacks_of(edge, reach, reach.world):
            if lack.what not in found and lack.is_on(reach.world.minor) and _is_certain(edge, reach, reach.world):
                found[lack.what] = lack
    return tuple(lack for lack in found.values() if not _is_restored(lack.what, reach))


def _lacks_of(edge: Edge, reach: Reach, world: World) -> Iterator[Lack]:
    target = edge.target
    top = target.partition(".")[0]
    if top in SETUPTOOLS_HAS and reach.files.find(_HOOK) is not None and top in LOST:
        return
    if top == "pkg_resources":
        yield _lack(top, edge, reach)
        return
    for module in (top, target):
        if module in LOST or module in GAINED:
            yield _lack(module, edge, reach, LOST.get(module, ""), GAINED.get(module, ""))
            return
    for name in edge.statement.names:
        whole = f"{target}.{name}"
        if whole in _LOST or whole in GAINED:
            yield _lack(whole, edge, reach, _LOST.get(whole, ""), GAINED.get(whole, ""))
    if not edge.statement.names:
        yield from _attributes(edge, reach, world)
    yield from _through_old_importer(edge, reach)


def _lack(what: str, edge: Edge, reach: Reach, gone: str = "", came: str = "") -> Lack:
    # Most statements lack nothing, and the path is not looked for before something is found.
    return Lack(what, edge.importer.name, _relative(edge, reach), gone, came)


def _attributes(edge: Edge, reach: Reach, world: World) -> Iterator[Lack]:
    """Yield the names of an imported module that the importer reads while it is imported itself."""
    lost = [whole for whole in _LOST_OF.get(edge.target, ()) if is_lacking(world.minor, _LOST[whole], "")]
    text = edge.importer.text() if lost else ""
    for whole in lost:
        # The search for a text takes a hundredth of the time for a pattern.
        if whole in text and is_read(text, edge.target, whole.rpartition(".")[2], world):
            yield _lack(whole, edge, reach, _LOST[whole])


def _is_restored(what: str, reach: Reach) -> bool:
    """Return whether some module that is reached gives a name back to a module that lost it."""
    return "." in what and any(is_restored(module.text(), what) for module in reach.modules.values())


def _through_old_importer(edge: Edge, reach: Reach) -> Iterator[Lack]:
    """Yield what a module gives by an importer of its own that has only the method of before Python 3.4.

    six before 1.16 does that with ``six.moves``, and many packages contain a copy of it.
    """
    parent = edge.target
    while (found := reach.files.find(parent)) is None and "." in parent:
        parent = parent.rpartition(".")[0]
    if found is None or found.is_package or parent == edge.target:
        return
    text = found.text()
    if "sys.meta_path" in text and "def find_module" in text and "def find_spec" not in text:
        first = edge.target.removeprefix(f"{parent}.").partition(".")[0]
        yield _lack(f"{parent}.{first}", edge, reach, OLD_IMPORTERS_END)


def _relative(edge: Edge, reach: Reach) -> str:
    path = edge.importer.path
    return next((str(path.relative_to(top)) for top in reach.files.folders if path.is_relative_to(top)), str(path))


def _is_certain(edge: Edge, reach: Reach, world: World) -> bool:
    """Return whether each statement from the app's to this one runs, by the syntax trees of their modules."""
    chain: Edge | None = edge
    while chain is not None:
        if chain.statement.line not in certain_lines(chain.importer.text(), world):
            return False
        chain = reach.why.get(chain.importer.name)
    return True
