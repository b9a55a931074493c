"""Runs uv for the managers, in the app's directory."""

import re
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

from cnb.frozen import replace
from python_buildpack.package_managers.configured import Configured
from python_buildpack.package_managers.explain_failure import explain_failure
from python_buildpack.package_managers.failures.explain import MOST_MEMORY, lines_with
from python_buildpack.package_managers.failures.yanked import warn_of_yanked
from python_buildpack.package_managers.index_rules import BEST_MATCH, FIRST_INDEX, FIRST_MATCH
from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.package_managers.lock_pins import read_pins
from python_buildpack.package_managers.policy import newest, refuse_unlocked, uv_policy
from python_buildpack.package_managers.shared_names import warn_of_shared_names
from python_buildpack.package_managers.source_builds import read_built, read_built_directories
from python_buildpack.package_managers.source_options import refuse_source_options
from python_buildpack.ports.condensed import show_condensed
from python_buildpack.ports.interfaces import Command, Finished
from python_buildpack.settings.table import EXCLUDE_NEWER
from python_buildpack.tools.pip_config import read_pip_config

_ALL_INDEXES = frozenset({BEST_MATCH, FIRST_MATCH})
"""The strategies with which uv goes on to the next index after a refusal."""
_UNKNOWN = ("was not found in the package registry", "there is no version of", "there are no versions of")
_BARE_PATH = re.compile(r"^\w[\w.-]*(?=(?:\[[^\]\n]*\])?[ \t]*(?:;.*)?$)", re.MULTILINE)
"""A requirement without a version and without an address: the path of a directory beside the file that names it."""

_SECONDS = r"[\d.]+ ?m?s\b"
_OLDER_SETUPTOOLS = {
    r"use_2to3 is invalid": "setuptools<58",
    r"No module named 'pkg_resources'": "setuptools<82",
    r"cannot import name '\w+' from 'setuptools[\w.]*'": "setuptools<70",
}
"""Error of an old setup script → the releases of setuptools that it was written for."""


def run_uv(
    context: InstallContext,
    argv: tuple[str, ...],
    env: dict[str, str] | None = None,
    *,
    show: bool,
    retry_builds: bool = True,
) -> Finished:
    """Run uv with the arguments ``argv`` in the app's directory; ``env`` adds to its environment.

    A build of a package that fails with a new setuptools is tried again with an older one, if ``retry_builds``. Raises
    SourceBuildRefused for options that ask for builds where there must be none.
    """
    if "uv" not in context.shown_tools:
        context.shown_tools.add("uv")
        context.reporter.line(f"By uv {context.uv.version}")
    refuse_source_options(context.settings, context.project, context.env, argv)
    options, limits = uv_policy(context.settings, argv, datetime.now(UTC))
    environment = {**context.uv.environment(context.env), **(env or {}), **limits}
    words = (str(context.uv.executable()), *argv, *_no_index(context, argv), *options)
    command = Command(words, environment, cwd=context.project.root, show=show, memory=MOST_MEMORY, is_private=True)
    finished = _build_with_setuptools(context, command) if retry_builds else _run(context, command)
    if finished.status == 0:
        warn_of_yanked(context.reporter, finished.output if show else "")
        return finished
    return _with_refusals(context, command, finished)


def _run(context: InstallContext, command: Command) -> Finished:
    """Run uv, and take note of what it built, also if it fails then."""
    finished = context.runner.run(command)
    context.built_from_source.update(read_built(finished.output))
    context.built_directories.update(read_built_directories(finished.output))
    return finished


def _no_index(context: InstallContext, argv: tuple[str, ...]) -> tuple[str, ...]:
    """Return uv's option for PIP_NO_INDEX, for which it has no variable."""
    if argv[:2] not in {("pip", "compile"), ("pip", "install"), ("pip", "sync")}:
        return ()
    settings = {**read_pip_config(context.env), **context.env}
    return ("--no-index",) if settings.get("PIP_NO_INDEX", "").strip().lower() in {"1", "true", "yes", "on"} else ()


def _build_with_setuptools(context: InstallContext, command: Command) -> Finished:
    """Return the result of uv, run again with an older setuptools if a setup script needs one.

    A package without pyproject.toml cannot choose its setuptools: uv and pip take the newest. What an earlier run of
    this build has found holds from the beginning: what is resolved is then installed.
    """
    if "UV_BUILD_CONSTRAINT" in command.env or command.argv[1] != "pip":
        return _run(context, command)
    path = context.scratch / "build-constraints.txt"
    constrained = replace(command, env={**command.env, "UV_BUILD_CONSTRAINT": str(path)})
    finished = _run(context, constrained if path.exists() else command)
    if finished.status == 0:
        return finished
    for pattern, constraint in _OLDER_SETUPTOOLS.items():
        if found := re.search(pattern, finished.output):
            path.write_text(f"{constraint}\n", encoding="utf-8")
            context.reporter.line(f"Trying again with {constraint} for packages built from source: {found[0]}")
            again = _run(context, replace(constrained, show=False))
            if command.show:
                show_condensed(_not_shown_before(again.output, finished.output), context.reporter.output)
            return again
    return finished


def _not_shown_before(output: str, before: str) -> Iterator[str]:
    """Yield the lines of ``output`` that ``before`` does not have, whatever times they name."""
    shown = {re.sub(_SECONDS, "", line) for line in before.splitlines()}
    yield from (line for line in output.splitlines() if re.sub(_SECONDS, "", line) not in shown)


def _with_refusals(context: InstallContext, command: Command, finished: Finished) -> Finished:
    """Return the result of uv, with its hints on indexes that refused access.

    Where it goes on to the next index, uv gives no such hint, and reports a package or version as unknown. So it is run
    again with first-index, where it gives the hint.
    """
    if _ALL_INDEXES.isdisjoint(command.argv) or not any(words in finished.output for words in _UNKNOWN):
        return finished
    argv = tuple(FIRST_INDEX if word in _ALL_INDEXES else word for word in command.argv)
    again = _run(context, Command(argv, command.env, command.cwd, show=False, is_private=True))
    hints = tuple(lines_with(again.output, "hint: An index"))
    for hint in hints if command.show else ():
        context.reporter.output(hint)
    return replace(finished, output="\n".join((finished.output, *hints)))


def compile_with_uv(
    context: InstallContext, argv: tuple[str, ...], file: str, env: dict[str, str] | None = None
) -> str:
    """Return the output of ``uv pip compile`` for the app's Python, which need not be on disk: a pin a line.

    Errors name ``file`` as the declaration. Raises HashesRequired and the errors of ``failures``; for these, the output
    of uv is shown before.
    """
    refuse_unlocked(context.settings, file)
    output = context.scratch / "resolution.txt"
    if limit := newest(context.settings, datetime.now(UTC)):
        context.reporter.line(f"What was published after {limit} is left out, as {EXCLUDE_NEWER.name} says")
    words = ("pip", "compile", *argv, "--quiet", "--no-header", "--no-annotate", "--output-file", str(output))
    finished, built = _compile_on_the_right_python(context, words, output, env)
    if finished.status != 0:
        show_condensed(finished.output.splitlines(), context.reporter.output)
        raise explain_failure(context, finished, file)
    # uv writes a path as pyproject.toml has it, and reads a word without a slash as the name of a package.
    text = _BARE_PATH.sub(r"./\g<0>", output.read_text(encoding="utf-8"))
    warn_of_shared_names(context.reporter, context.uv.cache, read_pins(text))
    if built:
        context.built_from_source.update(built)
        forget_builds(context)
    return text


def forget_builds(context: InstallContext) -> None:
    """Remove what the code of packages could have written into uv's cache; not the wheels of before that it left."""
    with context.fetched.kept() if context.fetched else nullcontext():
        context.uv.forget_everything()


def _compile_on_the_right_python(
    context: InstallContext, words: tuple[str, ...], output: Path, env: dict[str, str] | None
) -> tuple[Finished, frozenset[str]]:
    """Return the result of uv, and the names of what it has built to learn its dependencies, by the app's Python.

    A setup script may not run on another Python, or it may give other dependencies there. Most resolutions build
    nothing, so an interpreter that is not on disk is unpacked only for one that has built something without it.
    """
    before = Configured.look(context)
    version, own = ("--python-version", context.python_version), context.app_python
    # uv would prefer the versions in an existing output file.
    output.unlink(missing_ok=True)
    if own is None or not own.executable.exists():
        argv = (*words, "--python", str(context.uv.python), *version)
        with context.uv.noting_builds() as has_built:
            finished = run_uv(context, argv, env, show=False, retry_builds=own is None)
            if not has_built():
                return finished, frozenset()
        before.put_back()
        if own is None:
            return finished, context.uv.built_names()
        forget_builds(context)
        output.unlink(missing_ok=True)
    with own.restored() as python, context.uv.noting_builds() as has_built:
        finished = run_uv(context, (*words, "--python", str(python), *version), env, show=False)
        if not has_built():
            return finished, frozenset()
        before.put_back()
        return finished, context.uv.built_names()
