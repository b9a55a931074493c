"""Files of settings that a command gives to its server, and the app that gunicorn's may name instead of the command."""

import posixpath
import re
from collections.abc import Iterator

from python_buildpack.app.hook_files import HOOKS
from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.process_managers import MANAGERS
from python_buildpack.decide.process_plan.programs import PROGRAMS
from python_buildpack.decide.process_plan.shell_scripts import file_text
from python_buildpack.decide.process_plan.targets import (
    TARGET,
    Target,
    configuration_of,
    is_literal,
    may_set,
    option_values,
    placed,
    targets,
)
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.decide.processes.server import Server
from python_buildpack.decide.processes.servers import SERVERS, server_of
from python_buildpack.ports.notice import Notice

APP = "wsgi_app"
"""gunicorn's setting that names the app."""
_FILE_OPTIONS = frozenset({"-c", "--config", "--conf", "--ini", "--log-config", "--logger-config", "--env-file"}).union(
    *(server.app_options for server in SERVERS)
)
_FILE = re.compile(r"(?:file:)?(?P<path>[\w./-]+\.(?:py|ini|conf|cfg|toml|ya?ml|json|env)|(?:[\w./-]+/)?\.env[\w.-]*)")
_PATH = re.compile(r"(?P<path>(?!/)[\w./-]+)")
_INFORMING = frozenset({"--help", "-h", "--version", "-v", "--check-config", "--print-config"})


def configured_targets(command: str, evidence: Evidence) -> Iterator[Target]:
    """Yield the apps that servers are given by their configuration, where the command names none."""
    for target in _without_app(command):
        info = configuration_of(target, evidence)
        names = info.constants.get(APP, ()) if info is not None else ()
        found = TARGET.fullmatch(names[0]) if len(names) == 1 else None
        if found is not None:
            yield Target(target.words, target.folder, found["module"], found["name"])


def notice_no_app(command: str, where: str, evidence: Evidence) -> Iterator[Notice]:
    """Yield the hint for gunicorn without an app, neither in the command nor in a configuration."""
    for target in _without_app(shell.unwrapped(command)):
        server = server_of(target.program)
        info = configuration_of(target, evidence)
        is_configured = info is not None and may_set(info, {APP}, evidence)
        words = {word.value for word in target.words}
        is_unread = info is None and any(word.startswith(("-c", "--config")) for word in words)
        is_elsewhere = (
            server is None or server.has_options_elsewhere(command, evidence) or _has_other_app(words, server)
        )
        if not (is_configured or is_unread or is_elsewhere or words & _INFORMING or any(map(_may_be_app, words))):
            in_file = f", and {info.path} has no {APP}" if info is not None else ""
            yield Notice(
                f"{target.program} is given no app",
                f"{where} names no app{in_file}, so {target.program} ends at once. Write it as MODULE:NAME at the end "
                "of the line.",
            )


def _has_other_app(words: set[str], server: Server) -> bool:
    # As argparse takes it: with = or without, and abbreviated.
    return any(word.partition("=")[0].startswith(server.app_options) for word in words if server.app_options)


def notice_files(command: str, where: str, evidence: Evidence, around: str = "") -> Iterator[Notice]:
    """Yield the hint for each file of settings that a command gives a known program, and that the app has not.

    ``around`` is the script with the command, if it is in one. A file that a hook, an earlier part of the command or
    the script may write is there when the program starts.
    """
    if evidence.project.stopped or any(map(evidence.project.has, HOOKS)):
        return
    text = shell.unwrapped(command)
    for words, folder, _ in placed(text):
        if words[0].value.rpartition("/")[2] not in PROGRAMS.keys() | MANAGERS.keys():
            continue
        before = f"{text[: words[0].start]}\n{around.replace(command, '')}"
        manager = MANAGERS.get(words[0].value.rpartition("/")[2])
        for value in option_values([word.value for word in words], manager.options if manager else _FILE_OPTIONS):
            # The file of a process manager may have any name: Procfile.dev.
            found = (_PATH if manager else _FILE).fullmatch(value)
            path = posixpath.normpath(posixpath.join(folder, found["path"])) if found else ""
            is_own = bool(path) and is_literal(value) and not path.startswith("..")
            if is_own and path not in evidence.project.files and not _may_write(before, path, evidence):
                yield Notice(
                    f"There is no file {path}",
                    f"{where} gives {words[0].value} the file {path}, which is not among the app's files. Correct the "
                    "name, or add the file: is it ignored by git, or by the upload?",
                )


def _may_write(before: str, path: str, evidence: Evidence) -> bool:
    """Say whether commands name a file before another one reads it, or start a file of the app that names it."""
    name = path.rpartition("/")[2]
    started = {posixpath.normpath(word) for word in re.split(r"[\s;&|()'\"]+", before) if word and word[0] != "/"}
    texts = (file_text(one, evidence) for one in sorted(started & evidence.project.files))
    return name in before or any(name in text for text in texts)


def _without_app(command: str) -> Iterator[Target]:
    """Yield gunicorn's commands that name no app; a target without a module stands for each."""
    named = {target.words[0].start for target in targets(command)}
    for words, folder, _ in placed(command):
        server = server_of(words[0].value.rpartition("/")[2])
        if server is not None and server.configuration is not None and words[0].start not in named:
            yield Target(words, folder)


def _may_be_app(word: str) -> bool:
    return TARGET.fullmatch(word) is not None or "$" in word
