"""What a pdm.lock says is to be installed, and when only PDM itself may say it."""

from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.package_managers.choices import Choices
from python_buildpack.package_managers.locked_list import LockedList, Unsupported
from python_buildpack.package_managers.pdm_packages import pdm_digest, read_pdm_lock

PROJECT = """\
[project]
name = "shop"
version = "1"
requires-python = ">=3.9"
dependencies = ["red"]
[project.optional-dependencies]
pretty = ["blue"]
[dependency-groups]
metrics = ["grey"]
[tool.pdm]
distribution = false
"""
METADATA = """\
[metadata]
groups = ["default", "metrics", "pretty"]
strategy = ["inherit_metadata"]
lock_version = "4.5.0"
content_hash = "sha256:DIGEST"
[[metadata.targets]]
requires_python = ">=3.9"
"""
SOURCE = '[[tool.pdm.source]]\nname = "pypi"\nurl = "https://company.example/simple"\nverify_ssl = true\n'


def entry(name: str, more: str = "", groups: str = '"default"', version: str = "1.0") -> str:
    """Return a package of a lock."""
    return (
        f'[[package]]\nname = "{name}"\nversion = "{version}"\nrequires_python = ">=3.8"\nsummary = ""\n'
        f'groups = [{groups}]\nfiles = [{{file = "{name}-{version}-py3-none-any.whl", hash = "sha256:{name}"}}]\n{more}'
    )


def read(
    folder: Path, entries: str, project: str = PROJECT, metadata: str = METADATA, *, chosen: str = "", **env: str
) -> LockedList:
    """Return what a lock for this project says."""
    write_app(folder, {"pyproject.toml": project})
    lock = metadata.replace("DIGEST", pdm_digest(scan(folder))) + entries
    app = scan(write_app(folder, {"pdm.lock": lock}))
    return read_pdm_lock(app, env, "3.12.4", Choices(tuple(chosen.split()), ()))


def test_groups_and_markers_choose(tmp_path: Path) -> None:
    """A package is installed if one of the chosen groups has it, once, and its marker holds."""
    entries = (
        entry("red")
        + entry("red", 'extras = ["fast"]\n')
        + entry("blue", groups='"pretty"')
        + entry("grey", "marker = \"sys_platform == 'win32'\"\n", '"metrics"')
        + entry("green", "marker = \"python_version >= '3.9'\"\n", '"default", "metrics"')
    )
    found = {
        chosen: [one.requirement for one in read(tmp_path, entries, chosen=chosen).distributions]
        for chosen in ("", "pretty", "metrics")
    }
    red, blue, green = (f"{name}==1.0 --hash=sha256:{name}" for name in ("red", "blue", "green"))
    assert found == {"": [red, green], "pretty": [red, blue, green], "metrics": [red, green]}


def test_the_project_and_its_own_projects_are_directories(tmp_path: Path) -> None:
    """The project itself is editable, unless [tool.pdm] says that it is no distribution."""
    system = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    project = PROJECT.replace("[tool.pdm]\ndistribution = false\n", system)
    write_app(tmp_path, {"libs/red/pyproject.toml": ""})
    local = entry("red", 'path = "./libs/red"\n').replace(
        'files = [{file = "red-1.0-py3-none-any.whl", hash = "sha256:red"}]', ""
    )
    places = [(one.name, one.place, one.is_editable) for one in read(tmp_path, local, project).distributions]
    assert places == [("red", "libs/red", False), ("shop", ".", True)]


def test_all_packages_come_from_the_one_source(tmp_path: Path) -> None:
    """The public index, or the source that replaces it, with its login."""
    assert read(tmp_path, entry("red")).general.url == "https://pypi.org/simple"
    url = "https://${WHO}:${PASS}@company.example/simple"
    login = SOURCE.replace("https://company.example/simple", url)
    locked = read(tmp_path, entry("red"), PROJECT + login, WHO="me", PASS="secret")  # noqa: S106 - made up
    general = locked.general
    assert (general.url, general.username, general.password) == ("https://company.example/simple", "me", "secret")


def test_several_sources_are_all_searched(tmp_path: Path) -> None:
    """As PDM does, by the hashes; what a build requires could be on each, so nothing is built."""
    locked = read(tmp_path, entry("red"), PROJECT + MORE)
    assert [one.url for one in (locked.general, *locked.beside)] == [
        "https://pypi.org/simple",
        "https://more.example/simple",
    ]
    assert not locked.may_build
    write_app(tmp_path, {"libs/red/pyproject.toml": ""})
    with pytest.raises(Unsupported, match="several sources"):
        read(tmp_path, entry("red", 'path = "./libs/red"\n'), PROJECT + MORE)


MORE = '[[tool.pdm.source]]\nname = "more"\nurl = "https://more.example/simple"\nverify_ssl = true\n'
UNSUPPORTED = {
    "two versions": (entry("red") + entry("red", version="2.0"), PROJECT, METADATA, {}, "two locked versions"),
    "git": (entry("red", 'git = "https://git.example/x"\n'), PROJECT, METADATA, {}, "red has git"),
    "url": (entry("red", 'url = "https://x.example/red.whl"\n'), PROJECT, METADATA, {}, "red has url"),
    "python": (entry("red").replace(">=3.8", "<3.8"), PROJECT, METADATA, {}, "red is for Python"),
    "no groups": (entry("red").replace("groups", "x-groups"), PROJECT, METADATA, {}, "groups of red"),
    "marker": (entry("red", "marker = \"platform_release > '1'\"\n"), PROJECT, METADATA, {}, "platform_release"),
    "variable": (entry("red"), PROJECT, METADATA, {"PDM_PYPI_URL": "https://x"}, "PDM_PYPI_URL"),
    "page of links": (entry("red"), PROJECT + MORE + 'type = "find_links"\n', METADATA, {}, "no index"),
    "some packages": (
        entry("red"),
        *(PROJECT + SOURCE + 'include_packages = ["red"]\n', METADATA, {}, "some packages only"),
    ),
    "no certificates": (entry("red"), PROJECT + SOURCE.replace("true", "false"), METADATA, {}, "certificates"),
    "unset": (entry("red"), PROJECT + SOURCE.replace("https://", "https://${WHO}@"), METADATA, {}, "not set"),
    "hook": (entry("red"), PROJECT + '[tool.pdm.scripts]\npost_install = "x"\n', METADATA, {}, "post_install"),
    "options": (entry("red"), PROJECT + '[tool.pdm.options]\ninstall = ["--no-self"]\n', METADATA, {}, "options"),
    "excludes": (entry("red"), PROJECT + '[tool.pdm.resolution]\nexcludes = ["red"]\n', METADATA, {}, "excludes"),
    "platform": (
        entry("red"),
        *(PROJECT, METADATA + 'platform = "manylinux_2_17_x86_64"\n', {}, "certain platforms"),
    ),
    "other python": (entry("red"), PROJECT, METADATA.replace(">=3.9", ">=3.13"), {}, "certain platforms"),
    "strategy": (entry("red"), PROJECT, METADATA.replace('"inherit_metadata"', ""), {}, "strategies"),
    "urls": (entry("red"), PROJECT, METADATA.replace('metadata"]', 'metadata", "static_urls"]'), {}, "strategies"),
    "version": (entry("red"), PROJECT, METADATA.replace("4.5.0", "5.0"), {}, "version 5.0"),
    "digest": (entry("red"), PROJECT, METADATA.replace("DIGEST", "0"), {}, "does not fit"),
    "no backend": (entry("red"), PROJECT.replace("false", "true"), METADATA, {}, "no build backend"),
}


@pytest.mark.parametrize("case", UNSUPPORTED)
def test_what_uv_might_do_otherwise_is_left_to_pdm(tmp_path: Path, case: str) -> None:
    """The reason names what it is."""
    entries, project, metadata, env, words = UNSUPPORTED[case]
    with pytest.raises(Unsupported, match=words):
        read(tmp_path, entries, project, metadata, **env)


def test_a_group_that_is_not_locked_is_left_to_pdm(tmp_path: Path) -> None:
    """PDM refuses it."""
    with pytest.raises(Unsupported, match="no group docs"):
        read(tmp_path, entry("red"), chosen="docs")


@pytest.mark.parametrize(
    "table",
    ["[tool.pdm.dev-dependencies]\ntest = 3\n", '[tool.pdm.dev-dependencies]\ntest = "red"\n'],
)
def test_a_group_that_is_no_list_is_left_to_pdm(tmp_path: Path, table: str) -> None:
    """PDM has an error for it; it is none of ours."""
    app = scan(write_app(tmp_path, {"pyproject.toml": PROJECT + table}))
    with pytest.raises(Unsupported, match="the group test"):
        pdm_digest(app)


@pytest.mark.parametrize("key", ["version", "requires_python"])
def test_numbers_of_thousands_of_digits_are_left_to_pdm(tmp_path: Path, key: str) -> None:
    """Python does not convert them, and says so by another error than that of packaging."""
    value = {"version": "1.0", "requires_python": ">=3.8"}[key]
    long = {"version": "9" * 5000, "requires_python": f">={'9' * 5000}"}[key]
    with pytest.raises(Unsupported, match="red"):
        read(tmp_path, entry("red").replace(f'{key} = "{value}"', f'{key} = "{long}"'))
