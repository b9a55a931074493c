"""Where a server listens by a file of settings that its command names: ``hypercorn -c FILE``, ``uwsgi FILE.ini``.

gunicorn_config.py looks at gunicorn's, which it reads without being asked.
"""

import posixpath
import re
from collections.abc import Iterator

from cnb.frozen import frozen
from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.shell_scripts import file_text
from python_buildpack.decide.process_plan.targets import option_values, placed
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.decide.processes.server import Server
from python_buildpack.decide.processes.servers import server_of

_ADDRESS = re.compile(r"^\[?\s*[\"']?(?P<host>[\w.*-]*|\[[\da-fA-F:]*\]):(?P<port>\d+)[\"']?,?\s*\]?\s*(?:[#;].*)?$")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


@frozen
class ListenSetting:
    """A setting by which a server listens on an address that does not depend on PORT."""

    where: str
    """The file and the line."""
    address: str
    port: str
    is_loopback: bool


def listen_setting(command: str, evidence: Evidence) -> ListenSetting | None:
    """Return where the last server of a command listens, if a file of the app says so; None if it may be reached."""
    last = next(iter(reversed(list(placed(shell.unwrapped(command))))), None)
    if last is None:
        return None
    words, folder, _ = last
    server = server_of(words[0].value.rpartition("/")[2])
    if server is None or not server.listen_settings:
        return None
    for named in _files([word.value for word in words[1:]], server):
        path = posixpath.normpath(posixpath.join(folder, named))
        found = list(_settings(file_text(path, evidence), path, server)) if path in evidence.project.files else []
        # Several addresses, or one that is put together: it may be reached by another.
        if len(found) == 1 and found[0] is not None:
            return found[0]
        if not found and path.endswith(".toml") and path in evidence.project.files and server.loopback_commands:
            # A file in Python may take its settings from elsewhere.
            return ListenSetting(f"{path} sets no address, which", "127.0.0.1", "", is_loopback=True)
    return None


def _files(words: list[str], server: Server) -> Iterator[str]:
    """Yield the files that options name, or words that are no options."""
    yield from (value.removeprefix("file:") for value in option_values(words, server.settings_options))
    yield from (word for word in words if word.endswith(".ini") and not word.startswith("-"))


def _settings(text: str, path: str, server: Server) -> Iterator[ListenSetting | None]:
    """Yield each setting of an address; None for one that is not written out."""
    for number, line in enumerate(text.splitlines(), 1):
        name, equals, value = line.partition("=")
        if not equals or name.strip().strip("\"'") not in server.listen_settings:
            continue
        match = _ADDRESS.match(value.strip())
        if match is None:
            yield None
            continue
        host, port = match["host"], match["port"]
        yield ListenSetting(f"{path}, line {number}", f"{host}:{port}", port, host in _LOOPBACK)
