"""All tools that start another program."""

from python_buildpack.decide.process_plan.runners.managers import (
    HATCH,
    PDM,
    PIPENV,
    PIPX,
    POETRY,
    RYE,
    UV,
    UV_TOOL,
    UVX,
)
from python_buildpack.decide.process_plan.runners.task_runners import POE, TASKIPY

MANAGERS = (UV, UV_TOOL, UVX, PIPX, POETRY, PDM, PIPENV, HATCH, RYE)
RUNNERS = (*MANAGERS, POE, TASKIPY)
