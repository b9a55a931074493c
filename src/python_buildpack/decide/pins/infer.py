"""Asks the pins of an app that names no Python, or no single one, which one they still run on."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cnb.frozen import field, frozen
from python_buildpack.app.project import Project
from python_buildpack.decide.recipe import PythonChoice
from python_buildpack.package_managers.interface import Manager, Pinned, digest
from python_buildpack.ports.interfaces import CommandRunner
from python_buildpack.tools.uv import Uv

if TYPE_CHECKING:
    from python_buildpack.decide.pins.search import Inferred, Trial

ANSWER = "python-pins"
"""Key in store.toml: what the pins said, and what they were asked."""
_QUESTION, _MINOR, _BECAUSE = "question", "minor", "because"


@frozen
class Answer:
    """What the pins say, and what is to be remembered of it."""

    inferred: "Inferred | None" = None
    remembered: Mapping[str, object] = field(default_factory=dict)


@frozen
class Index:
    """Where pins that no lock lists the wheels of are looked up."""

    uv: Uv
    env: Mapping[str, str]
    runner: CommandRunner


def infer_from_pins(
    project: Project, python: PythonChoice, manager: Manager, previous: Mapping[str, object], index: Index
) -> Answer:
    """Return an older minor version than the chosen one, if the app's pins do not run on that; else none.

    It takes a few tenths of a second where the index has to be asked. The next builds are given the same answer, until
    the app's files or the versions to choose from change: a rebuild that changes nothing asks nobody.
    """
    if not python.alternatives:
        return Answer()
    question = _question(project, python)
    known = previous.get(ANSWER)
    if isinstance(known, dict) and known.get(_QUESTION) == question:
        return Answer(_recalled(known), {ANSWER: known})
    inferred = ask_pins(manager.pinned(project), python, index)
    minor, because = (inferred.minor, inferred.because) if inferred else ("", "")
    return Answer(inferred, {ANSWER: {_QUESTION: question, _MINOR: minor, _BECAUSE: because}})


def ask_pins(pinned: Pinned, python: PythonChoice, index: Index | None) -> "Inferred | None":
    """Return what the pins say; without an ``index``, what the table and a lock know of them."""
    if not pinned.versions:
        return None
    # Not at the top: a build with the same files as the one before does without.
    from python_buildpack.decide.pins.search import infer_minor  # noqa: PLC0415
    from python_buildpack.package_managers.compatibility import read_table  # noqa: PLC0415

    minors = (python.interpreter.minor, *python.alternatives)
    return infer_minor(pinned.versions, minors, read_table(), _trial(pinned, python.interpreter.arch, index))


def _trial(pinned: Pinned, arch: str, index: Index | None) -> "Trial":
    from python_buildpack.decide.pins.lock_trial import lock_trial  # noqa: PLC0415
    from python_buildpack.package_managers.index_trial import index_trial  # noqa: PLC0415

    if pinned.wheels is not None:
        return lock_trial(pinned.wheels, arch)
    if index is not None:
        return index_trial(index.uv, index.env, index.runner, pinned.sources)
    return lambda _pins, _minor: None


def _question(project: Project, python: PythonChoice) -> str:
    """Return a digest of what the answer follows from: the texts of all manifests, and the versions there are."""
    texts = {path: text for path, text in project.texts.items() if isinstance(text, str)}
    minors = (str(python.interpreter.version), *python.alternatives)
    return digest(json.dumps((minors, texts), sort_keys=True))


def _recalled(known: Mapping[str, object]) -> "Inferred | None":
    from python_buildpack.decide.pins.search import Inferred  # noqa: PLC0415

    minor, because = known.get(_MINOR), known.get(_BECAUSE)
    return Inferred(minor, because) if isinstance(minor, str) and isinstance(because, str) and minor else None
