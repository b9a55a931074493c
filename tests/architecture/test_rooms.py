"""The rooms of the buildpack: which may import which, and that no two packages need each other."""

import ast
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from devkit.paths import CHECKOUT
from devkit.rooms import ROOMS, Import, imports_between_rooms, imports_of, meaning_of, modules, nodes, room_of

MOST_PUBLIC, MOST_METHODS = 12, 20
MODULES = modules()
PACKAGES = frozenset(name for name, path in MODULES.items() if path.name == "__init__.py")


def test_every_module_is_in_a_room() -> None:
    """A new top-level module has to be placed, in devkit/rooms.py."""
    assert {room_of(module) for module in MODULES} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_those_below_it_only(room: str) -> None:
    """By any of its modules, also from within a function; so there is no cycle between rooms."""
    order = list(ROOMS)
    upwards: dict[str, list[Import]] = {
        there: found
        for (here, there), found in imports_between_rooms().items()
        if here == room and order.index(there) < order.index(room)
    }
    assert upwards == {}


def test_no_packages_need_each_other() -> None:
    """Nor does a package need one of its own, which needs it, by way of their modules."""
    graph: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        here = package_of(module)
        for imported in imports_of(module, path, MODULES):
            if imported in MODULES and (there := package_of(imported)) != here and imported not in PACKAGES:
                graph.setdefault(here, set()).add(there)
    assert cycle_in(graph) == []


def test_no_parts_of_the_devkit_need_each_other() -> None:
    """Its parts are its packages and the modules beside them."""
    root = CHECKOUT / "devkit"
    found = {f"devkit.{name}": path for name, path in modules(root).items()}
    graph: dict[str, set[str]] = {}
    for module, path in found.items():
        for imported in imports_of(module, path, found):
            if imported in found and part_of(imported) != part_of(module):
                graph.setdefault(part_of(module), set()).add(part_of(imported))
    assert len(graph) > 10
    assert cycle_in(graph) == []


def part_of(module: str) -> str:
    """Return the package or module at the top of the devkit that a module of it is in."""
    return ".".join(module.split(".")[:2])


def package_of(module: str) -> str:
    """Return the package that a module is in; a package is in itself."""
    return module if module in PACKAGES else module.rpartition(".")[0]


def cycle_in(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the packages of a cycle, if there is one."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for(room: str) -> None:
    """In the first line of its code: the map in docs/architecture.md consists of these."""
    assert meaning_of(room).endswith(".")


def test_classes_stay_small() -> None:
    """At most 12 public methods, and 20 in all."""
    sizes = {
        f"{module}.{node.name}": [one.name for one in node.body if isinstance(one, ast.FunctionDef)]
        for module, path in MODULES.items()
        for node in nodes(path)
        if isinstance(node, ast.ClassDef)
    }
    public = {name: [one for one in methods if not one.startswith("_")] for name, methods in sizes.items()}
    assert {name: len(methods) for name, methods in sizes.items() if len(methods) > MOST_METHODS} == {}
    assert {name: len(methods) for name, methods in public.items() if len(methods) > MOST_PUBLIC} == {}
