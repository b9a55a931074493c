"""Tools that only run named tasks: Poe the Poet (https://poethepoet.natn.io) and taskipy."""

from python_buildpack.app.documents import PYPROJECT, pyproject_table, read_toml, table
from python_buildpack.app.project import Project
from python_buildpack.decide.process_plan.runners.interface import Runner, Tasks

_POE_FILE = "poe_tasks.toml"
_POE_OPTIONS = frozenset({"tasks", "verbosity", "poetry_command", "executor"})
"""Options of all tasks that change nothing of what a task runs where the environment is there already."""


def _poe(project: Project) -> Tasks | None:
    own = pyproject_table(project, "tool", "poe")
    if own:
        tasks = pyproject_table(project, "tool", "poe", "tasks")
        return Tasks(f"[tool.poe.tasks] in {PYPROJECT}", tasks, is_certain=own.keys() <= _POE_OPTIONS)
    document = read_toml(project, _POE_FILE) or {}
    tool = table(document, _POE_FILE, "tool", "poe") or document
    return Tasks(_POE_FILE, table(tool, _POE_FILE, "tasks"), is_certain=tool.keys() <= _POE_OPTIONS)


def _taskipy(project: Project) -> Tasks | None:
    own = pyproject_table(project, "tool", "taskipy")
    tasks = pyproject_table(project, "tool", "taskipy", "tasks")
    where = f"[tool.taskipy.tasks] in {PYPROJECT}"
    return Tasks(where, tasks, in_shell=True, hooks=("pre_", "post_"), is_certain=own.keys() <= {"tasks"})


POE = Runner(
    "poe", "poethepoet", ((),), frozenset({"--executor", "-e", "-X", "--executor-opt"}), tasks=_poe,
    moves=frozenset({"--directory", "-C", "--root"}),
)  # fmt: skip
TASKIPY = Runner("task", "taskipy", ((),), tasks=_taskipy)
