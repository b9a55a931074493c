"""Installed packages that import what a newer Python lost: another Python where the app leaves it open, else a word."""

from collections.abc import Callable
from pathlib import Path

from built_apps import built, failed, one_line, outcomes
from devkit.lifecycle.results import Built, Failed
from devkit.small_wheels import write_wheel
from manager_context import write_app
from package_index import failing_sdist, running_index, wheel

Attempt = Callable[..., Built | Failed]
APP = {
    "requirements.txt": "--no-index\n--find-links wheels\noldlib\n",
    "main.py": "import oldlib\n",
}


def app_with(folder: Path, source: str, **more: str) -> Path:
    """Write an app that imports a package with this source, which a wheel in the app brings."""
    app = write_app(folder, {**APP, **more})
    (app / "wheels").mkdir()
    write_wheel(app / "wheels", "oldlib", "1.0", {"oldlib/__init__.py": source.encode()})
    return app


def test_an_app_that_leaves_python_open_gets_one_on_which_its_packages_run(tmp_path: Path, attempt: Attempt) -> None:
    """The newest one; said in the log, remembered for the next build, and only for what the app reaches."""
    attempts = "try:\n    import asyncore\nexcept ImportError:\n    import asyncore_of_nobody\n"
    app = app_with(tmp_path / "app", f"{attempts}from collections import OrderedDict\n")
    first = built(attempt(app))
    log = " ".join(first.log.split())
    assert (
        "Installing again on Python 3.11, because oldlib 1.0 imports asyncore, which Python 3.12 no longer has" in log
    )
    assert "3.11.7, because the app names no version, and oldlib 1.0 imports asyncore" in log
    (app / "main.py").write_text("import oldlib\nimport cv2\n", encoding="utf-8")
    again = built(attempt(app))
    assert set(outcomes(again).values()) == {"by reference"}
    assert "Installing" not in again.log
    # What the packages bring is known without them: they are not on disk in this build.
    assert "main.py imports cv2, which is not there" in one_line(again.log)
    assert "main.py imports" not in first.log
    assert "add opencv-python-headless to requirements.txt" in " ".join(again.log.split())
    (app / "requirements.txt").write_text(f"{APP['requirements.txt']}# no change for Python\n", encoding="utf-8")
    assert "Installing again" not in built(attempt(app)).log


def test_an_app_that_names_its_python_is_told_what_fails(tmp_path: Path, attempt: Attempt) -> None:
    """With package, module and Python, and what to do."""
    app = app_with(tmp_path / "app", "import telnetlib\nimport pkg_resources\n", **{".python-version": "3.13\n"})
    log = " ".join(built(attempt(app)).log.split())
    assert (
        "oldlib 1.0 imports telnetlib, which Python 3.13 no longer has (oldlib/__init__.py), and the app runs on 3.13."
        in log
    )
    assert "add telnetlib3 to the dependencies, or ask for a Python before 3.13" in log
    assert "oldlib 1.0 imports pkg_resources, which no installed package has" in log
    assert "add setuptools<82 to the dependencies" in log


def test_a_package_that_cannot_be_built_is_installed_where_it_has_a_wheel(tmp_path: Path, attempt: Attempt) -> None:
    """A range, so no pin says before which Python it needs. An app that names its Python keeps it, with the reason."""
    files = [wheel("olddep", "1.0", tag="cp311-none-any"), failing_sdist("olddep", "1.0")]
    app = write_app(tmp_path / "app", {"requirements.txt": "olddep>=1\n", "main.py": "import olddep\n"})
    with running_index({"olddep": files}) as index:
        env = {"UV_DEFAULT_INDEX": index.url}
        log = one_line(built(attempt(app, env)).log)
        assert "Installing again on Python 3.11, because olddep 1.0 has no wheel for a newer one, and cannot be" in log
        assert "the app names no version, and olddep 1.0 has no wheel for a newer one" in log
        write_app(app, {".python-version": "3.13\n"})
        log = one_line(failed(attempt(app, env)))
        assert "package-build-failed" in log
        assert "There is a wheel of olddep 1.0 for Python 3.11." in log
