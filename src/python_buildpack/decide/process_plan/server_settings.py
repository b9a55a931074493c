"""Files of settings that a command gives to its server, and the app that gunicorn's may name instead of the command."""

import posixpath
import re
from collections.abc import Iterator

from python_buildpack.app.hook_files import HOOKS
from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.programs import PROGRAMS
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
from python_buildpack.decide.processes.servers import server_of
from python_buildpack.ports.notice import Notice

APP = "wsgi_app"
"""gunicorn's setting that names the app."""
_FILE_OPTIONS = frozenset({"-c", "--config", "--conf", "--ini", "--log-config", "--logger-config", "--env-file"})
_FILE = re.compile(r"(?:file:)?(?P<path>[\w./-]+\.(?:py|ini|conf|cfg|toml|ya?ml|json|env)|(?:[\w./-]+/)?\.env[\w.-]*)")
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
    return any(word.partition("=")[0] in server.app_options for word in words)


def notice_files(command: str, where: str, evidence: Evidence) -> Iterator[Notice]:
    """Yield the hint for each file of settings that a command gives a known program, and that the app has not.

    None where a hook may make it, or a part of the line or a module of the app that has its name.
    """
    if evidence.project.stopped or any(map(evidence.project.has, HOOKS)):
        return
    text = shell.unwrapped(command)
    for words, folder, _ in placed(text):
        if words[0].value.rpartition("/")[2] not in PROGRAMS:
            continue
        for value in option_values([word.value for word in words], _FILE_OPTIONS):
            found = _FILE.fullmatch(value)
            path = posixpath.normpath(posixpath.join(folder, found["path"])) if found else ""
            if not path or not is_literal(value) or path.startswith("..") or path in evidence.project.files:
                continue
            name = posixpath.basename(path)
            if name not in text[: words[0].start] and not any(name in one for one in evidence.project.sources.values()):
                yield Notice(
                    f"There is no file {path}",
                    f"{where} gives {words[0].value} the file {path}, which is not among the app's files. Correct the "
                    "name, or add the file: is it ignored by git, or by the upload?",
                )


def _without_app(command: str) -> Iterator[Target]:
    """Yield gunicorn's commands that name no app; a target without a module stands for each."""
    named = {target.words[0].start for target in targets(command)}
    for words, folder, _ in placed(command):
        server = server_of(words[0].value.rpartition("/")[2])
        if server is not None and server.configuration is not None and words[0].start not in named:
            yield Target(words, folder)


def _may_be_app(word: str) -> bool:
    return TARGET.fullmatch(word) is not None or "$" in word
