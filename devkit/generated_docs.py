"""Files that are written from the code's own tables and decisions, so that they say what the code does."""

import importlib
import inspect
import json
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from types import ModuleType

import cnb
import python_buildpack
from cnb.errors import BuildpackError
from devkit.architecture_page import PAGE as ARCHITECTURE_PAGE
from devkit.architecture_page import architecture_page
from devkit.bench.page import benchmark_pages
from devkit.bench.results import newest_figures
from devkit.bindings_page import PAGE as BINDINGS_PAGE
from devkit.bindings_page import private_networks_page
from devkit.configuration_page import configuration_page
from devkit.demo import demo_picture
from devkit.error_pages import error_pages
from devkit.faults_page import faults_page
from devkit.known_files import known_files, written_tables
from devkit.launch_variables import written_helper
from devkit.layers_page import layers_page
from devkit.migration_page import PAGE as MIGRATION_PAGE
from devkit.migration_page import migration_page
from devkit.paths import SAMPLES
from devkit.recipes import recipe_of
from devkit.rivals_page import rivals_page
from devkit.schemas import PAGE as SCHEMAS_PAGE
from devkit.schemas import schema_pages
from devkit.size_page import size_page
from devkit.version import written_versions
from python_buildpack.decide.process_plan.platform_files import WITH_COMMANDS
from python_buildpack.decide.processes import frameworks, workers
from python_buildpack.decide.processes.frameworks.registry import APP_KINDS
from python_buildpack.decide.processes.servers import SERVERS
from python_buildpack.decide.processes.workers.registry import TASK_QUEUES
from python_buildpack.decide.recipe import to_json
from python_buildpack.decide.version_sources.registry import VERSION_SOURCES
from python_buildpack.detect import ALSO_DECLARING, BARE, FORCING, OTHER_LANGUAGES, PROGRAM
from python_buildpack.package_managers.registry import FALLBACK, MANAGERS

SNAPSHOTS = "tests/unit/devkit/recipes"
SNAPSHOT_DAY = date(2026, 11, 22)
"""The day on which the snapshots are decided: what is past its end of life depends on it."""
_DO_NOT_EDIT = "<!-- Written by ./dev refresh docs from the code. Change the code, not this page. -->\n"
_OLDER_PYTHON = """\
Once the packages are installed, their imports are read, from the app's sources and its server on. Where one certainly
fails because a newer Python lost the module or the name (audioop, distutils, `collections.Mapping` …) and no single
version of Python is named, everything is installed again on the newest allowed Python that has it, and later builds
keep to that. Where a version is named, a warning has the package, the module, the Python and what to do. What counts
as certain: statements that run whenever their module is imported, branches that this Python takes, and attempts whose
every alternative fails, too.
"""


def pages() -> Mapping[str, str]:
    """Return the text of every generated page by its path in the checkout."""
    measured = newest_figures()
    return {
        **error_pages(error_classes()),
        "docs/configuration.md": "# Configuration\n\n" + _DO_NOT_EDIT + "\n" + configuration_page(),
        "docs/detection.md": detection_page(),
        "docs/faults.md": "# Faults\n\n" + _DO_NOT_EDIT + "\n" + faults_page(),
        "docs/size.md": "# What is not in an image\n\n" + _DO_NOT_EDIT + "\n" + size_page(),
        "docs/layers.md": "# Layers\n\n" + _DO_NOT_EDIT + "\n" + layers_page(),
        "docs/rivals.md": "# Other builders\n\n" + _DO_NOT_EDIT + "\n" + rivals_page(),
        **demo_picture(),
        ARCHITECTURE_PAGE: architecture_page(),
        BINDINGS_PAGE: private_networks_page(),
        MIGRATION_PAGE: migration_page(),
        **_with_title(schema_pages(), SCHEMAS_PAGE, "Schemas"),
        **(benchmark_pages(measured) if measured else {}),
        **{f"{SNAPSHOTS}/{name}.json": _snapshot(name) for name in sample_names()},
        **written_tables(),
        **written_helper(),
        **written_versions(),
    }


def _with_title(files: Mapping[str, str], page: str, title: str) -> dict[str, str]:
    return {**files, page: f"# {title}\n\n{_DO_NOT_EDIT}\n{files[page]}"}


def sample_names() -> tuple[str, ...]:
    """Return the names of the samples, sorted."""
    return tuple(sorted(path.parent.name for path in SAMPLES.glob("*/expect.toml")))


def _snapshot(name: str) -> str:
    """Return the recipe of a sample: a change of policy shows as a change of these files."""
    return json.dumps(to_json(recipe_of(SAMPLES / name, {}, "amd64", SNAPSHOT_DAY)), indent=2) + "\n"


def error_classes() -> tuple[type[BuildpackError], ...]:
    """Return every kind of error that a user can meet, sorted by code."""
    for package in (cnb, python_buildpack):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            # Standalone scripts are not imported: running them is their only use.
            if not module.name.endswith(("__main__", "exec_d_helper")):
                importlib.import_module(module.name)
    # The devkit has errors of the same kind, which users of the buildpack never see.
    shipped = (
        kind for kind in set(_subclasses(BuildpackError)) if kind.__module__.startswith(("cnb.", "python_buildpack."))
    )
    return tuple(sorted(shipped, key=lambda kind: kind.code))


def _subclasses(kind: type[BuildpackError]) -> Iterator[type[BuildpackError]]:
    for subclass in kind.__subclasses__():
        if "code" in subclass.__dict__:
            yield subclass
        yield from _subclasses(subclass)


def detection_page() -> str:
    """Return the page about detection: files, version sources, package managers, frameworks, servers, queues."""
    # Some modules read several places that go one after the other.
    versions = list(dict.fromkeys(_first_sentence(inspect.getmodule(source.read)) for source in VERSION_SOURCES))
    versions += ["The minor version of the previous image, so that an app does not change Python by itself."]
    versions += ["The default of inventory.toml."]
    managers = [
        f"**{manager.name}**: {_first_sentence(inspect.getmodule(manager))}" for manager in (*MANAGERS, FALLBACK)
    ]
    return "\n".join(
        [
            "# Detection and precedence\n",
            _DO_NOT_EDIT,
            "## Whether it is a Python app\n",
            "A directory is a Python app if\n",
            f"- it has one of the files {_listed((*known_files(), *ALSO_DECLARING))},",
            "- or one whose name looks like a misspelt one of these,",
            f"- or one of the scripts {_listed(BARE)}, any script in the root directory with inline metadata "
            f"(PEP 723), or a folder with a `{PROGRAM}`, where no other language has a file of its own "
            f"({_listed(OTHER_LANGUAGES)}),",
            f"- or one of the variables {_listed(FORCING)} is set.\n",
            "## The Python version\n\nThe first place that names one counts; the log names others that disagree.\n",
            _numbered(versions),
            "Where no single version is named, the app's pins count too: of the versions that are allowed, the newest "
            "is taken for which they all have wheels, as the lock or the index says, and on which none of them is "
            "known not to run. The log names the pin that decides.\n",
            _OLDER_PYTHON,
            "## The package manager\n\nThe first one whose files the app has is used. A warning names the others, and "
            "`BP_PYTHON_PACKAGE_MANAGER` chooses.\n",
            _numbered(managers),
            *_processes_part(),
        ]
    )


def _processes_part() -> list[str]:
    # Adapters and callables are in one module.
    kinds = list(dict.fromkeys(_first_sentence(_home(frameworks, kind)) for kind in APP_KINDS))
    queues = [_first_sentence(_home(workers, queue)) for queue in TASK_QUEUES]
    in_memory = ", ".join(kind.name for kind in APP_KINDS if kind.in_memory)
    servers = [
        f"**{server.name}** serves {' and '.join(name.upper() for name in sorted(server.interfaces))}, if "
        f"{' and '.join(sorted(server.distributions))} {'is' if len(server.distributions) == 1 else 'are'} installed"
        for server in SERVERS
    ]
    return [
        "## The processes\n\nA Procfile names all processes, and the sources add none. Without one the sources are "
        "read, never imported. Of several apps, one that a program of the app gives to a server by its name is chosen, "
        f"then one that a command in {', '.join(WITH_COMMANDS)} starts; the log names it and the others.\n\n"
        "Web frameworks; where all else is equal, the one further up has precedence:\n",
        _numbered(kinds),
        f"Of these {in_memory} may keep an app's users in the memory of one process. Where the sources show it, the "
        "web process gets one worker: `WEB_CONCURRENCY=1`, unless the user sets it.\n",
        "Servers: the first one that is installed and has the app's interface. Without one, the framework's own is "
        "started and a warning names what to add:\n",
        _numbered(servers),
        "Task queues, as `worker` (and `beat`) beside the web process:\n",
        _numbered(queues),
        "Otherwise, a program becomes the `web` process: a command of the app's own in pyproject.toml, `__main__.py`, "
        "main.py and the like. Where nothing is found the image has no default process, and the log says how to give "
        "one.\n",
    ]


def _home(package: ModuleType, kind: object) -> ModuleType:
    """Return the module of the package that is about this value of a registry."""
    modules = (
        importlib.import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)
    )
    return next(module for module in modules if any(value is kind for value in vars(module).values()))


def _first_sentence(documented: object) -> str:
    paragraph = (inspect.getdoc(documented) or "").partition("\n\n")[0]
    return " ".join(paragraph.split())


def _listed(names: Iterable[str]) -> str:
    *others, last = (f"`{name}`" for name in names)
    return f"{', '.join(others)} or {last}"


def _numbered(items: list[str]) -> str:
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, start=1)) + "\n"
