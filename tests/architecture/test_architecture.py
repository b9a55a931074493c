"""The shape of the code, held by measurement: directions of imports, no cycles, and sizes."""

import ast
import re
import statistics
import sys
from functools import cache
from pathlib import Path

from devkit.rooms import imports_of, nodes

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


@cache
def imports(name: str) -> frozenset[str]:
    """Return the dotted names that a module imports, those inside functions too."""
    return frozenset(imports_of(name, PATHS[name], PATHS))


def packages(name: str) -> set[str]:
    """Return the names at the top of what a module imports."""
    return {target.partition(".")[0] for target in imports(name)}


def test_imports_point_in_one_direction() -> None:
    """The buildpack imports cnb, the devkit both; never the other way round."""
    wrong = {name: packages(name) & ALLOWED.keys() - ALLOWED[name.partition(".")[0]] for name in PATHS}
    assert {name: found for name, found in wrong.items() if found} == {}


def test_cnb_needs_the_standard_library_only() -> None:
    """The contract library stays small enough to be used by any buildpack."""
    own = [name for name in PATHS if name.startswith("cnb")]
    assert own
    outside = {name: packages(name) - sys.stdlib_module_names - {"cnb"} for name in own}
    assert {name: found for name, found in outside.items() if found} == {}


def test_policy_is_pure() -> None:
    """What decides opens no files, no connections and no processes, and does not know the time."""
    effects = {"subprocess", "requests", "socket", "time", "shutil", "tempfile", "os", "random"}
    pure = [name for name in PATHS if name.startswith("python_buildpack.decide")]
    pure += ["python_buildpack.interpreters.resolve"]
    found = {name: imports(name) & effects for name in pure}
    assert {name: names for name, names in found.items() if names} == {}
    clocks = {"now", "today", "utcnow"}
    attributes = {name: {n.attr for n in nodes(PATHS[name]) if isinstance(n, ast.Attribute)} for name in pure}
    # A date may be handed in (DecisionInputs.today); asking the clock for one is not deciding.
    assert {name: used for name, used in attributes.items() if (used & clocks) - {"today"}} == {}


def test_frozen_dataclasses_are_records() -> None:
    """What is shipped does not have methods compiled at each start that cnb.frozen has once for all."""
    decorators = {
        f"{name}.{node.name}": [ast.unparse(decorator) for decorator in node.decorator_list]
        for name, path in PATHS.items()
        for node in nodes(path)
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
        for name, path in PATHS.items()
        for node in nodes(path)
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


def test_packagings_own_errors_are_not_caught_alone() -> None:
    """Its parsers raise another ValueError for a number of thousands of digits, of which theirs are a kind."""
    alone = re.compile(r"^\s*except\b.*\bInvalid(?:Version|Specifier|Requirement|Marker|WheelFilename|SdistFilename)\b")
    found = [
        f"{path.relative_to(CHECKOUT)}:{number}"
        for path in sorted((CHECKOUT / "src").rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if alone.match(line)
    ]
    assert found == []
