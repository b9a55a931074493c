"""Commands whose process ends as soon as it has started, so that a container ends with it, or is started for ever.

A server that goes into the background leaves nothing in the foreground, which is what a container waits for; and a file
that only defines an app is over when Python has read it.
"""

from collections.abc import Iterator, Mapping

from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.listening import may_serve
from python_buildpack.decide.process_plan.program_file import modules_reached, program_file
from python_buildpack.decide.process_plan.targets import last_target
from python_buildpack.decide.processes.frameworks.registry import APP_KINDS
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.decide.processes.module_info import ModuleInfo
from python_buildpack.decide.processes.server import Server
from python_buildpack.decide.processes.servers import SERVERS, suggestion
from python_buildpack.decide.processes.workers.interface import TaskQueue
from python_buildpack.decide.processes.workers.registry import TASK_QUEUES
from python_buildpack.ports.notice import Notice

ENDS = "The process ends as soon as it has started"
MAY_END = "The process may end as soon as it has started"
_KINDS: tuple[Server | TaskQueue, ...] = (*SERVERS, *TASK_QUEUES)
DETACHING: Mapping[str, frozenset[str]] = {
    program: kind.detaching for kind in _KINDS if kind.detaching for program in kind.programs
}
"""Programs → their options that leave the foreground."""
_INTERFACES = {name: interface for kind in APP_KINDS for name, interface in kind.constructors.items()}


def notice_end(command: str, where: str, evidence: Evidence) -> Iterator[Notice]:
    """Yield the hint for a command that leaves nothing in the foreground, at most one.

    ``where`` is the line of the Procfile, for people.
    """
    programs = [words for words in shell.programs(command) if words[0] not in shell.BUILTINS]
    if not programs:
        return
    words = programs[-1]
    name = words[0].rpartition("/")[2]
    option = next((word for word in words[1:] if word.partition("=")[0] in DETACHING.get(name, ())), "")
    text = shell.unwrapped(command)
    separators = [text[begin:end] for begin, end in shell.separators_of(text)]
    if option:
        yield Notice(ENDS, f"{where} starts {name} with {option}, in the background. {_CURE} Leave {option} out.")
    elif separators[-1:] == ["&"] and text.rstrip().endswith("&"):
        yield Notice(ENDS, f"{where} starts {name} in the background, by the & at its end. {_CURE} Leave the & out.")
    else:
        yield from _only_defines(command, where, evidence)


_CURE = "A container ends when its process does."


def notice_definitions(command: str, evidence: Evidence, directory: str) -> Iterator[Notice]:
    """Yield the hint for a program of the app that was found by its name, and that only defines something.

    ``directory`` is where the command starts, relative to the app directory.
    """
    target = last_target(shell.unwrapped(command))
    # A command of the app's own calls a function of its file.
    is_run = target is not None and bool(target.path or target.module)
    info = program_file(command, evidence, directory) if is_run else None
    if info is not None and only_defines(info, evidence):
        yield Notice(
            MAY_END,
            f"{info.path} is the likeliest program of the app, but calls nothing by itself. {_CURE} If a tool starts "
            f'what it defines, give its command: a Procfile with the line "web: TOOL … {info.path}".',
        )


def only_defines(info: ModuleInfo, evidence: Evidence) -> bool:
    """Return whether Python is done with a file as soon as it has read it, and what it imports: nothing is called."""
    return _ends_when_read(info, evidence) and not _begins_elsewhere(info, evidence)


def _ends_when_read(info: ModuleInfo, evidence: Evidence) -> bool:
    """Return whether a file calls nothing for its effect, and neither it nor what it imports may start a server."""
    if info.has_main or info.acts or not (info.functions or info.classes or info.bindings):
        return False
    # Whatever calls it: "raise SystemExit(main())", or an import of a module that serves.
    return not any(may_serve(module, evidence.index) for module in modules_reached(info, evidence))


def _begins_elsewhere(info: ModuleInfo, evidence: Evidence) -> bool:
    return any(module.acts for module in modules_reached(info, evidence) if module is not info)


def _only_defines(command: str, where: str, evidence: Evidence) -> Iterator[Notice]:
    """Yield the hint for a file that Python runs and that defines an app: no call starts a server."""
    target = last_target(shell.unwrapped(command))
    if target is None or not target.program.startswith("python") or not target.path:
        return
    info = program_file(command, evidence)
    if info is None or not _ends_when_read(info, evidence):
        return
    apps = (export for export in evidence.index.exports() if export.info is info and not export.is_factory)
    for export in apps:
        interface = _INTERFACES.get(export.origin)
        if interface is not None:
            server = suggestion(interface)
            yield Notice(
                ENDS,
                f"{where} runs {info.path}, which defines {export.name} and serves it nowhere. {_CURE} "
                f"Write '{server} {info.place.module}:{export.name}', with {server} among the dependencies.",
            )
            return
