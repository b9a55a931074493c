"""What a poetry.lock says is to be installed, and when only Poetry itself may say it."""

from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.documents import parse_toml
from python_buildpack.app.project import scan
from python_buildpack.package_managers.choices import Choices
from python_buildpack.package_managers.locked_list import LockedList, Unsupported
from python_buildpack.package_managers.poetry_lock import Wanted, content_hash, read_poetry_lock
from python_buildpack.package_managers.poetry_root import OwnTool, installs_itself
from python_buildpack.tools.pinned import POETRY

TOOL = OwnTool.of(POETRY.pins.read_text(encoding="utf-8"))
PROJECT = """\
[project]
name = "shop"
version = "1"
requires-python = ">=3.9"
dependencies = ["red"]
[project.optional-dependencies]
pretty = ["blue"]
[tool.poetry]
package-mode = false
[tool.poetry.group.metrics.dependencies]
grey = "*"
"""
SOURCE = '[[tool.poetry.source]]\nname = "{0}"\nurl = "https://{0}.example/simple"\npriority = "{1}"\n'


def entry(name: str, more: str = "", groups: str = '"main"', version: str = "1.0") -> str:
    """Return a package of a lock."""
    return (
        f'[[package]]\nname = "{name}"\nversion = "{version}"\noptional = false\npython-versions = ">=3.8"\n'
        f'groups = [{groups}]\nfiles = [{{file = "{name}-{version}-py3-none-any.whl", hash = "sha256:{name}"}}]\n{more}'
    )


def read(
    folder: Path, entries: str, project: str = PROJECT, *, groups: str = "", extras: str = "", **env: str
) -> LockedList:
    """Return what a lock for this project says."""
    digest = content_hash(parse_toml(project, "pyproject.toml", ""))
    metadata = f'[metadata]\nlock-version = "2.1"\ncontent-hash = "{digest}"\n'
    lock = f'# by Poetry 2.5.1\n{entries}[extras]\npretty = ["blue"]\n{metadata}'
    app = write_app(folder, {"pyproject.toml": project, "poetry.lock": lock})
    wanted = Wanted("3.12.4", Choices(tuple(groups.split()), tuple(extras.split())))
    return read_poetry_lock(scan(app), env, wanted)


def test_groups_extras_and_markers_choose(tmp_path: Path) -> None:
    """A package is installed if one of the chosen groups needs it, by that group's marker."""
    entries = (
        entry("red")
        + entry("blue", "markers = 'extra == \"pretty\"'\n")
        + entry("white", "markers = '<empty>'\n")
        + entry("grey", groups='"metrics"')
        + entry(
            "green",
            "markers = {main = 'sys_platform == \"win32\"', metrics = 'python_version >= \"3.9\"'}\n",
            '"main", "metrics"',
        )
    )
    found = {
        (groups, extras): [one.name for one in read(tmp_path, entries, groups=groups, extras=extras).distributions]
        for groups, extras in (("", ""), ("", "pretty"), ("metrics", ""))
    }
    assert found == {
        ("", ""): ["red"],
        ("", "pretty"): ["red", "blue"],
        ("metrics", ""): ["red", "grey", "green"],
    }


def test_each_package_comes_from_its_own_source(tmp_path: Path) -> None:
    """A package with a source comes from that, all others from the default; hashes go along; logins are Poetry's."""
    project = PROJECT + SOURCE.format("company", "explicit")
    entries = entry("red") + entry(
        "blue", '[package.source]\ntype = "legacy"\nurl = "https://old"\nreference = "company"\n'
    )
    login = {"POETRY_HTTP_BASIC_COMPANY_USERNAME": "me", "POETRY_HTTP_BASIC_COMPANY_PASSWORD": "secret"}
    locked = read(tmp_path, entries, project, **login)
    red, blue = locked.distributions
    assert red.index is not None
    assert blue.index is not None
    assert (red.index, red.requirement) == (locked.general, "red==1.0 --hash=sha256:red")
    assert (blue.index.url, blue.index.username, blue.index.password) == (
        "https://company.example/simple",
        "me",
        "secret",
    )
    assert locked.bound == (blue,)
    assert locked.may_build


@pytest.mark.parametrize(
    ("sources", "default", "may_build"),
    [
        ([], "pypi", True),
        ([("a", "primary")], "a", True),
        ([("a", "explicit")], "pypi", True),
        ([("a", "supplemental")], "pypi", False),
        ([("a", "supplemental"), ("b", "primary")], "b", False),
    ],
)
def test_the_public_index_is_there_without_a_primary_source(
    tmp_path: Path,
    sources: list[tuple[str, str]],
    default: str,
    may_build: bool,
) -> None:
    """And uv builds nothing where several sources could have what a build requires."""
    locked = read(tmp_path, entry("red"), PROJECT + "".join(SOURCE.format(*one) for one in sources))
    assert locked.distributions[0].index is not None
    assert (locked.distributions[0].index.name, locked.may_build) == (default, may_build)


DIRECTORY = '[package.source]\ntype = "directory"\nurl = "libs/red"\n'
UNSUPPORTED = {
    "no hash": (entry("red").replace('hash = "sha256:red"', 'hash = "md5:red"'), PROJECT, {}, "sha256"),
    "two versions": (entry("red") + entry("red", version="2.0"), PROJECT, {}, "two locked versions"),
    "git": (entry("red", '[package.source]\ntype = "git"\nurl = "https://x"\n'), PROJECT, {}, "kind git"),
    "not there": (entry("red", DIRECTORY), PROJECT, {}, "libs/red"),
    "unknown source": (
        entry("red", '[package.source]\ntype = "legacy"\nreference = "nowhere"\n'),
        *(PROJECT, {}, "nowhere"),
    ),
    "a page": (entry("red"), PROJECT + SOURCE.format("a", "primary").replace("simple", "all.html"), {}, "pages"),
    "variable": (entry("red"), PROJECT, {"POETRY_INSTALLER_NO_BINARY": ":all:"}, "POETRY_INSTALLER_NO_BINARY"),
    "marker": (entry("red", "markers = 'platform_release > \"1\"'\n"), PROJECT, {}, "platform_release"),
    "python": (entry("red").replace(">=3.8", "<3.8"), PROJECT, {}, "Python of red"),
    "own python": (entry("red"), PROJECT + '[tool.poetry.dependencies]\npython = "<3.12"\n', {}, "python in"),
    "groups": (entry("red").replace("groups", "rest"), PROJECT, {}, "groups"),
    "build number": (entry("red").replace("1.0-py3", "1.0-1-py3"), PROJECT, {}, "build number"),
}


@pytest.mark.parametrize("case", UNSUPPORTED)
def test_what_uv_might_do_otherwise_is_left_to_poetry(tmp_path: Path, case: str) -> None:
    """The reason names what it is."""
    entries, project, env, words = UNSUPPORTED[case]
    with pytest.raises(Unsupported, match=words):
        read(tmp_path, entries, project, **env)


def test_a_group_and_an_extra_that_do_not_exist_are_left_to_poetry(tmp_path: Path) -> None:
    """Its own error says which there are."""
    for choice in ({"groups": "metrix"}, {"extras": "petty"}):
        with pytest.raises(Unsupported, match="no group and no extra"):
            read(tmp_path, entry("red"), **choice)


def test_a_setting_in_poetry_toml_is_left_to_poetry(tmp_path: Path) -> None:
    """Except those of environments, which a build has its own of."""
    write_app(tmp_path, {"poetry.toml": "[virtualenvs]\nin-project = true\n"})
    assert len(read(tmp_path, entry("red")).distributions) == 1
    write_app(tmp_path, {"poetry.toml": "[installer]\nno-binary = true\n"})
    with pytest.raises(Unsupported, match=r"poetry\.toml sets installer"):
        read(tmp_path, entry("red"))


@pytest.mark.parametrize("old", ['lock-version = "2.1"', "content-hash = "])
def test_an_older_or_outdated_lock_is_left_to_poetry(tmp_path: Path, old: str) -> None:
    """Poetry resolves the one, and refuses the other."""
    read(tmp_path, entry("red"))
    lock = tmp_path / "poetry.lock"
    lock.write_text(
        lock.read_text(encoding="utf-8").replace(old, old[:-2] + '0"' if old[-1] == '"' else "x = "), encoding="utf-8"
    )
    with pytest.raises(Unsupported):
        read_poetry_lock(scan(tmp_path), {}, Wanted("3.12.4", Choices((), ())))


PACKAGE = """\
[project]
name = "shop"
version = "1"
[project.scripts]
shop = "shop:run"
[build-system]
requires = ["poetry-core>=2.0.0,<3.0.0"]
build-backend = "poetry.core.masonry.api"
"""


def test_the_project_itself_is_installed_in_package_mode(tmp_path: Path) -> None:
    """And not without."""
    app = write_app(tmp_path, {"pyproject.toml": PACKAGE})
    assert installs_itself(scan(app), TOOL)
    write_app(tmp_path, {"pyproject.toml": f"{PACKAGE}[tool.poetry]\npackage-mode = false\n"})
    assert not installs_itself(scan(app), TOOL)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("poetry-core>=2.0.0,<3.0.0", "poetry-core<2"),
        ('"poetry-core>=2.0.0,<3.0.0"', '"poetry-core", "setuptools"'),
        ("poetry.core.masonry.api", "hatchling.build"),
        ('"shop:run"', '"shop"'),
        ('name = "shop"\n', ""),
        ("[build-system]", '[tool.poetry.build]\nscript = "build.py"\n[build-system]'),
        ("[build-system]", '[tool.poetry.requires-plugins]\nx = "*"\n[build-system]'),
        ("[build-system]", '[tool.poetry]\nrequires-poetry = "<2"\n[build-system]'),
        ("[build-system]", '[tool.poetry]\npackages = [{include = "shop", to = "x"}]\n[build-system]'),
        ("[build-system]", '[tool.poetry.scripts]\nx = {reference = "x.sh", type = "file"}\n[build-system]'),
    ],
)
def test_a_project_that_uv_might_install_otherwise_is_left_to_poetry(tmp_path: Path, old: str, new: str) -> None:
    """Poetry installs it by the version of poetry-core that belongs to it, whatever the project says."""
    app = write_app(tmp_path, {"pyproject.toml": PACKAGE.replace(old, new)})
    with pytest.raises(Unsupported):
        installs_itself(scan(app), TOOL)


@pytest.mark.parametrize(
    ("requires", "more"),
    [("poetry-core", "packages = 3\n"), ("poetry-core", "packages = true\n"), (f"poetry-core>={'9' * 5000}", "")],
    ids=["number", "boolean", "digits"],
)
def test_odd_values_of_the_project_are_left_to_poetry(tmp_path: Path, requires: str, more: str) -> None:
    """A value of another type, or a version that Python does not convert, is an error of Poetry and none of ours."""
    project = (
        f'[project]\nname = "shop"\nversion = "1"\n[tool.poetry]\n{more}'
        f'[build-system]\nrequires = ["{requires}"]\nbuild-backend = "poetry.core.masonry.api"\n'
    )
    with pytest.raises(Unsupported):
        installs_itself(scan(write_app(tmp_path, {"pyproject.toml": project})), TOOL)


def test_a_version_of_thousands_of_digits_is_left_to_poetry(tmp_path: Path) -> None:
    """Python does not convert it, and says so by another error than that of packaging."""
    with pytest.raises(Unsupported, match="the version of red"):
        read(tmp_path, entry("red", version="9" * 5000))
