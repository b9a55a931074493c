"""Apps that are one script with inline metadata (PEP 723), and requirements under other names."""

from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.documents import ProjectFileInvalid
from python_buildpack.app.project import scan
from python_buildpack.decide.version_sources import script as version_source
from python_buildpack.package_managers.registry import find_managers, manager_named
from python_buildpack.settings.values import Settings

NONE = Settings({})
METADATA = """#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.12"
# dependencies = [
#     "flask==3.1.2",
#     "Requests",
# ]
# ///
import flask
"""


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"main.py": METADATA}, {"script": "main.py"}),
        ({"dashboard.py": METADATA.replace("\n", "\r\n")}, {"script": "dashboard.py"}),
        ({"main.py": METADATA, "main.py.lock": "version = 1\n", ".python-version": "3.12"}, {"script": "main.py"}),
        ({"app.py": METADATA, "helper.py": METADATA}, {"script": "app.py"}),
        ({"app.py": METADATA, "main.py": METADATA}, {}),
        ({"tools/main.py": METADATA}, {}),
        ({"main.py": METADATA, "requirements.txt": "idna\n"}, {"requirements.txt": "requirements.txt"}),
        ({"main.py": "# /// other\n# x = 1\n# ///\n"}, {}),
    ],
)
def test_a_script_counts_where_nothing_else_declares(
    tmp_path: Path, files: dict[str, str], found: dict[str, str]
) -> None:
    """The only one in the root, or the only one with a usual name; version files may be beside it."""
    assert find_managers(scan(write_app(tmp_path, files)), NONE) == found


def test_a_scripts_metadata_is_read(tmp_path: Path) -> None:
    """Names, exact versions and the Python; the lock adds what it lists."""
    lock = (
        'version = 1\n[[package]]\nname = "flask"\nversion = "3.1.2"\n[[package]]\nname = "blinker"\nversion = "1.9"\n'
    )
    manager = manager_named("script")
    plain = scan(write_app(tmp_path / "plain", {"main.py": METADATA}))
    assert manager.declared(plain) == {"flask", "requests"}
    assert {name: str(version) for name, version in manager.pinned(plain).versions.items()} == {"flask": "3.1.2"}
    declared = version_source.read(plain, NONE)
    assert declared is not None
    assert (declared.request.text, declared.origin) == (">=3.12", "main.py (requires-python)")
    locked = scan(write_app(tmp_path / "locked", {"main.py": METADATA, "main.py.lock": lock}))
    assert manager.pinned(locked).versions.keys() == {"flask", "blinker"}
    assert manager.declaration(locked) != manager.declaration(plain)


def test_metadata_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    """With the file, and where to correct it."""
    app = scan(write_app(tmp_path, {"main.py": "# /// script\n# dependencies = [flask]\n# ///\n"}))
    with pytest.raises(ProjectFileInvalid, match=r"main\.py"):
        manager_named("script").declaration(app)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["requirements/base.txt", "requirements/production.txt"], {"requirements.txt": "requirements/production.txt"}),
        (["requirements/prod.txt", "requirements.in"], {"requirements.txt": "requirements/prod.txt"}),
        (["requirements.in"], {"requirements.txt": "requirements.in"}),
        (["requirements.in", "requirements.txt"], {"requirements.txt": "requirements.txt"}),
        (["requirements.in", "environment.yml"], {"requirements.txt": "requirements.in"}),
        (["requirements/production.txt", "setup.py"], {"setup.py": "setup.py"}),
        (["requirements/dev.txt"], {}),
    ],
)
def test_other_requirements_stand_for_a_missing_requirements_txt(
    tmp_path: Path, names: list[str], found: dict[str, str]
) -> None:
    """Where nothing else declares dependencies; files for developers never do."""
    project = scan(write_app(tmp_path, dict.fromkeys(names, "idna\n")))
    assert find_managers(project, NONE) == found
    if "requirements.txt" in found:
        assert manager_named("requirements.txt").declared(project) == {"idna"}
