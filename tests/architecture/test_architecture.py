"""The shape of the code, held by measurement: directions of imports, no cycles, and sizes."""

import ast
import statistics
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from devkit.rooms import parsed

CHECKOUT = Path(__file__).resolve().parents[2]
SRC = CHECKOUT / "src"
PATHS = {
    path.relative_to(root).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): path
    for root, folder in ((SRC, SRC), (CHECKOUT, CHECKOUT / "devkit"))
    for path in sorted(folder.rglob("*.py"))
}
"""Every module of ours by its dotted name."""
ALLOWED = {
    "cnb": {"cnb"},
    "python_buildpack": {"cnb", "python_buildpack"},
    "devkit": {"cnb", "python_buildpack", "devkit"},
}
"""Which of our packages each one may import."""
LIBRARIES_OF_CNB = {"tomlkit"}


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module of ours, parsed, by its dotted name; not before a test runs, for each worker collects all."""
    return {name: parsed(path) for name, path in PATHS.items()}


@cache
def imports(name: str) -> frozenset[str]:
    """Return the dotted names that a module imports, those inside functions too."""
    return frozenset(_imports(name))


def _imports(name: str) -> Iterator[str]:
    for node in ast.walk(modules()[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            assert node.module is not None
            for alias in node.names:
                # A module taken from its package is that module; the package's own __init__ runs in any case.
                submodule = f"{node.module}.{alias.name}"
                yield submodule if submodule in PATHS else node.module


@pytest.mark.parametrize("name", PATHS)
def test_imports_point_in_one_direction(name: str) -> None:
    """The buildpack imports cnb, the devkit both; never the other way round."""
    package = name.partition(".")[0]
    ours = {target.partition(".")[0] for target in imports(name)} & ALLOWED.keys()
    assert ours <= ALLOWED[package]


@pytest.mark.parametrize("name", [name for name in PATHS if name.startswith("cnb")])
def test_cnb_needs_the_standard_library_and_tomlkit_only(name: str) -> None:
    """The contract library stays small enough to be used by any buildpack."""
    outside = {target.partition(".")[0] for target in imports(name)} - sys.stdlib_module_names - {"cnb"}
    assert outside <= LIBRARIES_OF_CNB


def test_policy_is_pure() -> None:
    """What decides opens no files, no connections and no processes, and does not know the time."""
    effects = {"subprocess", "requests", "socket", "time", "shutil", "tempfile", "os", "random"}
    pure = [name for name in PATHS if name.startswith("python_buildpack.decide")]
    pure += ["python_buildpack.interpreters.resolve"]
    found = {name: imports(name) & effects for name in pure}
    assert {name: names for name, names in found.items() if names} == {}
    clocks = {"now", "today", "utcnow"}
    attributes = {name: {n.attr for n in ast.walk(modules()[name]) if isinstance(n, ast.Attribute)} for name in pure}
    # A date may be handed in (DecisionInputs.today); asking the clock for one is not deciding.
    assert {name: used for name, used in attributes.items() if (used & clocks) - {"today"}} == {}


def test_frozen_dataclasses_are_records() -> None:
    """What is shipped does not have methods compiled at each start that cnb.frozen has once for all."""
    decorators = {
        f"{name}.{node.name}": [ast.unparse(decorator) for decorator in node.decorator_list]
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and not name.startswith("devkit")
    }
    assert [name for name, given in decorators.items() if "dataclass(frozen=True, slots=True)" in given] == []


def test_there_is_no_import_cycle() -> None:
    """No module imports itself, not even by way of others or from within a function."""
    graph = {name: {t for t in imports(name) if t in PATHS and t != name} for name in PATHS}
    while leaves := {name for name, targets in graph.items() if not targets & graph.keys()}:
        graph = {name: targets for name, targets in graph.items() if name not in leaves}
    assert sorted(graph) == []


def functions() -> dict[str, int]:
    """Return the length in lines of every function, docstring included."""
    return {
        f"{name}.{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }


def percentile(values: list[int], percent: int) -> float:
    """Return the value below which ``percent`` of the values lie."""
    return statistics.quantiles(values, n=100)[percent - 1]


def test_functions_stay_short() -> None:
    """Median at most 12 lines, 95 % at most 40, none above 60."""
    lengths = functions()
    assert statistics.median(lengths.values()) <= 12
    assert percentile(list(lengths.values()), 95) <= 40
    assert {name: length for name, length in lengths.items() if length > 60} == {}


def test_files_stay_short() -> None:
    """95 % at most 320 lines, none above 400."""
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in PATHS.items()}
    assert percentile(list(lengths.values()), 95) <= 320
    assert {name: length for name, length in lengths.items() if length > 400} == {}
