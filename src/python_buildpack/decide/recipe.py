"""What a build will do: the outcome of deciding, before anything is done. Frozen, and JSON for ``./dev explain``."""

from collections.abc import Mapping
from typing import Any, Literal

from cnb.frozen import field, frozen, replace
from python_buildpack.decide.pins.answer import Answer
from python_buildpack.decide.processes.interface import ProcessPlan
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.ports.notice import Notice

Origin = Literal["declared", "previous", "inferred", "default"]
"""Who chose the Python version: the app or its user, the previous image, the app's pins, or nobody."""


@frozen
class PythonChoice:
    """The interpreter that the app gets."""

    interpreter: Interpreter
    because: str
    origin: Origin
    alternatives: tuple[str, ...] = ()
    """Older minor versions that would do as well, the newest first, where nobody named a single one."""


@frozen
class ManagerChoice:
    """How the dependencies are declared and installed."""

    name: str
    because: str
    file: str | None
    """The file that declares, or None where the app declares nothing."""


@frozen
class Recipe:
    """Every decision of a build, each with its reason."""

    python: PythonChoice
    manager: ManagerChoice
    notices: tuple[Notice, ...] = ()
    pins: Answer = field(default_factory=Answer)
    """What the app's pins said about the choice of Python."""
    remembered: Mapping[str, object] = field(default_factory=dict)
    """What the next build is to know of the decisions (CNB spec, store.toml)."""
    processes: ProcessPlan | None = None
    """None until the distributions are known: which server is there decides what is started."""

    def with_processes(self, processes: ProcessPlan) -> "Recipe":
        """Return the recipe complete."""
        return replace(self, processes=processes)


def to_json(recipe: Recipe) -> dict[str, Any]:
    """Return the recipe as JSON-able values, stable enough to keep as a snapshot."""
    interpreter = recipe.python.interpreter
    plan = recipe.processes or ProcessPlan(processes=())
    return {
        "python": {
            "version": str(interpreter.version),
            "build": interpreter.build,
            "arch": interpreter.arch,
            "variant": interpreter.variant,
            "because": recipe.python.because,
        },
        "manager": {"name": recipe.manager.name, "file": recipe.manager.file, "because": recipe.manager.because},
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
