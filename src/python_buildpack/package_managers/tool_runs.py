"""How managers run their tools: in an InstallContext, in the app's directory, failures explained."""

import re

from cnb.frozen import replace
from python_buildpack.package_managers.explain_failure import explain_failure
from python_buildpack.package_managers.failures.explain import lines_with
from python_buildpack.package_managers.failures.yanked import warn_of_yanked
from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.ports.interfaces import Command, Finished
from python_buildpack.tools.pip_config import read_pip_config

_ALL_INDEXES, _FIRST_INDEX = "unsafe-best-match", "first-index"
_UNKNOWN = ("was not found in the package registry", "there is no version of", "there are no versions of")


_OLDER_SETUPTOOLS = {
    r"use_2to3 is invalid": "setuptools<58",
    r"No module named 'pkg_resources'": "setuptools<82",
    r"cannot import name '\w+' from 'setuptools[\w.]*'": "setuptools<70",
}
"""What a setup script of some years ago fails with → the releases of setuptools that it was written for."""


def run_uv(
    context: InstallContext, argv: tuple[str, ...], env: dict[str, str] | None = None, *, show: bool
) -> Finished:
    """Run uv in the app's directory; ``env`` adds to its environment."""
    whole = {**context.uv.environment(context.env), **(env or {})}
    whole_argv = (str(context.uv.executable()), *argv, *_no_index(context, argv))
    command = Command(whole_argv, whole, cwd=context.project.root, show=show)
    finished = _with_older_setuptools(context, command, context.runner.run(command))
    if finished.status == 0:
        warn_of_yanked(context.reporter, finished.output if show else "")
        return finished
    return _with_refusals(context, command, finished)


def _no_index(context: InstallContext, argv: tuple[str, ...]) -> tuple[str, ...]:
    """Return what makes uv obey PIP_NO_INDEX, for which it has no variable."""
    if argv[:2] not in {("pip", "compile"), ("pip", "install"), ("pip", "sync")}:
        return ()
    settings = {**read_pip_config(context.env), **context.env}
    return ("--no-index",) if settings.get("PIP_NO_INDEX", "").strip().lower() in {"1", "true", "yes", "on"} else ()


def _with_older_setuptools(context: InstallContext, command: Command, finished: Finished) -> Finished:
    """Return how uv ended, with another attempt where setup scripts ask for what setuptools no longer has.

    A source from before has no say in which setuptools builds it: uv takes the newest, as pip does.
    """
    if finished.status == 0 or "UV_BUILD_CONSTRAINT" in command.env or command.argv[1] != "pip":
        return finished
    for pattern, constraint in _OLDER_SETUPTOOLS.items():
        if found := re.search(pattern, finished.output):
            path = context.scratch / "build-constraints.txt"
            path.write_text(f"{constraint}\n", encoding="utf-8")
            context.reporter.line(f"Once more with {constraint} for what is built from source: {found[0]}")
            env = {**command.env, "UV_BUILD_CONSTRAINT": str(path)}
            return context.runner.run(replace(command, env=env))
    return finished


def _with_refusals(context: InstallContext, command: Command, finished: Finished) -> Finished:
    """Return how uv ended, with its words on indexes that refused access.

    It has none where it compares all indexes, and reports a package, or a pinned version, as unknown: asked to stop
    at the first, it has.
    """
    if _ALL_INDEXES not in command.argv or not any(words in finished.output for words in _UNKNOWN):
        return finished
    argv = tuple(_FIRST_INDEX if word == _ALL_INDEXES else word for word in command.argv)
    again = context.runner.run(Command(argv, command.env, command.cwd, show=False))
    hints = tuple(lines_with(again.output, "hint: An index"))
    for hint in hints if command.show else ():
        context.reporter.output(hint)
    return replace(finished, output="\n".join((finished.output, *hints)))


def compile_with_uv(
    context: InstallContext, argv: tuple[str, ...], file: str, env: dict[str, str] | None = None
) -> str:
    """Return the versions that ``uv pip compile`` finds for the app's Python, which need not be on disk.

    ``file`` is the declaration that errors name. Raises the errors of failures/, the output shown before.
    """
    output = context.scratch / "resolution.txt"
    whole = (
        *("pip", "compile", *argv, "--quiet", "--no-header", "--no-annotate"),
        *("--python", str(context.uv.python), "--python-version", context.python_version),
        *("--output-file", str(output)),
    )
    # What another attempt left there would count as a preference for its versions.
    output.unlink(missing_ok=True)
    finished = run_uv(context, whole, env, show=False)
    if finished.status != 0:
        for line in finished.output.splitlines():
            context.reporter.output(line)
        raise explain_failure(context, finished, file)
    return output.read_text(encoding="utf-8")
