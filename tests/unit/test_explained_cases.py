"""The apps of the directory ``shared`` beside the checkout, each made after a kind of report, are explained.

They are held to what their README.md says of them where explain shows it; the rest only a build shows.
"""

from datetime import date

import pytest

from cnb.errors import BuildpackError
from devkit.paths import CHECKOUT
from devkit.recipes import recipe_of
from python_buildpack.decide.recipe_text import recipe_lines

APPS = CHECKOUT.parent / "shared" / "cases" / "apps"
NAMES = sorted(folder.name for folder in APPS.iterdir()) if APPS.is_dir() else []
TODAY = date(2026, 11, 22)
SAID: dict[str, tuple[str, ...]] = {
    "a01-uv-run-script": ("Process web (default): python main.py", "Remove 'uv run'"),
    "a02-pipenv-script": ("Process web (default): gunicorn board:app", "start of [scripts] in Pipfile"),
    "a04-procfile-oddities": ("the worker class gevent", "Add gevent"),
    "a07-dashed": ("gunicorn my-app:app",),
    "a08-procfile-python-app": ("app.py, line 7", "127.0.0.1", "PORT"),
    "a10-flask-socketio-procfile": ("WEB_CONCURRENCY=1",),
    "a11-requirements-oddities": ("requirements.txt", "byte 0xe9 in line 1"),
    "a18-workspace-celery": ("celery --app shop_jobs.tasks worker", "PYTHONPATH=apps/jobs/src"),
    "a18c-flat": ("celery --app shop_jobs.tasks worker", "PYTHONPATH=jobs"),
    "a27-django-nested": ("gunicorn --chdir backend portal.wsgi", "'--chdir backend' is added"),
    "a28-uv-default-groups": ("Installed besides: prod", "gunicorn app:app"),
    "a31-platform-files": ("Aptfile", "packages.txt", "nixpacks.toml", "railway.json", "render.yaml"),
    "a32-heroku-leftovers": ("Process web (default): python nightly.py",),
    "b08-virtual-workspace-root": ("gunicorn --pythonpath packages/api/src api.main:app",),
    "b08c-workspace-two-apps": ("Several projects of the app have a web app", "BP_PYTHON_PACKAGE=api"),
    "b10-member-alone": ("workspace-missing", "core", "BP_PYTHON_PACKAGE"),
    "b11-member-missing": ("packages/batch",),
    "b12c-pdm-wheel-gone": ("greet",),
    "b15-pep723": ("Package manager script", "main.py (requires-python) asks for >=3.12", "main.py has the Flask app"),
    "b16b-procfile-scripts": ("make is no Python package",),
    "b24-lfs-pointer": ("Files are Git LFS pointers: model.bin",),
    "b25-requires-python": ("Python 3.12.0", "Write ==3.12.*"),
    "b26-subdirectory": ("backend/requirements.txt", "BP_PYTHON_SUBDIRECTORY=backend"),
}


def said_of(name: str) -> str:
    """Return what explain says of one of the apps, or the error with which it ends."""
    try:
        return "\n".join(recipe_lines(recipe_of(APPS / name, {}, "amd64", TODAY)))
    except BuildpackError as error:
        return f"{error.code}\n{error.what}\n{error.cure}"


@pytest.mark.skipif(not NAMES, reason="no directory shared beside the checkout")
def test_each_is_explained_as_its_page_says() -> None:
    """None ends with an internal error, and what has to be found or named is."""
    assert SAID.keys() <= set(NAMES)
    texts = {name: said_of(name) for name in NAMES}
    lacking = {name: [word for word in SAID.get(name, ()) if word not in text] for name, text in texts.items()}
    assert {name: (words, texts[name]) for name, words in lacking.items() if words} == {}
    assert ".heroku" not in texts["a32-heroku-leftovers"], "hidden folders hold no app"
