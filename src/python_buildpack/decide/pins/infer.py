"""Finds the Python version that an app's pins support, if the app names none, or a range."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from python_buildpack.app.project import Project
from python_buildpack.decide.pins.answer import ANSWER, BECAUSE, MINOR, QUESTION, Answer, Inferred
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.package_managers.interface import Manager, Trial
from python_buildpack.package_managers.pinned import Pinned
from python_buildpack.support.digests import digest

IndexTrials = Callable[[tuple[str, ...]], Trial]
"""Returns a trial with a package index, given uv's options for the sources of distributions."""

_NOTHING: Mapping[str, object] = MappingProxyType({})


def infer_from_pins(
    project: Project,
    manager: Manager,
    interpreter: Interpreter,
    alternatives: tuple[str, ...],
    *,
    previous: Mapping[str, object] = _NOTHING,
    index_trials: IndexTrials | None = None,
) -> Answer:
    """Return one of the ``alternatives`` to the chosen interpreter if the app's pins do not support that; else none.

    It takes some tenths of a second if the index has to be asked. ``previous`` is the content of store.toml: its answer
    is used again until the app's files or the available versions change. Without ``index_trials``, only the
    compatibility table and a lock file are used.
    """
    minors = (interpreter.minor, *alternatives)
    question = _question(project, (str(interpreter.version), *alternatives))
    known = previous.get(ANSWER)
    if isinstance(known, dict) and known.get(QUESTION) == question:
        return Answer(_recalled(known), {ANSWER: known})
    pinned = manager.pinned(project)
    inferred = _ask(pinned, minors, _trial(pinned, interpreter.arch, index_trials))
    minor, because = (inferred.minor, inferred.because) if inferred else ("", "")
    remembered = {ANSWER: {QUESTION: question, MINOR: minor, BECAUSE: because}}
    is_index_needed = bool(pinned) and pinned.wheels is None and index_trials is None
    return Answer(inferred, remembered, is_index_needed)


def _ask(pinned: Pinned, minors: tuple[str, ...], trial: Trial) -> Inferred | None:
    if not pinned:
        return None
    # Not at the top: a build with unchanged files does not need them.
    from python_buildpack.decide.pins.search import infer_minor  # noqa: PLC0415
    from python_buildpack.package_managers.compatibility import read_table  # noqa: PLC0415

    return infer_minor(pinned, minors, read_table(), trial)


def _trial(pinned: Pinned, arch: str, index_trials: IndexTrials | None) -> Trial:
    if pinned.wheels is not None:
        from python_buildpack.decide.pins.lock_trial import lock_trial  # noqa: PLC0415 - as above

        return lock_trial(pinned.wheels, arch)
    if index_trials is not None:
        return index_trials(pinned.sources)
    return lambda _pins, _minor: None


def _question(project: Project, versions: tuple[str, ...]) -> str:
    """Return a digest of what decides the answer: the texts of all manifests, and the available versions."""
    texts = {path: text for path, text in project.texts.items() if isinstance(text, str)}
    return digest(json.dumps((versions, texts), sort_keys=True))


def _recalled(known: Mapping[str, object]) -> Inferred | None:
    minor, because = known.get(MINOR), known.get(BECAUSE)
    return Inferred(minor, because) if isinstance(minor, str) and isinstance(because, str) and minor else None
