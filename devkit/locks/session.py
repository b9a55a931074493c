"""One project after another: lock it by its tool, install it by the tool and by uv, compare."""

import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from cnb.errors import BuildpackError
from devkit.errors import DevkitError
from devkit.install_context import build_environment, install_context, log_of
from devkit.locks.compare import contents, differences
from devkit.locks.packages import World, random_world, write_files
from devkit.locks.projects import MAKERS, Trial
from devkit.locks.server import MadeUpIndex, serving
from devkit.tool_locks import PYTHON, lock
from python_buildpack.installed.virtual_environment import create_environment
from python_buildpack.package_managers.registry import manager_named

_PER_WORLD = 12
_SHOWN = 1500


@dataclass(slots=True)
class Seen:
    """What the rounds showed."""

    rounds: Counter[str] = field(default_factory=Counter)
    by_uv: int = 0
    failed: int = 0
    """Projects that neither could install."""
    unlockable: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """Why the tool itself had to install."""
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one installation left: the files, or the code of the error."""

    files: Mapping[str, str]
    error: str
    log: tuple[str, ...]


def run(root: Path, rounds: int, seed: int, managers: tuple[str, ...], say: Callable[[str], object]) -> Seen:
    """Do so many rounds. Equal seeds do the same."""
    seen, number = Seen(), 0
    while seen.rounds.total() < rounds:
        random = Random(f"{seed} world {number}")  # noqa: S311 - it has to be repeatable
        world, folder = random_world(random), root / f"world-{number}"
        number += 1
        write_files(world, folder / "files")
        with serving(folder / "files") as index:
            for trial in range(min(_PER_WORLD, rounds - seen.rounds.total())):
                _round(folder / f"trial-{trial}", _trial(random, world, index, managers), seen, say)
        shutil.rmtree(folder)
    return seen


def _trial(random: Random, world: World, index: MadeUpIndex, managers: tuple[str, ...]) -> Trial:
    maker = MAKERS[random.choice(managers or tuple(MAKERS))]
    return maker(random, world, {name: index.url(name) for name in ("main", "company")})


def _round(folder: Path, trial: Trial, seen: Seen, say: Callable[[str], object]) -> None:
    app = folder / "app"
    for path, text in trial.files.items():
        (app / path).parent.mkdir(parents=True, exist_ok=True)
        (app / path).write_text(text, encoding="utf-8")
    try:
        root = folder.parents[1]
        lock(trial.manager, app, root, build_environment(root / "home"))
    except DevkitError as error:
        seen.unlockable += 1
        say(f"cannot be locked: {str(error)[-_SHOWN:]}")
        if seen.unlockable > seen.rounds.total() + 20:
            raise
        return
    choices = {"BP_PYTHON_GROUPS": " ".join(trial.groups), "BP_PYTHON_EXTRAS": " ".join(trial.extras)}
    ours = _install(trial, app, folder, choices)
    theirs = _install(trial, app, folder, {**choices, "BP_PYTHON_INSTALLER": trial.manager})
    _judge(trial, ours, theirs, seen, say)
    shutil.rmtree(folder)


def _judge(trial: Trial, ours: Outcome, theirs: Outcome, seen: Seen, say: Callable[[str], object]) -> None:
    seen.rounds[trial.manager] += 1
    reason = next((line for line in ours.log if " itself " in line), "")
    if reason:
        seen.reasons[reason] += 1
        said = list(ours.log)
        refused = [line.strip() for line in said[: said.index(reason)] if "because" in line.lower()]
        reason = " ".join((reason, *refused))
    else:
        seen.by_uv += 1
    seen.failed += bool(ours.error and theirs.error)
    different = differences(dict(ours.files), dict(theirs.files))
    if ours.error != theirs.error:
        different.insert(0, f"error {ours.error or 'none'} / {theirs.error or 'none'}")
    if different:
        seen.wrong.append("; ".join(different)[:_SHOWN])
        say(f"WRONG {trial.manager} groups {trial.groups} extras {trial.extras}: {seen.wrong[-1]}")
        say(trial.files.get("pyproject.toml") or trial.files.get("Pipfile", ""))
        say("\n".join(("by uv:", *ours.log))[-_SHOWN:])
        say("\n".join(("by the tool:", *theirs.log))[-_SHOWN:])
    say(f"{seen.rounds.total()} projects, {seen.by_uv} by uv, {len(seen.wrong)} wrong; {reason}")


def _install(trial: Trial, app: Path, folder: Path, settings: Mapping[str, str]) -> Outcome:
    """Install into the same place, so that what names it is the same."""
    root, venv = folder.parents[1], folder / "venv"
    context = install_context(app, root, root / "layers", settings)
    manager = manager_named(trial.manager, context.settings)
    shutil.rmtree(venv, ignore_errors=True)
    create_environment(PYTHON, venv, {}, context.runner)
    error = ""
    try:
        manager.install(context, manager.resolve(context), venv)
    except BuildpackError as raised:
        error = raised.code
    files = {} if error else contents(venv)
    shutil.rmtree(venv)
    return Outcome(files, error, tuple(log_of(context).said))
