"""What a build will do: the result of all decisions, before anything is done. It is frozen, and becomes JSON."""

from collections.abc import Mapping
from typing import Any, Literal

from cnb.frozen import field, frozen, replace
from python_buildpack.decide.pins.answer import Answer
from python_buildpack.decide.processes.interface import ProcessPlan
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.package_managers.choices import Choices
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.declared import Value

SCHEMA = 1
"""The version of the document. It is raised if a field is removed or changes its meaning, but not for a new field."""

Origin = Literal["declared", "previous", "inferred", "default"]
"""What decided the Python version: the app or its user, the previous image, the app's pins, or nothing of these."""


_NONE_CHOSEN = Choices((), ())


@frozen
class PythonChoice:
    """The interpreter that the app gets."""

    interpreter: Interpreter
    because: str
    origin: Origin
    alternatives: tuple[str, ...] = ()
    """Older minor versions than this one that are allowed too, the newest first, if no single version is named."""


@frozen
class ManagerChoice:
    """How the dependencies are declared and installed."""

    name: str
    because: str
    file: str | None
    """The file that declares them, or None if there is none."""


@frozen
class Recipe:
    """All decisions of a build, each with its reason."""

    python: PythonChoice
    manager: ManagerChoice
    notices: tuple[Notice, ...] = ()
    pins: Answer = field(default_factory=Answer)
    """What the app's pins say about the Python version."""
    remembered: Mapping[str, object] = field(default_factory=dict)
    """What to store about the decisions for the next build (CNB spec, store.toml)."""
    choices: Choices = _NONE_CHOSEN
    """The groups and extras that are installed besides the app's own dependencies."""
    steps: tuple[str, ...] = ()
    """The headings of the log from the choice of the Python on, in their order."""
    layers: tuple[str, ...] = ()
    """The launch layers of the image, but those of heavy packages and of a hook's data: only a build knows of them."""
    settings: tuple[tuple[str, Value], ...] = ()
    """The settings that are given, by name, each with where it is from."""
    processes: ProcessPlan | None = None
    """None until the installed distributions are known, because they include the server."""

    def with_processes(self, processes: ProcessPlan) -> "Recipe":
        """Return the recipe complete."""
        return replace(self, processes=processes)


def to_json(recipe: Recipe) -> dict[str, Any]:
    """Return the recipe as values for JSON, the same for the same recipe."""
    interpreter = recipe.python.interpreter
    plan = recipe.processes or ProcessPlan(processes=())
    return {
        "schema": SCHEMA,
        "python": {
            "version": str(interpreter.version),
            "build": interpreter.build,
            "arch": interpreter.arch,
            "variant": interpreter.variant,
            "because": recipe.python.because,
        },
        "manager": {"name": recipe.manager.name, "file": recipe.manager.file, "because": recipe.manager.because},
        "groups": list(recipe.choices.groups),
        "extras": list(recipe.choices.extras),
        "steps": list(recipe.steps),
        "layers": list(recipe.layers),
        "settings": [{"name": name, "value": value.text, "source": value.origin} for name, value in recipe.settings],
        "processes": [
            {
                "type": process.type,
                "command": list(process.command),
                "args": list(process.args),
                "default": process.default,
                "because": process.because,
            }
            for process in plan.processes
        ],
        "alternatives": list(plan.alternatives),
        "notices": [{"title": notice.title, "text": notice.text} for notice in (*recipe.notices, *plan.notices)],
    }
