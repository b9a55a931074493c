"""What the tables of each package manager say of indexes, and what uv gets of it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.project import Project, scan
from python_buildpack.package_managers.choices import Choices
from python_buildpack.package_managers.direct_requirements import Conditions, direct_names
from python_buildpack.package_managers.index_for_uv import bound_by, index_variables, with_indexes
from python_buildpack.package_managers.index_of_pdm import read_pdm_rules
from python_buildpack.package_managers.index_of_pipfile import read_pipfile_lock_rules, read_pipfile_rules
from python_buildpack.package_managers.index_of_poetry import read_poetry_rules
from python_buildpack.package_managers.index_of_uv import names_default_index, read_uv_rules
from python_buildpack.package_managers.index_rules import (
    BEST_MATCH,
    FIRST_INDEX,
    FIRST_MATCH,
    IndexRules,
    IndexUnclear,
    PackageIndex,
    without_login,
)
from python_buildpack.package_managers.variables_in_files import VariableUnset, check_variables, fill_in

CONDITIONS = Conditions("3.13.2", Choices((), ()))
NO_SETTINGS: Mapping[str, str] = {"HOME": "/nonexistent"}


def pyproject(folder: Path, text: str) -> Project:
    """Return an app with this pyproject.toml."""
    return scan(write_app(folder, {"pyproject.toml": text}))


def poetry_sources(*sources: tuple[str, str]) -> str:
    """Return tables of sources by name and priority."""
    return "".join(
        f'[[tool.poetry.source]]\nname = "{name}"\nurl = "https://{name}.example/simple"\npriority = "{priority}"\n'
        for name, priority in sources
    )


@pytest.mark.parametrize(
    ("sources", "searched", "strategy"),
    [
        ([("a", "explicit")], ["PyPI"], FIRST_INDEX),
        ([("a", "primary")], ["a"], FIRST_INDEX),
        ([("a", "supplemental")], ["PyPI", "a"], FIRST_MATCH),
        ([("a", "supplemental"), ("b", "primary")], ["b", "a"], FIRST_MATCH),
        ([("a", "primary"), ("b", "primary")], ["a", "b"], BEST_MATCH),
        ([("a", "default"), ("b", "secondary")], ["a", "b"], FIRST_MATCH),
    ],
)
def test_priorities_of_poetry(
    tmp_path: Path, sources: list[tuple[str, str]], searched: list[str], strategy: str
) -> None:
    """PyPI is a primary source only where there is no other; primary sources come before supplemental ones."""
    rules = read_poetry_rules(pyproject(tmp_path, poetry_sources(*sources)), CONDITIONS, {})
    assert rules is not None
    assert [one.name for one in rules.general] == searched
    assert rules.strategy == strategy


def test_pins_of_poetry_hold_under_their_conditions(tmp_path: Path) -> None:
    """A dependency has a source for each Python or platform, and an optional one only with its extra."""
    text = poetry_sources(("a", "explicit"), ("b", "explicit")) + (
        "[tool.poetry.dependencies]\n"
        'one = [{ version = "1", python = "<3.10", source = "a" }, '
        '{ version = "2", python = ">=3.10", source = "b" }]\n'
        'two = { version = "*", markers = "sys_platform == \'win32\'", source = "a" }\n'
        'three = { version = "*", optional = true, source = "a" }\n'
        '[tool.poetry.extras]\nmore = ["three"]\n'
    )
    project = pyproject(tmp_path, text)
    without = read_poetry_rules(project, CONDITIONS, {})
    chosen = read_poetry_rules(project, Conditions("3.13.2", Choices((), ("more",))), {})
    assert without is not None
    assert chosen is not None
    assert without.pins == {"one": "b"}
    assert chosen.pins == {"one": "b", "three": "a"}


def test_direct_requirements_are_those_of_this_build(tmp_path: Path) -> None:
    """Markers, chosen extras and chosen groups with what they include decide."""
    text = (
        '[project]\nname = "x"\ndependencies = ["one", "two ; python_version < \'3\'"]\n'
        '[project.optional-dependencies]\nmore = ["three"]\nother = ["four"]\n'
        '[dependency-groups]\ndev = ["five", { include-group = "base" }]\nbase = ["six"]\nrest = ["seven"]\n'
    )
    found = direct_names(pyproject(tmp_path, text), Conditions("3.13.2", Choices(("dev",), ("more",))))
    assert found == {"one", "three", "five", "six"}


PDM = """
[[tool.pdm.source]]
name = "company"
url = "https://${WHO}:${PASS}@c.example/simple"
include_packages = ["Company_*", "own"]
exclude_packages = ["not-*"]
[[tool.pdm.source]]
name = "wheels"
type = "find_links"
url = "file:///${PROJECT_ROOT}/wheels"
exclude_packages = ["*"]
"""


def test_sources_of_pdm(tmp_path: Path) -> None:
    """PyPI is the first one, names are normalised, variables have values, and who is included goes nowhere else."""
    rules = read_pdm_rules(pyproject(tmp_path, PDM), {"WHO": "me", "PASS": "p%w"})
    assert rules is not None
    assert [one.name for one in rules.indexes] == ["pypi", "company", "wheels"]
    assert (rules.indexes[1].url, rules.indexes[1].username, rules.indexes[1].password) == (
        "https://c.example/simple", "me", "p%w",
    )  # fmt: skip
    assert rules.indexes[2].url == f"file://{tmp_path}/wheels"
    pins = {name: one.name if (one := rules.pinned(name)) else None for name in ("company-x", "own", "not-x", "flask")}
    assert pins == {"company-x": "company", "own": "company", "not-x": "pypi", "flask": None}


def test_some_of_several_sources_are_unclear(tmp_path: Path) -> None:
    """Packages that two of three sources may have: uv would search all, or one."""
    more = '[[tool.pdm.source]]\nname = "third"\nurl = "https://t.example/simple"\n'
    rules = read_pdm_rules(pyproject(tmp_path, PDM + more), {"WHO": "me", "PASS": "x"})
    assert rules is not None
    with pytest.raises(IndexUnclear, match="not-x may come from pypi, third"):
        rules.pinned("not-x")


UV = """
[[tool.uv.index]]
name = "one"
url = "https://one.example/simple"
[[tool.uv.index]]
name = "flat"
url = "./wheels"
format = "flat"
explicit = true
[tool.uv.sources]
a = [{ index = "flat", marker = "sys_platform == 'linux'" }, { index = "named" }]
b = { git = "https://host/b.git" }
"""


def test_indexes_of_uv(tmp_path: Path) -> None:
    """Those of variables count, too; the directory of an app has its path."""
    rules = read_uv_rules(pyproject(tmp_path, UV), {"UV_INDEX": "named=https://n.example/simple https://x.example"})
    assert rules is not None
    assert [(one.name, one.is_explicit, one.is_flat) for one in rules.indexes] == [
        ("one", False, False), ("flat", True, True), ("named", False, False),
    ]  # fmt: skip
    assert rules.indexes[1].url == str(tmp_path / "wheels")


def test_sources_of_uv_name_the_indexes_of_pyproject_beside_a_uv_toml(tmp_path: Path) -> None:
    """uv.toml replaces the settings of [tool.uv]; uv looks for the names in [tool.uv.sources] in pyproject.toml still.

    A default index there does not count any more.
    """
    text = f'{UV}[[tool.uv.index]]\nname = "last"\nurl = "https://last.example/simple"\ndefault = true\n'
    config = '[[index]]\nname = "own"\nurl = "https://own.example/simple"\n'
    project = scan(write_app(tmp_path, {"pyproject.toml": text, "uv.toml": config}))
    rules = read_uv_rules(project, {"UV_INDEX": "named=https://n.example/simple"})
    assert rules is not None
    assert [one.name for one in rules.general] == ["own", "named"]
    assert rules.named("flat", "a").is_flat
    assert not names_default_index(project)


@pytest.mark.parametrize(
    ("url", "own"), [("https://one.example/simple", True), ("https://pypi.org/simple", False)], ids=["own", "public"]
)
def test_a_default_index_is_the_apps_unless_it_is_the_public_one(tmp_path: Path, url: str, own: bool) -> None:
    """In place of the public one, a platform may put a mirror."""
    text = f'[[tool.uv.index]]\nname = "one"\nurl = "{url}"\ndefault = true\n'
    assert names_default_index(pyproject(tmp_path, text)) is own


PIPFILE = """
[[source]]
name = "pypi"
url = "https://pypi.org/simple"
[[source]]
name = "company"
url = "https://${WHO}:$PASS@c.example/simple"
[packages]
one = {version = "*", index = "company"}
two = "*"
[dev-packages]
three = {version = "*", index = "company"}
"""


def test_sources_of_a_pipfile(tmp_path: Path) -> None:
    """What names no index is looked for on the first source only; categories that are not installed do not count."""
    project = scan(write_app(tmp_path, {"Pipfile": PIPFILE}))
    rules = read_pipfile_rules(project, ("packages",), {"WHO": "me", "PASS": "p/w@+"})
    assert rules is not None
    assert rules.pins == {"one": "company"}
    assert [one.name for one in rules.general] == ["pypi"]
    assert rules.indexes[1].password == "p/w@+"  # noqa: S105 - made up


def test_a_pipfile_that_searches_all_sources(tmp_path: Path) -> None:
    """With install_search_all_sources, what names no index may come from each."""
    text = f"{PIPFILE}[pipenv]\ninstall_search_all_sources = true\n"
    rules = read_pipfile_rules(scan(write_app(tmp_path, {"Pipfile": text})), ("packages",), {"WHO": "a", "PASS": "b"})
    assert rules is not None
    assert [one.name for one in rules.general] == ["pypi", "company"]


def test_sources_of_a_pipfile_lock(tmp_path: Path) -> None:
    """The lock itself names them: the Pipfile may not be there."""
    lock = (
        '{"_meta": {"sources": [{"name": "a", "url": "https://a.example/simple"}, {"name": "b", "url": "https://b.example"}]},'
        '"default": {"one": {"index": "b", "version": "==1"}, "two": {"version": "==2"}}}'
    )
    rules = read_pipfile_lock_rules(scan(write_app(tmp_path, {"Pipfile.lock": lock})), ("default",), {})
    assert rules is not None
    assert (rules.pins, len(rules.general), rules.strategy) == ({"one": "b"}, 2, FIRST_MATCH)


def test_variables_keep_the_order_and_hold_the_logins() -> None:
    """The last index that is searched is uv's default; the public one is where the platform says that it is."""
    indexes = (
        PackageIndex("pypi", ""),
        PackageIndex("hidden", "https://h.example", is_explicit=True, username="me", password="secret"),  # noqa: S106 - made up
        PackageIndex("last", "https://l.example"),
    )
    env = {**NO_SETTINGS, "PIP_INDEX_URL": "https://mirror.example/simple", "PIP_EXTRA_INDEX_URL": "https://e.example"}
    found = index_variables(IndexRules("pyproject.toml", indexes), env)
    assert found["UV_INDEX"] == "pypi=https://mirror.example/simple https://e.example"
    assert found["UV_DEFAULT_INDEX"] == "last=https://l.example"
    assert (found["UV_INDEX_HIDDEN_USERNAME"], found["UV_INDEX_HIDDEN_PASSWORD"]) == ("me", "secret")


def test_a_resolution_has_the_index_of_each_package_in_its_line() -> None:
    """Repositories and files of directories name none."""
    output = (
        "one==1.0\n    # from https://a.example/simple\n"
        "two @ git+https://host/two.git\n"
        "three==3\n    # from https://other.example/simple\n"
        "four==4\n    # from file:///app/wheels\n"
    )
    rules = IndexRules("pyproject.toml", (PackageIndex("a", "https://a.example/simple/"),))
    bound, others = bound_by(with_indexes(output), rules, NO_SETTINGS)
    assert [(one.requirement, one.index.url) for one in bound] == [
        ("one==1.0", "https://a.example/simple/"), ("three==3", "https://other.example/simple"),
    ]  # fmt: skip
    assert others == "two @ git+https://host/two.git\nfour==4 # from file:///app/wheels\n"


def test_values_in_the_login_of_an_address_are_encoded() -> None:
    """Elsewhere they are put in as they are."""
    env = {"PASS": "p/w@+", "HOST": "h.example/x"}
    assert fill_in("https://me:$PASS@${HOST}/simple", env, "Pipfile", "") == "https://me:p%2Fw%40%2B@h.example/x/simple"


@pytest.mark.parametrize("url", ["https://me:pa$sw0rd@host/simple", "https://me:a$1@host/$simple/"])
def test_a_dollar_sign_in_a_password_is_no_variable(url: str) -> None:
    """Pipenv and PDM leave it as it is; its encoded form means the same."""
    assert without_login(fill_in(url, {}, "Pipfile", url)) == without_login(url)
    assert "pass" in fill_in("https://me:$word@host", {"word": "pass"}, "Pipfile", "")
    with pytest.raises(VariableUnset, match="Pipfile needs the value of the variable TOKEN_2"):
        fill_in("https://$TOKEN_2@host", {}, "Pipfile", "")


def test_all_variables_without_a_value_are_named() -> None:
    """Each with its file and line; lower case and bare names are no variables in requirements files."""
    lines = [("requirements.txt", 3, "x @ https://${TOKEN}@h/x"), ("base.txt", 1, "--index-url ${MIRROR}/${ok}/$X")]
    with pytest.raises(VariableUnset) as found:
        check_variables(lines, {"TOKEN": ""})
    text = str(found.value)
    assert "requirements.txt, line 3 needs the value of the variable TOKEN" in text
    assert "base.txt, line 1 needs the value of the variable MIRROR" in text
    assert "$X" not in text
