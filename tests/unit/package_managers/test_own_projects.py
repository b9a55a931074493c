"""The app's own projects: found in every manager's notation, and chosen by BP_PYTHON_PACKAGE."""

from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.package_managers.members import (
    MemberNotChosen,
    Members,
    MemberUnknown,
    check_members,
    choose_members,
)
from python_buildpack.package_managers.own_projects import own_projects
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.settings.values import Settings

BACKEND = '[build-system]\nrequires = ["hatchling"]\n'
CHILD = f'[project]\nname = "Child"\nversion = "1"\n{BACKEND}'
NAMED = {
    "uv": ('[project]\nname = "a"\ndependencies = ["child"]\n[tool.uv.sources]\nchild = {path = "libs/child"}\n', None),
    "a list of uv's sources": (
        '[project]\nname = "a"\ndependencies = ["child"]\n[tool.uv.sources]\n'
        'child = [{path = "libs/child", marker = "sys_platform == \'linux\'"}]\n',
        None,
    ),
    "poetry": ('[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\nchild = {path = "./libs/child"}\n', None),
    "pdm": ('[project]\nname = "a"\ndependencies = ["child @ file:///${PROJECT_ROOT}/libs/child"]\n', None),
    "pdm's editables": (
        '[project]\nname = "a"\n[tool.pdm.dev-dependencies]\ndev = ["-e file:///${PROJECT_ROOT}/libs/child#egg=child"]\n',
        None,
    ),
    "hatch": ('[project]\nname = "a"\ndependencies = ["child @ {root:uri}/libs/child"]\n', None),
    "pipenv": (None, {"Pipfile": '[packages]\nchild = {path = "./libs/child", editable = true}\n'}),
    "requirements": (None, {"requirements.txt": "./libs/child[fast]  # ours\n"}),
    "requirements by name": (None, {"requirements.txt": "child @ file:./libs/child\n"}),
    "included requirements": (None, {"requirements.txt": "-r more/base.txt\n", "more/base.txt": "-e libs/child\n"}),
    "a workspace": ('[tool.uv.workspace]\nmembers = ["libs/**"]\nexclude = ["libs/old"]\n', None),
}


def members_of(folder: Path, settings: dict[str, str] | None = None) -> Members:
    return choose_members(own_projects(scan(folder)), Settings(settings or {}))


@pytest.mark.parametrize(("pyproject", "files"), NAMED.values(), ids=NAMED.keys())
def test_a_project_that_is_named_by_its_place_is_the_apps_own(
    pyproject: str | None, files: dict[str, str] | None, tmp_path: Path
) -> None:
    """Whatever notation names it: its name, its roots and that a backend builds it are known."""
    own_file = {"pyproject.toml": pyproject} if pyproject else {}
    write_app(tmp_path, {**own_file, **(files or {}), "libs/child/pyproject.toml": CHILD, "libs/child/src/c.py": ""})
    write_app(tmp_path, {"libs/old/pyproject.toml": CHILD.replace("Child", "old")})
    (child,) = (own for own in own_projects(scan(tmp_path)).projects if own.directory)
    assert (child.directory, child.name, child.roots[0], child.is_built) == (
        "libs/child",
        "child",
        "libs/child/src",
        True,
    )


ROOTS = {
    "setuptools": '[tool.setuptools.packages.find]\nwhere = ["code"]\n',
    "setuptools' directory": '[tool.setuptools]\npackage-dir = {"" = "code"}\n',
    "hatch": '[tool.hatch.build.targets.wheel]\npackages = ["code/child"]\n',
    "hatch's prefix": '[tool.hatch.build.targets.wheel]\nsources = {"code" = ""}\n',
    "pdm": '[tool.pdm.build]\npackage-dir = "code"\n',
    "uv": '[tool.uv.build-backend]\nmodule-root = "code"\n',
    "poetry": '[tool.poetry]\npackages = [{include = "child", from = "code"}]\n',
    "maturin": '[tool.maturin]\npython-source = "code"\n',
}


@pytest.mark.parametrize("table", ROOTS.values(), ids=ROOTS.keys())
def test_the_root_that_a_backend_is_told_is_the_projects(table: str, tmp_path: Path) -> None:
    """Each backend has its own word for the directory of the modules."""
    write_app(tmp_path, {"pyproject.toml": f"{CHILD}{table}", "code/child/__init__.py": "", "src/other.py": ""})
    assert own_projects(scan(tmp_path)).projects[0].roots == ("code",)


def test_setup_files_say_where_the_modules_are(tmp_path: Path) -> None:
    """The setup.cfg and setup.py of setuptools have the same two settings."""
    for number, (name, text) in enumerate((
        ("setup.cfg", "[options]\npackage_dir =\n    = code\n"),
        ("setup.cfg", "[options.packages.find]\nwhere = code\n"),
        ("setup.py", "setup(package_dir={'': 'code'})\n"),
        ("setup.py", "setup(packages=find_packages('code'))\n"),
    )):  # fmt: skip
        app = write_app(tmp_path / str(number), {name: text, "code/child/__init__.py": ""})
        assert own_projects(scan(app)).projects[0].roots == ("code",)


def workspace(folder: Path, root: str = "") -> Path:
    """Write a workspace: web needs core, and nothing needs batch."""
    text = '[project]\nname = "{}"\nrequires-python = "{}"\ndependencies = {}\n' + BACKEND
    return write_app(
        folder,
        {
            "pyproject.toml": f'{root}[tool.uv.workspace]\nmembers = ["web", "core", "batch", "lost"]\n',
            "web/pyproject.toml": text.format("web", ">=3.11", '["core", "flask"]'),
            "core/pyproject.toml": text.format("core", "<3.14", '["idna>=3"]'),
            "batch/pyproject.toml": text.format("batch", "<3.12", '["celery"]'),
        },
    )


def labels(members: Members) -> tuple[list[str], list[str]]:
    return [own.label for own in members.tops], [own.label for own in members.included]


def test_a_virtual_root_has_all_members(tmp_path: Path) -> None:
    """Like uv sync; the ones that nothing needs come first, and what is listed but absent is known."""
    members = members_of(workspace(tmp_path))
    assert labels(members) == (["web", "batch"], ["web", "core", "batch"])
    assert members.own.missing == ("lost",)


def test_the_chosen_member_comes_with_what_it_needs(tmp_path: Path) -> None:
    """By name or by directory; * are all."""
    workspace(tmp_path, '[project]\nname = "shop"\ndependencies = ["core"]\n')
    assert labels(members_of(tmp_path)) == (["shop"], ["shop", "core"])
    assert labels(members_of(tmp_path, {"BP_PYTHON_PACKAGE": "Web"})) == (["web"], ["web", "core"])
    assert labels(members_of(tmp_path, {"BP_PYTHON_PACKAGE": "./web"})) == (["web"], ["web", "core"])
    assert labels(members_of(tmp_path, {"BP_PYTHON_PACKAGE": "*"}))[1] == ["shop", "web", "core", "batch"]
    with pytest.raises(MemberUnknown, match="is wbe, but the app has batch, core, shop, web"):
        members_of(tmp_path, {"BP_PYTHON_PACKAGE": "wbe"})


def test_what_is_declared_is_what_the_chosen_members_need(tmp_path: Path) -> None:
    """Explain takes it for installed; the members themselves are not on an index."""
    project = scan(workspace(tmp_path))
    assert manager_named("pyproject.toml").declared(project) == {"flask", "idna", "celery"}
    chosen = manager_named("pyproject.toml", Settings({"BP_PYTHON_PACKAGE": "web"}))
    assert chosen.find(project) == "pyproject.toml"
    assert chosen.declared(project) == {"flask", "idna"}


def test_a_root_that_needs_nothing_asks_for_a_member(tmp_path: Path) -> None:
    """Its image would be empty: the members and the setting are named, and the setting can name the root, too."""
    workspace(tmp_path, '[project]\nname = "shop"\n')
    with pytest.raises(MemberNotChosen, match="The members of the workspace are web, core, batch") as caught:
        check_members(members_of(tmp_path), Settings({}))
    assert "BP_PYTHON_PACKAGE" in caught.value.cure
    for setting in ({"BP_PYTHON_PACKAGE": "shop"}, {"BP_PYTHON_GROUPS": "prod"}):
        check_members(members_of(tmp_path, setting), Settings(setting))


@pytest.mark.parametrize(
    ("text", "is_built"),
    [
        ('[project]\nname = "a"\n', False),
        ('[project]\nname = "a"\n[build-system]\nrequires = []\n', True),
        ('[project]\nname = "a"\n[tool.uv]\npackage = true\n', True),
        ('[project]\nname = "a"\n[build-system]\nrequires = []\n[tool.uv]\npackage = false\n', False),
        ('[tool.poetry]\nname = "a"\npackage-mode = false\n[build-system]\nrequires = []\n', False),
    ],
)
def test_a_project_is_built_if_it_has_a_backend_or_says_so(tmp_path: Path, text: str, *, is_built: bool) -> None:
    """The backend is then that of setuptools, as uv does it: no other one is named."""
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    (own,) = own_projects(scan(tmp_path)).projects
    assert own.is_built == is_built
