"""Which manager an app gets: from file names and the few tables that decide it."""

import json
from pathlib import Path

import pytest
from packaging.version import Version

from cnb.errors import BuildpackError
from manager_context import write_app
from python_buildpack.app.documents import ProjectFileInvalid
from python_buildpack.app.project import scan
from python_buildpack.decide.early import KnownEarly
from python_buildpack.package_managers.pinned import Pinned
from python_buildpack.package_managers.pylock import Pylock, SeveralPylocks
from python_buildpack.package_managers.registry import find_managers, manager_named, managers_for
from python_buildpack.settings.values import Settings

PROJECT = '[project]\nname = "x"\nversion = "1"\n'
SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\n'


FASTAPI = ("fastapi-cli", "uvicorn")


def found(folder: Path, files: dict[str, str], env: dict[str, str] | None = None) -> list[str]:
    """Return the names of the managers that find something, the first one first."""
    project = scan(write_app(folder, files))
    return list(find_managers(project, Settings(env or {})))


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (["Pipfile.lock", "requirements.txt"], "pipenv"),
        (["Pipfile", "requirements.txt"], "pipenv"),
        (["requirements.txt", "poetry.lock"], "requirements.txt"),
        (["poetry.lock", "pdm.lock"], "poetry"),
        (["pdm.lock", "uv.lock"], "pdm"),
        (["uv.lock", "pylock.toml"], "uv"),
        (["pylock.toml", "setup.py"], "pylock.toml"),
        (["pylock.web.toml", "setup.py"], "pylock.toml"),
        (["setup.py"], "setup.py"),
    ],
)
def test_the_order_is_digitaloceans(tmp_path: Path, names: list[str], first: str) -> None:
    """Of two that fit, the one that stands higher in the table goes first."""
    assert found(tmp_path, dict.fromkeys(names, ""))[0] == first


@pytest.mark.parametrize("lock", ["poetry.lock", "pdm.lock", "uv.lock", "pylock.toml"])
def test_pyproject_is_no_rival_of_its_own_lock(tmp_path: Path, lock: str) -> None:
    """No warning about two managers where the lock was made from the file beside it."""
    assert len(found(tmp_path, {"pyproject.toml": PROJECT + SETUPTOOLS, lock: "", "setup.py": ""})) == 1


@pytest.mark.parametrize("line", ["-e .", ".", "--editable .", "-e .[web]", ".[web,jobs]", "-e ./"])
def test_requirements_that_install_the_project_have_no_rival(tmp_path: Path, line: str) -> None:
    """``-e .`` uses setup.py and pyproject.toml, so both count."""
    files = {"requirements.txt": f"{line}  # this app\n", "setup.py": "", "pyproject.toml": PROJECT + SETUPTOOLS}
    assert found(tmp_path, files) == ["requirements.txt"]


@pytest.mark.parametrize("text", ["[tool.ruff]\nline-length = 99\n", "", "[tool.black]\n"])
def test_a_pyproject_of_linters_declares_nothing(tmp_path: Path, text: str) -> None:
    """Many apps have one beside a script."""
    assert found(tmp_path, {"pyproject.toml": text, "setup.cfg": "[flake8]\n", "app.py": ""}) == []


@pytest.mark.parametrize("text", [PROJECT, SETUPTOOLS, '[tool.poetry]\nname = "x"\n'])
def test_a_pyproject_that_declares_a_project_counts(tmp_path: Path, text: str) -> None:
    """With [project], with a build backend, or with Poetry's own table."""
    assert found(tmp_path, {"pyproject.toml": text}) == ["pyproject.toml"]


def test_setup_cfg_alone_counts_when_it_describes_a_distribution(tmp_path: Path) -> None:
    """[metadata] makes it a project."""
    assert found(tmp_path, {"setup.cfg": "[metadata]\nname = x\n"}) == ["setup.py"]


def test_conda_is_found_only_where_nothing_else_can_be_installed(tmp_path: Path) -> None:
    """Beside a requirements.txt it is the developer's own business."""
    assert found(tmp_path / "a", {"environment.yml": ""}) == ["environment.yml"]
    assert found(tmp_path / "b", {"environment.yml": "", "requirements.txt": ""}) == ["requirements.txt"]
    assert found(tmp_path / "d", {"conda.yaml": ""}) == ["environment.yml"]
    linted = {"environment.yaml": "", "pyproject.toml": "[tool.ruff]\n", "setup.cfg": "[flake8]\n"}
    assert found(tmp_path / "c", linted) == ["environment.yml"]


def test_the_lock_of_rye_is_the_only_declaration_of_its_project(tmp_path: Path) -> None:
    """It installs the project itself; a requirements.txt has precedence, and without Rye the file is anything."""
    files = {"pyproject.toml": "[project]\nname = 'x'\n[tool.rye]\n", "requirements.lock": "-e file:.\n"}
    assert found(tmp_path / "a", files) == ["requirements.txt"]
    assert manager_named("requirements.txt").find(scan(tmp_path / "a")) == "requirements.lock"
    assert manager_named("requirements.txt").find(
        scan(write_app(tmp_path / "b", {**files, "requirements.txt": ""}))
    ) == ("requirements.txt")
    assert found(tmp_path / "c", {**files, "pyproject.toml": "[project]\nname = 'x'\n"}) == ["pyproject.toml"]


def test_groups_are_a_declaration_of_their_own_where_one_is_chosen(tmp_path: Path) -> None:
    """Pip and uv install groups of a pyproject.toml that has no project, and so do default groups."""
    groups = "[dependency-groups]\nweb = ['flask']\n"
    assert found(tmp_path, {"pyproject.toml": groups}) == []
    assert found(tmp_path, {"pyproject.toml": groups}, {"BP_PYTHON_GROUPS": "web"}) == ["pyproject.toml"]
    assert found(tmp_path, {"pyproject.toml": groups}, {"BP_PYTHON_GROUPS": "other"}) == []
    assert found(tmp_path, {"pyproject.toml": f"{groups}[tool.uv]\ndefault-groups = 'all'\n"}) == ["pyproject.toml"]


def test_a_file_that_a_lock_was_made_from_is_not_read_where_another_declaration_counts(tmp_path: Path) -> None:
    """A mistake in it does not stop an app that is installed from requirements.txt."""
    files = {"requirements.txt": "", "uv.lock": "", "pyproject.toml": "[project\n"}
    assert found(tmp_path, files) == ["requirements.txt", "uv"]


def test_chosen_requirements_files_are_found_without_requirements_txt(tmp_path: Path) -> None:
    """BP_PIP_REQUIREMENT makes the app one of this manager."""
    files = {"deps/prod.txt": "click\nFlask_Login\n"}
    assert found(tmp_path, files) == []
    assert found(tmp_path, files, {"BP_PIP_REQUIREMENT": "deps/prod.txt"}) == ["requirements.txt"]
    manager = manager_named("requirements.txt", Settings({"BP_PIP_REQUIREMENT": "deps/prod.txt"}))
    assert manager.declared(scan(tmp_path)) == {"click", "flask-login"}


def test_chosen_files_and_a_pipfile_lock_tell_their_pins(tmp_path: Path) -> None:
    """They are asked which Python they run on, as requirements.txt is; neither knows which wheels there are."""
    old = {"version": "==1", "markers": "python_version < '3.9'"}
    lock = {
        "default": {
            "Flask": {"version": "==1.1.2"},
            "old": old,
            "here": {"path": "."},
            "odd": {"version": "*"},
            "worse": 3,
        }
    }
    files = {"deps/prod.txt": "click==7.1.2\nFlask\n", "Pipfile.lock": json.dumps(lock)}
    project = scan(write_app(tmp_path, files))
    pipenv, chosen = (
        manager_named(name, Settings({"BP_PIP_REQUIREMENT": "deps/prod.txt"}))
        for name in ("pipenv", "requirements.txt")
    )
    assert chosen.pinned(project) == Pinned({"click": Version("7.1.2")})
    assert pipenv.pinned(project).at("3.9") == {"flask": Version("1.1.2")}
    assert pipenv.pinned(project).at("3.8") == {"flask": Version("1.1.2"), "old": Version("1")}


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"pyproject.toml": f'{PROJECT}dependencies = ["Flask==1.1.2", "click>=7"]\n'}, "pyproject.toml"),
        ({"Pipfile": '[packages]\nFlask = "==1.1.2"\nclick = ">=7"\n[dev-packages]\nsix = "==1.16"\n'}, "pipenv"),
        ({"setup.py": 'from setuptools import setup\nsetup(install_requires=["Flask==1.1.2", "click"])\n'}, "setup.py"),
        ({"setup.cfg": "[metadata]\nname = x\n[options]\ninstall_requires =\n  Flask==1.1.2\n  click\n"}, "setup.py"),
    ],
)
def test_pins_without_a_lock_are_those_behind_two_equals_signs(
    tmp_path: Path, files: dict[str, str], name: str
) -> None:
    """Whatever the file is, an app of 2020 is asked which Python it runs on."""
    project = scan(write_app(tmp_path, files))
    manager = next(manager for manager in managers_for(Settings({})) if manager.name == name)
    assert manager.pinned(project) == Pinned({"flask": Version("1.1.2")})


def test_of_several_named_pylocks_none_is_guessed(tmp_path: Path) -> None:
    """The error asks to name one pylock.toml."""
    project = scan(write_app(tmp_path, {"pylock.web.toml": "", "pylock.jobs.toml": ""}))
    assert Pylock().find(project) == "pylock.jobs.toml, pylock.web.toml"
    with pytest.raises(SeveralPylocks):
        Pylock().declaration(project)


@pytest.mark.parametrize(
    ("name", "text"),
    [("Pipfile.lock", "{"), ("Pipfile.lock", "[]"), ("poetry.lock", "package = 3\n"), ("pdm.lock", "=")],
)
def test_damaged_locks_are_explained(tmp_path: Path, name: str, text: str) -> None:
    """The error names the file, and the command that writes it again or the position."""
    project = scan(write_app(tmp_path, {name: text, "pyproject.toml": PROJECT}))
    manager = next(manager for manager in managers_for(Settings({})) if manager.find(project) == name)
    with pytest.raises(ProjectFileInvalid, match=name):
        manager.declared(project)


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({"pyproject.toml": '[project]\nname = "x"\ndependencies = ["Flask>=2; python_version > \'3\'"]\n'}, {"flask"}),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.11"\nDjango = "*"\n'}, {"django"}),
        ({"setup.py": 'from setuptools import setup\nsetup(install_requires=["a", *x, "b_c>1"])\n'}, {"a", "b-c"}),
        ({"setup.py": "setup(install_requires=read())\nthis is not python"}, set()),
        ({"setup.py": 'needs = ["a", "b>=1"]\nsetup(install_requires=needs)\n'}, {"a", "b"}),
        ({"setup.py": 'needs = ["a"]\nneeds = []\nsetup(install_requires=needs)\n'}, set()),
        ({"setup.py": 'base = ["a"]\nsetup(install_requires=["b"] + ["c"])\n'}, {"b", "c"}),
        ({"setup.py": 'setup(install_requires="""\na>1\nb\n""")\n'}, {"a", "b"}),
        ({"setup.py": 'words = {"install_requires": ["a"]}\nsetup(**words)\n'}, {"a"}),
        ({"setup.py": 'setup(**{"install_requires": ["a"], **more})\n'}, {"a"}),
        ({"setup.cfg": "[metadata]\nname=x\n[options]\ninstall_requires =\n  a\n  b[c]==1\n"}, {"a", "b"}),
        (
            {"Pipfile": '[packages]\nFlask = "*"\nx = {git = "https://host/x.git"}\n[dev-packages]\ny = "*"\n'},
            {"flask", "x"},
        ),
        ({"Pipfile.lock": '{"default": {"Flask": {}, "x": {}}, "develop": {"y": {}}}'}, {"flask", "x"}),
        ({"pylock.toml": '[[packages]]\nname = "a"\n[[packages]]\nname = "B.c"\n'}, {"a", "b-c"}),
        # What is known of extras; others may be anything.
        ({"requirements.txt": "FastAPI[Standard]>=0.1\ncelery[redis,x]\n"}, {"fastapi", *FASTAPI, "celery", "redis"}),
        ({"pyproject.toml": '[project]\ndependencies = ["fastapi[all]"]\n'}, {"fastapi", *FASTAPI}),
        ({"Pipfile": '[packages]\nfastapi = {extras = ["standard"], version = "*"}\n'}, {"fastapi", *FASTAPI}),
        (
            {"setup.cfg": "[metadata]\nname=x\n[options]\ninstall_requires =\n  gunicorn[gevent,test]\n"},
            {"gunicorn", "gevent"},
        ),
        (
            {
                "pyproject.toml": "[tool.uv.workspace]\nmembers = ['api']\n",
                "api/pyproject.toml": "[project]\nname = 'api'\ndependencies = ['fastapi[standard]']\n",
            },
            {"fastapi", *FASTAPI},
        ),
        # A project of Rye with its lock.
        (
            {
                "pyproject.toml": "[project]\nname = 'x'\ndependencies = ['flask']\n[tool.rye]\nmanaged = true\n",
                "requirements.lock": "-e file:.\nflask==3.0.0\njinja2==3.1.4\n",
            },
            {"flask", "jinja2"},
        ),
    ],
)
def test_what_is_declared_is_read_from_the_files_alone(tmp_path: Path, files: dict[str, str], names: set[str]) -> None:
    """Names are normalised (PEP 503), and nothing is run to get them."""
    project = scan(write_app(tmp_path, files))
    manager = next(manager for manager in managers_for(Settings({})) if manager.find(project) is not None)
    assert manager.declared(project) == names


@pytest.mark.parametrize(
    "files",
    [
        {"setup.cfg": "[metadata]\nname = x\n[options]\npython_requires = 3.11\n"},
        {"setup.py": "from setuptools import setup\nsetup(name='x', python_requires='3.11')\n"},
    ],
)
def test_a_python_requires_without_an_operator_is_refused_before_the_build(
    files: dict[str, str], tmp_path: Path
) -> None:
    """As requires-python in pyproject.toml: setuptools refuses it, and the error says what to write."""
    manager = manager_named("setup.py")
    with pytest.raises(BuildpackError, match="a version without an operator"):
        manager.check(KnownEarly(scan(write_app(tmp_path / "a", files)), Settings({})))
    right = {name: text.replace("3.11", ">=3.11") for name, text in files.items()}
    manager.check(KnownEarly(scan(write_app(tmp_path / "b", right)), Settings({})))
    manager.check(
        KnownEarly(scan(write_app(tmp_path / "c", {"setup.py": "setup(python_requires=computed())\n"})), Settings({}))
    )
