"""Random small apps of every package manager, whose packages are all in the app's own directory."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from devkit.edits.libraries import OFTEN, Backend, Files, Library, random_library

_MAIN = "import importlib.metadata\nprint(sorted((d.name, d.version) for d in importlib.metadata.distributions()))\n"
COMMON = {"main.py": _MAIN, "Procfile": "web: python main.py\n", "templates/index.html": "", "README.md": "an app\n"}
INDEX = "https://INDEX/simple/"
"""Stands for the package index of this machine."""
IDLE = ("main.py", "templates/index.html", "README.md")


@dataclass(frozen=True, slots=True)
class App:
    """An app, and what is known about its files."""

    manager: str
    libraries: tuple[Library, ...]
    files: Files
    lock: str | None = None
    """The tool that makes its lock."""
    idle: frozenset[str] = frozenset(IDLE)
    """Files of which an edit must not lead to an installation."""
    env: dict[str, str] = field(default_factory=dict)


def random_app(random: Random, manager: str) -> App:
    """Return a random app of this manager."""
    return MAKERS[manager](random)


def _libraries(random: Random, **options: Callable[[Backend], bool] | bool) -> tuple[Library, ...]:
    count = random.randint(1, 2)
    return tuple(random_library(random, name, **options) for name in ("alpha", "beta")[:count])  # type: ignore[arg-type]


def _app(manager: str, libraries: tuple[Library, ...], files: Files, lock: str | None = None) -> App:
    every: Files = dict(COMMON)
    for library in libraries:
        every |= library.files()
    idle = frozenset(IDLE).union(*(library.idle for library in libraries))
    return App(manager, libraries, every | files, lock, idle)


def _requirements(random: Random) -> App:
    libraries = _libraries(random)
    lines = "".join(f"{'-e ' if one.is_editable else ''}./{one.folder}\n" for one in libraries)
    if random.random() < OFTEN:
        return _app("requirements", libraries, {"requirements.txt": "-r deps/base.txt\n", "deps/base.txt": lines})
    return _app("requirements", libraries, {"requirements.txt": f"# the app's own\n{lines}"})


def _pyproject(random: Random) -> App:
    """Return an app that is itself installed in editable mode, with one of its own projects as a dependency."""
    library = random_library(random, "alpha", may_edit=False)
    text = (
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n[project]\nname = "shop"\n'
        'dynamic = ["version"]\nrequires-python = ">=3.11"\ndependencies = ["alpha"]\n[project.scripts]\n'
        'shop-run = "shop:run"\n[tool.hatch.version]\npath = "src/shop/about.py"\n'
        f'[tool.uv.sources]\nalpha = {{ path = "{library.folder}" }}\n'
    )
    own = {
        "pyproject.toml": text,
        "src/shop/__init__.py": "def run(): ...\n",
        "src/shop/about.py": '__version__ = "1.0"\n',
    }
    app = _app("pyproject", (library,), own)
    return App(app.manager, app.libraries, app.files, None, app.idle | {"src/shop/__init__.py"})


def _setup_py(random: Random) -> App:
    script = (
        "import os\nfrom setuptools import find_packages, setup\n"
        "setup(name='shop', version=open('VERSION').read().strip() + os.environ.get('EDITION', ''),\n"
        "      packages=find_packages(), entry_points={'console_scripts': ['shop-run = shop:run']})\n"
    )
    own = {"setup.py": script, "VERSION": "1.0\n", "shop/__init__.py": "def run(): ...\n", "shop/views.py": ""}
    app = _app("setup.py", (), own)
    del random
    return App(app.manager, (), app.files, None, app.idle | {"shop/views.py", "shop/__init__.py"})


def _uv(random: Random) -> App:
    libraries = _libraries(random)
    is_workspace = random.random() < OFTEN
    member = {"workspace": "true"} if is_workspace else None
    sources = "".join(f"{one.name} = {{ {_source(one, member)} }}\n" for one in libraries)
    folders = ", ".join(f'"{one.folder}"' for one in libraries)
    workspace = f"[tool.uv.workspace]\nmembers = [{folders}]\n" if is_workspace else ""
    app = _app(
        "uv", libraries, {"pyproject.toml": f"{_project(libraries)}[tool.uv.sources]\n{sources}{workspace}"}, "uv"
    )
    if not is_workspace:
        return app
    # Members are installed in editable mode.
    idle = frozenset(IDLE).union(*(_editable(one).idle for one in libraries))
    return App(app.manager, tuple(map(_editable, libraries)), app.files, app.lock, idle)


def _editable(one: Library) -> Library:
    return Library(one.name, one.folder, one.backend, True, one.is_dynamic, one.is_src)


def _source(one: Library, member: dict[str, str] | None) -> str:
    if member:
        return "workspace = true"
    return f'path = "{one.folder}"' + (", editable = true" if one.is_editable else "")


def _project(libraries: Iterable[Library], dependencies: str | None = None) -> str:
    named = dependencies if dependencies is not None else ", ".join(f'"{one.name}"' for one in libraries)
    return f'[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = [{named}]\n'


def _poetry(random: Random) -> App:
    libraries = _libraries(random, accept=lambda backend: backend.name != "poetry")
    listed = "".join(
        f'{one.name} = {{ path = "{one.folder}", develop = {str(one.is_editable).lower()} }}\n' for one in libraries
    )
    text = f'[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = ">=3.11,<4"\n{listed}'
    # The JSON interface, which Poetry uses by default, is not everywhere.
    text += f'[[tool.poetry.source]]\nname = "here"\nurl = "{INDEX}"\n'
    return _app("poetry", libraries, {"pyproject.toml": text}, "poetry")


def _pdm(random: Random) -> App:
    libraries = _libraries(random, may_edit=False)
    named = ", ".join(f'"{one.name} @ file:///${{PROJECT_ROOT}}/{one.folder}"' for one in libraries)
    text = f"{_project(libraries, named)}[tool.pdm]\ndistribution = false\n"
    return _app("pdm", libraries, {"pyproject.toml": text}, "pdm")


def _pipenv(random: Random) -> App:
    libraries = _libraries(random)
    listed = "".join(
        f'{one.name} = {{ path = "./{one.folder}"{", editable = true" if one.is_editable else ""} }}\n'
        for one in libraries
    )
    return _app("pipenv", libraries, {"Pipfile": f"[packages]\n{listed}"})


def _pylock(random: Random) -> App:
    libraries = _libraries(random)
    packages = "".join(
        f'[[packages]]\nname = "{one.name}"\n'
        f'directory = {{ path = "{one.folder}", editable = {str(one.is_editable).lower()} }}\n'
        for one in libraries
    )
    return _app("pylock", libraries, {"pylock.toml": f'lock-version = "1.0"\ncreated-by = "a test"\n{packages}'})


MAKERS: dict[str, Callable[[Random], App]] = {
    "requirements": _requirements,
    "pyproject": _pyproject,
    "setup.py": _setup_py,
    "uv": _uv,
    "poetry": _poetry,
    "pdm": _pdm,
    "pipenv": _pipenv,
    "pylock": _pylock,
}
