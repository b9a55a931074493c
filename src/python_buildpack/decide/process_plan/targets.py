"""What a command of a Procfile loads: the module that a server or ``python -m`` imports, or the file that runs.

A server is given its app as ``module:name``; the words of options are passed over. A module is looked for where the
command starts (after ``cd``), where its options say (``--chdir``, ``--pythonpath``, ``--app-dir``) and where PYTHONPATH
in the line says. Only what is written out is looked at: no variable is followed.
"""

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping

from cnb.frozen import field, frozen
from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.started import program_words
from python_buildpack.decide.processes.frameworks.registry import APP_KINDS
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.decide.processes.module_info import ModuleInfo
from python_buildpack.decide.processes.server import Configuration
from python_buildpack.decide.processes.servers import SERVERS, server_of

SERVED: Mapping[str, tuple[str, ...]] = {
    program: server.folder_options for server in SERVERS if server.takes_target for program in server.programs
}
"""Programs that are given an app → their options that take its folder."""
TARGET = re.compile(r"(?:wsgi:|asgi:)?(?P<module>[^\W\d][\w.-]*):(?P<name>[^\W\d]\w*)(?:\.[\w.]*)?(?:\(.*\))?")
MODULE = re.compile(r"[^\W\d][\w-]*(?:\.[^\W\d]\w*)*")
DEFAULT_NAMES: Mapping[str, str] = {
    program: server.default_name for server in SERVERS if server.default_name for program in server.programs
}
"""Programs that take a module without a name → the name of the app that they look for in it."""
FLAGS = frozenset({"-u", "-O", "-B", "-E", "-I", "-s", "-S", "-v", "-q", "--verbose", "--debug", "--reload"})
"""Options of Python, and of most programs, that take no value, so that the word after them may be the app."""
SERVER_FLAGS: Mapping[str, frozenset[str]] = {
    program: FLAGS | server.flags for server in reversed(SERVERS) for program in server.programs
}
_MOVING = frozenset({"cd", "pushd", "popd"})
_ELSEWHERE = ("-C", "--chdir")
"""Options of env with which it starts a program in another directory."""
UNSEEN_NAMES = re.compile(r"import\s*\*|__getattr__|\b(?:globals|locals|vars|exec)\(")
"""What gives a module names that do not stand in it."""
RUN_FILES = frozenset({"solara"}).union(*(kind.programs for kind in APP_KINDS))
"""Programs that may be given a file, as in ``streamlit run app.py``: one of a framework that has no module here."""


@frozen
class Target:
    """A module or a file that one simple command loads."""

    words: tuple[shell.Word, ...]
    """The command from its program on."""
    folder: str
    """Where it starts, relative to the app directory."""
    module: str = ""
    name: str = ""
    """The object in the module, "" where none is named."""
    path: str = ""
    """The file, relative to the app directory."""
    folders: tuple[str, ...] = field(default=())
    """Where the module is looked for besides."""
    is_dotted: bool = False
    """Whether the last part of the module may be an object in it, or a module that the program looks for itself."""

    @property
    def program(self) -> str:
        """Return the name of the program."""
        return self.words[0].value.rpartition("/")[2]


def targets(command: str) -> Iterator[Target]:
    """Yield what the programs of a command load, up to where it is not certain in which directory they start."""
    for words, folder, paths in placed(command):
        yield from _targets(words, folder, paths)


def last_target(command: str) -> Target | None:
    """Return the last of the targets: what a command starts in the end, after steps that prepare it."""
    return next(iter(reversed(list(targets(command)))), None)


def server_at_end(command: str) -> str:
    """Return the program of the last target, "" if there is none."""
    target = last_target(shell.unwrapped(command))
    return target.program if target is not None else ""


def placed(command: str) -> Iterator[tuple[tuple[shell.Word, ...], str, tuple[str, ...]]]:
    """Yield each program of a command: its words, where it starts, and the folders of a PYTHONPATH before it.

    It ends where it is not certain in which directory the next one starts. What is in parentheses changes its own
    directory only.
    """
    folders, start = [""], 0
    for begin, end in (*shell.separators_of(command), (len(command), len(command))):
        everything = shell.words_of(command[start:begin], start)
        words = program_words(everything)
        before = everything[: len(everything) - len(words)]
        if words and words[0].value in _MOVING:
            moved = _moved(folders[-1], words)
            if moved is None or any(word.value in shell.KEYWORDS for word in before):
                return
            folders[-1] = moved
        elif words and not any(word.value.startswith(_ELSEWHERE) for word in before):
            paths = [word.value for word in everything if word.value.startswith("PYTHONPATH=")]
            yield words, folders[-1], tuple(":".join(paths).replace("PYTHONPATH=", "").split(":"))
        mark, start = command[begin:end], end
        if mark == "(":
            folders.append(folders[-1])
        elif mark == ")" and folders[1:]:
            folders.pop()


def _moved(folder: str, words: tuple[shell.Word, ...]) -> str | None:
    """Return the directory after ``cd`` or ``pushd``, None if that is not certain, as after ``popd``."""
    where = words[1].value if words[1:] and words[0].value != "popd" else "~"
    found = _inside(folder, where)
    is_certain = re.fullmatch(r"[\w./-]+", where) and not where.startswith(("/", "-")) and not found.startswith("..")
    return found if is_certain else None


def _inside(folder: str, path: str) -> str:
    found = posixpath.normpath(posixpath.join(folder, path))
    return "" if found == "." else found


def _targets(words: tuple[shell.Word, ...], folder: str, paths: tuple[str, ...]) -> Iterator[Target]:
    name = words[0].value.rpartition("/")[2]
    values = [word.value for word in words]
    if name.startswith("python"):
        yield from _of_python(words, values, folder, paths)
    elif name in SERVED:
        options = [value for value in option_values(values, SERVED[name]) if is_literal(value)]
        yield from _served(words, folder, folders_of(folder, (*paths, *options)))
    elif name in RUN_FILES | shell.SHELLS:
        file = next((value for value in positional(values) if value.endswith((".py", ".sh"))), "")
        if file and is_literal(file):
            yield Target(words, folder, path=_inside(folder, file))
    elif "/" in words[0].value and is_literal(words[0].value) and not set(words[0].value) & set("<>|&();:="):
        yield Target(words, folder, path=_inside(folder, words[0].value))


def _of_python(
    words: tuple[shell.Word, ...], values: list[str], folder: str, paths: tuple[str, ...]
) -> Iterator[Target]:
    at = next((number for number, value in enumerate(values[1:], 1) if not _is_flag(value)), len(values))
    if values[at : at + 1] == ["-m"] and at + 1 < len(values):
        module = values[at + 1]
        if module in SERVED:
            yield from _targets(words[at + 1 :], folder, paths)
        elif MODULE.fullmatch(module):
            yield Target(words, folder, module, folders=folders_of(folder, paths))
    elif at < len(values) and not values[at].startswith("-") and is_literal(values[at]):
        yield Target(words, folder, path=_inside(folder, values[at]))


def _served(words: tuple[shell.Word, ...], folder: str, folders: tuple[str, ...]) -> Iterator[Target]:
    given = list(positional([word.value for word in words]))
    for value in given:
        found = TARGET.fullmatch(value)
        if found:
            yield Target(words, folder, found["module"], found["name"], folders=folders)
            return
    name = DEFAULT_NAMES.get(words[0].value.rpartition("/")[2])
    if name and given and MODULE.fullmatch(given[0]):
        yield Target(words, folder, given[0], name, folders=folders)


def folders_of(folder: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Return folders as a command in ``folder`` takes them, relative to the app directory."""
    given = (path for item in paths for path in item.split(",") if path)
    return tuple(dict.fromkeys(_inside(folder, path) for path in given))


def is_literal(value: str) -> bool:
    """Say whether a word is a path below the app directory that no variable and no pattern decides."""
    return not set(value) & set("$`*?{~") and not value.startswith("/")


def module_of(target: Target, evidence: Evidence) -> ModuleInfo | None:
    """Return the file of the app that a command imports, if it is in one of the places where the command looks."""
    paths = (posixpath.join(root, target.module.replace(".", "/")) for root in {target.folder, *target.folders})
    files = [file for path in paths for file in (f"{path}.py", f"{path}/__init__.py")]
    found = [info for file in files if (info := evidence.index.source(file)) is not None]
    return found[0] if len(found) == 1 else None


def configuration_of(target: Target, evidence: Evidence) -> ModuleInfo | None:
    """Return what is known of the Python file that configures the server of a command, if the app has it."""
    server = server_of(target.program)
    if server is None or server.configuration is None:
        return None
    named = server.configuration.named(" ".join(word.value for word in target.words))
    if not named and names_configuration(target, server.configuration):
        return None
    return evidence.index.source(posixpath.join(target.folder, named or server.configuration.file))


def names_configuration(target: Target, configuration: Configuration) -> bool:
    """Say whether a command names a configuration, perhaps one that is not known: by a variable, or as a module."""
    return any(word.value.startswith(configuration.options) for word in target.words)


def may_set(info: ModuleInfo, settings: Collection[str], evidence: Evidence) -> bool:
    """Say whether a configuration has one of these settings, or may have it from another file."""
    names = info.assigned | info.imports.keys()
    return not names.isdisjoint(settings) or UNSEEN_NAMES.search(evidence.project.sources[info.path]) is not None


def _is_flag(value: str, flags: Collection[str] = FLAGS) -> bool:
    return value in flags or value.startswith(("--no-", "-X", "-W"))


def _takes_value(option: str, flags: Collection[str]) -> bool:
    """Say whether the word after this one may be its value."""
    return option.startswith("-") and "=" not in option and not _is_flag(option, flags) and not _is_joined(option)


def positional(values: list[str], lists: Collection[str] = ()) -> Iterator[str]:
    """Yield the words that are neither options nor what follows an option that may take a value.

    ``lists`` are options that take all words up to the next option.
    """
    flags = SERVER_FLAGS.get(values[0].rpartition("/")[2], FLAGS)
    before, is_in_list = "", False
    for value in values[1:]:
        is_option = value.startswith("-")
        is_in_list = value in lists if is_option else is_in_list
        if not is_option and not is_in_list and not _takes_value(before, flags):
            yield value
        # A lone hyphen stands for a file: --access-logfile -
        before = "" if value == "-" else value


def _is_joined(option: str) -> bool:
    """Say whether an option has its value in the same word: ``-w4``."""
    return len(option) > 2 and not option.startswith("--")  # noqa: PLR2004


def option_values(values: list[str], names: Collection[str]) -> Iterator[str]:
    """Yield the values of some options, in the next word or after ``=``."""
    for number, value in enumerate(values):
        name, has_value, text = value.partition("=")
        if name in names:
            yield text if has_value else "".join(values[number + 1 : number + 2])
