"""Heroku's hooks: bin/pre_compile and bin/post_compile of the app, run during the build (docs/hooks.md)."""

import os
import shlex
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cnb.errors import BuildpackError
from cnb.trees import remove
from python_buildpack.app.hook_files import POST_COMPILE, PRE_COMPILE
from python_buildpack.app.project import Project
from python_buildpack.app.snapshot import Snapshot, changes, take_snapshot
from python_buildpack.app_code.build_time_environment import BuildTimeEnvironment
from python_buildpack.app_code.home_watch import losses_named
from python_buildpack.layers.dependencies.layer import DependenciesLayer
from python_buildpack.ports.interfaces import Command, Finished
from python_buildpack.support.group_access import open_to_group
from python_buildpack.support.small_files import opened, read_small

_SHEBANG_BYTES = 4096
_NAMED_CHANGES = 5
_OF_TOOLS = ("pip", "uv", "yarn", "pnpm", "node", "node-gyp", "go-build", "pre-commit")
"""The names of these caches, as the XDG Base Directory Specification has them below XDG_CACHE_HOME."""


class HookFailed(BuildpackError):
    """A script of the app, bin/pre_compile or bin/post_compile, ended with a status other than 0."""

    code = "hook-failed"
    title = "A hook of the app failed"


class HookChangedPython(BuildpackError):
    """A hook wrote into the interpreter's directory. That must not change: other builds reuse it by its digest."""

    code = "hook-changed-python"
    title = "A hook changed the Python interpreter"


class HookChangedVersion(BuildpackError):
    """bin/pre_compile changed a file that decides the Python version, after that version was installed."""

    code = "hook-changed-version"
    title = "A hook changed the Python version"


def is_hook(project: Project, hook: str) -> bool:
    """Say whether the app has this hook as a file."""
    return hook in project.files


def run_pre_compile(build_time: BuildTimeEnvironment) -> None:
    """Run bin/pre_compile, with the interpreter and without packages. Raises HookFailed and HookChangedPython."""
    build_time.reporter.heading("Hook bin/pre_compile")
    _run(PRE_COMPILE, build_time, build_time.with_python())


def run_post_compile(build_time: BuildTimeEnvironment, dependencies: DependenciesLayer) -> None:
    """Run bin/post_compile, with all packages. Raises HookFailed and HookChangedPython.

    Its changes of the virtual environment are kept. But then each build has to install all packages anew, because the
    layer's key does not include these changes.
    """
    build_time.reporter.heading("Hook bin/post_compile")
    from python_buildpack.app_code.hook_tools import tools_of_hook  # noqa: PLC0415 - few apps have a hook
    from python_buildpack.layers.hook_data import with_hook_data  # noqa: PLC0415 - as above

    context, app = dependencies.inputs.context, build_time.app
    environment = build_time.with_packages(dependencies)
    environment = tools_of_hook(app, POST_COMPILE, context, dependencies.venv, environment)
    before = {root: take_snapshot(root) for root in dependencies.roots.values()}
    changed: list[str] = []

    def run(more: Mapping[str, str]) -> None:
        # Bytecode does not count as a change, and neither does anything beside the content of the layers: that would
        # stay in the image for as long as the packages are the same, also without the hook.
        with build_time.unchanged(POST_COMPILE, dependencies, lambda: bool(changed)):
            _run(POST_COMPILE, build_time, {**environment, **more})
            changed.extend(_changed(before))
        for folder in more.values():
            remove_caches_of_tools(Path(folder))

    with_hook_data(dependencies.layers, environment, build_time.reporter, run)
    if changed:
        build_time.reporter.warning(
            "bin/post_compile changed the virtual environment",
            f"{len(changed)} entries differ, among them {', '.join(changed[:_NAMED_CHANGES])}. They are kept in the "
            "image, but every build has to install all packages anew, and nothing records what was added. Where it is "
            "a package, add it to the app's dependencies instead.",
        )
        dependencies.keep_changes(POST_COMPILE)


def _changed(before: Mapping[Path, Snapshot]) -> Iterator[str]:
    for root, snapshot in before.items():
        found = changes(snapshot, take_snapshot(root))
        yield from (*found.written, *found.removed)


def remove_caches_of_tools(folder: Path) -> None:
    """Remove what package managers and compilers keep in a cache directory for their own next run.

    No app looks for it, and it may be larger than the app. Raises FileNotWritten.
    """
    for name in _OF_TOOLS if folder.is_dir() and not folder.is_symlink() else ():
        remove(folder / name)


def _run(hook: str, build_time: BuildTimeEnvironment, environment: dict[str, str]) -> None:
    before = take_snapshot(build_time.app)
    kept = (build_time.app, build_time.python.layers.root)
    home = losses_named(hook, environment.get("HOME"), kept, build_time.reporter)
    build_time.python.watch()
    with home, interpreter_unchanged(hook, build_time.python.root):
        finished = build_time.runner.run(Command(command_for(build_time.app / hook), environment, cwd=build_time.app))
    # Its bytecode, too.
    build_time.python.undo_changes(hook)
    if finished.status != 0:
        raise failure(build_time.app / hook, hook, finished)
    # The user of the run image shares the group only, and may write into what the hook prepared, such as a database.
    open_to_group(build_time.app, changes(before, take_snapshot(build_time.app)).written)


def failure(script: Path, hook: str, finished: Finished) -> HookFailed:
    """Return the error for a hook that ended so."""
    return HookFailed(
        f"{hook} {finished.ending}; what it printed is above.",
        f"Correct {hook}, which runs in the app's directory with the build's environment: see docs/hooks.md. "
        f"{_line_ends(script)}".rstrip(),
    )


def command_for(script: Path) -> tuple[str, ...]:
    """Return the command that runs a script: by the program in its first line, else by sh.

    It need not be executable, as on Heroku: git on Windows, ZIP files and some uploads lose that permission. Raises
    HookFailed if it is no regular file, or a link to none: a FIFO would be waited for, and a device may have no end.
    """
    try:
        with opened(script) as file:
            is_file = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            head = file.read(_SHEBANG_BYTES) if is_file else b""
    except OSError:
        is_file, head = False, b""
    if not is_file:
        where = f"{script.parent.name}/{script.name}"
        raise HookFailed(f"{where} is not a file that can be read.", f"Put a script there, or remove {where}.")
    first = head.partition(b"\n")[0].decode(errors="replace").strip()
    # The kernel passes all text after the program as one argument (execve(2)).
    program, _, argument = first.removeprefix("#!").strip().partition(" ")
    if not first.startswith("#!") or not program:
        return ("sh", str(script))
    return (program, *filter(None, [argument.strip()]), str(script))


@contextmanager
def interpreter_unchanged(hook: str, root: Path) -> Iterator[None]:
    """Raise HookChangedPython after the block if the interpreter's directory is not as it was before."""
    before = take_snapshot(root)
    yield
    changed = changes(before, take_snapshot(root))
    if changed:
        examples = ", ".join([*changed.written, *changed.removed][:_NAMED_CHANGES])
        raise HookChangedPython(
            f"{hook} changed {examples} in {root}.",
            "Install packages by the app's dependencies, and write other files into the app's directory.",
        )


def _line_ends(script: Path) -> str:
    crlf = "\r\n" in read_small(script)
    return f"{shlex.quote(script.name)} has Windows line ends, which shells do not understand." if crlf else ""
