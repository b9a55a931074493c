"""Finds the imports of installed packages that fail, because this Python or the environment lacks what they name.

Only what certainly fails is found: a chain of statements, each of which runs whenever its module is imported, from a
module that the app imports to one that imports what is not there.
"""

from collections.abc import Iterator

from packaging.version import Version

from cnb.frozen import frozen
from python_buildpack.installed.imports.reach import Edge, Reach
from python_buildpack.installed.imports.reading import is_certain
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


def find_lacks(reach: Reach, minor: str) -> tuple[Lack, ...]:
    """Return what certainly fails in modules that are reached, each name once, on a minor version of Python."""
    found: dict[str, Lack] = {}
    for edge in reach.unresolved:
        for lack in _lacks_of(edge, reach):
            if lack.what not in found and lack.is_on(minor) and _is_certain(edge, reach):
                found[lack.what] = lack
    return tuple(found.values())


def _lacks_of(edge: Edge, reach: Reach) -> Iterator[Lack]:
    importer, target = edge.importer.name, edge.target
    path = _relative(edge, reach)
    top = target.partition(".")[0]
    if top in SETUPTOOLS_HAS and reach.files.find(_HOOK) is not None and top in LOST:
        return
    if top == "pkg_resources":
        yield Lack(top, importer, path)
        return
    for module in (top, target):
        if module in LOST or module in GAINED:
            yield Lack(module, importer, path, LOST.get(module, ""), GAINED.get(module, ""))
            return
    for name in edge.statement.names:
        whole = f"{target}.{name}"
        if whole in LOST_NAMES or whole in GAINED:
            yield Lack(whole, importer, path, LOST_NAMES.get(whole, ""), GAINED.get(whole, ""))
    yield from _through_old_importer(edge, path, reach)


def _through_old_importer(edge: Edge, path: str, reach: Reach) -> Iterator[Lack]:
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
        yield Lack(f"{parent}.{first}", edge.importer.name, path, OLD_IMPORTERS_END)


def _relative(edge: Edge, reach: Reach) -> str:
    path = edge.importer.path
    return next((str(path.relative_to(top)) for top in reach.files.folders if path.is_relative_to(top)), str(path))


def _is_certain(edge: Edge, reach: Reach) -> bool:
    """Return whether each statement from the app's to this one runs, by the syntax trees of their modules."""
    chain: Edge | None = edge
    while chain is not None:
        if not is_certain(chain.importer.text(), chain.statement.line):
            return False
        chain = reach.why.get(chain.importer.name)
    return True
