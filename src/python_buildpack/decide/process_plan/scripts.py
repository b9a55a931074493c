"""Programs without a web framework: what to start if an app is a script, a package or a command."""

import posixpath
import shlex
from collections.abc import Iterable, Iterator

from packaging.utils import canonicalize_name

from cnb.frozen import replace
from python_buildpack.app.file_roles import is_aside, is_test_or_example
from python_buildpack.decide.process_plan.ends_at_once import notice_definitions
from python_buildpack.decide.process_plan.named_elsewhere import programs
from python_buildpack.decide.process_plan.nothing_found import demanding_factory
from python_buildpack.decide.process_plan.own_commands import own_commands, uninstalled_command
from python_buildpack.decide.process_plan.program_file import modules_reached
from python_buildpack.decide.process_plan.reached import notice_program
from python_buildpack.decide.process_plan.runners.task_text import function_text
from python_buildpack.decide.processes.apps import is_helper
from python_buildpack.decide.processes.interface import Candidate, Evidence, ProcessDecision, Rank
from python_buildpack.decide.processes.launch import Start, command, shown
from python_buildpack.decide.processes.module_info import ModuleInfo
from python_buildpack.decide.processes.scripting import run_file, run_module
from python_buildpack.decide.processes.servers import RUNNERS

FILES = ("main.py", "app.py", "bot.py", "server.py", "run.py", "start.py", "worker.py", "index.py", "web.py")
"""Names of files that are programs, the likeliest first."""
PACKAGES = ("app/main.py", "bot/main.py")
MAX_DEPTH = 2
"""How many folders deep a program is looked for in a package."""


def find(evidence: Evidence, *, is_beside_workers: bool = False) -> Iterator[Candidate]:
    """Yield programs, the most certain first: commands, packages with ``__main__``, scripts with usual names.

    Beside workers, a file without such a name is more likely to send them a task than to be a process.
    """
    for number, (what, start) in enumerate(_programs(evidence, is_beside_workers=is_beside_workers)):
        decision = ProcessDecision.starting("web", start, because=what)
        line = shown((*decision.command, *decision.args))
        definitions = tuple(notice_definitions(line, evidence, decision.directory))
        # Such a file may define an app that lacks only its arguments.
        factories = demanding_factory(evidence) if definitions else ()
        notices = (*notice_program(line, evidence, decision.directory), *factories, *definitions)
        yield Candidate(Rank(depth=number), what, decision, notices)


def find_serving(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the only program at the top of the app that starts a production server in another of the app's modules.

    It completes an app, which has no other server, before it serves it.
    """
    programs = [
        info
        for info in evidence.index.sources
        if "/" not in info.path
        and info.has_main
        and not is_helper(info, evidence)
        and _serves_elsewhere(info, evidence)
    ]
    if len(programs) == 1:
        start, what = run_file(programs[0], evidence), f"{programs[0].path}, which starts a server of its own"
        notices = notice_program(shown(start.command), evidence)
        yield Candidate(Rank(), what, ProcessDecision.starting("web", start, because=what), notices)


def _serves_elsewhere(info: ModuleInfo, evidence: Evidence) -> bool:
    others = (module for module in modules_reached(info, evidence) if module is not info)
    return any(call.name in RUNNERS for module in others for call in module.calls)


def _programs(evidence: Evidence, *, is_beside_workers: bool) -> Iterator[tuple[str, Start]]:
    """Yield (description, command)."""
    files = evidence.project.files
    for name, file in _commands(evidence):
        yield f"command {name}, the app's own in {file}", command(name)
    if "__main__.py" in files:
        yield "__main__.py", command("python", "__main__.py")
    yield from _started_elsewhere(evidence)
    named = [path for path in _named(evidence) if path in files and _does_something(path, evidence)]
    yield from _scripts((path for path in named if _acts(path, evidence)), evidence)
    yield from _packages(evidence)
    yield from _lone_script(evidence)
    yield from _lone_module(evidence)
    yield from () if is_beside_workers else _lone_acting(evidence)
    yield from _uninstalled(evidence)
    # These have calls inside functions and in assignments only, so most often they only define things.
    yield from _scripts((path for path in named if not _acts(path, evidence)), evidence)


def _started_elsewhere(evidence: Evidence) -> Iterator[tuple[str, Start]]:
    """Yield the program of the app that a Dockerfile or the like starts."""
    files = evidence.project.files
    for path, module, file in programs(evidence.project):
        base = module.replace(".", "/")
        inside = next((one for one in (f"{base}.py", f"{base}/__main__.py") if module and one in files), "")
        found = path or inside
        if not found or found == "manage.py" or is_test_or_example(found):
            continue
        info = evidence.index.source(found)
        if inside:
            yield f"module {module}, which {file} starts", command("python", "-m", module)
        else:
            start = run_file(info, evidence) if info is not None else command("python", path)
            yield f"script {path}, which {file} starts", start


def _named(evidence: Evidence) -> Iterator[str]:
    """Yield where a program with a usual name may be: in the app directory, and wherever its projects have sources."""
    roots = (root for own in evidence.members.tops for root in own.roots)
    for folder in dict.fromkeys(["", "src", *roots]):
        yield from (posixpath.join(folder, name) for name in FILES)
    yield from PACKAGES


def _scripts(paths: Iterable[str], evidence: Evidence) -> Iterator[tuple[str, Start]]:
    for path in paths:
        info = evidence.index.source(path)
        yield f"script {path}", run_file(info, evidence) if info is not None else command("python", path)


def _commands(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Yield the only command that an installed project of the app defines; of several, the one with its name.

    With it comes the file that defines it.
    """
    for own in own_commands(evidence):
        if evidence.has(own.distribution):
            is_only = len(own.scripts) == 1
            named = [name for name in own.scripts if is_only or canonicalize_name(name) == own.distribution]
            yield from ((name, own.file) for name in named)


def _uninstalled(evidence: Evidence) -> Iterator[tuple[str, Start]]:
    """Yield what the app's own command calls, if the app is not installed and so has no such command."""
    for own in own_commands(evidence):
        for name in own.scripts if len(own.scripts) == 1 else [own.distribution]:
            found = uninstalled_command(name, evidence)
            if found is not None:
                text = function_text(found["module"], found["function"], found["arguments"] or "()")
                yield f"what the command {name} of {own.file} calls", command(*shlex.split(text))


def _does_something(path: str, evidence: Evidence) -> bool:
    """Say whether running the file would do anything: a module with definitions only is not a program."""
    info = evidence.index.source(path)
    return info is None or info.has_main or bool(info.calls)


def _acts(path: str, evidence: Evidence) -> bool:
    """Say whether the file is a program."""
    info = evidence.index.source(path)
    return info is None or info.has_main or info.acts


def _packages(evidence: Evidence) -> Iterator[tuple[str, Start]]:
    for info in evidence.index.sources:
        package, _, last = info.place.module.rpartition(".")
        if last == "__main__" and package and not is_aside(info.path) and not info.only_defines:
            yield f"package {package} with {info.path}", run_module(replace(info.place, module=package))


def _lone_script(evidence: Evidence) -> Iterator[tuple[str, Start]]:
    """Yield the only program among the files in the app directory."""
    runnable = [
        info.path
        for info in evidence.index.sources
        if "/" not in info.path and info.has_main and info.path != "manage.py"
    ]
    if len(runnable) == 1 and runnable[0] not in FILES:
        yield f"script {runnable[0]}", command("python", runnable[0])


def _lone_module(evidence: Evidence) -> Iterator[tuple[str, Start]]:
    """Yield the only module of a package, below the app directory, that is a program and has a usual name."""
    roots = {root for own in evidence.members.tops for root in own.roots}
    runnable = [
        info
        for info in evidence.index.sources
        if info.has_main
        # However deep a project of the app is: what counts is the depth of the module in it.
        and 1 <= (info.place.module.count(".") if info.place.root in roots else info.place.depth) <= MAX_DEPTH
        and "." in info.place.module
        and info.path.rpartition("/")[2] in FILES
        and not is_aside(info.path)
    ]
    if len(runnable) == 1:
        yield f"module {runnable[0].path}", run_module(runnable[0].place)


def _lone_acting(evidence: Evidence) -> Iterator[tuple[str, Start]]:
    """Yield the only file in the app directory that acts without a main guard, and that no other file imports.

    A consumer is often such a file, or a loop that looks at the clock. What is imported may act, too: it sets up a log.
    """
    acting = [
        info
        for info in evidence.index.sources
        if "/" not in info.path
        and info.acts
        and not (info.path in FILES or is_test_or_example(info.path) or evidence.index.is_imported(info))
        and info.place.module
    ]
    if len(acting) == 1:
        yield f"script {acting[0].path}, the only one that does something", run_file(acting[0], evidence)
