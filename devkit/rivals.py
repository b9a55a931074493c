"""How other builders decide what a Python image starts, restated to be compared: docs/rivals.md is made from it.

Restated from their public sources and documentation as of December 2026, in our own words and code; each rule sees what
our layouts have: the files, and the names of the installed distributions, which stand for the requirements.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Command = tuple[str, ...]
Rule = Callable[["Layout"], Command | None]
"""Returns the web process that a builder gives to a layout, None where it gives none."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A source tree as in tests/unit/decide/processes/layouts, with what has to be started."""

    name: str
    files: Mapping[str, str]
    distributions: frozenset[str]
    web: str
    """The command line that is right, "" where the image is to have no process at all."""

    def mentions(self, word: str) -> bool:
        """Say whether a text search through the requirements finds ``word``: ``flask-cors`` has ``flask``."""
        return any(word in name for name in self.distributions)


@dataclass(frozen=True, slots=True)
class Rival:
    """Another builder: what it does in a sentence or two, where that can be read, and the same as a rule."""

    name: str
    rule: Rule
    does: str
    source: str


def _needs_a_command(layout: Layout) -> Command | None:
    """Heroku's buildpacks, and DigitalOcean's: a Procfile or a run command, or nothing."""
    del layout
    return None


def _interactive_python(layout: Layout) -> Command | None:
    """Paketo: the same process for every app."""
    del layout
    return ("python",)


GOOGLE_ADK = ("adk", "api_server", ".")
"""The agents of the app's directory, which is what the program takes where it is given none."""


def google(layout: Layout) -> Command | None:
    """Google: the object ``app`` of main.py, else of app.py; the server by what is required."""
    file = next((name for name in ("main.py", "app.py") if name in layout.files), None)
    script = _project_script(layout)
    if script is not None:
        return (script,)
    if file is None:
        return GOOGLE_ADK if "google-adk" in layout.distributions else None
    target = f"{file.removesuffix('.py')}:app"
    if "gunicorn" in layout.distributions:
        return ("gunicorn", target)
    # fastapi[standard] counts as well, and is known here by what it brings.
    if not layout.distributions.isdisjoint({"uvicorn", "fastapi-cli"}):
        return ("uvicorn", target)
    if "gradio" in layout.distributions:
        return ("python", file)
    if "streamlit" in layout.distributions:
        return ("streamlit", "run", file)
    return GOOGLE_ADK if "google-adk" in layout.distributions else ("gunicorn", target)


def _project_script(layout: Layout) -> str | None:
    match = re.search(r"\[project\.scripts\]\s*\n\s*\"?([\w.-]+)", layout.files.get("pyproject.toml", ""))
    return match[1] if match else None


RAILPACK_FILES = ("main.py", "app.py", "start.py", "bot.py", "hello.py", "server.py")
RAILPACK_DJANGO = re.compile(r"WSGI_APPLICATION = [\"'](.*)\.application[\"']")


def railpack(layout: Layout) -> Command | None:
    """Railpack: Django by its setting; Flask, FastAPI and FastHTML as ``main:app``; else the first script of a list."""
    file = next((name for name in RAILPACK_FILES if name in layout.files), None)
    if file is not None:
        if layout.mentions("flask") and layout.mentions("gunicorn"):
            return ("gunicorn", "main:app")
        if (layout.mentions("fastapi") or layout.mentions("python-fasthtml")) and layout.mentions("uvicorn"):
            return ("uvicorn", "main:app")
    if "manage.py" in layout.files and layout.mentions("django"):
        for path, text in layout.files.items():
            if path.endswith(".py") and (match := RAILPACK_DJANGO.search(text)):
                return ("gunicorn", f"{match[1]}:application")
    return ("python", file) if file else None


RIVALS = (
    Rival(
        "DigitalOcean (heroku-buildpack-python)",
        _needs_a_command,
        "Installs Python and the packages, and names no process: the app needs a run command or a Procfile, and the "
        "documentation asks for `--worker-tmp-dir /dev/shm` when that is gunicorn.",
        "docs.digitalocean.com, App Platform, Python buildpack; heroku/heroku-buildpack-python `bin/release`",
    ),
    Rival(
        "Heroku CNB",
        _needs_a_command,
        "The result of its build has no process. heroku/procfile adds those of a Procfile.",
        "heroku/buildpacks-python `src/main.rs`",
    ),
    Rival(
        "Paketo",
        _interactive_python,
        "`web` is `python` without arguments, whatever the app: an interactive interpreter, which ends when nobody "
        "types.",
        "paketo-buildpacks/python-start `build.go`",
    ),
    Rival(
        "Google Cloud",
        google,
        "`main:app` if there is a main.py, else `app:app` if there is an app.py, else the build fails. The server is "
        "gunicorn, uvicorn, Gradio's, Streamlit's or ADK's, by what is required (before Python 3.13 always gunicorn), "
        "on port 8080 whatever PORT says. A script of pyproject.toml has precedence. Nothing is known of Django.",
        "GoogleCloudPlatform/buildpacks `cmd/python/missing_entrypoint`",
    ),
    Rival(
        "Railpack",
        railpack,
        "Django by the text of WSGI_APPLICATION, under gunicorn even where that is not installed; `main:app` for Flask "
        "with gunicorn and for FastAPI and FastHTML with uvicorn, also where the file is app.py; else `python` and the "
        "first of a list of file names. Requirements are searched as text, so flask-cors is Flask.",
        "railwayapp/railpack `core/providers/python`, `docs/languages/python`",
    ),
)
