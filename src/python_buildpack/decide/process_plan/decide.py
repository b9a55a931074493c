"""Decides the processes of a project: the function that the build calls."""

from collections.abc import Iterable

from cnb.frozen import replace
from python_buildpack.app.project import Project
from python_buildpack.decide.process_plan import gunicorn_config, named_elsewhere, sessions
from python_buildpack.decide.process_plan.given_commands import given_commands
from python_buildpack.decide.process_plan.listening import started_as_script
from python_buildpack.decide.process_plan.members import is_elsewhere, not_installed, several_apps
from python_buildpack.decide.process_plan.procfile_text import FILE, WEB, Entry
from python_buildpack.decide.process_plan.program_file import with_workers_that_can_be
from python_buildpack.decide.process_plan.registry import KNOWN
from python_buildpack.decide.process_plan.unparsed import notice_unparsed
from python_buildpack.decide.processes.frameworks.interface import DEVELOPMENT
from python_buildpack.decide.processes.frameworks.registry import APP_KINDS
from python_buildpack.decide.processes.interface import Candidate, Evidence, ProcessDecision, ProcessPlan
from python_buildpack.decide.processes.launch import split_command
from python_buildpack.decide.processes.source_index import build_index
from python_buildpack.decide.processes.workers.registry import TASK_QUEUES
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.package_managers.members import choose_members
from python_buildpack.package_managers.own_projects import own_projects
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.values import Settings

MAX_ALTERNATIVES = 5
_NO_SETTINGS = Settings({})


def read_evidence(project: Project, installed: InstalledDistributions, settings: Settings = _NO_SETTINGS) -> Evidence:
    """Return what the processes are decided from.

    Only distributions in ``installed`` can be started. ``settings`` have the environment variables of the build, too.
    Raises MemberUnknown, ProjectFileUnreadable and ProjectFileInvalid.
    """
    members = choose_members(own_projects(project), settings)
    return Evidence(project, build_index(project, KNOWN, members), installed, settings, KNOWN, members)


def decide_processes(
    project: Project, installed: InstalledDistributions, settings: Settings = _NO_SETTINGS
) -> ProcessPlan:
    """Return the processes of the image, from what ``read_evidence`` is given; raises what both raise."""
    return decide_plan(read_evidence(project, installed, settings))


def decide_plan(evidence: Evidence, more: tuple[Entry, ...] = ()) -> ProcessPlan:
    """Return the processes of the image. ``more`` are commands that another file of the app gives.

    A Procfile names all processes, as on Heroku: if there is one, nothing from the source is added. Commands that
    variables give have precedence over it, each for its type. Without a Procfile, the
    processes are a web app in the source and the workers of task queues. Without a web app, a program of the app
    becomes the ``web`` process, because that is the type that platforms start. ``web`` is the default process, which
    ``docker run IMAGE`` starts; in an image with workers only, it is the first of them. Raises ProcfileInvalid and
    ProjectFileUnreadable.
    """
    project = evidence.project
    plan = with_workers_that_can_be(_plan(evidence, more), evidence)
    plan = sessions.with_one_worker(plan, evidence)
    unparsed = notice_unparsed(evidence.index)
    notices = tuple(dict.fromkeys([*unparsed, *plan.notices, *_config(evidence, plan)]))
    return replace(plan, notices=notices, limits=tuple(filter(None, (project.stopped, evidence.index.stopped))))


def _plan(evidence: Evidence, more: tuple[Entry, ...]) -> ProcessPlan:
    given = (*more, *given_commands(evidence.settings))
    if not given and not evidence.project.has(FILE) and not evidence.members.choice:
        return _detected_plan(evidence)
    from python_buildpack.decide.process_plan.named import named_plan, procfile  # noqa: PLC0415 - many apps have none

    written = procfile(evidence)
    entries = {entry.type: entry for entry in (*written.entries, *given)}
    if not entries:
        return _detected_plan(evidence)
    named = named_plan(replace(written, entries=tuple(entries.values())), evidence)
    return named if written.entries else _with_detected(named, evidence)


def _with_detected(named: ProcessPlan, evidence: Evidence) -> ProcessPlan:
    """Return what variables give, and of what the source shows the processes of other types."""
    types = {process.type for process in named.processes}
    if WEB in types:
        workers = (worker for worker in _workers(evidence) if worker.type not in types)
        return replace(named, processes=(*named.processes, *workers))
    found = _detected_plan(evidence)
    others = [process for process in found.processes if process.type not in types]
    if not others:
        return named
    given = (replace(process, default=False) for process in named.processes)
    return replace(found, processes=(*others, *given), notices=(*found.notices, *named.notices))


def _detected_plan(evidence: Evidence) -> ProcessPlan:
    candidates = _web_candidates(evidence)
    servable = [candidate for candidate in candidates if candidate.decision.command]
    unserved = [candidate for candidate in candidates if not candidate.decision.command]
    workers = _workers(evidence)
    programs = [] if servable else _programs(evidence, unserved, workers)
    choices = [*_serving(servable, evidence), *servable] or programs
    explained = choices[:1] + ([] if servable else unserved[:1])
    notices = [notice for candidate in explained for notice in candidate.notices]
    notices += several_apps(choices, evidence.members)
    processes = [*(replace(candidate.decision, default=True) for candidate in choices[:1]), *workers]
    if not choices and workers:
        processes[0] = replace(workers[0], default=True)
    if not processes:
        from python_buildpack.decide.process_plan.nothing_found import (  # noqa: PLC0415 - most apps have a process
            demanding_factory,
            nothing_found,
        )

        defining = {info.path for info in evidence.index.sources if info.only_defines}
        nothing = nothing_found(evidence.project.files, defining, lacks_server=bool(unserved))
        notices.extend([*demanding_factory(evidence), nothing])
    if evidence.members.left_out:
        notices.extend(not_installed(evidence, is_empty=not processes))
    return ProcessPlan(tuple(processes), tuple(notices), _alternatives(choices))


def _serving(servable: list[Candidate], evidence: Evidence) -> list[Candidate]:
    """Return the program with a server of its own that has precedence over a development server, if there is one."""
    if not any(notice.title == DEVELOPMENT for candidate in servable[:1] for notice in candidate.notices):
        return []
    from python_buildpack.decide.process_plan import scripts  # noqa: PLC0415 - most apps have a server

    return list(scripts.find_serving(evidence))


def _programs(evidence: Evidence, unserved: list[Candidate], workers: list[ProcessDecision]) -> list[Candidate]:
    """Return the programs that can be started instead of web apps without a server; not the files of these apps.

    Beside workers a file that only defines something is no program: it has the tasks that the workers import.
    """
    from python_buildpack.decide.process_plan import scripts  # noqa: PLC0415 - most apps have a web app
    from python_buildpack.decide.process_plan.ends_at_once import MAY_END  # noqa: PLC0415 - as above

    paths = {candidate.rank.path for candidate in unserved}
    infos = (evidence.index.source(path) for path in paths)
    names = paths | {info.place.module for info in infos if info is not None}
    started = {worker.command for worker in workers}
    # A program may be found in several ways; the first one has the best reason.
    unique: dict[str, Candidate] = {}
    for candidate in scripts.find(evidence, is_beside_workers=bool(workers)):
        ends = workers and any(notice.title == MAY_END for notice in candidate.notices)
        if names.isdisjoint(candidate.decision.command) and candidate.decision.command not in started and not ends:
            unique.setdefault(candidate.decision.line, candidate)
    return list(unique.values())


def _web_candidates(evidence: Evidence) -> list[Candidate]:
    """Return all candidates for the web process, the best first; each app once."""
    ranked: list[Candidate] = list(gunicorn_config.find(evidence))
    for number, kind in enumerate(APP_KINDS):
        for candidate in kind.find(evidence):
            elsewhere = int(is_elsewhere(candidate.rank.path, evidence.members))
            # Flask's and Bottle's own programs let such a call do nothing.
            is_own = not kind.programs.keys().isdisjoint(candidate.decision.command)
            if _only_defines(candidate, evidence):
                continue
            found = candidate if is_own else started_as_script(candidate, evidence)
            after = int(kind.after_apps)
            rank = replace(found.rank, framework=number, elsewhere=elsewhere, after_apps=after)
            ranked.append(replace(found, rank=rank))
    ranked.sort(key=lambda candidate: candidate.rank)
    unique: dict[tuple[object, ...], Candidate] = {}
    for candidate in ranked:
        decision = candidate.decision
        key = (decision.command, decision.directory, decision.import_root) if decision.command else (candidate.label,)
        unique.setdefault(key, candidate)
    unique = {key: one for key, one in unique.items() if not _is_served(one, unique.values())}
    return named_elsewhere.best_first(tuple(unique.values()), evidence.project)


def _is_served(candidate: Candidate, all_of_them: Iterable[Candidate]) -> bool:
    """Return whether a better candidate serves the same object, perhaps by another interface."""
    rank = candidate.rank
    return bool(rank.target) and any(
        other.rank < rank
        and other.decision.command
        and (other.rank.path, other.rank.target) == (rank.path, rank.target)
        for other in all_of_them
    )


def _only_defines(candidate: Candidate, evidence: Evidence) -> bool:
    """Return whether a candidate runs a file as a program that calls nothing: another file or a command calls it."""
    info = evidence.index.source(candidate.rank.path)
    _, program = split_command(candidate.decision.command)
    if info is None or program[:1] != ("python",):
        return False
    is_run = candidate.rank.path in program or program[1:3] == ("-m", info.place.module)
    return is_run and info.only_defines


def _alternatives(choices: list[Candidate]) -> tuple[str, ...]:
    return tuple(f"{other.label}: {other.decision.line}" for other in choices[1 : MAX_ALTERNATIVES + 1])


def _workers(evidence: Evidence) -> list[ProcessDecision]:
    found: dict[str, ProcessDecision] = {}
    for queue in TASK_QUEUES:
        for decision in queue.find(evidence):
            found.setdefault(decision.type, decision)
    return list(found.values())


def _config(evidence: Evidence, plan: ProcessPlan) -> tuple[Notice, ...]:
    checks = (gunicorn_config.notice_bind, gunicorn_config.notice_worker_class)
    return tuple(notice for process in plan.processes for check in checks for notice in check(evidence, process))
