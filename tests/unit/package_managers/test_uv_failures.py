"""What is said of failures of uv, from its own words: each is the output of uv 0.9 and newer for a small project."""

from pathlib import Path

import pytest

from manager_context import install_context, write_app
from python_buildpack.package_managers.explain_failure import explain_failure
from python_buildpack.package_managers.failures.explain import explain
from python_buildpack.ports.interfaces import Finished

CONFLICT = """\
Resolved 11 packages in 1ms
error: Extras `cpu` and `gpu` are incompatible with the declared conflicts: {`shop[cpu]`, `shop[gpu]`}
"""
MAC_ONLY = """\
Resolved 2 packages in 1ms
error: Distribution `markupsafe==3.0.4 @ registry+https://index.example` can't be installed because it doesn't have a
source distribution or wheel for the current platform

hint: You're on Linux (`manylinux_2_36_x86_64`), but `markupsafe` (v3.0.4) only has wheels for the following platforms:
`macosx_10_13_x86_64`, `macosx_11_0_arm64`
"""
EMPTY_LOCK = """\
error: Failed to parse `uv.lock`
  cause: TOML parse error at line 1, column 1
           |
         1 |
           | ^
         missing field `version`
"""


def test_extras_that_exclude_each_other_are_named() -> None:
    """Both, and where to choose one of them."""
    error = explain(Finished(2, CONFLICT), "uv.lock")
    assert error.code == "choices-conflict"
    assert "Extras `cpu` and `gpu`" in error.what
    assert "BP_PYTHON_EXTRAS" in error.cure


def test_a_lock_for_another_system_is_explained() -> None:
    """The package is named, and what to write so that a lock has files for Linux."""
    error = explain(Finished(2, MAC_ONLY), "uv.lock")
    assert error.code == "package-not-for-python"
    assert "markupsafe==3.0.4" in error.what
    assert "required-environments" in error.cure


def test_a_pylock_for_another_system_is_explained_alike() -> None:
    """Of a pylock file, uv says the same in other words."""
    words = "Package `markupsafe` can't be installed because it doesn't have a source distribution or wheel for the "
    error = explain(Finished(2, f"error: {words}current platform"), "pylock.toml")
    assert error.code == "package-not-for-python"
    assert "markupsafe" in error.what
    assert "pylock.toml" in error.what


def test_poetry_names_the_package_without_a_recorded_hash() -> None:
    """What Poetry 2.5 prints for a lock that has the hashes of another system's files only."""
    output = "  | Downloaded distributions for markupsafe (3.0.4) did not match any known checksums in your lock file."
    error = explain(Finished(1, output), "poetry.lock", "poetry")
    assert error.code == "package-hash-mismatch"
    assert "markupsafe (3.0.4)" in error.what
    assert "poetry lock" in error.cure


def test_a_file_that_a_setup_script_opens_is_named() -> None:
    """The words of uv 0.13 and setuptools; a program that is not installed is no file of the project."""
    output = (
        "error: The build backend returned an error\n  cause: Call to `setuptools.build_meta:__legacy__."
        "get_requires_for_build_wheel` failed (exit status: 1)\n  Traceback (most recent call last):\n"
        "    exec(code, locals())\n  FileNotFoundError: [Errno 2] No such file or directory: '{}'\n"
    )
    error = explain(Finished(1, output.replace("{}", "README.md")), "requirements.txt")
    assert error.code == "project-file-missing"
    assert "README.md" in error.what
    for other in ("gcc", "/usr/include/x.h", "x86_64-linux-gnu-gcc"):
        assert explain(Finished(1, output.replace("{}", other)), "requirements.txt").code != "project-file-missing"


def test_a_lock_that_cannot_be_parsed_is_no_project_without_version() -> None:
    """The words of its parser are those of uv_build for a project."""
    assert explain(Finished(2, EMPTY_LOCK), "uv.lock").code == "dependencies-not-installed"


GONE = """\
error: Failed to download `{0}`
  cause: Failed to fetch: https://files.example.org/a/prices-1.0-py3-none-any.whl
  cause: HTTP status client error (404 Not Found) for url (https://files.example.org/a/prices-1.0-py3-none-any.whl)
"""


def test_whose_address_has_no_file_is_said() -> None:
    """An address that somebody wrote is corrected; a file that the index lists, or a lock, is not the app's mistake."""
    written = explain(
        Finished(1, GONE.format("prices @ https://files.example.org/a/prices-1.0-py3-none-any.whl")), "r.txt"
    )
    chosen = explain(Finished(1, GONE.format("prices==1.0")), "r.txt")
    assert written.code == chosen.code == "package-file-missing"
    assert "r.txt names an address for prices" in written.what
    assert "Correct the address" in written.cure
    assert "prices==1.0 is what was chosen for r.txt" in chosen.what
    assert "the index names a file that it does not have" in chosen.cure


@pytest.mark.parametrize(
    ("lock", "said"),
    [
        ('[[package]]\nname = "flask"\n', "It has no gunicorn."),
        ('[[package]]\nname = "flask"\n[[package]]\nname = "gunicorn"\n', "does not match pyproject.toml."),
        ("no TOML", "does not match pyproject.toml."),
    ],
)
def test_what_an_outdated_lock_lacks_is_named(tmp_path: Path, lock: str, said: str) -> None:
    """Where that is the difference; another one is left to the tool."""
    project = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["Flask>2", "gunicorn"]\n'
    app = write_app(tmp_path / "app", {"pyproject.toml": project, "uv.lock": lock})
    context = install_context(app, tmp_path / "work", tmp_path / "layers")
    output = "error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided."
    error = explain_failure(context, Finished(2, output), "uv.lock")
    assert error.code == "lock-out-of-date"
    assert error.what.endswith(said)
