"""Django's static files: collected once, put back while nothing changed, and failures that say what to do."""

from functools import partial
from pathlib import Path

import pytest

from built_apps import built, failed, one_line, open_to_others, outcomes
from devkit.free_port import find_free_port
from devkit.interpreters import Source
from devkit.lifecycle.launch import Container, launch
from local_builds import Attempt, BuiltOnce, build_checkout, build_once
from manager_context import write_app

SETTINGS = """
import os
from pathlib import Path

# Records for the test how often Django was started.
if "STARTS" in os.environ:
    with open(os.environ["STARTS"], "a") as file:
        file.write("x")
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = os.environ.get("SECRET_KEY", "only-for-the-build")
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.staticfiles"]
MIDDLEWARE = ["whitenoise.middleware.WhiteNoiseMiddleware"]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "assets"]
STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
"""
MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
URLS = """
from django.http import HttpResponse
from django.templatetags.static import static
from django.urls import path
urlpatterns = [path("", lambda request: HttpResponse(static("site.css")))]
"""
WSGI = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
"""
REQUIREMENTS = "django==5.2.19\nwhitenoise==6.12.0\ngunicorn\n"
UNTOUCHED = {
    "dependencies": "by reference",
    "package-django": "by reference",
    "python": "by reference",
    "runtime": "by reference",
}


FILES = {
    "manage.py": MANAGE,
    "requirements.txt": REQUIREMENTS,
    "shop/__init__.py": "",
    "shop/settings.py": SETTINGS,
    "shop/urls.py": URLS,
    "shop/wsgi.py": WSGI,
    "assets/site.css": "body { color: green }\n",
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return a Django project with one style sheet of its own, whose names carry digests (manifest storage)."""
    return write_app(tmp_path / "app", FILES)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, mirror: Source) -> BuiltOnce:
    """Return a state in which the packages of the project are installed and nothing was collected."""
    return build_once(tmp_path_factory, mirror, FILES, {"DISABLE_COLLECTSTATIC": "1"})


@pytest.fixture
def attempt(tmp_path: Path, installed: BuiltOnce) -> Attempt:
    """Return a function that builds a directory, where the packages were installed by a build before it."""
    return installed.attempt(tmp_path)


@pytest.fixture
def first_attempt(tmp_path: Path, mirror: Source) -> Attempt:
    """Return a function that builds a directory, for the first time when it is called first."""
    return partial(build_checkout, mirror, tmp_path / "state")


def replace(path: Path, old: str, new: str) -> None:
    """Change a file of the app."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def served(tmp_path: Path) -> str:
    """Start the image, as a strict platform would, and return the style sheet that its page names."""
    open_to_others(tmp_path)
    port = find_free_port()
    with launch(tmp_path / "state", env={"PORT": str(port)}, container=Container(read_only=True)) as running:
        url = running.wait_for_http(port).body.decode()
        assert url.startswith("/static/site.")
        assert url != "/static/site.css"
        sheet = running.wait_for_http(port, url).body.decode()
        # Gunicorn's, for one, when it cannot write to its home directory.
        assert "[ERROR]" not in running.log, running.log
        return sheet


def test_rebuilds_start_django_only_where_something_changed(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """Nothing changed: Django is not started. A style sheet changed: it is, and both big layers stay by reference."""
    starts = tmp_path / "starts"
    env = {"STARTS": str(starts)}
    first = built(attempt(app, env))
    assert "1 static file copied" in one_line(first.log)
    assert starts.read_text() == "x"
    assert "green" in served(tmp_path)
    starts.write_text("")

    again = built(attempt(app, env))
    assert outcomes(again) == UNTOUCHED
    assert starts.read_text() == ""
    assert again.app.digest == first.app.digest
    # By the group, which the user of the run image shares, also where they come from the cache.
    collected = list((tmp_path / "state/workspace/staticfiles").rglob("*"))
    assert [path.name for path in collected if not path.stat().st_mode & 0o020] == []

    (app / "assets/site.css").write_text("body { color: blue }\n", encoding="utf-8")
    changed = built(attempt(app, env))
    assert outcomes(changed) == UNTOUCHED
    assert starts.read_text() == "x"
    starts.write_text("")
    assert "blue" in served(tmp_path)
    starts.write_text("")

    built(attempt(app, {**env, "SECRET_KEY": "hunter2-and-more"}))
    assert starts.read_text() == "x"
    kept = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert [path for path in kept if b"hunter2-and-more" in path.read_bytes()] == []


def test_code_that_collectstatic_does_not_read(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """A view's change does not start Django, and is in the image; the settings' does, and so does a new file."""
    starts = tmp_path / "starts"
    env = {"STARTS": str(starts)}
    built(attempt(app, env))
    starts.write_text("")
    replace(app / "shop/urls.py", 'HttpResponse(static("site.css"))', 'HttpResponse("" + static("site.css"))')
    changed = built(attempt(app, env))
    assert "Reused (nothing that collectstatic read has changed): " in one_line(changed.log)
    assert outcomes(changed) == UNTOUCHED
    assert starts.read_text() == ""
    assert '"" + static' in (tmp_path / "state/workspace/shop/urls.py").read_text(encoding="utf-8")
    assert "green" in served(tmp_path)

    starts.write_text("")
    replace(app / "shop/settings.py", 'BASE_DIR / "assets"', 'BASE_DIR / "other"')
    (app / "assets").rename(app / "other")
    (app / "other/site.css").write_text("body { color: red }\n", encoding="utf-8")
    built(attempt(app, env))
    assert starts.read_text() == "x"
    assert "red" in served(tmp_path)

    starts.write_text("")
    (app / "local_settings.py").write_text("", encoding="utf-8")
    built(attempt(app, env))
    assert starts.read_text() == "x"


LOADED = """
import sys
loaded = [module for name, module in sys.modules.items() if name.partition(".")[0] in {"django", "asgiref", "json"}]
cached = [(module.__name__, module.__spec__.cached) for module in loaded if module.__spec__]
without = sorted(name for name, path in cached if not (path and os.path.exists(path)))
print("without bytecode:", without, len(cached) > 30)
"""


def test_what_django_imports_comes_back_with_its_bytecode(app: Path, first_attempt: Attempt) -> None:
    """The layers are unpacked without theirs; to compile Django anew would take longer than to collect the files."""
    attempt = first_attempt
    with (app / "shop/settings.py").open("a", encoding="utf-8") as file:
        file.write(LOADED)
    whole = "without bytecode: [] True"
    first = built(attempt(app))
    assert whole in first.log
    # Kept by a build that does not start Django, too.
    assert "Reused (nothing that collectstatic read has changed): " in one_line(built(attempt(app)).log)
    (app / "shop/more.py").write_text("", encoding="utf-8")
    changed = built(attempt(app))
    assert whole in changed.log
    assert outcomes(changed) == UNTOUCHED
    # What is in other layers than the one that is made anew is theirs still.
    (app / "requirements.txt").write_text(f"{REQUIREMENTS}itsdangerous==2.2.0\n", encoding="utf-8")
    assert whole in built(attempt(app)).log


def test_a_changed_dependency_collects_again(app: Path, attempt: Attempt) -> None:
    """A new package is installed, and Django is asked again."""
    built(attempt(app))
    (app / "requirements.txt").write_text(f"{REQUIREMENTS}itsdangerous==2.2.0\n", encoding="utf-8")
    second = built(attempt(app))
    assert outcomes(second) == {**UNTOUCHED, "dependencies": "added"}
    assert "1 static file copied" in one_line(second.log)


def test_a_lost_cache_installs_again_and_exports_equal(app: Path, attempt: Attempt) -> None:
    """Without the copy of the packages they are installed anew, with the digest that the image already has."""
    first = {layer.name: layer.digest for layer in built(attempt(app)).layers}
    second = built(attempt(app, cache=False))
    assert "The cache has no copy of the packages" in one_line(second.log)
    assert outcomes(second) == {**UNTOUCHED, "dependencies": "reused", "package-django": "reused"}
    names = ("dependencies", "python")
    digests = {layer.name: layer.digest for layer in second.layers}
    assert [digests[name] for name in names] == [first[name] for name in names]


def test_settings_that_need_a_variable(app: Path, attempt: Attempt) -> None:
    """The error names the variable, how to give it, and how to do without; given, the build succeeds."""
    replace(app / "shop/settings.py", 'os.environ.get("SECRET_KEY", "only-for-the-build")', 'os.environ["API_KEY"]')
    log = failed(attempt(app))
    assert "error: collectstatic-failed" in log
    assert "The app needs the variable API_KEY" in log
    assert "pack build --env API_KEY=" in log
    assert "DISABLE_COLLECTSTATIC=1" in log
    assert "1 static file copied" in built(attempt(app, {"API_KEY": "x"})).log
    replace(app / "shop/settings.py", '["django.contrib.staticfiles"]', "['django.contrib.sessions']")
    with (app / "shop/settings.py").open("a", encoding="utf-8") as settings:
        settings.write("DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'x'}}\n")
    database = failed(attempt(app, {"API_KEY": "x"}))
    assert "The app imports psycopg, or psycopg2 in its place, and none of them is installed." in database
    disabled = built(attempt(app, {"DISABLE_COLLECTSTATIC": "1"})).log
    assert "Not collected, because DISABLE_COLLECTSTATIC is set" in disabled


def test_a_project_without_a_static_root(app: Path, attempt: Attempt) -> None:
    """A warning says what to add; another settings module is taken from the environment."""
    replace(app / "shop/settings.py", 'STATIC_ROOT = BASE_DIR / "staticfiles"', "")
    first = built(attempt(app)).log
    assert "warning: The static files are not collected" in first
    assert "Traceback" not in first
    (app / "shop/production.py").write_text(
        'from shop.settings import *\nSTATIC_ROOT = BASE_DIR / "public"\n', encoding="utf-8"
    )
    log = built(attempt(app, {"DJANGO_SETTINGS_MODULE": "shop.production"})).log
    assert "1 static file copied to" in log
    assert "/public'" in log


def test_a_project_without_staticfiles(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """Django itself says that there is nothing to collect, and is asked only once."""
    replace(app / "shop/settings.py", '["django.contrib.staticfiles"]', "[]")
    starts = tmp_path / "starts"
    first = built(attempt(app, {"STARTS": str(starts)}))
    assert "django.contrib.staticfiles is not in INSTALLED_APPS" in one_line(first.log)
    assert "Unknown command" not in first.log
    again = built(attempt(app, {"STARTS": str(starts)}))
    assert "Nothing to collect, as in the last build" in one_line(again.log)
    assert starts.read_text() == "x"


def test_files_collected_elsewhere(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """A STATIC_ROOT outside the app's directory would be lost: a warning says so."""
    replace(app / "shop/settings.py", 'BASE_DIR / "staticfiles"', repr(str(tmp_path / "elsewhere")))
    assert "warning: STATIC_ROOT is not in the app's directory" in one_line(built(attempt(app)).log)


def test_a_project_in_a_folder(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """manage.py below the root is found, and run where it is."""
    (app / "backend").mkdir()
    for name in ("manage.py", "shop", "assets"):
        (app / name).rename(app / "backend" / name)
    assert "python backend/manage.py collectstatic" in built(attempt(app)).log
    assert "green" in served(tmp_path)
