"""A package that is pinned to an index comes from there and nowhere else: two indexes count what they are asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from manager_context import empty_environment, install_context, lock_pipenv, write_app
from private_network import Account, running_index, write_wheel
from python_buildpack.package_managers.index_rules import IndexUnclear, IndexUnknown
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.package_managers.variables_in_files import VariableUnset
from wheel_index import Wheel, WheelIndex, light, serve_wheels


@dataclass(frozen=True, slots=True)
class Indexes:
    """An index of a company, and the public one, where somebody has published newer packages under the same names."""

    company: WheelIndex
    public: WheelIndex


@pytest.fixture
def indexes(tmp_path: Path) -> Iterator[Indexes]:
    with serve_wheels(tmp_path / "company") as company, serve_wheels(tmp_path / "public") as public:
        company.add(light("inner", "1.0", requires=("deep", "common")), light("deep", "1.0"))
        public.add(light("inner", "9.0"), light("deep", "9.0"), light("common", "2.0"), light("outer", "2.0"))
        yield Indexes(company, public)


UV = """\
[project]
name = "shop"
version = "1"
dependencies = ["outer", "inner"]
[[tool.uv.index]]
name = "company"
url = "{company}"
explicit = true
[tool.uv.sources]
inner = {{ index = "company" }}
"""
UV_DEFAULT = """\
[project]
name = "shop"
version = "1"
dependencies = ["outer", "inner"]
[[tool.uv.index]]
name = "mine"
url = "{company}"
[[tool.uv.index]]
name = "all"
url = "{public}"
default = true
"""
POETRY = """\
[project]
name = "shop"
version = "1"
dependencies = ["outer", "inner"]
[tool.poetry]
package-mode = false
[tool.poetry.dependencies]
inner = {{ source = "company" }}
[[tool.poetry.source]]
name = "company"
url = "{company}"
priority = "explicit"
"""
PDM = """\
[project]
name = "shop"
version = "1"
dependencies = ["outer", "inner"]
[[tool.pdm.source]]
name = "company"
url = "{company}"
include_packages = ["inner"]
exclude_packages = ["*"]
"""
PIPFILE = """\
[[source]]
name = "pypi"
url = "https://pypi.org/simple"
verify_ssl = true
[[source]]
name = "company"
url = "{company}"
verify_ssl = false
[packages]
outer = "*"
inner = {{ version = "*", index = "company" }}
"""
WAYS = {
    "uv": ("pyproject.toml", "pyproject.toml", UV),
    "poetry": ("pyproject.toml", "pyproject.toml", POETRY),
    "pdm": ("pyproject.toml", "pyproject.toml", PDM),
    "pipfile": ("pipenv", "Pipfile", PIPFILE),
}


def installed(tmp_path: Path, manager_name: str, file: str, text: str, public: str, **variables: str) -> set[str]:
    """Resolve and install, with the public index in the place where a platform puts it; return what is there."""
    return installed_app(write_app(tmp_path / "app", {file: text}), tmp_path, manager_name, public, **variables)


def installed_app(app: Path, tmp_path: Path, manager_name: str, public: str, **variables: str) -> set[str]:
    """Do the same for an app that is there."""
    ours = {"PIP_INDEX_URL": public, "PIP_FIND_LINKS": ""}
    context = install_context(app, tmp_path / "work", tmp_path / "layers", None, **ours, **variables)
    manager = manager_named(manager_name, context.settings)
    resolution = manager.resolve(context)
    venv = tmp_path / "work" / "venv"
    empty_environment(venv)
    manager.install(context, resolution, venv)
    found = venv.glob("lib/python*/site-packages/*.dist-info")
    return {path.name.removesuffix(".dist-info") for path in found}


@pytest.mark.parametrize("way", WAYS)
def test_a_pinned_package_comes_from_its_index_only(tmp_path: Path, indexes: Indexes, way: str) -> None:
    """Without a lock, whoever declares the pin: the newer one of the same name on the public index is not asked for.

    What the pinned package requires has no pin, so it comes from the index that serves all others.
    """
    manager, file, text = WAYS[way]
    declaration = text.format(company=indexes.company.url)
    names = installed(tmp_path, manager, file, declaration, indexes.public.url)
    assert names == {"outer-2.0", "inner-1.0", "deep-9.0", "common-2.0"}
    assert "inner" not in indexes.public.looked_up
    assert set(indexes.company.looked_up) == {"inner"}


def test_uv_s_order_of_indexes_holds(tmp_path: Path, indexes: Indexes) -> None:
    """The first index that has a name gives it; a default that the app declares has precedence over pip's setting."""
    text = UV_DEFAULT.format(company=indexes.company.url, public=indexes.public.url)
    names = installed(tmp_path, "pyproject.toml", "pyproject.toml", text, "http://127.0.0.1:9/simple")
    assert names == {"outer-2.0", "inner-1.0", "deep-1.0", "common-2.0"}
    assert {"inner", "deep"}.isdisjoint(indexes.public.looked_up)


def test_patterns_of_pdm_hold_for_dependencies_of_dependencies(tmp_path: Path, indexes: Indexes) -> None:
    """Only inner requires deep; the pattern sends it to the company's index, and the public one is not asked."""
    text = PDM.replace('["inner"]', '["inner", "dee*"]').format(company=indexes.company.url)
    names = installed(tmp_path, "pyproject.toml", "pyproject.toml", text, indexes.public.url)
    assert names == {"outer-2.0", "inner-1.0", "deep-1.0", "common-2.0"}
    assert {"inner", "deep"}.isdisjoint(indexes.public.looked_up)


def test_a_supplemental_source_of_poetry_serves_what_the_others_lack(tmp_path: Path, indexes: Indexes) -> None:
    """What the public index has comes from there, and only the rest from the supplemental source."""
    indexes.company.add(light("outer", "9.0"), light("secret", "3.0"))
    text = POETRY.replace('"explicit"', '"supplemental"').replace('"outer", "inner"', '"outer", "secret"')
    text = text.replace('inner = {{ source = "company" }}\n', "").format(company=indexes.company.url)
    names = installed(tmp_path, "pyproject.toml", "pyproject.toml", text, indexes.public.url)
    assert names == {"outer-2.0", "secret-3.0"}


def test_a_locked_pipfile_takes_each_package_from_its_source(tmp_path: Path, indexes: Indexes) -> None:
    """The public index has another file under the locked name and version, and is not asked for it."""
    indexes.public.add(Wheel("inner", "1.0", {"inner/__init__.py": "stolen = True\n"}))
    text = PIPFILE.replace("https://pypi.org/simple", indexes.public.url).format(company=indexes.company.url)
    app = write_app(tmp_path / "app", {"Pipfile": text})
    lock_pipenv(app, tmp_path / "developer", tmp_path / "layers")
    indexes.public.looked_up.clear()
    assert installed_app(app, tmp_path, "pipenv", "http://127.0.0.1:9/simple") == {
        "outer-2.0", "inner-1.0", "deep-9.0", "common-2.0",
    }  # fmt: skip
    assert "inner" not in indexes.public.looked_up


def test_names_of_several_indexes_are_warned_of(tmp_path: Path, indexes: Indexes) -> None:
    """By name, in whichever way the extra index comes; inner and deep are on both, common and outer on one."""
    app = write_app(tmp_path / "app", {"requirements.txt": "inner<2\ncommon\nouter\n"})
    ours = {"PIP_INDEX_URL": indexes.public.url, "PIP_FIND_LINKS": ""}
    for number, variables in enumerate(
        ({"PIP_EXTRA_INDEX_URL": indexes.company.url}, {"UV_INDEX": indexes.company.url}), start=1
    ):
        context = install_context(app, tmp_path / f"work{number}", tmp_path / "layers", None, **ours, **variables)
        manager_named("requirements.txt", context.settings).resolve(context)
        (warning,) = context.reporter.warnings  # type: ignore[attr-defined]
        assert "deep, inner: the highest version" in warning


def test_an_index_that_is_searched_first_leaves_no_choice(tmp_path: Path, indexes: Indexes) -> None:
    """What it has is not looked for elsewhere, and nothing is to be warned of."""
    app = write_app(tmp_path / "app", {"requirements.txt": "inner\nouter\n"})
    variables = {"PIP_EXTRA_INDEX_URL": indexes.company.url, "UV_INDEX_STRATEGY": "first-index"}
    assert installed_app(app, tmp_path, "requirements.txt", indexes.public.url, **variables) == {
        "outer-2.0", "inner-1.0", "deep-1.0", "common-2.0",
    }  # fmt: skip
    assert {"inner", "deep"}.isdisjoint(indexes.public.looked_up)


DEPLOY = Account("deploy", "canary/pa55")
LOGINS = {
    "uv": ({}, {"UV_INDEX_COMPANY_USERNAME": "deploy", "UV_INDEX_COMPANY_PASSWORD": "canary/pa55"}),
    "poetry": (
        {},
        {"POETRY_HTTP_BASIC_COMPANY_USERNAME": "deploy", "POETRY_HTTP_BASIC_COMPANY_PASSWORD": "canary/pa55"},
    ),
    "pdm": ({"://": "://${WHO}:${PASS}@"}, {"WHO": "deploy", "PASS": "canary/pa55"}),
    "pipfile": ({"://": "://${WHO}:${PASS}@"}, {"WHO": "deploy", "PASS": "canary/pa55"}),
}


@pytest.mark.parametrize("way", WAYS)
def test_logins_by_the_name_of_an_index_work(tmp_path: Path, indexes: Indexes, way: str) -> None:
    """In the variables of each tool: for the page of the package and for its file, and for no other index."""
    (tmp_path / "files").mkdir()
    write_wheel(tmp_path / "files", "inner")
    manager, file, text = WAYS[way]
    changes, variables = LOGINS[way]
    with running_index(tmp_path / "files", DEPLOY) as company:
        url = company.url
        for old, new in changes.items():
            url = url.replace(old, new)
        names = installed(tmp_path, manager, file, text.format(company=url), indexes.public.url, **variables)
        assert names == {"outer-2.0", "inner-1.0"}
        assert ("deploy", "inner-1.0-py3-none-any.whl") in company.visitors
    assert "inner" not in indexes.public.looked_up


@pytest.mark.parametrize("way", ["uv", "poetry", "pipfile"])
def test_an_undeclared_index_is_named(tmp_path: Path, indexes: Indexes, way: str) -> None:
    """With the package that is pinned to it, and the names that there are."""
    manager, file, text = WAYS[way]
    wrong = text.replace('index = "company"', 'index = "compny"').replace('source = "company"', 'source = "compny"')
    with pytest.raises(IndexUnknown, match=r"pins inner to the index compny.*company"):
        installed(tmp_path, manager, file, wrong.format(company=indexes.company.url), indexes.public.url)


@pytest.mark.parametrize("way", ["pdm", "pipfile"])
def test_a_variable_of_an_address_that_is_not_set_is_named(tmp_path: Path, indexes: Indexes, way: str) -> None:
    """With its file and line, in place of what a server says of a wrong login."""
    manager, file, text = WAYS[way]
    url = indexes.company.url.replace("://", "://${COMPANY_TOKEN}@")
    declaration = text.format(company=url)
    line = declaration[: declaration.index("${")].count("\n") + 1
    with pytest.raises(VariableUnset, match=rf"{file}, line {line} needs the value of the variable COMPANY_TOKEN"):
        installed(tmp_path, manager, file, declaration, indexes.public.url)


@pytest.mark.parametrize(
    ("manager", "file", "text"),
    [
        ("requirements.txt", "requirements.txt", "# one\n--index-url ${COMPANY_TOKEN}\ninner\n"),
        ("requirements.txt", "requirements.txt", "outer\ninner @ git+http://${COMPANY_TOKEN}@127.0.0.1:9/inner.git\n"),
        ("pipenv", "Pipfile", '[packages]\ninner = {git = "http://${COMPANY_TOKEN}@127.0.0.1:9/inner.git"}\n'),
    ],
    ids=["index", "git", "pipfile"],
)
def test_a_variable_of_a_requirement_that_is_not_set_is_named(
    tmp_path: Path, manager: str, file: str, text: str
) -> None:
    """Before anything is asked for at an address that is none."""
    with pytest.raises(VariableUnset, match=rf"{file}, line 2 needs the value of the variable COMPANY_TOKEN"):
        installed(tmp_path, manager, file, text, "http://127.0.0.1:9/simple")


def test_priorities_that_uv_cannot_keep_to_are_refused(tmp_path: Path, indexes: Indexes) -> None:
    """Two primary sources and a supplemental one: the cure is a lock, which Poetry itself installs."""
    more = "".join(
        f'[[tool.poetry.source]]\nname = "{name}"\nurl = "{indexes.company.url}"\npriority = "{priority}"\n'
        for name, priority in (("one", "primary"), ("two", "primary"), ("three", "supplemental"))
    )
    text = POETRY.format(company=indexes.company.url) + more
    with pytest.raises(IndexUnclear, match="2 primary and 1 supplemental"):
        installed(tmp_path, "pyproject.toml", "pyproject.toml", text, indexes.public.url)
