"""Apps without a lock, and those whose files uv reads alone: resolved and installed for real, the source untouched."""

from pathlib import Path

import pytest

from manager_context import index_url, install, install_context, snapshot, write_app
from python_buildpack.package_managers.environment_yml import CondaNotSupported
from python_buildpack.package_managers.failures.errors import GroupUnknown, PackageBuildFailed, PythonNotAllowed
from python_buildpack.package_managers.members import MemberUnknown
from python_buildpack.package_managers.pyproject import PoetryLockMissing
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.package_managers.requirements_txt import RequirementsFileMissing
from python_buildpack.package_managers.tool_runs import run_uv

pytestmark = pytest.mark.network

MODULE = 'def main():\n    print("hello")\n'
PROJECT = """
[project]
name = "hello-app"
version = "1.0"
dependencies = ["click"]
[project.optional-dependencies]
signals = ["blinker"]
[dependency-groups]
dev = ["itsdangerous"]
metrics = ["packaging"]
"""
SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
HATCHLING = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
POETRY_CORE = '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'
DYNAMIC = """
[project]
name = "hello-app"
version = "1.0"
dynamic = ["dependencies"]
[tool.setuptools.dynamic]
dependencies = { file = ["needed.txt"] }
"""
POETRY = (
    '[tool.poetry]\nname = "hello-app"\nversion = "1.0"\ndescription = ""\n[tool.poetry.dependencies]\nclick = "^8.0"\n'
)
SETUP_PY = """
from setuptools import setup
setup(name="hello-app", version="1.0", packages=["hello_app"], install_requires=["click"],
      extras_require={"signals": ["blinker"]}, entry_points={"console_scripts": ["hello = hello_app:main"]})
"""
SETUP_CFG = (
    "[metadata]\nname = hello-app\nversion = 1.0\n[options]\npackages = hello_app\ninstall_requires =\n    click\n"
)
PACKAGE = {"hello_app/__init__.py": MODULE}


@pytest.mark.parametrize(
    ("manager", "files"),
    [
        ("pyproject.toml", {"pyproject.toml": PROJECT + SETUPTOOLS, **PACKAGE}),
        ("pyproject.toml", {"pyproject.toml": PROJECT + SETUPTOOLS, "src/hello_app/__init__.py": MODULE}),
        ("pyproject.toml", {"pyproject.toml": PROJECT + HATCHLING, **PACKAGE}),
        ("pyproject.toml", {"pyproject.toml": DYNAMIC + SETUPTOOLS, "needed.txt": "click\n", **PACKAGE}),
        ("pyproject.toml", {"pyproject.toml": POETRY + POETRY_CORE, **PACKAGE}),
        ("setup.py", {"setup.py": SETUP_PY, **PACKAGE}),
        ("setup.py", {"setup.py": SETUP_PY, "hello_app.egg-info/PKG-INFO": "committed\n", **PACKAGE}),
        ("setup.py", {"setup.cfg": SETUP_CFG, **PACKAGE}),
    ],
    ids=["setuptools", "src", "hatchling", "dynamic", "poetry-core", "setup.py", "committed-egg-info", "setup.cfg"],
)
def test_the_project_and_its_dependencies_are_installed_and_its_source_is_untouched(
    tmp_path: Path, manager: str, files: dict[str, str]
) -> None:
    """Editable: the module is imported from where it lies, from any directory, and no file is left beside it."""
    app = write_app(tmp_path / "app", files)
    before = snapshot(app)
    done = install(manager, app, tmp_path / "work", tmp_path / "layers")
    assert done.names == {"click", "hello_app"}
    (module,) = [name for name in files if name.endswith("__init__.py")]
    assert done.run("import hello_app, click; print(hello_app.__file__)", tmp_path) == str(app / module)
    assert snapshot(app) == before
    assert done.log.warnings == []
    assert "click==" in done.resolution


def test_a_project_without_a_build_backend_is_not_built(tmp_path: Path) -> None:
    """Its dependencies are installed, with the group and the extra that were chosen, and one from beside the file."""
    text = PROJECT.replace('"click"', '"click", "greet[loud]"') + '[tool.uv.sources]\ngreet = { path = "greet-lib" }\n'
    greet = f'{HATCHLING}[project]\nname = "greet"\nversion = "1"\n[project.optional-dependencies]\nloud = ["six"]\n'
    files = {"greet-lib/pyproject.toml": greet, "greet-lib/greet.py": ""}
    app = write_app(tmp_path / "app", {"pyproject.toml": text, "app.py": MODULE, **files})
    settings = {"BP_PYTHON_GROUPS": "metrics", "BP_PYTHON_EXTRAS": "signals"}
    done = install("pyproject.toml", app, tmp_path / "work", tmp_path / "layers", settings)
    assert done.names == {"click", "packaging", "blinker", "greet", "six"}


@pytest.mark.parametrize("build_system", ["", SETUPTOOLS], ids=["not built", "built"])
def test_a_project_that_does_not_allow_the_python_is_refused(tmp_path: Path, build_system: str) -> None:
    """Both versions are named, whether the project itself would be installed or only its dependencies."""
    text = PROJECT.replace("dependencies = [", 'requires-python = ">=3.99"\ndependencies = [', 1) + build_system
    app = write_app(tmp_path / "app", {"pyproject.toml": text, **PACKAGE})
    with pytest.raises(PythonNotAllowed, match=r">=3\.99.*3\.1\d\.\d+"):
        install("pyproject.toml", app, tmp_path / "work", tmp_path / "layers")


def test_a_group_that_pyproject_does_not_have_is_refused(tmp_path: Path) -> None:
    """The error says which ones there are."""
    app = write_app(tmp_path / "app", {"pyproject.toml": PROJECT})
    with pytest.raises(GroupUnknown, match="dev, metrics"):
        install("pyproject.toml", app, tmp_path / "work", tmp_path / "layers", {"BP_PYTHON_GROUPS": "metrix"})


def test_an_extra_of_setup_py_is_installed_when_chosen(tmp_path: Path) -> None:
    """setup.py has no groups: BP_PYTHON_GROUPS does nothing, which the decision says before."""
    app = write_app(tmp_path / "app", {"setup.py": SETUP_PY, **PACKAGE})
    settings = {"BP_PYTHON_EXTRAS": "signals", "BP_PYTHON_GROUPS": "metrics"}
    done = install("setup.py", app, tmp_path / "work", tmp_path / "layers", settings)
    assert done.names == {"click", "blinker", "hello_app"}
    assert done.run("import subprocess, sys; print(1)", tmp_path) == "1"
    assert (done.venv / "bin" / "hello").is_file()


def test_a_module_that_the_projects_own_build_writes_stays(tmp_path: Path) -> None:
    """The app may import it, as it imports a file with its version; nothing else in the app changes."""
    script = f'open("generated.py", "w").write("x = 1")\n{SETUP_PY}'
    app = write_app(tmp_path / "app", {"setup.py": script, **PACKAGE})
    before = snapshot(app)
    done = install("setup.py", app, tmp_path / "work", tmp_path / "layers")
    assert snapshot(app) == {**before, "generated.py": snapshot(app)["generated.py"]}
    assert done.names == {"click", "hello_app"}


def test_a_project_that_cannot_be_built_fails_with_its_own_output(tmp_path: Path) -> None:
    """The setup.py is run; what it says stands in the log above our words, and nothing is left behind."""
    app = write_app(tmp_path / "app", {"setup.py": 'raise SystemExit("no such thing")\n'})
    before = snapshot(app)
    with pytest.raises(PackageBuildFailed):
        install("setup.py", app, tmp_path / "work", tmp_path / "layers")
    assert snapshot(app) == before


def test_a_poetry_project_that_is_no_package_needs_its_lock(tmp_path: Path) -> None:
    """Nothing but Poetry knows what package-mode = false declares; the error says to lock."""
    app = write_app(
        tmp_path / "app", {"pyproject.toml": POETRY.replace("[tool.poetry]", "[tool.poetry]\npackage-mode = false", 1)}
    )
    with pytest.raises(PoetryLockMissing):
        install("pyproject.toml", app, tmp_path / "work", tmp_path / "layers")


def test_a_pipfile_without_a_lock_is_resolved_with_a_warning(tmp_path: Path) -> None:
    """Versions, markers, extras and paths of a Pipfile, the chosen category, and not the development packages."""
    pipfile = f"""
[[source]]
name = "here"
url = "{index_url()}"
verify_ssl = true
[packages]
click = ">=8"
six = {{version = "*", markers = "python_version < '3'"}}
hello-app = {{path = "./lib", editable = true}}
[metrics]
packaging = "*"
[dev-packages]
itsdangerous = "*"
"""
    files = {"Pipfile": pipfile, "lib/pyproject.toml": PROJECT + SETUPTOOLS, "lib/hello_app/__init__.py": MODULE}
    app = write_app(tmp_path / "app", files)
    before = snapshot(app)
    done = install("pipenv", app, tmp_path / "work", tmp_path / "layers", {"BP_PYTHON_GROUPS": "metrics"})
    assert done.names == {"click", "packaging", "hello_app"}
    assert done.run("import hello_app; print(hello_app.__file__)", tmp_path) == str(app / "lib/hello_app/__init__.py")
    assert "pipenv lock" in done.log.warnings[0]
    assert snapshot(app) == before


@pytest.mark.parametrize("name", ["pylock.toml", "pylock.production.toml"])
def test_a_pylock_made_by_uv_is_installed(tmp_path: Path, name: str) -> None:
    """PEP 751: the packages of the lock, no others, and the app untouched."""
    app = write_app(tmp_path / "app", {"wanted.in": "click\n"})
    bench = install_context(app, tmp_path / "lock", tmp_path / "layers")
    argv = ("pip", "compile", "wanted.in", "--universal", "--format", "pylock.toml", "--output-file", "pylock.toml")
    made = run_uv(bench, argv, show=False)
    assert made.status == 0, made.output
    (app / "pylock.toml").rename(app / name)
    before = snapshot(app)
    done = install("pylock.toml", app, tmp_path / "work", tmp_path / "layers")
    assert done.names == {"click"}
    assert snapshot(app) == before


def test_the_member_of_a_workspace_is_installed_alone(tmp_path: Path) -> None:
    """BP_PYTHON_PACKAGE picks one; without it the root is installed."""
    member = '[project]\nname = "{0}"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["{1}"]\n'
    root = member.format("root", "click") + '[tool.uv.workspace]\nmembers = ["packages/*"]\n'
    files = {
        "pyproject.toml": root,
        "packages/api/pyproject.toml": member.format("api", "packaging"),
        "packages/job/pyproject.toml": member.format("job", "six"),
    }
    app = write_app(tmp_path / "app", files)
    assert run_uv(install_context(app, tmp_path / "lock", tmp_path / "layers"), ("lock",), show=False).status == 0
    before = snapshot(app)
    alone = install("uv", app, tmp_path / "one", tmp_path / "layers", {"BP_PYTHON_PACKAGE": "api"})
    whole = install("uv", app, tmp_path / "two", tmp_path / "layers")
    assert (alone.names, whole.names) == ({"packaging"}, {"click"})
    assert alone.resolution != whole.resolution
    assert snapshot(app) == before
    with pytest.raises(MemberUnknown, match="api, job, root"):
        install("uv", app, tmp_path / "three", tmp_path / "layers", {"BP_PYTHON_PACKAGE": "nobody"})


def test_several_requirements_files_are_installed_together(tmp_path: Path) -> None:
    """BP_PIP_REQUIREMENT names them; what they include and constrain counts, and requirements.txt does not."""
    files = {
        "requirements.txt": "itsdangerous\n",
        "deps/web.txt": "-r base.txt\n-c limits.txt\npackaging\n",
        "deps/base.txt": "click\n",
        "deps/limits.txt": "packaging<25\n",
        "deps/jobs.txt": "-r base.txt\nsix\n",
    }
    app = write_app(tmp_path / "app", files)
    settings = {"BP_PIP_REQUIREMENT": "deps/web.txt, deps/jobs.txt"}
    done = install("requirements.txt", app, tmp_path / "work", tmp_path / "layers", settings)
    assert done.names == {"click", "packaging", "six"}
    assert "packaging==24" in done.resolution


def test_a_requirements_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A mistake in BP_PIP_REQUIREMENT does not fall back on requirements.txt."""
    app = write_app(tmp_path / "app", {"requirements.txt": "click\n"})
    with pytest.raises(RequirementsFileMissing, match=r"prod\.txt"):
        install("requirements.txt", app, tmp_path / "work", tmp_path / "layers", {"BP_PIP_REQUIREMENT": "prod.txt"})


def test_conda_is_refused_with_what_works_instead(tmp_path: Path) -> None:
    """The user learns of requirements.txt."""
    app = write_app(tmp_path / "app", {"environment.yml": "dependencies: [numpy]\n", "app.py": ""})
    bench = install_context(app, tmp_path / "work", tmp_path / "layers")
    with pytest.raises(CondaNotSupported) as caught:
        manager_named("environment.yml").resolve(bench)
    assert "requirements.txt" in caught.value.cure
