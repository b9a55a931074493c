"""Where a program that runs a server itself listens: only inside its container, or on a port of its own choice.

The call that starts the server says it, by its arguments or by what it does without them. A program that reads the
environment variable PORT is taken to listen there; an address that is computed is not judged.
"""

from collections import ChainMap
from collections.abc import Iterator, Mapping

from python_buildpack.decide.processes.frameworks.registry import APP_KINDS
from python_buildpack.decide.processes.module_info import Call, ModuleInfo
from python_buildpack.decide.processes.scripting import LOOPBACK
from python_buildpack.decide.processes.servers import SERVERS
from python_buildpack.decide.processes.source_index import SourceIndex
from python_buildpack.ports.notice import Notice

STARTS = frozenset({"run", "start", "serve", "launch", "run_app", "run_server", "run_simple", "listen", "make_server"})
"""Last parts of the names of calls that open a port."""
OWN_PORTS = frozenset().union(*(kind.port_calls for kind in APP_KINDS))
TAKING_PORT = frozenset().union(*(kind.loopback_calls for kind in APP_KINDS if kind.takes_port))
HOSTS = ("host", "hostname", "address", "server_name")
LOOPBACK_BY_DEFAULT: Mapping[str, str] = ChainMap(
    # Robyn's apps are not looked for, so it has no module.
    {"robyn.Robyn.start": "Robyn"},
    *(dict(server.loopback_calls) for server in SERVERS),
    *(dict(kind.loopback_calls) for kind in APP_KINDS),
)
"""Calls that listen on 127.0.0.1 unless they are given an address → the name of what listens."""
CLOSED = "The web process can be reached from inside its container only"
CURE = 'Let it listen on host "0.0.0.0" and port int(os.environ.get("PORT", 8080)).'


def notice_listening(info: ModuleInfo, index: SourceIndex) -> tuple[Notice, ...]:
    """Return the hint for a program that nobody reaches, or on its own port alone."""
    hints = list(_hints(info, index))
    closed = [hint for hint in hints if hint.title == CLOSED]
    return tuple((closed or hints)[:1])


def _hints(info: ModuleInfo, index: SourceIndex) -> Iterator[Notice]:
    for call in info.calls:
        name = _full_name(call, index)
        inside = LOOPBACK_BY_DEFAULT.get(name)
        is_server = call.name.rpartition(".")[2] in STARTS or name in OWN_PORTS or inside is not None
        if not is_server or "**" in call.keywords:
            continue
        where = f"{info.path}, line {call.line}"
        host = _host(call, is_given_first=name.endswith(("Flask.run", "make_server", "run_simple")))
        port = "" if info.reads_port or name in TAKING_PORT else " and on a port of its own"
        if host in LOOPBACK or (host is None and inside is not None):
            who = f"{inside or 'a server'}, which listens on {host or '127.0.0.1'}{port}"
            yield Notice(CLOSED, f"{where} starts {who}. {CURE}")
        elif port and (name in OWN_PORTS or inside is not None or "port" in call.keywords):
            text = (
                f"{where} starts a server itself, and {info.path} does not read the environment variable PORT. {CURE}"
            )
            yield Notice("The app must listen on the port in PORT", text)


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
