"""The processes that are named: by a Procfile, as on Heroku and App Platform, or by variables of the build."""

import posixpath
import shlex
from collections.abc import Iterator

from cnb.frozen import replace
from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.ends_at_once import notice_end
from python_buildpack.decide.process_plan.gunicorn_config import notice_named_class, notice_websockets
from python_buildpack.decide.process_plan.interfaces import notice_interface
from python_buildpack.decide.process_plan.loading import located
from python_buildpack.decide.process_plan.named_apps import notice_order
from python_buildpack.decide.process_plan.process_managers import managed_lines
from python_buildpack.decide.process_plan.procfile_text import FILE, WEB, Entry, Parsed, parse_procfile
from python_buildpack.decide.process_plan.programs import (
    DEVELOPMENT_TOOLS,
    PROGRAMS,
    installing,
    missing_distribution,
    program_meant,
)
from python_buildpack.decide.process_plan.reached import notice_reached
from python_buildpack.decide.process_plan.server_settings import notice_files, notice_no_app
from python_buildpack.decide.process_plan.shell_scripts import (
    file_text,
    is_beside,
    script_lines,
    script_path,
    started_in_script,
)
from python_buildpack.decide.process_plan.started import Started, started
from python_buildpack.decide.process_plan.system_tools import notice_itself, tool_text
from python_buildpack.decide.process_plan.targets import server_at_end
from python_buildpack.decide.processes.interface import Evidence, ProcessDecision, ProcessPlan
from python_buildpack.package_managers.members import ALL
from python_buildpack.package_managers.project_file import chosen_by
from python_buildpack.ports.notice import Notice

RELEASE = "release"


def procfile_folder(evidence: Evidence) -> str:
    """Return the folder of the Procfile: the app directory, or else that of the project that is chosen."""
    chosen = (own.directory for own in evidence.members.tops) if evidence.members.choice not in {"", ALL} else ()
    return next((folder for folder in ("", *chosen) if evidence.project.has(posixpath.join(folder, FILE))), "")


def procfile(evidence: Evidence) -> Parsed:
    """Return the entries of the Procfile; none if there is none, or if it has only comments.

    A project of a folder that is chosen by BP_PYTHON_PACKAGE has its own, if the app directory has none. Raises
    ProcfileInvalid and ProjectFileUnreadable.
    """
    folder = procfile_folder(evidence)
    text = evidence.project.text(posixpath.join(folder, FILE))
    parsed = parse_procfile(text) if text is not None else Parsed()
    return replace(parsed, entries=tuple(replace(entry, folder=folder) for entry in parsed.entries))


def named_plan(parsed: Parsed, evidence: Evidence) -> ProcessPlan:
    """Return the processes of the entries, of which there is at least one.

    ``web`` is the default process; without ``web``, it is the only process besides ``release``, if there is only one.
    """
    entries = parsed.entries
    default = _default(entries)
    processes: list[ProcessDecision] = []
    notices: list[Notice] = list(parsed.notices)
    for entry in entries:
        # A line starts where its Procfile is; written so, it is read like any other line that changes the directory.
        moved = f"cd {shlex.quote(entry.folder)} && " if entry.folder else ""
        found = started(f"{moved}{entry.command}", evidence)
        where = entry.where
        place = located(found.command, where, evidence)
        command = place.command.removeprefix(moved)
        rewritten = tuple(notice_interface(place.command, where, evidence))
        # What the line has to be instead is another one: nothing is said of the server of this one.
        server = server_at_end(place.command) if rewritten else ""
        missing = list(_missing(entry, where, found, evidence, passed_over=server))
        reached = notice_reached(place.command, where, evidence) if entry.type == WEB and not rewritten else ()
        ends = notice_end(place.command, where, evidence) if entry.type != RELEASE else ()
        answers = (
            *(rewritten or notice_websockets(place.command, where, evidence)),
            *notice_no_app(place.command, where, evidence),
            *notice_files(place.command, where, evidence),
            *notice_itself(entry, place.command, evidence),
        )
        order = notice_order(place.command, where, evidence)
        notices.extend([*_said_of_tools(where, found), *missing, *place.notices, *reached, *ends, *answers, *order])
        notices.extend(_of_script(replace(entry, command=f"{moved}{place.command}"), evidence))
        processes.append(
            ProcessDecision(
                entry.type,
                shell.wrap(command),
                default=entry.type == default,
                because=f"{where}{_shell(command)}",
                directory=entry.folder,
            )
        )
    if default is None:
        notices.append(_no_default(entries))
    return ProcessPlan(tuple(processes), tuple(notices))


def _of_script(entry: Entry, evidence: Evidence) -> Iterator[Notice]:
    """Yield what would be said of the lines of the shell script, or of the other file, that an entry starts."""
    managed = list(managed_lines(entry.command, evidence))
    lines = managed or list(script_lines(entry.command, evidence))
    text = file_text(script_path(entry.command, evidence), evidence) if lines else ""
    for number, (where, before, command) in enumerate(lines, 1):
        found = started_in_script(command, evidence)
        placed = f"{before}{found.command}"
        yield from _said_of_tools(where, found, is_changed=False)
        rewritten = tuple(notice_interface(placed, where, evidence))
        yield from _missing(entry, where, found, evidence, passed_over=server_at_end(placed) if rewritten else "")
        place = located(placed, where, evidence)
        yield from place.notices if place.command == placed else ()
        yield from rewritten or notice_websockets(placed, where, evidence)
        yield from notice_order(placed, where, evidence)
        yield from () if rewritten else notice_named_class(placed, where, evidence)
        yield from notice_no_app(placed, where, evidence)
        yield from notice_files(placed, where, evidence, text)
        # Others, and what a server beside it passes requests on to, may listen anywhere.
        if rewritten or len(managed) > 1:
            continue
        if entry.type == WEB and number == len(lines) and not any(is_beside(one) for _, _, one in lines):
            yield from notice_reached(placed, where, evidence)


def _shell(command: str) -> str:
    """Return a text about the shell that a line needs: a build cannot see whether the run image has it."""
    return f" (needs {shell.wrap(command)[0]} in the run image)" if shell.needs_shell(command) else ""


def _default(entries: tuple[Entry, ...]) -> str | None:
    types = [entry.type for entry in entries if entry.type != RELEASE]
    if WEB in types:
        return WEB
    return types[0] if len(types) == 1 else None


def _no_default(entries: tuple[Entry, ...]) -> Notice:
    types = ", ".join(entry.type for entry in entries)
    return Notice(
        "The image has no default process",
        f"{types} are named, but no web: nothing starts unless a process is named. "
        "Add a line 'web: COMMAND', or choose a process when starting: docker run --entrypoint TYPE IMAGE.",
    )


def _said_of_tools(where: str, found: Started, *, is_changed: bool = True) -> Iterator[Notice]:
    """Yield what became of the tools before a program: ``uv run``, ``poetry run`` and their like.

    A line of a script is not changed, and says what to write only.
    """
    for taken in found.taken:
        if taken.why:
            why = f"{taken.why}. "
        elif taken.tool:
            why = f"{taken.tool} is not in the image and not needed, as the app's environment is active. "
        else:
            why = f"{taken.words} is not in the image, as the app itself is not installed. "
        task = f", which is {taken.task}" if taken.task else ""
        cure = "Write that in the line." if taken.task or taken.why else f"Remove '{taken.words}' from the line."
        more = [f"{name} is not installed: add it to the app's dependencies." for name in taken.added]
        more += [f"Nothing reads {option}: set its variables on the platform." for option in taken.ignored]
        if is_changed:
            text = f"{where}: {why}The image starts '{found.command}'{task}. {cure}"
        else:
            text = f"{where}: {why}" + (f"Write '{found.command}'{task}." if found.command else "Remove the line.")
        is_of_system = bool(taken.why) and not taken.tool
        what = "is not in the app's environment" if is_of_system else "is not part of the image"
        yield Notice(f"{taken.tool or taken.words} {what}", " ".join([text, *more]))
    for kept in found.kept:
        yield Notice(
            f"{kept.tool} is not part of the image",
            f"{where}: {kept.tool} is not in the image, and {kept.reason}. "
            f"Name the program itself instead of starting it with {kept.tool}.",
        )


def _add(distribution: str, evidence: Evidence) -> str:
    """Return where a distribution that is not installed is declared, if it is, and what installs it."""
    setting = chosen_by(evidence.project, distribution)
    if not setting:
        return f"and is not among the app's dependencies. Add {distribution} to them"
    return f"and is in a group or extra that is not installed. Set {setting}, or add it to the app's dependencies"


def _missing(
    entry: Entry, where: str, found: Started, evidence: Evidence, *, passed_over: str = ""
) -> Iterator[Notice]:
    """Yield what is said of programs that are not installed, except for that of the name ``passed_over``."""
    said = {kept.tool for kept in found.kept} | {passed_over}
    for words in shell.programs(found.command):
        name = words[0]
        distribution = missing_distribution(words, evidence.installed)
        if text := tool_text(words, evidence):
            yield Notice(f"{name} may not be part of the image", f"{where}: {text}")
        elif (tool := installing(words)) and tool not in said and not evidence.has(tool):
            yield Notice(
                "Packages are installed while building, not at the start",
                f"{where} runs '{' '.join(words)}'. What the app declares is in the image, and "
                f"{tool} is not, so the line would end there. Remove it from the line.",
            )
        elif name in DEVELOPMENT_TOOLS and distribution is not None and name not in said:
            yield Notice(
                f"{name} is not part of the image",
                f"{where}: tools that only manage dependencies are not in the image. "
                f"Name the program itself instead of starting it with {name}.",
            )
        elif distribution is not None and name not in said:
            yield Notice(
                f"{distribution} is not installed",
                f"{where} starts {name} for the process {entry.type}. {distribution} provides it, "
                f"{_add(distribution, evidence)}, or the process will not start.",
            )
        elif (meant := program_meant(words, evidence.installed)) is not None:
            yield Notice(
                f"{name} looks misspelt",
                f"{where} starts {name} for the process {entry.type}, which no known "
                f"package provides. If {meant} is meant, correct the line, or the process will not start.",
            )
        elif "/" not in name and name in evidence.project.files and not evidence.has(name) and name not in PROGRAMS:
            yield Notice(
                f"{name} is not on PATH",
                f"{where} starts {name} for the process {entry.type}. It is a file of the app, and a "
                f"shell looks for programs without a slash on PATH only. Write "
                f"'{f'python {name}' if name.endswith('.py') else f'./{name}'}'.",
            )
