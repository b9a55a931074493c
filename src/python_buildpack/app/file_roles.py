"""The role of a source file, by its path: a possible entry point of the app, a test, an example, or a helper."""

ENTRIES = frozenset({"wsgi", "asgi", "app", "application", "main", "server", "run", "bot", "manage", "settings",
                     "__main__", "celery", "gunicorn.conf"})  # fmt: skip
"""Usual names of files in which an app starts, or which configure its start."""
NO_APPS = frozenset({"test", "tests", "testing", "doc", "docs", "example", "examples", "benchmark", "benchmarks",
                     "migrations", "fixtures"})  # fmt: skip
"""Folders that never contain the app to deploy."""
NO_APP_FILES = frozenset({"conftest", "noxfile", "tests", "fabfile"})
ASIDE = frozenset({"demo", "demos", "sample", "samples", "script", "scripts", "tools", "notebooks", "playground",
                   "scratch", "tutorial", "tutorials", "bin", "dev", "contrib", "vendor", "old", "archive",
                   "legacy", "backup"})  # fmt: skip
"""Folders that contain the app to deploy only if there is none elsewhere."""


def may_begin_app(path: str) -> bool:
    """Return whether an app may start in a file: it is at the top or in src, begins a package, or has a usual name."""
    inside = path.removeprefix("src/")
    return "/" not in inside or is_usual_name(path) or (inside.count("/") == 1 and inside.endswith("/__init__.py"))


def is_usual_name(path: str) -> bool:
    """Return whether a file, or the package of an ``__init__.py``, has a usual name of a file in which apps start."""
    *folders, name = path.removesuffix(".py").split("/")
    package = folders[-1] if folders else ""
    return name in ENTRIES or (package in ENTRIES and name == "__init__") or package == "settings"


def is_test_or_example(path: str) -> bool:
    """Return whether a file is a test, an example or documentation: an app in it is not the one to deploy."""
    *folders, file = path.lower().removesuffix(".py").split("/")
    return (
        file in NO_APP_FILES
        # In a package, setup.py is a module like any other.
        or (file == "setup" and not folders)
        or file.startswith("test_")
        or file.endswith("_test")
        or any(part in NO_APPS for part in folders)
        # The templates of a generator of projects (Cookiecutter, Copier) are no Python before they are filled in.
        or "{{" in path
    )


def is_aside(path: str) -> bool:
    """Return whether a file is in a folder of demonstrations or helpers."""
    return any(part in ASIDE for part in path.lower().split("/")[:-1])
