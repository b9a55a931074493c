"""One app after another: edit, rebuild, build cleanly, compare."""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from devkit.edits.apps import MAKERS, App, random_app
from devkit.edits.edits import Edit, random_edit
from devkit.edits.locks import lock
from devkit.errors import DevkitError
from devkit.lifecycle.build import build
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built, Failed

_EDITS_PER_APP = 4


@dataclass(slots=True)
class Seen:
    """What the rounds showed."""

    rounds: Counter[str] = field(default_factory=Counter)
    reused: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the builds are made, and with what."""

    root: Path
    buildpack: Path
    env: Mapping[str, str]

    def build(self, app: Path, *, clean: bool = False) -> Built | Failed:
        """Build the app; ``clean`` is a build without a previous image and cache, which then are those of this one."""
        request = Request(
            (self.buildpack,),
            app,
            self.root / "state",
            env=dict(self.env),
            previous_image=not clean,
            cache=not clean,
        )
        return build(request)


def run(place: Place, rounds: int, seed: int, managers: tuple[str, ...], say: Callable[[str], object]) -> Seen:
    """Do so many rounds. Equal seeds do the same."""
    seen, number = Seen(), 0
    while seen.rounds.total() < rounds:
        random = Random(f"{seed} {number}")  # noqa: S311 - it has to be repeatable
        app = random_app(random, random.choice(managers or tuple(MAKERS)))
        for outcome in _rounds(place, app, random, min(_EDITS_PER_APP, rounds - seen.rounds.total())):
            seen.rounds[app.manager] += 1
            seen.reused += outcome.is_reused
            if outcome.fault:
                seen.wrong.append(f"app {number} of seed {seed} ({describe(app)}): {outcome.fault}")
                say(f"WRONG {seen.wrong[-1]}")
        say(f"{seen.rounds.total()} rounds, {seen.reused} reused, {len(seen.wrong)} wrong; {describe(app)}")
        number += 1
    return seen


def describe(app: App) -> str:
    """Return the app in words."""
    parts = (
        f"{one.folder} by {one.backend.name}{' editable' if one.is_editable else ''}"
        f"{' dynamic' if one.is_dynamic else ''}{' src' if one.is_src else ''}"
        for one in app.libraries
    )
    return "; ".join((app.manager, *parts))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one round showed."""

    is_reused: bool
    fault: str = ""


def _rounds(place: Place, app: App, random: Random, count: int) -> Iterator[Outcome]:
    folder = place.root / "app"
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in app.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    _lock(place, app, folder)
    first = place.build(folder, clean=True)
    if isinstance(first, Failed):
        raise DevkitError(f"the app cannot be built ({describe(app)}):\n{first.log}")
    done: list[str] = []
    for _ in range(count):
        edit = random_edit(random, app, folder)
        edit.do(folder)
        if edit.declares:
            _lock(place, app, folder)
        done.append(edit.what)
        outcome = _round(place, folder, edit)
        yield Outcome(outcome.is_reused, f"after {', '.join(done)}: {outcome.fault}" if outcome.fault else "")


def _round(place: Place, folder: Path, edit: Edit) -> Outcome:
    again = place.build(folder)
    is_reused = isinstance(again, Built) and all(one.by_reference for one in again.layers if one.name == "dependencies")
    if edit.is_idle and not is_reused:
        reason = next((line for line in again.log.splitlines() if "Rebuilding" in line or "error" in line), "")
        changed = next((line for line in again.log.splitlines() if "Changed since" in line), "")
        return Outcome(is_reused, f"the packages were installed again: {changed.strip()} {reason.strip()}")
    clean = place.build(folder, clean=True)
    if contents(again) != contents(clean):
        return Outcome(is_reused, f"the image differs from a clean build's: {_difference(again, clean)}")
    return Outcome(is_reused)


def contents(result: Built | Failed) -> dict[str, str]:
    """Return the digests of all that is in the image; of a failed build, that it failed."""
    if isinstance(result, Failed):
        return {"failed": result.reason}
    layers = {layer.name: layer.digest for layer in result.layers if layer.types.launch}
    return {**layers, "the app": result.app.digest}


def _difference(again: Built | Failed, clean: Built | Failed) -> str:
    one, other = contents(again), contents(clean)
    return ", ".join(sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name)))


def _lock(place: Place, app: App, folder: Path) -> None:
    if app.lock:
        (place.root / "work").mkdir(exist_ok=True)
        (place.root / "work" / "scratch").mkdir(exist_ok=True)
        lock(app.lock, folder, place.root / "work", {**os.environ, "HOME": str(place.root / "work")})
