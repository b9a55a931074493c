"""One app after another: edit, rebuild, build cleanly, compare."""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from devkit.edits.apps import INDEX, MAKERS, App, random_app
from devkit.edits.edits import Edit, random_edit
from devkit.edits.locks import index_url, lock
from devkit.errors import DevkitError
from devkit.lifecycle.build import build
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built, Failed

_EDITS_PER_APP = 4
_SHOWN = 600
"""Characters of a failed build's log."""


@dataclass(slots=True)
class Seen:
    """What the rounds showed."""

    rounds: Counter[str] = field(default_factory=Counter)
    reused: int = 0
    wrong: list[str] = field(default_factory=list)
    unbuildable: int = 0
    """Apps of which not even the first build gave an image: then there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the builds are made, and with what."""

    root: Path
    buildpack: Path
    env: Mapping[str, str]

    @property
    def app(self) -> Path:
        """The app's source."""
        return self.root / "app"

    def build(self, *, clean: bool = False) -> Built | Failed:
        """Build the app; ``clean`` is a build without a previous image and cache, which then are those of this one."""
        request = Request(
            (self.buildpack,),
            self.app,
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
        number += 1
        if failure := _begin(place, app):
            seen.unbuildable += 1
            say(f"cannot be built ({describe(app)}): {failure}")
            if seen.unbuildable > rounds:
                raise DevkitError("hardly any app can be built")
            continue
        for outcome in _rounds(place, app, random, min(_EDITS_PER_APP, rounds - seen.rounds.total())):
            seen.rounds[app.manager] += 1
            seen.reused += outcome.is_reused
            if outcome.fault:
                seen.wrong.append(f"app {number - 1} of seed {seed} ({describe(app)}): {outcome.fault}")
                say(f"WRONG {seen.wrong[-1]}")
        say(f"{seen.rounds.total()} rounds, {seen.reused} reused, {len(seen.wrong)} wrong; {describe(app)}")
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


def _begin(place: Place, app: App) -> str:
    """Write the app and build it for the first time; return why it cannot be built, or nothing."""
    folder = place.app
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in app.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text.replace(INDEX, index_url()), encoding="utf-8")
    try:
        _lock(place, app)
    except DevkitError as error:
        return str(error)[-_SHOWN:]
    first = place.build(clean=True)
    return first.log[-_SHOWN:] if isinstance(first, Failed) else ""


def _rounds(place: Place, app: App, random: Random, count: int) -> Iterator[Outcome]:
    done: list[str] = []
    for _ in range(count):
        edit = random_edit(random, app, place.app)
        edit.do(place.app)
        if edit.declares:
            _lock(place, app)
        done.append(edit.what)
        outcome = _round(place, edit)
        yield Outcome(outcome.is_reused, f"after {', '.join(done)}: {outcome.fault}" if outcome.fault else "")


def _round(place: Place, edit: Edit) -> Outcome:
    again = place.build()
    is_reused = isinstance(again, Built) and all(one.by_reference for one in again.layers if one.name == "dependencies")
    if edit.is_idle and not is_reused:
        reason = next((line for line in again.log.splitlines() if "Rebuilding" in line or "error" in line), "")
        changed = next((line for line in again.log.splitlines() if "Changed since" in line), "")
        return Outcome(is_reused, f"the packages were installed again: {changed.strip()} {reason.strip()}")
    clean = place.build(clean=True)
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


def _lock(place: Place, app: App) -> None:
    if app.lock:
        (place.root / "work" / "scratch").mkdir(parents=True, exist_ok=True)
        lock(app.lock, place.app, place.root / "work", {**os.environ, "HOME": str(place.root / "work")})
