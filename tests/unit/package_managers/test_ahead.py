"""Wheels are downloaded before the app's interpreter is there; no code of packages or of the app runs for that."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from devkit.install_context import install_context
from manager_context import write_app
from python_buildpack.package_managers.ahead import fetch_ahead
from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.package_managers.registry import manager_named
from tiny_index import PYPROJECT, Distribution, add_to_index, serving, source_files

ANT, BEE = Distribution("ant"), Distribution("bee", requires=("ant",))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """Return the address of an index with wheels of two distributions and the source of a third."""
    root = tmp_path / "index"
    root.mkdir()
    add_to_index(root, ANT, BEE, sdists=(Distribution("cow", on_build=f"open({str(tmp_path / 'ran')!r}, 'w')"),))
    with serving(root) as url:
        yield url


def own_project(folder: Path, ran: Path) -> dict[str, str]:
    """Return the files of a project in ``folder`` of the app, whose build backend leaves a file."""
    files = source_files(Distribution("own", on_build=f"open({str(ran)!r}, 'w')"))
    return {str(folder / name): text for name, text in files.items()}


def uv_lock(index: str, tmp_path: Path) -> str:
    """Return the lock of a uv project that is itself installed, with one wheel."""
    file = "ant-1.0-py3-none-any.whl"
    digest = hashlib.sha256((tmp_path / "index" / "ant" / file).read_bytes()).hexdigest()
    return (
        'version = 1\nrevision = 3\nrequires-python = ">=3.9"\n'
        f'[[package]]\nname = "ant"\nversion = "1.0"\nsource = {{ registry = "{index}" }}\n'
        f'wheels = [{{ url = "{index}/ant/{file}", hash = "sha256:{digest}" }}]\n'
        '[[package]]\nname = "own"\nversion = "1.0"\nsource = { editable = "." }\ndependencies = [{ name = "ant" }]\n'
        '[package.metadata]\nrequires-dist = [{ name = "ant" }]\n'
    )


def fetched(name: str, app: Path, tmp_path: Path, index: str) -> tuple[int, InstallContext]:
    """Return how many wheels are fetched for an app, and the context of that."""
    context = install_context(app, tmp_path / "work", tmp_path / "layers", UV_DEFAULT_INDEX=index)
    found = fetch_ahead(manager_named(name, context.settings), context, lambda: False)
    return found.count if found else 0, context


APPS: dict[str, tuple[str, Callable[[Path], Mapping[str, str]], int]] = {
    "what it needs comes, too": ("requirements.txt", lambda _: {"requirements.txt": "bee\n"}, 2),
    "an editable project": (
        "requirements.txt",
        lambda ran: {"requirements.txt": "ant==1.0\n-e ./own\n", **own_project(Path("own"), ran)},
        1,
    ),
    "an editable project in another file": (
        "requirements.txt",
        lambda ran: {
            "requirements.txt": "-r more/all.txt\n",
            "more/all.txt": "bee==1.0\n--editable=./own\n./own\nown @ file:own\n",
            **own_project(Path("own"), ran),
        },
        2,
    ),
    "an editable project behind a hash": (
        "requirements.txt",
        lambda ran: {
            "requirements.txt": f"ant==1.0 --hash=sha256:{'0' * 64} -e ./own\n--pre -e ./own\n--no-index -e ./own\n",
            **own_project(Path("own"), ran),
        },
        0,
    ),
    "nothing by name": (
        "requirements.txt",
        lambda ran: {"requirements.txt": "-e .\n", **own_project(Path(), ran)},
        0,
    ),
    "a source on the index": ("requirements.txt", lambda _: {"requirements.txt": "cow\n"}, 0),
    "a source beside wheels": ("requirements.txt", lambda _: {"requirements.txt": "cow\nbee==1.0\n"}, 2),
    "a project that says what it requires": (
        "pyproject.toml",
        lambda ran: {
            **own_project(Path(), ran),
            "pyproject.toml": f'[project]\nname = "own"\nversion = "1"\ndependencies = ["bee"]\n{PYPROJECT}',
        },
        2,
    ),
    "a marker of several lines": (
        "pyproject.toml",
        lambda ran: {
            **own_project(Path("own"), ran),
            "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\ndependencies = '
            '[\'ant\', """bee; python_version != \'\n-e ./own\n\'"""]\n',
        },
        1,
    ),
    "the project itself": (
        "pyproject.toml",
        lambda ran: {
            **own_project(Path(), ran),
            "pyproject.toml": f'[project]\nname = "own"\nversion = "1"\ndynamic = ["dependencies"]\n{PYPROJECT}',
        },
        0,
    ),
    "a setup script": (
        "setup.py",
        lambda ran: {"setup.py": f"open({str(ran)!r}, 'w')\nfrom setuptools import setup\nsetup(name='own')\n"},
        0,
    ),
}


@pytest.mark.parametrize("case", APPS)
def test_no_code_runs_while_wheels_are_fetched(tmp_path: Path, index: str, case: str) -> None:
    """Neither that of the app's own projects, which uv would build as editable ones, nor that of sources on an index.

    What is required by name is fetched all the same, as far as it has wheels. Nothing of that is said, or counts as
    built, and what the installation then needs is in uv's cache.
    """
    name, files, count = APPS[case]
    app = write_app(tmp_path / "app", files(tmp_path / "ran"))
    found, context = fetched(name, app, tmp_path, index)
    assert (found, (tmp_path / "ran").exists()) == (count, False)
    assert (context.built_from_source, context.built_directories, context.shown_tools) == (set(), set(), set())
    assert len([*context.uv.cache.glob("archive-v*/*/*.dist-info")]) == count
    assert not (context.scratch / "ahead").exists()


def test_wheels_of_a_lock_are_fetched_and_its_project_is_not_built(tmp_path: Path, index: str) -> None:
    """Its command would build the app's own project, which uv.lock names as an editable one."""
    project = (
        f'[project]\nname = "own"\nversion = "1.0"\nrequires-python = ">=3.9"\ndependencies = ["ant"]\n{PYPROJECT}'
    )
    files = {**own_project(Path(), tmp_path / "ran"), "pyproject.toml": project, "uv.lock": uv_lock(index, tmp_path)}
    count, context = fetched("uv", write_app(tmp_path / "app", files), tmp_path, index)
    assert (count, (tmp_path / "ran").exists()) == (1, False)
    assert len([*context.uv.cache.glob("archive-v*/*/*.dist-info")]) == 1


def test_a_place_in_the_settings_of_uv_is_not_followed(tmp_path: Path, index: str) -> None:
    """[tool.uv] may say that a distribution comes from a directory of the app, as an editable project."""
    project = (
        '[project]\nname = "shop"\nversion = "1.0"\nrequires-python = ">=3.9"\ndependencies = ["own", "ant"]\n'
        '[tool.uv.sources]\nown = { path = "own", editable = true }\n'
    )
    files = {**own_project(Path("own"), tmp_path / "ran"), "pyproject.toml": project}
    count, _ = fetched("pyproject.toml", write_app(tmp_path / "app", files), tmp_path, index)
    assert (count, (tmp_path / "ran").exists()) == (0, False)


def test_a_place_in_a_file_of_overrides_is_not_followed(tmp_path: Path, index: str) -> None:
    """A variable of the build names the file."""
    files = {
        "requirements.txt": "own\nant\n",
        "overrides.txt": "-e ./own\n",
        **own_project(Path("own"), tmp_path / "ran"),
    }
    app = write_app(tmp_path / "app", files)
    overrides = str(app / "overrides.txt")
    context = install_context(
        app, tmp_path / "work", tmp_path / "layers", UV_DEFAULT_INDEX=index, UV_OVERRIDE=overrides
    )
    assert fetch_ahead(manager_named("requirements.txt", context.settings), context, lambda: False) is None
    assert not (tmp_path / "ran").exists()


def test_an_index_that_does_not_answer_is_no_error(tmp_path: Path) -> None:
    """The installation asks it again, and has the error."""
    app = write_app(tmp_path / "app", {"requirements.txt": "ant==1.0\n"})
    assert fetched("requirements.txt", app, tmp_path, "http://127.0.0.1:9/simple")[0] == 0


def test_a_build_that_ends_does_not_wait_for_the_downloads(tmp_path: Path, index: str) -> None:
    """The program is ended, and what it had until then is not used."""
    app = write_app(tmp_path / "app", {"requirements.txt": "bee==1.0\n"})
    context = install_context(app, tmp_path / "work", tmp_path / "layers", UV_DEFAULT_INDEX=index)
    assert fetch_ahead(manager_named("requirements.txt", context.settings), context, lambda: True) is None
