"""Whether a web process of a Procfile is reached: not if it listens on the loopback interface or on a fixed port.

The command says so, or the file that Python runs; or a server does so without an option.
"""

import re
from collections import ChainMap
from collections.abc import Iterator

from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.listen_settings import ListenSetting, listen_setting
from python_buildpack.decide.process_plan.listening import CLOSED, notice_listening
from python_buildpack.decide.process_plan.program_file import modules_reached, program_file
from python_buildpack.decide.processes.frameworks.registry import APP_KINDS
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.decide.processes.server import is_short
from python_buildpack.decide.processes.servers import SERVERS
from python_buildpack.ports.notice import Notice

LOOPBACK = re.compile(
    r" (?:-[bH][ =]?|(?:--bind|--host|--listen|--address|--http|--server\.address|runserver)[ =])"
    r"((?:127\.0\.0\.1|localhost)(?::\S+)?)(?= |$)"
)
PATTERNS = ChainMap(
    *(dict(server.loopback_commands) for server in SERVERS), *(dict(kind.loopback_commands) for kind in APP_KINDS)
)
LOOPBACK_BY_DEFAULT = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in PATTERNS.items()))
FIXED = re.compile(
    r" (?:(?:-b|--bind|--listen|--http|--http-socket|runserver)[ =]?(?:[\w.*]*|\[[\d:]*\]):"
    # No number of processes and no file has such a name.
    r"|-p[ =]?(?=\d{4})|--port[ =]|--server\.port[ =])(\d+)(?= |$)"
)
GIVEN = re.compile(r"\$\{?PORT\b")
FIXED_PORT = "The web process listens on a port of its own"
OWN = "gunicorn, uvicorn and others do so without an option."


def notice_reached(command: str, where: str, evidence: Evidence) -> Iterator[Notice]:
    """Yield the hint for the server with which a command ends, at most one.

    What stands behind another program of the line, which passes requests on to it, is left alone.
    """
    separators = {command[begin:end] for begin, end in shell.separators_of(shell.unwrapped(command))}
    servers = [words for words in shell.programs(command) if words[0] not in shell.BUILTINS]
    if not servers or not separators <= {"&&", ";"}:
        return
    line = " ".join(servers[-1])
    fixed = FIXED.search(line)
    closed = LOOPBACK.search(line)
    inside = LOOPBACK_BY_DEFAULT.search(line)
    if closed or inside:
        what = f"makes it listen on {closed[1]}" if closed else f"starts {inside and inside.lastgroup}, on 127.0.0.1"
        cure = f"Let it listen on 0.0.0.0 and the port in the environment variable PORT: {OWN}"
        yield Notice(CLOSED, f"{where} {what}. {cure}")
    elif fixed:
        yield Notice(
            FIXED_PORT,
            f"{where} names port {fixed[1]}, whatever the environment variable PORT says, which the platform sets. "
            f"Leave the port out, or write $PORT: {OWN}",
        )
    elif not GIVEN.search(line) and (setting := listen_setting(command, evidence)):
        yield from _notice_setting(setting, servers[-1][0])
    elif option := _missing_port(servers[-1]):
        yield Notice(
            FIXED_PORT,
            f"{where} names no port, and {servers[-1][0]} does not read the environment variable PORT, which the "
            f"platform sets. Add {option}=$PORT.",
        )
    else:
        yield from notice_program(command, evidence)


def _notice_setting(setting: ListenSetting, server: str) -> Iterator[Notice]:
    what = f"{setting.where} has {server} listen on {setting.address}"
    if setting.is_loopback:
        yield Notice(CLOSED, f"{what}. Let it listen on 0.0.0.0 and the port in the environment variable PORT.")
    else:
        yield Notice(
            FIXED_PORT,
            f"{what}, whatever the environment variable PORT says, which the platform sets. Leave the setting out, and "
            "give the address in the command, with $PORT.",
        )


def _missing_port(words: tuple[str, ...]) -> str:
    """Return the option that a server's command lacks to listen on PORT; empty if it lacks none."""
    name = (words[2] if words[1:2] == ("-m",) and len(words) > 2 else words[0]).rpartition("/")[2]  # noqa: PLR2004
    options = next((server.port_options for server in SERVERS if name in server.programs), ())
    short = tuple(filter(is_short, options))
    is_given = any(word.partition("=")[0] in options or word.startswith(short) for word in words)
    return "" if is_given or not options else options[0]


def notice_program(command: str, evidence: Evidence, directory: str = "") -> tuple[Notice, ...]:
    """Return the hint for the app's own program that a command starts: its file, or a module that this imports."""
    info = program_file(command, evidence, directory)
    if info is None:
        return ()
    modules = tuple(modules_reached(info, evidence))
    return notice_listening(modules, evidence.index, is_given_port=GIVEN.search(command) is not None)
