"""Which distribution brings a program that people start: to name what is missing."""

from collections.abc import Mapping
from types import MappingProxyType

from packaging.utils import canonicalize_name

from python_buildpack.installed.distributions import InstalledDistributions

PROGRAMS: Mapping[str, str] = MappingProxyType(
    {
        **{name: name for name in (
            "aiohttp", "alembic", "arq", "bokeh", "bottle", "celery", "chainlit", "chalice", "cheroot", "circus",
            "dagster", "daphne", "dash", "ddtrace", "dramatiq", "flask", "flower", "gradio", "granian", "gunicorn",
            "hatch", "honcho", "huey", "hypercorn", "jupyter", "litestar", "locust", "luigi", "marimo", "meinheld",
            "mlflow", "newrelic", "panel", "pdm", "pipenv", "poetry", "prefect", "quart", "reflex", "robyn", "rq",
            "sanic", "scrapy", "shiny", "solara", "streamlit", "uv", "uvicorn", "uwsgi", "voila", "waitress",
        )},
        "waitress-serve": "waitress",
        "fastapi": "fastapi-cli",
        "django-admin": "django",
        "huey_consumer": "huey",
        "huey_consumer.py": "huey",
        "rqscheduler": "rq-scheduler",
        "rqworker": "rq",
        "newrelic-admin": "newrelic",
        "ddtrace-run": "ddtrace",
        "opentelemetry-instrument": "opentelemetry-distro",
        "supervisord": "supervisor",
        "circusd": "circus",
        "airflow": "apache-airflow",
        "superset": "apache-superset",
        "jupyter-lab": "jupyterlab",
        "jupyter-notebook": "notebook",
        "sentry": "sentry",
        "watchmedo": "watchdog",
        "watchfiles": "watchfiles",
        "pserve": "pyramid",
    }
)  # fmt: skip
"""Console scripts, and modules that run with ``python -m`` → the distribution that brings them."""
ALTERNATIVES: Mapping[str, frozenset[str]] = MappingProxyType(
    {"uwsgi": frozenset({"uwsgi", "pyuwsgi"}), "fastapi-cli": frozenset({"fastapi-cli"})}
)
DEVELOPMENT_TOOLS = frozenset({"pipenv", "poetry", "pdm", "uv", "hatch"})


def missing_distribution(words: tuple[str, ...], installed: InstalledDistributions) -> str | None:
    """Return the distribution that brings a command's program, if it is known and not installed, else None."""
    name = words[0].rpartition("/")[2]
    if name.startswith("python") and "-m" in words[:-1]:
        name = words[words.index("-m") + 1].partition(".")[0]
    distribution = PROGRAMS.get(name)
    if distribution is None:
        return None
    return None if installed.has(*ALTERNATIVES.get(distribution, (distribution,))) else distribution


def program_meant(words: tuple[str, ...], installed: InstalledDistributions) -> str | None:
    """Return the known program of which a command's program is probably a misspelling, else None.

    Which programs a run image has cannot be seen; one that nearly has the name of a server hardly is one of them. What
    is in the app's own directory, or called like something that is installed, is meant as it is.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only for who has a Procfile

    name = words[0]
    if name in PROGRAMS or "/" in name or installed.has(canonicalize_name(name)):
        return None
    return next(iter(get_close_matches(name, PROGRAMS, n=1, cutoff=0.85)), None)
