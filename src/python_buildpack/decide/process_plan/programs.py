"""Which distribution provides which program, to name the one that is missing."""

from collections.abc import Mapping
from itertools import chain
from types import MappingProxyType

from packaging.utils import canonicalize_name

from python_buildpack.decide.process_plan.runners.registry import MANAGERS, RUNNERS
from python_buildpack.decide.processes.frameworks.registry import APP_KINDS
from python_buildpack.decide.processes.servers import SERVERS
from python_buildpack.decide.processes.workers.registry import TASK_QUEUES
from python_buildpack.installed.distributions import InstalledDistributions

OTHERS: Mapping[str, str] = MappingProxyType(
    {
        **{name: name for name in (
            "alembic", "chalice", "cheroot", "circus", "dagster", "ddtrace", "honcho", "jupyter", "locust",
            "luigi", "meinheld", "mlflow", "newrelic", "prefect", "scrapy", "sentry", "solara", "watchfiles",
             "conda", "doit", "invoke", "nox", "pip", "tox",
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
    }
)  # fmt: skip
"""Programs that belong to no known framework, queue or server → the distribution that provides each."""


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
"""Console scripts, and modules that run with ``python -m`` → the distributions that provide it, each alone."""
DEVELOPMENT_TOOLS = frozenset({"pip", "pip3", "conda", *(manager.name for manager in MANAGERS)})
"""Programs that only manage dependencies."""
SYSTEM_TOOLS = frozenset({"make", "just", "docker", "docker-compose", "sudo",
                          "heroku", "foreman", "goreman", "overmind", "hivemind"})  # fmt: skip
"""Programs that no distribution and no other buildpack brings, which people have on their own machines."""


def missing_distribution(words: tuple[str, ...], installed: InstalledDistributions) -> str | None:
    """Return the distribution that provides a command's program, if it is known and not installed, else None."""
    name = words[0].rpartition("/")[2]
    if name.startswith("python") and "-m" in words[:-1]:
        name = words[words.index("-m") + 1].partition(".")[0]
    bringing = PROGRAMS.get(name, ())
    return None if installed.has(*bringing) else next(iter(bringing), None)


def program_meant(words: tuple[str, ...], installed: InstalledDistributions) -> str | None:
    """Return the known program whose name is probably misspelt in a command, else None.

    A build cannot see which programs the run image has; but one whose name is nearly that of a server is unlikely.
    Programs in the app's directory, and with the name of an installed distribution, are not misspelt.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only for who has a Procfile

    name = words[0]
    if name in PROGRAMS or "/" in name or installed.has(canonicalize_name(name)):
        return None
    return next(iter(get_close_matches(name, PROGRAMS, n=1, cutoff=0.85)), None)


def installing(words: tuple[str, ...]) -> str:
    """Return the package manager with which a command installs packages, "" for any other command."""
    values = tuple(word.rpartition("/")[2] for word in words)
    if values[0].startswith("python") and values[1:2] == ("-m",):
        values = values[2:]
    verbs = {"install", "sync", "update", "add"}
    is_installing = bool(values) and values[0] in DEVELOPMENT_TOOLS and not verbs.isdisjoint(values[1:3])
    return values[0] if is_installing else ""
