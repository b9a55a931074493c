"""Writes the table of modules that are called otherwise than the distribution that has them: ``yaml`` is PyYAML's.

The source of most rows are wheels: those of the distributions below are installed from the package index,
and their RECORDs say which modules they have. Only what a module's name does not say needs a row, so the distributions
below are those whose modules are called otherwise, and of several with the same module the one to recommend. More rows
come from the names of the stubs that the pinned mypy knows: ``types-pyserial`` is for ``serial``.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from mypy.stubinfo import non_bundled_packages_flat
from packaging.utils import canonicalize_name

from devkit.errors import DevkitError
from devkit.paths import CHECKOUT
from python_buildpack.installed.dist_info import read_dist_infos
from python_buildpack.installed.imports.top_level import top_level_modules

TABLE = "src/python_buildpack/installed/imports/module_names.py"
DISTRIBUTIONS = [
    "attrs",
    "beautifulsoup4",
    "discord.py",
    "django-allauth",
    "django-cors-headers",
    "django-debug-toolbar",
    "django-environ",
    "django-storages",
    "djangorestframework",
    "djangorestframework-simplejwt",
    "dnspython",
    "GitPython",
    "google-api-python-client",
    "google-auth",
    "grpcio",
    "mysql-connector-python",
    "opencv-python-headless",
    "pillow",
    "protobuf",
    "psycopg2-binary",
    "pycryptodome",
    "PyJWT",
    "PyMuPDF",
    "pyOpenSSL",
    "python-decouple",
    "python-docx",
    "python-dotenv",
    "python-magic",
    "python-slugify",
    "python-socketio",
    "python-telegram-bot",
    "PyYAML",
    "scikit-image",
    "scikit-learn",
    "websocket-client",
]
"""The distributions that are asked for, as their authors write them."""
_STUBS = "types-"
_NOT_ON_LINUX = frozenset({"pywin32"})
_NOT_MEANT = frozenset({"tests", "test", "docs", "examples", "benchmarks", "management", "timer"})
"""Modules that distributions bring by mistake or beside the one that people import."""


def written_module_names() -> Mapping[str, str]:
    """Return the text of the table by its path in the checkout. Raises DevkitError if the index gives no wheels."""
    with tempfile.TemporaryDirectory() as folder:
        _install(Path(folder))
        rows = {**_of_stubs(non_bundled_packages_flat), **_of_wheels(Path(folder))}
    return {TABLE: render(rows)}


def _install(folder: Path) -> None:
    """Put the distributions, without what they need, into a directory."""
    argv = [str(CHECKOUT / ".venv" / "bin" / "uv"), "pip", "install", "--quiet", "--no-deps", "--link-mode=symlink"]
    argv += ["--only-binary=:all:", "--target", str(folder), *DISTRIBUTIONS]
    if subprocess.run(argv, cwd=CHECKOUT, check=False).returncode != os.EX_OK:
        raise DevkitError("the wheels could not be installed; uv's message is above")


def _of_stubs(known: Mapping[str, str]) -> Mapping[str, str]:
    named = {module: stubs.removeprefix(_STUBS) for module, stubs in known.items() if stubs.startswith(_STUBS)}
    return {module: name for module, name in named.items() if _needs_row(module, name)}


def _of_wheels(folder: Path) -> Mapping[str, str]:
    """Return the modules of each distribution in a directory that its name does not say."""
    names = {canonicalize_name(name): name for name in DISTRIBUTIONS}
    present = top_level_modules(folder)
    rows = {}
    for found in read_dist_infos(folder):
        files = [entry.path for entry in found.record()]
        for module in sorted(present):
            name = names.get(canonicalize_name(found.name), found.name)
            if _needs_row(module, name) and _has(files, module):
                rows[module] = name
    return rows


def _has(files: Iterable[str], module: str) -> bool:
    path = module.replace(".", "/")
    return any(file.startswith((f"{path}/", f"{path}.")) and file.endswith((".py", ".so")) for file in files)


def _needs_row(module: str, distribution: str) -> bool:
    is_named = canonicalize_name(module) == canonicalize_name(distribution)
    is_private = any(part.startswith("_") for part in module.split("."))
    return not (is_named or is_private or module in _NOT_MEANT or distribution in _NOT_ON_LINUX)


def render(rows: Mapping[str, str]) -> str:
    """Return the text of the table with these rows."""
    lines = "".join(f'    "{module}": "{name}",\n' for module, name in sorted(rows.items()))
    return (
        '"""Modules that are called otherwise than their distribution. Written by ./dev refresh modules."""\n'
        f'\nPROVIDERS = {{\n{lines}}}\n"""Module → the distribution to add for it."""\n'
    )
