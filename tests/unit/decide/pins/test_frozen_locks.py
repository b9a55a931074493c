"""The newest Python that a lock's pins run on: the lock itself lists the wheels, so nobody has to be asked."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from packaging.version import Version

from python_buildpack.app.project import scan
from python_buildpack.decide.decide import decide
from python_buildpack.decide.pins.answer import ANSWER, Answer
from python_buildpack.decide.pins.infer import infer_from_pins
from python_buildpack.decide.pins.lock_trial import lock_trial
from python_buildpack.decide.python import DecisionInputs
from python_buildpack.decide.recipe import PythonChoice
from python_buildpack.interpreters.inventory import Inventory, parse_inventory
from python_buildpack.package_managers.interface import Trial
from python_buildpack.settings.values import Settings

CHECKOUT = Path(__file__).resolve().parents[4]


def no_index(sources: tuple[str, ...]) -> Trial:
    """Fail: with a lock, nobody has to be asked."""
    pytest.fail(f"the index was asked: {sources}")


WHEELS = ("numpy-1.24.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "numpy-1.24.0.tar.gz")
FILES = ", ".join(f'{{file = "{name}", hash = "sha256:00"}}' for name in WHEELS)
PROJECT = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["numpy"]\n'
POETRY_PROJECT = (
    '[tool.poetry]\nname = "app"\nversion = "1"\n[tool.poetry.dependencies]\npython = "^3.9"\nnumpy = "1.24.0"\n'
)
POETRY_TAIL = '\n[metadata]\nlock-version = "2.0"\npython-versions = "^3.9"\n'
NUMPY = '[[package]]\nname = "numpy"\nversion = "1.24.0"\n'
OTHER = '[[package]]\nname = "unused"\nversion = "1"\nfiles = [{file = "unused-1-cp39-cp39-linux_x86_64.whl"}]\n'

LOCKED: Mapping[str, Mapping[str, str]] = {
    "poetry": {"pyproject.toml": POETRY_PROJECT, "poetry.lock": f"{NUMPY}files = [{FILES}]\n{OTHER}{POETRY_TAIL}"},
    "poetry of 2021": {
        "pyproject.toml": POETRY_PROJECT,
        "poetry.lock": f"{NUMPY}{POETRY_TAIL}\n[metadata.files]\nnumpy = [{FILES}]\n",
    },
    "pdm": {
        "pyproject.toml": PROJECT,
        "pdm.lock": f'[metadata]\ngroups = ["default"]\n{NUMPY}groups = ["default"]\nfiles = [{FILES}]\n',
    },
    "uv": {
        "pyproject.toml": PROJECT,
        "uv.lock": 'version = 1\nrequires-python = ">=3.9"\n[[package]]\nname = "app"\nversion = "1"\n'
        'source = {virtual = "."}\ndependencies = [{name = "numpy"}]\n'
        f'{NUMPY}source = {{registry = "https://index/simple"}}\nwheels = [{{url = "https://files/{WHEELS[0]}"}}]\n',
    },
    "pylock.toml": {
        "pylock.toml": 'lock-version = "1.0"\nrequires-python = ">=3.9"\n[[packages]]\nname = "numpy"\n'
        f'version = "1.24.0"\nwheels = [{{url = "https://files/{WHEELS[0]}"}}]\n',
    },
}


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    """Return the committed inventory."""
    return parse_inventory((CHECKOUT / "inventory.toml").read_bytes(), "file:///inventory.toml")


def answered(
    folder: Path, files: Mapping[str, str], inventory: Inventory, previous: Mapping[str, object] | None = None
) -> tuple[Answer, PythonChoice]:
    """Return what the pins say, and which Python is chosen with that."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    infer = partial(infer_from_pins, previous=previous or {}, index_trials=no_index)
    recipe = decide(scan(folder), Settings({}), DecisionInputs("amd64", inventory, date(2026, 11, 22), infer=infer))
    return recipe.pins, recipe.python


@pytest.mark.parametrize("name", LOCKED)
def test_a_lock_whose_wheels_end_before_the_default_gets_an_older_python_of_its_range(
    tmp_path: Path, inventory: Inventory, name: str
) -> None:
    """``^3.9`` with a numpy of 2022: its last wheel is for 3.11. What is locked for another group does not count."""
    _, python = answered(tmp_path, LOCKED[name], inventory)
    assert (python.interpreter.minor, python.origin) == ("3.11", "inferred")
    assert "numpy 1.24.0 has no wheel for a newer one; a single version there would override this" in python.because


OLD = "python_version < '3.10'"
BACKPORT = f'{NUMPY}markers = "{OLD}"\n'
ONLY_FOR_OLD: Mapping[str, tuple[str, str, str]] = {
    "poetry": ("poetry.lock", NUMPY, BACKPORT),
    "poetry of 2021": (
        "poetry.lock",
        NUMPY,
        '[[package]]\nname = "tzlib"\nversion = "1"\n[package.dependencies]\n'
        f'numpy = {{version = "*", markers = "{OLD}"}}\n'
        f"{NUMPY}",
    ),
    "pdm": ("pdm.lock", NUMPY, BACKPORT.replace("markers", "marker")),
    "uv": ("uv.lock", '{name = "numpy"}', f'{{name = "numpy", marker = "{OLD.replace("version", "full_version")}"}}'),
    "pylock.toml": ("pylock.toml", 'version = "1.24.0"\n', f'version = "1.24.0"\nmarker = "{OLD}"\n'),
}


@pytest.mark.parametrize("name", ONLY_FOR_OLD)
def test_what_a_lock_has_for_older_pythons_only_does_not_choose_one(
    tmp_path: Path, inventory: Inventory, name: str
) -> None:
    """A backport is locked with a marker: the default does not need it, so it does not matter what it runs on."""
    file, text, conditional = ONLY_FOR_OLD[name]
    files = {**LOCKED[name], file: LOCKED[name][file].replace(text, conditional)}
    if name == "poetry of 2021":
        files["pyproject.toml"] = POETRY_PROJECT.replace("numpy =", "tzlib =")
    answer, python = answered(tmp_path, files, inventory)
    assert (answer.inferred, python.interpreter.minor) == (None, inventory.default)


def test_a_single_version_is_never_second_guessed(tmp_path: Path, inventory: Inventory) -> None:
    """Whoever writes 3.13 gets 3.13, and the installer says what it has no wheel of."""
    answer, python = answered(tmp_path, {**LOCKED["uv"], ".python-version": "3.13\n"}, inventory)
    assert (python.interpreter.minor, answer) == ("3.13", Answer())


def test_a_range_limits_what_the_pins_may_choose(tmp_path: Path, inventory: Inventory) -> None:
    """Where nothing in the range has a wheel, the pins decide nothing."""
    files = {**LOCKED["uv"], "pyproject.toml": PROJECT.replace(">=3.9", ">=3.12")}
    answer, python = answered(tmp_path, files, inventory)
    assert (answer.inferred, python.interpreter.minor) == (None, inventory.default)


def test_the_pins_are_asked_again_only_when_the_apps_files_change(tmp_path: Path, inventory: Inventory) -> None:
    """A rebuild that changes nothing gets the answer of the build before, whatever the lock would say now."""
    first, _ = answered(tmp_path, LOCKED["uv"], inventory)
    known = cast("Mapping[str, object]", first.remembered[ANSWER])
    remembered = {ANSWER: {**known, "minor": "3.10"}}
    again, python = answered(tmp_path, LOCKED["uv"], inventory, remembered)
    assert (again.remembered, python.interpreter.minor) == (remembered, "3.10")
    changed = {"uv.lock": LOCKED["uv"]["uv.lock"].replace("cp311", "cp312")}
    assert answered(tmp_path, changed, inventory, remembered)[1].interpreter.minor == "3.12"


@pytest.mark.parametrize("known", ["text", {"question": 3}, {}])
def test_a_memory_that_is_damaged_is_no_memory(tmp_path: Path, inventory: Inventory, known: object) -> None:
    """store.toml comes from outside."""
    answer, _ = answered(tmp_path, LOCKED["uv"], inventory, {ANSWER: known})
    assert answer.inferred is not None


@pytest.mark.parametrize(
    ("file", "minors"),
    [
        ("a-1-py3-none-any.whl", {"3.8", "3.11", "3.14"}),
        ("a-1-py2.py3-none-any.whl", {"3.8", "3.11", "3.14"}),
        ("a-1-cp311-cp311-manylinux_2_17_x86_64.whl", {"3.11"}),
        ("a-1-cp39-abi3-manylinux_2_28_x86_64.whl", {"3.11", "3.14"}),
        ("a-1-cp37-cp37m-manylinux1_x86_64.whl", set()),
        ("a-1-cp311-cp311-manylinux_2_17_aarch64.whl", set()),
        ("a-1-cp311-cp311-musllinux_1_1_x86_64.whl", set()),
        ("a-1-cp311-cp311-win_amd64.whl", set()),
        ("a-1-cp314-cp314t-manylinux_2_28_x86_64.whl", set()),
        ("no wheel.whl", set()),
    ],
)
def test_which_minor_versions_a_wheel_is_for(file: str, minors: set[str]) -> None:
    """By its tags, on Linux with glibc."""
    trial = lock_trial({"a": (file,)}, "amd64")
    assert {minor for minor in ("3.8", "3.11", "3.14") if trial({"a": Version("1")}, minor) is None} == minors
