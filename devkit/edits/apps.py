"""Random small apps of every package manager, whose packages are in the app's own directory or very small."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from random import Random

from devkit.edits.archives import Archive
from devkit.edits.backends import Backend
from devkit.edits.libraries import OFTEN, Files, Library, needed_variables, random_library
from python_buildpack.package_managers.pipfile_lock import pipfile_digest

_MAIN = "import importlib.metadata\nprint(sorted((d.name, d.version) for d in importlib.metadata.distributions()))\n"
COMMON = {
    "main.py": _MAIN,
    "Procfile": "web: python main.py\n",
    "templates/index.html": "",
    "README.md": "an app\n",
    "docs/index.md": "",
    ".github/workflows/tests.yml": "",
    "shared/words.json": "{}\n",
}
INDEX = "https://INDEX/simple/"
"""Stands for the package index of this machine."""
# The JSON interface, which Poetry uses by default, is not everywhere.
_POETRY_INDEX = f'[[tool.poetry.source]]\nname = "here"\nurl = "{INDEX}"\n'
IDLE = ("main.py", "templates/index.html", "README.md", "docs/index.md", ".github/workflows/tests.yml")
SIX = ("1.15.0", "1.16.0", "1.17.0")
"""Releases of a very small package that is on the index."""


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
    archives: tuple[Archive, ...] = ()
    has_git: bool = False
    """Whether it is a repository of git, with a tag."""

    @property
    def asks_git(self) -> bool:
        """Whether a project asks git for its version: then each edit may matter, because the tree is changed."""
        return self.has_git and any(library.backend.asks_git for library in self.libraries)


def random_app(random: Random, manager: str) -> App:
    """Return a random app of this manager."""
    app = MAKERS[manager](random)
    has_git = any(library.backend.asks_git for library in app.libraries) and random.random() < OFTEN
    needed = needed_variables(app.libraries)
    app = replace(app, has_git=has_git, env={**needed, **app.env})
    return replace(app, idle=frozenset()) if app.asks_git else app


def without_packages(manager: str) -> App:
    """Return the app of a manager that installs nothing, but needs the manager."""
    start = {"Procfile": "web: python\n"}
    poetry = f'[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = ">=3.11,<4"\n{_POETRY_INDEX}'
    match manager:
        case "pip":
            return App(manager, (), {**start, "requirements.txt": "# nothing\n"}, env={"BP_PYTHON_INSTALLER": "pip"})
        case "poetry":
            return App(manager, (), {**start, "pyproject.toml": poetry}, "poetry")
        case "pdm":
            text = f"{_project('')}[tool.pdm]\ndistribution = false\n"
            return App(manager, (), {**start, "pyproject.toml": text}, "pdm")
        case "pipenv":
            return App(manager, (), {**start, "Pipfile": "[packages]\n", "Pipfile.lock": _pipfile_lock({})})
        case _:
            return App("requirements", (), {**start, "requirements.txt": "# nothing\n"})


def _libraries(
    random: Random, *, may_edit: bool = True, accept: Callable[[Backend], bool] = bool
) -> tuple[Library, ...]:
    count = random.randint(1, 2)
    names = ("alpha", "beta")[:count]
    return tuple(random_library(random, name, may_edit=may_edit, accept=accept) for name in names)


def _app(manager: str, libraries: tuple[Library, ...], files: Files, lock: str | None = None) -> App:
    every: Files = dict(COMMON)
    for library in libraries:
        every |= library.files()
    return App(manager, libraries, every | files, lock, _idle(libraries))


def _idle(libraries: Iterable[Library]) -> frozenset[str]:
    return frozenset(IDLE).union(*(library.idle for library in libraries))


def _with_archives(random: Random, app: App, count: int = 2) -> tuple[App, tuple[Archive, ...]]:
    kinds = random.sample((Archive("gamma", is_wheel=True), Archive("delta", is_wheel=False)), random.randint(0, count))
    archives = tuple(kinds)
    files = {archive.path: archive.text for archive in archives}
    return replace(app, files={**app.files, **files}, archives=archives), archives


def _requirements(random: Random) -> App:
    libraries = _libraries(random)
    lines = "".join(f"{'-e ' if one.is_editable else ''}./{one.folder}\n" for one in libraries)
    app, archives = _with_archives(random, _app("requirements", libraries, {}))
    lines += "".join(f"./{archive.path}\n" for archive in archives)
    six = "six\n" if random.random() < OFTEN else ""
    constrained = {"deps/limits.txt": f"six<{random.choice(SIX)}\n"} if six else {}
    option = "-c limits.txt\n" if six else ""
    files = {"requirements.txt": f"# the app's own\n{lines}{six}"}
    if random.random() < OFTEN:
        files = {"requirements.txt": "-r deps/base.txt\n", "deps/base.txt": f"{option}{six}-r more.txt\n"}
        files |= {"deps/more.txt": lines, **constrained}
    return replace(app, files={**app.files, **files})


def _pip(random: Random) -> App:
    """Return an app that pip itself installs."""
    app = _requirements(random)
    return replace(app, manager="pip", env={"BP_PYTHON_INSTALLER": "pip"})


def _pyproject(random: Random) -> App:
    """Return an app that is itself installed in editable mode, with one of its own projects as a dependency."""
    library = random_library(random, "alpha", may_edit=False)
    own = random_library(random, "shop", accept=lambda backend: backend.fits_root, folder="")
    own = replace(own, is_editable=True)
    files = own.files('dependencies = ["alpha"]\n')
    files["pyproject.toml"] += f'[tool.uv.sources]\nalpha = {{ path = "{library.folder}" }}\n'
    app = _app("pyproject", (library,), files)
    idle = frozenset() if own.backend.asks_git else (app.idle - {"README.md"}) | own.idle
    return replace(app, libraries=(library, own), idle=idle)


def _setup_py(random: Random) -> App:
    script = (
        "import os\nfrom setuptools import find_packages, setup\n"
        "setup(name='shop', version=open('VERSION').read().strip() + os.environ.get('EDITION', ''),\n"
        "      packages=find_packages(), entry_points={'console_scripts': ['shop-run = shop:run']})\n"
    )
    own = {"setup.py": script, "VERSION": "1.0\n", "shop/__init__.py": "def run(): ...\n", "shop/views.py": ""}
    app = _app("setup.py", (), own)
    del random
    return replace(app, idle=app.idle | {"shop/views.py", "shop/__init__.py"})


def _uv(random: Random) -> App:
    libraries = _libraries(random)
    is_workspace = random.random() < OFTEN
    sources = "".join(f"{one.name} = {{ {_source(one, is_member=is_workspace)} }}\n" for one in libraries)
    app, archives = _with_archives(random, _app("uv", libraries, {}))
    sources += "".join(f'{archive.name} = {{ path = "{archive.path}" }}\n' for archive in archives)
    folders = ", ".join(f'"{one.folder}"' for one in libraries)
    workspace = f"[tool.uv.workspace]\nmembers = [{folders}]\n" if is_workspace else ""
    rule = random.choice(("override-dependencies", "constraint-dependencies"))
    rules = f'[tool.uv]\n{rule} = ["six<{random.choice(SIX)}"]\n' if random.random() < OFTEN else ""
    named = [*(one.name for one in libraries), *(one.name for one in archives), *(["six"] if rules else [])]
    project = _project(", ".join(f'"{name}"' for name in named))
    files = {"pyproject.toml": f"{project}{rules}[tool.uv.sources]\n{sources}{workspace}"}
    app = replace(app, files={**app.files, **files}, lock="uv")
    if not is_workspace:
        return app
    # Members are installed in editable mode.
    members = tuple(replace(one, is_editable=True) for one in libraries)
    return replace(app, libraries=members, idle=_idle(members))


def _source(one: Library, *, is_member: bool) -> str:
    if is_member:
        return "workspace = true"
    return f'path = "{one.folder}"' + (", editable = true" if one.is_editable else "")


def _project(dependencies: str) -> str:
    return f'[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = [{dependencies}]\n'


def _poetry(random: Random) -> App:
    libraries = _libraries(random)
    app, archives = _with_archives(random, _app("poetry", libraries, {}))
    listed = "".join(
        f'{one.name} = {{ path = "{one.folder}", develop = {str(one.is_editable).lower()} }}\n' for one in libraries
    )
    listed += "".join(f'{archive.name} = {{ path = "{archive.path}" }}\n' for archive in archives)
    text = f'[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = ">=3.11,<4"\n{listed}'
    text += _POETRY_INDEX
    return replace(app, files={**app.files, "pyproject.toml": text}, lock="poetry")


def _pdm(random: Random) -> App:
    libraries = _libraries(random, may_edit=False)
    app, archives = _with_archives(random, _app("pdm", libraries, {}))
    places = [(one.name, one.folder) for one in libraries] + [(one.name, one.path) for one in archives]
    named = ", ".join(f'"{name} @ file:///${{PROJECT_ROOT}}/{place}"' for name, place in places)
    text = f"{_project(named)}[tool.pdm]\ndistribution = false\n"
    return replace(app, files={**app.files, "pyproject.toml": text}, lock="pdm")


def _pipenv(random: Random) -> App:
    libraries = _libraries(random)
    app, archives = _with_archives(random, _app("pipenv", libraries, {}))
    packages: dict[str, dict[str, str | bool]] = {
        one.name: {"path": f"./{one.folder}", **({"editable": True} if one.is_editable else {})} for one in libraries
    }
    packages |= {archive.name: {"path": f"./{archive.path}"} for archive in archives}
    listed = "".join(
        f"{name} = {{ {', '.join(f'{key} = {json.dumps(value)}' for key, value in table.items())} }}\n"
        for name, table in packages.items()
    )
    files = {"Pipfile": f"[packages]\n{listed}"}
    if random.random() < OFTEN:
        files["Pipfile.lock"] = _pipfile_lock(packages)
    return replace(app, files={**app.files, **files})


def _pipfile_lock(packages: dict[str, dict[str, str | bool]]) -> str:
    """Return the lock as ``pipenv lock`` writes it."""
    sources = [{"name": "pypi", "url": INDEX, "verify_ssl": True}]
    # The Pipfile names no source, so its digest has Pipenv's own, wherever it was locked from.
    digest = pipfile_digest({"packages": packages})
    meta = {"hash": {"sha256": digest}, "pipfile-spec": 6, "requires": {}, "sources": sources}
    return json.dumps({"_meta": meta, "default": packages, "develop": {}}, indent=4)


def _pylock(random: Random) -> App:
    libraries = _libraries(random)
    app, archives = _with_archives(random, _app("pylock", libraries, {}))
    packages = "".join(
        f'[[packages]]\nname = "{one.name}"\n'
        f'directory = {{ path = "{one.folder}", editable = {str(one.is_editable).lower()} }}\n'
        for one in libraries
    )
    packages += "".join(f'[[packages]]\nname = "{one.name}"\nversion = "1.0"\n{_locked(one)}' for one in archives)
    text = f'lock-version = "1.0"\ncreated-by = "a test"\n{packages}'
    return replace(app, files={**app.files, "pylock.toml": text})


def _locked(archive: Archive) -> str:
    digest = hashlib.sha256(archive.content(0)).hexdigest()
    file = f'path = "{archive.path}", hashes = {{ sha256 = "{digest}" }}'
    return f"wheels = [{{ {file} }}]\n" if archive.is_wheel else f"sdist = {{ {file} }}\n"


MAKERS: dict[str, Callable[[Random], App]] = {
    "requirements": _requirements,
    "pip": _pip,
    "pyproject": _pyproject,
    "setup.py": _setup_py,
    "uv": _uv,
    "poetry": _poetry,
    "pdm": _pdm,
    "pipenv": _pipenv,
    "pylock": _pylock,
}
