"""Decisions about Python and the package manager, on real files and the committed inventory."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from python_buildpack.app.documents import ProjectFileInvalid
from python_buildpack.app.project import scan
from python_buildpack.decide.decide import decide
from python_buildpack.decide.manager import PackageManagerFileMissing, PackageManagerUnknown, declared_in
from python_buildpack.decide.pins.answer import Answer, Inferred
from python_buildpack.decide.python import PREVIOUS_MINOR, DecisionInputs
from python_buildpack.decide.recipe import ManagerChoice, Recipe
from python_buildpack.interpreters.inventory import Inventory, parse_inventory
from python_buildpack.interpreters.request import PythonVersionInvalid
from python_buildpack.interpreters.resolve import PythonVersionUnknown
from python_buildpack.package_managers.environment_yml import CondaNotSupported
from python_buildpack.settings.values import Settings

CHECKOUT = Path(__file__).resolve().parents[3]


def inventory() -> Inventory:
    return parse_inventory((CHECKOUT / "inventory.toml").read_bytes(), "file:///inventory.toml")


INVENTORY = inventory()


def decided(
    folder: Path,
    files: Mapping[str, str],
    env: Mapping[str, str] | None = None,
    previous: Mapping[str, object] | None = None,
) -> Recipe:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    inputs = DecisionInputs("amd64", INVENTORY, date(2026, 11, 22), previous or {})
    return decide(scan(folder), Settings(env or {}), inputs)


PYPROJECT = '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.10,<3.13"\n'


@pytest.mark.parametrize(
    ("files", "env", "minor", "origin"),
    [
        ({}, {}, INVENTORY.default, "the default"),
        ({"pyproject.toml": PYPROJECT}, {}, "3.12", "pyproject.toml (requires-python)"),
        ({"pyproject.toml": PYPROJECT, ".python-version": "3.11\n"}, {}, "3.11", ".python-version, line 1"),
        ({".python-version": "3.11\n", "runtime.txt": "python-3.10\n"}, {}, "3.10", "runtime.txt, line 1"),
        ({"runtime.txt": "python-3.10\n"}, {"BP_PYTHON_VERSION": "3.13"}, "3.13", "BP_PYTHON_VERSION"),
        ({"runtime.txt": "python-3.10\n"}, {"BP_CPYTHON_VERSION": "3.12"}, "3.12", "BP_CPYTHON_VERSION"),
    ],
)
def test_the_first_that_speaks_decides(
    tmp_path: Path, files: dict[str, str], env: dict[str, str], minor: str, origin: str
) -> None:
    """Settings, then runtime.txt, .python-version, pyproject.toml, then the default; the reason names the place."""
    recipe = decided(tmp_path, files, env)
    assert recipe.python.interpreter.minor == minor
    assert origin in recipe.python.because


def test_what_contradicts_the_winner_is_reported(tmp_path: Path) -> None:
    """A place below the winner that disagrees is named; one that agrees is not. What is installed does not ask it."""
    places = {"pyproject.toml": PYPROJECT, ".python-version": "3.13\n", "runtime.txt": "3.13.1\n"}
    recipe = decided(tmp_path, {**places, "requirements.txt": "flask\n"})
    (notice,) = (notice for notice in recipe.notices if "disagree" in notice.title)
    assert "pyproject.toml (requires-python) asks for >=3.10,<3.13" in notice.text
    assert "runtime.txt" in notice.text


def test_a_lock_that_repeats_what_contradicts_is_not_reported_beside_it(tmp_path: Path) -> None:
    """Pipenv copied it from the Pipfile, which is the file to change."""
    lock = '{"_meta": {"requires": {"python_version": "3.11"}}}'
    files = {"Pipfile": '[requires]\npython_version = "3.11"\n', "Pipfile.lock": lock}
    recipe = decided(tmp_path, files, {"BP_PYTHON_VERSION": "3.13"})
    (notice,) = (notice for notice in recipe.notices if "disagree" in notice.title)
    assert notice.text.startswith("Pipfile (python_version) asks for 3.11")


def test_an_app_keeps_the_minor_of_its_previous_image(tmp_path: Path) -> None:
    """Without a declaration the default does not move an app from 3.12 to something newer."""
    recipe = decided(tmp_path, {}, previous={PREVIOUS_MINOR: "3.12"})
    assert recipe.python.interpreter.minor == "3.12"
    assert "previous build" in recipe.python.because


def test_a_previous_minor_that_is_gone_does_not_fail_the_build(tmp_path: Path) -> None:
    """An inventory without 3.8 gives an app of that time the default."""
    recipe = decided(tmp_path, {}, previous={PREVIOUS_MINOR: "3.8"})
    assert recipe.python.interpreter.minor == INVENTORY.default


@pytest.mark.parametrize(
    ("content", "version", "notices"),
    [
        ("3.12\n", "3.12", 0),
        ("# pinned\n\n3.12 # because\n", "3.12", 0),
        ("cpython-3.12\n", "3.12", 0),
        ("3.12.4\n", "3.12.4", 0),
        ("3.12.4 3.11.2\n3.10\n", "3.12.4", 1),
        ("python 3.12.4\n", "3.12.4", 0),
    ],
)
def test_python_version_files_as_pyenv_and_uv_write_them(
    tmp_path: Path, content: str, version: str, notices: int
) -> None:
    """Comments, several versions and prefixes are understood; versions that are not used are reported."""
    recipe = decided(tmp_path, {".python-version": content})
    assert str(recipe.python.interpreter.version).startswith(version)
    assert len([notice for notice in recipe.notices if "More than one" in notice.title]) == notices


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({".python-version": "three\n"}, PythonVersionInvalid),
        ({".python-version": "# nothing\n"}, ProjectFileInvalid),
        ({"runtime.txt": "\n"}, ProjectFileInvalid),
        ({"runtime.txt": "python-3.12.99\n"}, PythonVersionUnknown),
        ({"pyproject.toml": "[project\n"}, ProjectFileInvalid),
        ({"pyproject.toml": "project = 3\n"}, ProjectFileInvalid),
        ({"pyproject.toml": "[project]\nrequires-python = 3.12\n"}, ProjectFileInvalid),
    ],
)
def test_what_cannot_be_read_is_explained(tmp_path: Path, files: dict[str, str], error: type[Exception]) -> None:
    """Each mistake has its own error, and the file is named."""
    with pytest.raises(error) as caught:
        decided(tmp_path, files)
    assert next(iter(files)) in str(caught.value)


def test_a_slip_in_a_place_that_does_not_count_is_a_notice(tmp_path: Path) -> None:
    """BP_PYTHON_VERSION is a way out of a broken runtime.txt."""
    recipe = decided(tmp_path, {"runtime.txt": "pythn\n"}, {"BP_PYTHON_VERSION": "3.13"})
    assert recipe.python.interpreter.minor == "3.13"
    assert "runtime.txt" in recipe.notices[0].text


def test_two_managers_are_named_with_the_way_to_choose(tmp_path: Path) -> None:
    """requirements.txt has precedence over uv.lock, as on DigitalOcean; the other is named with the variable."""
    files = {"requirements.txt": "", "uv.lock": "", "pyproject.toml": PYPROJECT}
    recipe = decided(tmp_path, files)
    assert recipe.manager.name == "requirements.txt"
    assert "BP_PYTHON_PACKAGE_MANAGER to requirements.txt or uv" in recipe.notices[0].text
    chosen = decided(tmp_path, files, {"BP_PYTHON_PACKAGE_MANAGER": "uv"})
    assert chosen.manager.name == "uv"
    assert chosen.notices == ()


SCRIPT = "from setuptools import setup\nsetup(name='x', install_requires={})\n"


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({"requirements.txt": "Flask==3\nclick==8\n", "setup.py": SCRIPT.format("['flask']")}, None),
        ({"requirements.txt": "flask\n", "setup.py": SCRIPT.format("open('requirements.txt').read().split()")}, None),
        ({"requirements.txt": "flask==3\n", "pyproject.toml": "[tool.ruff]\nline-length = 100\n"}, None),
        ({"requirements.txt": "flask==3\n", "setup.py": SCRIPT.format("['flask', 'rq', 'attrs']")}, "attrs, rq"),
        ({"requirements.txt": "flask\n", "pyproject.toml": PYPROJECT + "dependencies = ['a', 'b', 'c', 'd']\n"},
         "a, b, c and 1 more"),
        ({"requirements.txt": "flask\n", "poetry.lock": "[metadata]\n",
          "pyproject.toml": "[tool.poetry.dependencies]\nflask = '3'\n"}, ""),
    ],
)  # fmt: skip
def test_a_second_declaration_is_worth_a_notice_if_something_of_it_is_lost(
    tmp_path: Path, files: dict[str, str], names: str | None
) -> None:
    """Beside requirements that were made from it, a setup.py or pyproject.toml loses nothing; a lock has versions."""
    said = [item.text for item in decided(tmp_path, files).notices if item.title.startswith("The app has files of two")]
    if names is None:
        assert said == []
    else:
        ((text),) = said
        assert f" is not{f', which alone names {names}' if names else ''}. Delete the one" in text


def test_a_manager_that_does_not_exist_or_has_no_file_is_refused(tmp_path: Path) -> None:
    """A mistake in the variable does not fall back on a guess."""
    with pytest.raises(PackageManagerUnknown):
        decided(tmp_path, {}, {"BP_PYTHON_PACKAGE_MANAGER": "conda"})
    with pytest.raises(PackageManagerFileMissing):
        decided(tmp_path, {}, {"BP_PYTHON_PACKAGE_MANAGER": "uv"})


def test_misspelt_names_are_noticed(tmp_path: Path) -> None:
    """A file that nobody reads, and a variable that nobody reads, are each named with what was meant."""
    recipe = decided(tmp_path, {"requirments.txt": "flask\n"}, {"BP_PYTHN_VERSION": "3.12"})
    texts = " ".join(notice.text for notice in recipe.notices)
    assert "requirments.txt is not read; requirements.txt would be" in texts
    assert "BP_PYTHN_VERSION is not a setting of this buildpack; BP_PYTHON_VERSION is" in texts


def test_variables_of_other_builders_share_one_notice(tmp_path: Path) -> None:
    """However many there are, each has its line."""
    env = {"NIXPACKS_BUILD_CMD": "python main.py", "BP_PIP_VERSION": "24.0"}
    (notice,) = decided(tmp_path, {"main.py": ""}, env).notices
    assert notice.text.count("\n") == 1
    assert all(f"{name} (" in notice.text for name in env)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("python-version", ".python-version"),
        (".python-version.txt", ".python-version"),
        (".Python_Version", ".python-version"),
        ("requirements.txt.txt", "requirements.txt"),
        ("REQUIREMENT.TXT", "requirements.txt"),
        ("runtime.text", "runtime.txt"),
        ("PIPFILE", "Pipfile"),
        ("pyproject.tml", "pyproject.toml"),
    ],
)
def test_a_name_is_misspelt_in_many_ways(tmp_path: Path, name: str, meant: str) -> None:
    """Case, dots, dashes and an ending too many do not matter."""
    (notice,) = decided(tmp_path, {name: ""}).notices
    assert notice.text.startswith(f"{name} is not read; {meant} would be")


def test_a_name_that_only_resembles_one_is_left_alone(tmp_path: Path) -> None:
    """requirements.in belongs to pip-tools, requirements-dev.txt is for developers."""
    assert decided(tmp_path, {"requirements.in": "", "requirements-dev.txt": "", "runtime.py": ""}).notices == ()


@pytest.mark.parametrize(
    ("path", "cure"),
    [
        ("requirements/heroku.txt", "BP_PIP_REQUIREMENT"),
        ("requirements-prod.txt", "BP_PIP_REQUIREMENT"),
        ("backend/requirements.txt", "BP_PIP_REQUIREMENT"),
        ("backend/pyproject.toml", "pack build --path"),
        ("services/web/poetry.lock", "pack build --path"),
    ],
)
def test_declarations_where_nobody_looks_are_named_with_the_way_to_use_them(
    tmp_path: Path, path: str, cure: str
) -> None:
    """An image without any packages is no surprise; one app of several gets no notice that it does not need."""
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (notice,) = decided(tmp_path, {path: "", "main.py": ""}).notices
    assert notice.text.startswith(f"Nothing is installed, though there is {path}")
    assert cure in notice.text
    assert decided(tmp_path, {"requirements.txt": ""}).notices == ()


@pytest.mark.parametrize(
    ("name", "file", "place"),
    [
        ("requirements.txt", "requirements.txt", "requirements.txt"),
        ("uv", "uv.lock", "pyproject.toml and lock again"),
        ("poetry", "poetry.lock", "pyproject.toml and lock again"),
        ("none", None, None),
    ],
)
def test_a_dependency_is_added_where_people_write_it(name: str, file: str | None, place: str | None) -> None:
    """A lock is made from another file."""
    assert declared_in(ManagerChoice(name, "", file)) == place


def test_a_module_called_setup_is_no_declaration(tmp_path: Path) -> None:
    """It is one if it calls setup()."""
    (tmp_path / "views").mkdir()
    assert decided(tmp_path, {"views/setup.py": "def setup_views():\n    pass\n", "main.py": ""}).notices == ()
    (notice,) = decided(tmp_path, {"views/setup.py": "from setuptools import setup\nsetup(\n    name='x')\n"}).notices
    assert "there is views/setup.py" in notice.text


def test_groups_without_a_project_are_named_with_the_variable_that_chooses_one(tmp_path: Path) -> None:
    """PEP 735; pip installs only those that are named, and so does a build."""
    groups = "[dependency-groups]\ndev = ['ruff']\nmain = ['flask']\n"
    (notice,) = decided(tmp_path, {"pyproject.toml": groups, "main.py": ""}).notices
    assert "of its groups (dev, main) none is installed" in notice.text
    assert "BP_PYTHON_GROUPS=main" in notice.text


@pytest.mark.parametrize(
    "path",
    [
        "requirements-dev.txt",
        "tests/requirements.txt",
        "pyproject.toml",
        "docs/Pipfile",
        "web/yarn.lock",
        "x/Cargo.lock",
    ],
)
def test_declarations_for_developers_are_not_missed(tmp_path: Path, path: str) -> None:
    """A script without dependencies may have a linter's options, a list for its tests, and a front end."""
    (tmp_path / path).parent.mkdir(exist_ok=True)
    assert decided(tmp_path, {path: "", "main.py": ""}).notices == ()


def test_a_committed_environment_is_noticed(tmp_path: Path) -> None:
    """It is not used, and the user learns to remove it."""
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    assert "venv/ is not used" in decided(tmp_path, {}).notices[0].text


def test_a_conda_file_beside_a_declaration_that_counts_is_noticed(tmp_path: Path) -> None:
    """Its packages and its Python are not read, which nobody should have to find out."""
    recipe = decided(tmp_path, {"environment.yml": "dependencies: [python=3.11]\n", "requirements.txt": "flask\n"})
    assert recipe.manager.file == "requirements.txt"
    assert "environment.yml is not used" in recipe.notices[0].text


def test_conda_alone_is_refused_before_anything_is_installed(tmp_path: Path) -> None:
    """Explain says so, too; where bin/pre_compile may still write another declaration, it is asked later."""
    with pytest.raises(CondaNotSupported, match=r"environment\.yml is Conda's"):
        decided(tmp_path, {"environment.yml": "dependencies: [numpy]\n"})
    with pytest.raises(CondaNotSupported, match=r"pixi\.lock is pixi's"):
        decided(tmp_path / "pixi", {"pixi.lock": "version: 6\n", "pyproject.toml": "[tool.pixi.dependencies]\na='*'\n"})
    hook = {"environment.yml": "", "bin/pre_compile": "#!/bin/sh\n"}
    assert decided(tmp_path / "hook", hook).manager.file == "environment.yml"


def test_a_pixi_table_beside_a_declaration_that_counts_is_noticed(tmp_path: Path) -> None:
    """Its packages are Conda's, and [project] is installed without them."""
    project = '[project]\nname = "x"\nversion = "1"\n[tool.pixi.dependencies]\nnumpy = "*"\n'
    recipe = decided(tmp_path, {"pyproject.toml": project})
    assert "[tool.pixi] of pyproject.toml is not used" in recipe.notices[0].text


def test_a_version_past_its_end_is_noticed(tmp_path: Path) -> None:
    """It is built, and the user learns since when there are no fixes."""
    recipe = decided(tmp_path, {".python-version": "3.9\n"})
    assert [notice.title for notice in recipe.notices] == ["Python 3.9 no longer gets security fixes"]
    assert "2025-10-31" in recipe.notices[0].text


def test_a_pinned_patch_release_that_has_a_successor_is_noticed(tmp_path: Path) -> None:
    """3.13.1 is installed as asked, and the newest is named; 3.13 alone says nothing."""
    recipe = decided(tmp_path, {".python-version": "3.13.1\n"})
    assert str(recipe.python.interpreter.version) == "3.13.1"
    assert "pins it" in recipe.notices[0].text
    assert decided(tmp_path, {".python-version": "3.13\n"}).notices == ()


@pytest.mark.parametrize("text", ["==3.13.1", "===3.13.1", ">=3.13,<3.13.2"])
def test_a_range_that_ends_at_an_old_patch_release_is_noticed(tmp_path: Path, text: str) -> None:
    """It is as old as a pinned one, and ==3.13.* is what was meant mostly."""
    recipe = decided(tmp_path, {".python-version": f"{text}\n"})
    assert str(recipe.python.interpreter.version) == "3.13.1"
    assert "allows no newer one" in recipe.notices[0].text
    assert "==3.13.*" in recipe.notices[0].text
    assert decided(tmp_path, {".python-version": ">=3.13\n"}).notices == ()


def test_what_the_pins_say_goes_before_the_default_and_after_everything_else(tmp_path: Path) -> None:
    """An inferred version is for apps that name none and have no previous image."""
    answer = Answer(Inferred("3.11", "numpy 1.24.0 has no wheel for a newer one"))
    inputs = DecisionInputs("amd64", INVENTORY, date(2026, 11, 22), {}, lambda *_: answer)
    recipe = decide(scan(tmp_path), Settings({}), inputs)
    assert (recipe.python.interpreter.minor, recipe.python.origin) == ("3.11", "inferred")
    assert "numpy 1.24.0" in recipe.python.because
    declared = decide(scan(tmp_path), Settings({"BP_PYTHON_VERSION": "3.12"}), inputs)
    assert declared.python.interpreter.minor == "3.12"


@pytest.mark.parametrize("name", ["procfile", "Procfile.txt", "PROCFILE", "Procfile.procfile"])
def test_a_misnamed_procfile_is_pointed_out(tmp_path: Path, name: str) -> None:
    """A file that is almost called Procfile is not read, and that is said once."""
    (notice,) = decided(tmp_path, {name: "web: python a.py\n", "a.py": ""}).notices
    assert f"{name} is not read" in notice.text


def test_pointers_of_git_lfs_are_noticed(tmp_path: Path) -> None:
    """A model or a wheel that is a pointer breaks what reads it; a file that only mentions Git LFS does not."""
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    files = {"main.py": "", "model.bin": pointer, "logo.png": "PNG", "lfs.md": f"How to:\n{pointer}"}
    (notice,) = decided(tmp_path, files).notices
    assert notice.text.startswith("model.bin: ")
    assert "git lfs pull" in notice.text
