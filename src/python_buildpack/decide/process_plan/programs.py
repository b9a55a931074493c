"""Which distribution brings a program that people start: to name what is missing."""

from collections.abc import Mapping
from itertools import chain
from types import MappingProxyType

from packaging.utils import canonicalize_name

from python_buildpack.decide.process_plan.runners.registry import RUNNERS
from python_buildpack.decide.processes.frameworks.registry import APP_KINDS
from python_buildpack.decide.processes.servers import SERVERS
from python_buildpack.decide.processes.workers.registry import TASK_QUEUES
from python_buildpack.installed.distributions import InstalledDistributions

OTHERS: Mapping[str, str] = MappingProxyType(
    {
        **{name: name for name in (
            "alembic", "chalice", "cheroot", "circus", "dagster", "ddtrace", "hatch", "honcho", "jupyter", "locust",
            "luigi", "marimo", "meinheld", "mlflow", "newrelic", "pdm", "pipenv", "poetry", "prefect", "reflex",
            "robyn", "scrapy", "sentry", "solara", "uv", "voila", "watchfiles", "conda", "doit", "invoke", "nox", "pip",
            "pipx", "rye", "tox",
        )},
        **{runner.name: runner.brought_by for runner in RUNNERS},
        "inv": "invoke",
        "pip3": "pip",
        "newrelic-admin": "newrelic",
        "ddtrace-run": "ddtrace",
        "opentelemetry-instrument": "opentelemetry-distro",
        "supervisord": "supervisor",
        "circusd": "circus",
        "airflow": "apache-airflow",
        "superset": "apache-superset",
        "jupyter-lab": "jupyterlab",
        "jupyter-notebook": "notebook",
        "watchmedo": "watchdog",
        "pserve": "pyramid",
    }
)  # fmt: skip
"""Programs that people start, of no kind that we know how to start ourselves → the distribution that brings each."""


def _programs() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for program, distribution in chain(
        OTHERS.items(),
        *(kind.programs.items() for kind in APP_KINDS),
        *(queue.programs.items() for queue in TASK_QUEUES),
        *(server.programs.items() for server in SERVERS),
    ):
        found[program] = (*found.get(program, ()), distribution)
    return found


PROGRAMS = _programs()
"""Console scripts, and modules that run with ``python -m`` → the distributions of which each one brings it."""
DEVELOPMENT_TOOLS = frozenset({"pip", "pip3", "conda", "pipenv", "poetry", "pdm", "uv", "uvx", "pipx", "hatch", "rye"})
SYSTEM_TOOLS = frozenset({"make", "just", "docker", "docker-compose", "sudo"})
"""Programs that no distribution and no other buildpack brings, which people have on their own machines."""


def missing_distribution(words: tuple[str, ...], installed: InstalledDistributions) -> str | None:
    """Return the distribution that brings a command's program, if it is known and not installed, else None."""
    name = words[0].rpartition("/")[2]
    if name.startswith("python") and "-m" in words[:-1]:
        name = words[words.index("-m") + 1].partition(".")[0]
    bringing = PROGRAMS.get(name, ())
    return None if installed.has(*bringing) else next(iter(bringing), None)


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
