"""Variables that would bend a build: each row of the table does what it says."""

import inspect
import re
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType

import pytest

from python_buildpack.package_managers import pdm, pip_installer, pipenv, poetry
from python_buildpack.platform.variables import (
    VARIABLES,
    EnvironmentUnsafe,
    Variable,
    check_environment,
    notice_left_out,
    usable_environment,
)
from python_buildpack.tools.uv import Uv


def names(treatment: str) -> list[str]:
    """Return a name for each row of a treatment, no matter whether the row is a pattern."""
    return [row.name.replace("*", "SOMETHING") for row in VARIABLES if row.treatment == treatment]


@pytest.mark.parametrize("row", VARIABLES, ids=lambda row: str(row.name))
def test_each_row_does_what_it_says(row: Variable) -> None:
    """Refused ends the build with the reason, left out is named, replaced is silent, kept is passed on."""
    name = row.name.replace("*", "SOMETHING")
    env = {name: "x", "PATH": "/bin"}
    texts = [notice.text for notice in notice_left_out(env)]
    if row.treatment == "refused":
        with pytest.raises(EnvironmentUnsafe, match=row.because):
            check_environment(env)
        return
    check_environment(env)
    assert usable_environment(env) == (env if row.treatment == "kept" else {"PATH": "/bin"})
    assert texts == ([f"{name}: {row.because}."] if row.treatment == "left out" else [])


def test_all_unsafe_variables_are_refused_at_once() -> None:
    """The user removes them in one go."""
    refused = names("refused")
    with pytest.raises(EnvironmentUnsafe) as caught:
        check_environment(dict.fromkeys(refused, "x"))
    assert all(name in caught.value.what for name in refused)


def test_all_that_are_left_out_share_one_notice() -> None:
    """One warning, with a line for each."""
    left_out = names("left out")
    (notice,) = notice_left_out(dict.fromkeys(left_out, "x"))
    assert [line.partition(":")[0] for line in notice.text.splitlines()] == sorted(left_out)


def test_an_ordinary_environment_passes() -> None:
    """Empty values do no harm, and what is in no row is passed on."""
    env = {"PATH": "/bin", "PYTHONHOME": "", "PIP_INDEX_URL": "https://host/simple", "PYTHONPATH": "lib"}
    check_environment(env)
    assert usable_environment(env) == env


def test_no_row_is_hidden_by_one_before_it() -> None:
    """The first row that fits counts, so that a pattern comes after what it covers."""
    for row in VARIABLES:
        name = row.name.replace("*", "SOMETHING")
        assert next(other for other in VARIABLES if fnmatchcase(name, other.name)) == row


def test_what_uv_is_given_is_in_the_table(tmp_path: Path) -> None:
    """A value that the buildpack sets for uv is one that nobody else can set."""
    ours = Uv(tmp_path, tmp_path, tmp_path / "python").environment({"PIP_CONFIG_FILE": "/dev/null"})
    assert {name for name in ours if name.startswith("UV_")} <= set(names("replaced"))


@pytest.mark.parametrize("module", [pdm, pip_installer, pipenv, poetry])
def test_what_the_tools_are_given_is_in_the_table(module: ModuleType) -> None:
    """The same for the others, whose environments are written out in their modules."""
    given = set(re.findall(r'"((?:PIP|PDM|POETRY|PIPENV)_[A-Z_]+)": ', inspect.getsource(module)))
    replaced = [row for row in VARIABLES if row.treatment == "replaced"]
    assert given
    assert [name for name in given if not any(fnmatchcase(name, row.name) for row in replaced)] == []
