"""Settings that do nothing in an app: a line for each, before anything is installed."""

from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.decide.without_effect import notice_without_effect
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.settings.values import Settings

CASES = {
    "groups": ("requirements.txt", {"BP_PYTHON_GROUPS": "dev docs"}, "so dev, docs is not installed"),
    "groups of setup.py": ("setup.py", {"BP_PYTHON_GROUPS": "metrics"}, "so metrics is not installed"),
    "extras of an alias": ("pipenv", {"BP_PYTHON_EXTRAS": "pg"}, "BP_PYTHON_EXTRAS: pipenv has nothing of this kind"),
    "requirement": ("uv", {"BP_PIP_REQUIREMENT": "prod.txt"}, "BP_PIP_REQUIREMENT: uv has nothing of this kind"),
    "refresh": ("poetry", {"BP_PYTHON_REFRESH": "never"}, "the lock says which versions"),
    "day": ("uv", {"BP_PYTHON_EXCLUDE_NEWER": "7 days"}, "the lock says which versions"),
    "installer": ("uv", {"BP_PYTHON_INSTALLER": "poetry"}, "poetry does not install what uv declares"),
    "pip": ("pdm", {"BP_PYTHON_INSTALLER": "pip"}, "pip does not install what pdm declares"),
    "collectstatic": ("uv", {"DISABLE_COLLECTSTATIC": "1"}, "the app has no manage.py"),
    "audit": ("uv", {"BP_PYTHON_AUDIT_IGNORE": "CVE-1"}, "nothing is looked up without BP_PYTHON_AUDIT"),
    "build env": ("uv", {"BP_PYTHON_BUILD_ENV": "EDITION"}, "no variable is set that is named EDITION"),
    "delimiter": ("uv", {"BPE_DELIM_A": ":"}, "BPE_DELIM_A: nothing is appended or prepended to A"),
    "port": ("uv", {"PORT": "5000"}, "set BPE_DEFAULT_PORT=5000"),
}


def lines(folder: Path, manager: str, env: dict[str, str], files: dict[str, str] | None = None) -> list[str]:
    """Return the lines of the notice."""
    project = scan(write_app(folder, files or {"app.py": ""}))
    settings = Settings(env)
    notices = notice_without_effect(project, settings, manager_named(manager, settings))
    return [line for notice in notices for line in notice.text.splitlines()]


@pytest.mark.parametrize(("manager", "env", "text"), CASES.values(), ids=CASES)
def test_each_has_a_line(manager: str, env: dict[str, str], text: str, tmp_path: Path) -> None:
    """With its name and the reason."""
    (line,) = lines(tmp_path, manager, env)
    assert line.startswith(next(iter(env)))
    assert text in line


@pytest.mark.parametrize(
    ("manager", "env"),
    [
        ("uv", {"BP_PYTHON_GROUPS": "dev", "BP_PYTHON_EXTRAS": "pg", "BP_PYTHON_INSTALLER": "uv"}),
        ("setup.py", {"BP_PYTHON_EXTRAS": "pg", "BP_PYTHON_REFRESH": "never"}),
        ("requirements.txt", {"BP_PIP_REQUIREMENT": "a.txt", "BP_PYTHON_INSTALLER": "pip"}),
        ("poetry", {"BP_PYTHON_INSTALLER": "poetry", "BP_PYTHON_MIRROR": "https://m", "BP_PYTHON_SPLIT": "false"}),
        ("uv", {"BP_PYTHON_AUDIT": "warn", "BP_PYTHON_AUDIT_IGNORE": "CVE-1"}),
        ("uv", {"BP_PYTHON_BUILD_ENV": "EDITION,X_*", "X_1": ""}),
        ("uv", {"BPE_DELIM_A": ":", "BPE_APPEND_A": "x"}),
        ("uv", {"PORT": "8080"}),
        ("uv", {"PORT": "5000", "BPE_DEFAULT_PORT": "5000"}),
    ],
)
def test_what_has_an_effect_has_none(manager: str, env: dict[str, str], tmp_path: Path) -> None:
    """No line for what is read, nor for what a platform gives to all apps."""
    assert lines(tmp_path, manager, env) == []


def test_a_nested_project_of_django_has_static_files(tmp_path: Path) -> None:
    """Wherever its manage.py is."""
    assert lines(tmp_path, "uv", {"DISABLE_COLLECTSTATIC": "1"}, {"site/manage.py": ""}) == []
