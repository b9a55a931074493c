"""One app after another: edit, rebuild, build cleanly, compare.

A clean build is compared after each installation, and once for a series of edits after each of which the packages were
reused: they are those of the first image of the series, so a difference is one after any of the edits.
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from devkit.edits import repository
from devkit.edits.apps import INDEX, MAKERS, App, random_app, without_packages
from devkit.edits.archives import as_bytes
from devkit.edits.edits import Edit, random_edit
from devkit.edits.index import index_url
from devkit.edits.place import Place
from devkit.errors import DevkitError
from devkit.lifecycle.results import Built, Failed
from devkit.tool_locks import lock

_EDITS_PER_APP = 12
_IDLE_AT_ONCE = 3
_PLAIN = 0.1
"""How many of the apps are built without an interpreter and a package manager that are there already."""
_SHOWN = 600
"""Characters of a failed build's log."""


@dataclass(slots=True)
class Seen:
    """What the rounds showed."""

    rounds: Counter[str] = field(default_factory=Counter)
    """By package manager."""
    kinds: Counter[str] = field(default_factory=Counter)
    """By kind of edit."""
    idle: int = 0
    """Rounds with an edit that must not matter."""
    reused: int = 0
    wrong: list[str] = field(default_factory=list)
    unbuildable: int = 0
    """Apps of which not even the first build gave an image: then there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one edit led to."""

    edit: Edit
    is_reused: bool


def run(place: Place, rounds: int, seed: int, managers: tuple[str, ...], say: Callable[[str], object]) -> Seen:
    """Do so many rounds. Equal seeds do the same."""
    seen, number = Seen(), 0
    while seen.rounds.total() < rounds:
        random = Random(f"{seed} {number}")  # noqa: S311 - it has to be repeatable
        app = random_app(random, random.choice(managers or tuple(MAKERS)))
        named = f"app {number} of seed {seed} ({describe(app)})"
        number += 1
        if failure := _begin(at := _place(place, app, is_plain=random.random() < _PLAIN), app):
            seen.unbuildable += 1
            say(f"cannot be built: {named}: {failure}")
            if seen.unbuildable > rounds:
                raise DevkitError("hardly any app can be built")
            continue
        for outcome in Session(at, app, random).rounds(min(_EDITS_PER_APP, rounds - seen.rounds.total())):
            if isinstance(outcome, str):
                seen.wrong.append(f"{named}: {outcome}")
                say(f"WRONG {seen.wrong[-1]}")
            else:
                seen.rounds[app.manager] += 1
                seen.kinds[outcome.edit.kind] += 1
                seen.idle += outcome.edit.is_idle
                seen.reused += outcome.is_reused
        say(f"{seen.rounds.total()} rounds, {seen.reused} reused, {len(seen.wrong)} wrong; {named}")
    return seen


def describe(app: App) -> str:
    """Return the app in words."""
    parts = (
        f"{one.folder} by {one.backend.name}{' editable' if one.is_editable else ''}"
        f"{' dynamic' if one.is_dynamic else ''}{' src' if one.is_src else ''}"
        for one in app.libraries
    )
    return "; ".join((app.manager, *parts))


def _place(place: Place, app: App, *, is_plain: bool) -> Place:
    """Return where the app is built, with all that clean builds begin with; that is nothing if it ``is_plain``."""
    bare = without_packages(app.manager)
    base = "" if is_plain else bare.manager
    found = Place(place.root, place.buildpack, {**place.env, **bare.env}, base)
    if not found.has_base():
        _write(found, bare)
        found.make_base()
    return Place(place.root, place.buildpack, {**place.env, **app.env}, base)


def _write(place: Place, app: App) -> None:
    folder = place.app
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in app.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(as_bytes(text.replace(INDEX, index_url())))
    _lock(place, app)
    if app.has_git:
        repository.begin(folder)


def _begin(place: Place, app: App) -> str:
    """Write the app and build it for the first time; return why it cannot be built, or nothing."""
    try:
        _write(place, app)
    except DevkitError as error:
        return str(error)[-_SHOWN:]
    place.begin()
    first = place.build()
    return first.log[-_SHOWN:] if isinstance(first, Failed) else ""


@dataclass(slots=True)
class Session:
    """The rounds of one app, which has an image."""

    place: Place
    app: App
    random: Random
    done: list[str] = field(default_factory=list)
    """All edits."""
    pending: list[str] = field(default_factory=list)
    """Edits after which the packages were reused, and no clean build was made yet."""
    env: dict[str, str] = field(default_factory=dict)

    def rounds(self, count: int) -> Iterator[Round | str]:
        """Do so many rounds; yield each, and what is wrong."""
        image: Built | Failed | None = None
        done = 0
        while done < count:
            before, env = self._keep_source(), dict(self.env)
            try:
                edits = self._edit(min(_IDLE_AT_ONCE, count - done))
            except DevkitError:
                # As uv does for an archive that has other content under the same name: there is nothing to build.
                yield from self._compare(image, before, env) if image is not None else ()
                return
            done += len(edits)
            again = self.place.build(self.env)
            is_reused = _is_reused(again)
            yield from (Round(edit, is_reused) for edit in edits)
            if is_reused:
                self.pending += [edit.what for edit in edits]
            else:
                yield from self._installed_for_nothing(edits, again)
                if image is not None:
                    yield from self._compare(image, before, env)
                self.pending = [edit.what for edit in edits]
                yield from self._compare(again, self.place.app, self.env)
            image = again
            if isinstance(again, Failed):
                return
        if image is not None:
            yield from self._compare(image, self.place.app, self.env)

    def _edit(self, most: int) -> tuple[Edit, ...]:
        """Make one edit; or several that must not matter: if the packages are reused, none of them did."""
        edits: list[Edit] = []
        while len(edits) < most and all(edit.is_idle for edit in edits):
            edit = random_edit(self.random, self.app, self.place.app)
            if edits and not edit.is_idle:
                break
            edit.do(self.place.app)
            self.env |= edit.env
            if edit.declares:
                _lock(self.place, self.app)
            self.done.append(edit.what)
            edits.append(edit)
        return tuple(edits)

    def _keep_source(self) -> Path:
        copy = self.place.root / "before"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.place.app, copy, symlinks=True)
        return copy

    def _installed_for_nothing(self, edits: tuple[Edit, ...], again: Built | Failed) -> Iterator[str]:
        if all(edit.is_idle for edit in edits):
            why = (line.strip() for line in again.log.splitlines() if _says_why(line))
            yield f"after {', '.join(self.done)}: the packages were installed again: {' '.join(why)}"

    def _compare(self, image: Built | Failed, source: Path, env: dict[str, str]) -> Iterator[str]:
        """Compare an image with a clean build of its source, if that has not been done."""
        if not self.pending:
            return
        clean = self.place.build_cleanly(source, env)
        if contents(image) != contents(clean):
            what = f"the last of {', '.join(self.done)}: {', '.join(self.pending)}"
            yield f"after {what}: the image differs from a clean build's: {_difference(image, clean)}"
        self.pending = []


def _is_reused(result: Built | Failed) -> bool:
    return isinstance(result, Built) and all(one.by_reference for one in result.layers if one.name == "dependencies")


def _says_why(line: str) -> bool:
    return any(words in line for words in ("Changed since", "Rebuilding", "error:"))


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
