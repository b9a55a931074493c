"""Where a program that runs a server itself listens: only inside its container, or on a port of its own choice.

The call that starts the server says it, by its arguments or by what it does without them. A program that reads the
environment variable PORT is taken to listen there; an address that is computed is not judged.
"""

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence

from cnb.frozen import replace
from python_buildpack.decide.processes.frameworks.registry import APP_KINDS
from python_buildpack.decide.processes.interface import Candidate, Evidence, ProcessDecision
from python_buildpack.decide.processes.module_info import Call, ModuleInfo
from python_buildpack.decide.processes.scripting import LOOPBACK, run_file
from python_buildpack.decide.processes.servers import RUNNERS, SERVERS
from python_buildpack.decide.processes.source_index import SourceIndex
from python_buildpack.ports.notice import Notice

STARTS = frozenset({"run", "start", "serve", "launch", "run_app", "run_server", "run_simple", "listen", "make_server"})
"""Last parts of the names of calls that open a port."""
OWN_PORTS = frozenset().union(*(kind.port_calls for kind in APP_KINDS))
RUN_CALLS = frozenset(RUNNERS).union(*(kind.run_calls for kind in APP_KINDS), *(server.run_calls for server in SERVERS))
TAKING_PORT = frozenset().union(*(kind.loopback_calls for kind in APP_KINDS if kind.takes_port))
NEVER_ENDING = STARTS - {"make_server", "listen"}
"""Last parts of those calls that return only when the server ends."""
HOST_FIRST = frozenset(name for name, runner in RUNNERS.items() if runner.is_host_first).union(
    *(kind.host_first for kind in APP_KINDS)
)
HOSTS = ("host", "hostname", "address", "server_name")
LOOPBACK_BY_DEFAULT: Mapping[str, str] = ChainMap(
    *(dict(server.loopback_calls) for server in SERVERS),
    *(dict(kind.loopback_calls) for kind in APP_KINDS),
)
"""Calls that listen on 127.0.0.1 unless they are given an address → the name of what listens."""
SETTINGS = ".BaseSettings"
"""The class of pydantic whose fields are read from variables of the environment: ``port`` from PORT."""
PORT = "The app must listen on the port in PORT"
CLOSED = "The web process can be reached from inside its container only"
OPTIONS = "If host and port are options of the program, a Procfile can give them: web: … --host 0.0.0.0 --port $PORT"
CURE = 'Let it listen on host "0.0.0.0" and port int(os.environ.get("PORT", 8080)).'


def notice_listening(modules: Sequence[ModuleInfo], index: SourceIndex, *, is_given_port: bool) -> tuple[Notice, ...]:
    """Return the hint for a program that nobody reaches, or on its own port alone.

    ``modules`` are its file, and then the app's modules that this imports: in those only the calls of known servers
    count, and none if the program's file starts one. ``is_given_port`` says whether its command contains PORT.
    """
    for number, info in enumerate(modules):
        hints = list(_hints(info, index, is_begin=number == 0, is_given_port=is_given_port))
        hints += () if is_given_port else _computed(info, modules, index)
        closed = [hint for hint in hints if hint.title == CLOSED]
        if hints or any(_is_known(call, index) for call in info.calls):
            return tuple((closed or hints)[:1])
    return ()


def serving_call(info: ModuleInfo, index: SourceIndex) -> Call | None:
    """Return the call by which a file starts a server whenever it is imported, so that the import never ends."""
    for call in info.calls:
        name = _full_name(call, index)
        is_known = _is_known(call, index) or name in RUN_CALLS
        if call.name in info.runs and is_known and name.rpartition(".")[2] in NEVER_ENDING:
            return call
    return None


def may_serve(info: ModuleInfo, index: SourceIndex) -> bool:
    """Return whether a file has a call, anywhere, that may start a server."""
    return any(
        call.name.rpartition(".")[2] in STARTS or call.name in RUN_CALLS or _is_known(call, index)
        for call in info.calls
    )


def started_as_script(candidate: Candidate, evidence: Evidence) -> Candidate:
    """Return the candidate; if its file starts a server by itself whenever it is imported, one that runs the file.

    Another server would import the file, and never get to its own work.
    """
    path = candidate.rank.path
    info = evidence.index.source(path)
    call = serving_call(info, evidence.index) if info is not None else None
    if info is None or call is None or path in candidate.decision.command:
        return candidate
    guard = Notice(
        "The app starts its server whenever it is imported",
        f"{path}, line {call.line} calls {call.name.rpartition('.')[2]}() outside of any condition, so no other server "
        f'can import the app, and the file itself is started. Move the call under if __name__ == "__main__": and '
        "a production server can be used.",
    )
    what = f"{candidate.label}, which {path} serves itself"
    start = run_file(info, evidence)
    decision = ProcessDecision.starting("web", start, because=what)
    return replace(
        candidate, decision=decision, notices=(guard, *notice_listening((info,), evidence.index, is_given_port=False))
    )


def _hints(info: ModuleInfo, index: SourceIndex, *, is_begin: bool, is_given_port: bool) -> Iterator[Notice]:
    for call in info.calls:
        name = _full_name(call, index)
        inside = LOOPBACK_BY_DEFAULT.get(name)
        is_server = (is_begin and call.name.rpartition(".")[2] in STARTS) or _is_known(call, index)
        if not is_server or "**" in call.keywords:
            continue
        where = f"{info.path}, line {call.line}"
        host = _host(call, is_given_first=name in HOST_FIRST)
        is_told = (
            is_given_port or info.reads_port or name in TAKING_PORT or _reads_port(call.keywords.get("port", ""), index)
        )
        port = "" if is_told else " and on a port of its own"
        if host in LOOPBACK or (host is None and inside is not None):
            who = f"{inside or 'a server'}, which listens on {host or '127.0.0.1'}{port}"
            yield Notice(CLOSED, f"{where} starts {who}. {CURE}")
        elif port and (name in OWN_PORTS or inside is not None or "port" in call.keywords):
            text = (
                f"{where} starts a server itself, and {info.path} does not read the environment variable PORT. {CURE}"
            )
            options = f" {OPTIONS}" if call.keywords.get("port") else ""
            yield Notice(PORT, f"{text}{options}")


def _computed(info: ModuleInfo, modules: Sequence[ModuleInfo], index: SourceIndex) -> Iterator[Notice]:
    """Yield the hint for a server whose arguments are not read here, if no module of the program reads PORT."""
    if any(module.reads_port or _has_settings(module, index) for module in modules):
        return
    for call in info.calls:
        if _is_known(call, index) if "**" in call.keywords else call.name in RUNNERS and not _is_known(call, index):
            what = f"{info.path}, line {call.line} starts a server itself, and nothing reads the variable PORT"
            yield Notice(PORT, f"{what}. {CURE} {OPTIONS}")


def _has_settings(info: ModuleInfo, index: SourceIndex) -> bool:
    return any(index.origin(base).endswith(SETTINGS) for bases in info.classes.values() for base in bases if base)


def _is_known(call: Call, index: SourceIndex) -> bool:
    name = _full_name(call, index)
    return name in OWN_PORTS or name in LOOPBACK_BY_DEFAULT


def _reads_port(name: str, index: SourceIndex) -> bool:
    """Say whether a value comes from a module that reads PORT, or from settings that pydantic reads from variables."""
    holder = name.rpartition(".")[0]
    while holder:
        info = index.module(holder)
        if (info is not None and info.reads_port) or index.origin(holder).endswith(SETTINGS):
            return True
        holder = holder.rpartition(".")[0]
    return False


def _full_name(call: Call, index: SourceIndex) -> str:
    """Return the name of a call with the class of its object: ``flask.Flask.run`` for ``app.run``."""
    holder, _, method = call.name.rpartition(".")
    origin = index.origin(holder) if holder else ""
    return f"{origin}.{method}" if origin else call.name


def _host(call: Call, *, is_given_first: bool) -> str | None:
    """Return the address that a call is given: a literal, "" for one that is computed, None if it is given none."""
    for keyword in HOSTS:
        if keyword in call.keywords:
            return call.keywords[keyword]
    literal = next((text for text in call.strings if text in LOOPBACK or text.count(".") == 3), None)  # noqa: PLR2004
    return "" if literal is None and is_given_first and call.names else literal
