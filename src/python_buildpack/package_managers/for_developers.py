"""What an app declares for its developers and tests, besides what the image for production has. Pure.

The rule: what the package manager itself installs for a developer, and what has a name that says that it is for tests
(``test``, ``unit-tests``, ``requirements-dev.txt``). Groups for documentation or linters alone are left out, unless the
package manager installs them by default.
"""

import posixpath
import re
from collections.abc import Iterable
from typing import Any

from packaging.utils import canonicalize_name

from python_buildpack.app.documents import PYPROJECT, read_toml, strings, subtable
from python_buildpack.app.project import Project
from python_buildpack.package_managers.choices import DevelopmentChoices
from python_buildpack.support.ini import Sections

_WORDS = frozenset({"test", "tests", "testing", "dev", "devel", "develop", "development", "local"})
_LISTS = re.compile(r"(?:[^/]*requirements[^/]*|(?:[^/]*requirements|deps)/[^/]+)\.(?:txt|in|pip)")
"""Files with requirements: at the top of the app, or in a folder for them."""


def is_for_tests(name: str) -> bool:
    """Say whether the name of a group, an extra or a file says that it is for development or tests."""
    return not _WORDS.isdisjoint(re.split(r"[-_.\s]+", name.lower()))


def _named(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if is_for_tests(name))


def of_project(project: Project, folder: str = "") -> DevelopmentChoices:
    """Return uv's default groups, ``dev`` if it lists none, and the groups and extras for tests.

    Source: https://docs.astral.sh/uv/concepts/projects/dependencies/#default-groups.
    """
    document = read_toml(project, posixpath.join(folder, PYPROJECT)) or {}
    uv = subtable(document, "tool", "uv")
    groups = subtable(document, "dependency-groups")
    listed = uv.get("default-groups")
    default = groups if listed == "all" else strings(listed) if listed is not None else ()
    # The older place of the group dev.
    older = ("dev",) if uv.get("dev-dependencies") else ()
    return _choices((*default, *older, *_named(groups)), _extras(document))


def of_poetry(project: Project) -> DevelopmentChoices:
    """Return the groups that Poetry installs if nothing is chosen: all that are not optional; and those for tests."""
    document = read_toml(project, PYPROJECT) or {}
    poetry = subtable(document, "tool", "poetry")
    of_poetry = subtable(poetry, "group")
    optional = {canonicalize_name(name) for name in of_poetry if subtable(of_poetry, name).get("optional") is True}
    names = (*of_poetry, *subtable(document, "dependency-groups"), *(("dev",) if "dev-dependencies" in poetry else ()))
    wanted = (name for name in names if is_for_tests(name) or canonicalize_name(name) not in optional)
    return _choices(wanted, (*_extras(document), *_named(subtable(poetry, "extras"))))


def of_pdm(project: Project, lock: dict[str, Any]) -> DevelopmentChoices:
    """Return the development groups, which PDM installs by default, and the extras for tests, if the lock has them."""
    document = read_toml(project, PYPROJECT) or {}
    groups = (*subtable(document, "dependency-groups"), *subtable(document, "tool", "pdm", "dev-dependencies"))
    listed = subtable(lock, "metadata").get("groups")
    locked = frozenset(strings(listed)) if listed is not None else frozenset((*groups, *_extras(document)))
    return _choices(filter(locked.__contains__, groups), filter(locked.__contains__, _extras(document)))


def of_pylock(document: dict[str, Any]) -> DevelopmentChoices:
    """Return the groups and extras of a lock (PEP 751) that are for tests."""
    groups, extras = (strings(document.get(key)) for key in ("dependency-groups", "extras"))
    return _choices(_named(groups), _named(extras))


def of_setup(config: Sections, listed: Iterable[str]) -> DevelopmentChoices:
    """Return the extras for tests of a setuptools project: those in setup.cfg, and those ``listed`` by setup.py."""
    return _choices((), _named((*config.get("options.extras_require", ()), *listed)))


def of_requirements(project: Project, files: tuple[str, ...]) -> DevelopmentChoices:
    """Return the requirements ``files`` and those beside them whose names say that they are for tests.

    Of a list and the file that was compiled from it, the compiled one counts.
    """
    found = sorted(path for path in project.files if _LISTS.fullmatch(path) and is_for_tests(_stem(path)))
    compiled = {path for path in found if path.endswith(".txt")}
    more = (path for path in found if path in compiled or f"{path.rpartition('.')[0]}.txt" not in compiled)
    wanted = tuple(dict.fromkeys((*files, *more)))
    return DevelopmentChoices(files=wanted if wanted != files else ())


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _extras(document: dict[str, Any]) -> tuple[str, ...]:
    return _named(subtable(document, "project", "optional-dependencies"))


def _choices(groups: Iterable[str], extras: Iterable[str]) -> DevelopmentChoices:
    return DevelopmentChoices(tuple(dict.fromkeys(groups)), tuple(dict.fromkeys(extras)))
