"""What a Procfile's command loads and cannot find: a module, a name in it, a file, or a file that cannot be executed.

A module is missing if no file or folder of the app is called like it where the command looks, no installed distribution
has a name like it, and it is not Python's own. What lies in exactly one other folder is found there: gunicorn and
uvicorn are given that folder, for all others the notice says what to write.
"""

import posixpath
import sys
from collections.abc import Iterator
from difflib import get_close_matches

from packaging.utils import canonicalize_name

from cnb.frozen import frozen, replace
from python_buildpack.app.documents import PROJECT_FILES
from python_buildpack.app.file_roles import is_test_or_example
from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.named_apps import named_apps
from python_buildpack.decide.process_plan.own_commands import own_commands
from python_buildpack.decide.process_plan.programs import DEVELOPMENT_TOOLS
from python_buildpack.decide.process_plan.server_settings import configured_targets
from python_buildpack.decide.process_plan.targets import (
    SERVED,
    UNSEEN_NAMES,
    Target,
    configuration_of,
    may_set,
    module_of,
    targets,
)
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.decide.processes.servers import server_of
from python_buildpack.ports.notice import Notice

SUFFIXES = (".py", ".pyc", ".so", ".abi3.so")
FILES_NAMED = 3
_PATH = "PYTHONPATH"
"""With this variable Python looks for modules in other folders, too."""


@frozen
class Located:
    """A command that finds what it loads, as far as that is certain, and what has to be said."""

    command: str
    notices: tuple[Notice, ...] = ()


def located(command: str, where: str, evidence: Evidence) -> Located:
    """Return a command with the folder that its server lacks, and a notice for all that it cannot find.

    ``where`` is the line of the Procfile, for people.
    """
    inner = shell.unwrapped(command)
    if inner != command:
        found = located(inner, where, evidence)
        return found if found.command != inner else Located(command, found.notices)
    notices: list[Notice] = []
    if evidence.project.stopped:
        # Not all files were seen.
        return Located(command)
    for target in reversed([*targets(command), *configured_targets(command, evidence)]):
        if target.path:
            notices.extend(_said_of_file(target, where, evidence))
        elif not _is_found(target, evidence) and not _may_look_elsewhere(target, evidence):
            folder = _elsewhere(target, evidence)
            option = _folder_option(target)
            if folder and option and not target.folders:
                at = target.words[0].end
                inserted = posixpath.relpath(folder, target.folder or ".")
                command = f"{command[:at]} {option} {inserted}{command[at:]}"
                notices.append(_found_elsewhere(target, where, folder, f"{option} {inserted}"))
            elif not evidence.is_given(_PATH):
                notices.append(_missing_module(target, where, folder, evidence))
        else:
            notices.extend(_missing_name(target, where, evidence))
    notices.extend(_said_of_named_apps(inner, where, evidence))
    return Located(command, tuple(notices))


def _said_of_named_apps(command: str, where: str, evidence: Evidence) -> Iterator[Notice]:
    """Yield what is missing of the apps that task queues and Flask's command are given by an option or a word."""
    for target in named_apps(command):
        meant = _as_object(target, evidence)
        if _is_found(meant, evidence):
            yield from _missing_name(meant, where, evidence)
        elif not evidence.is_given(_PATH):
            yield _missing_module(target, where, _elsewhere(target, evidence), evidence)


def _as_object(target: Target, evidence: Evidence) -> Target:
    """Return what a dotted name means: a module, or an object in the module that the rest of the name is."""
    holder, _, name = target.module.rpartition(".")
    if not target.is_dotted or not holder or _is_found(target, evidence):
        return target
    found = replace(target, module=holder, name=name)
    is_package = any(
        posixpath.join(root, holder.replace(".", "/")) in evidence.project.directories
        for root in (target.folder, *target.folders)
    )
    # What a package does not define either is a module that is missing.
    return target if is_package and list(_missing_name(found, "", evidence)) else found


def _is_found(target: Target, evidence: Evidence) -> bool:
    roots = (target.folder, *target.folders)
    top = target.module.partition(".")[0]
    if any(_is_at(root, target.module, evidence) for root in roots):
        return True
    if any(_is_at(root, top, evidence) for root in roots):
        return False
    name = canonicalize_name(top)
    parts = name.replace("-", "")
    is_installed = any(parts in other.replace("-", "") for other in evidence.installed.names)
    # What is said of package managers is in procfile.py.
    return (
        is_installed
        or top in DEVELOPMENT_TOOLS
        or top in sys.stdlib_module_names
        or _is_own_package(target.module, evidence)
    )


def _may_look_elsewhere(target: Target, evidence: Evidence) -> bool:
    """Say whether a server may look in another place: by its configuration, or by a folder that is a variable."""
    server = server_of(target.program)
    if server is None:
        return False
    info = configuration_of(target, evidence)
    settings = server.configuration.folder_settings if server.configuration else ()
    is_configured = info is not None and may_set(info, settings, evidence)
    options = (word.value.partition("=")[0] for word in target.words)
    return is_configured or (not target.folders and any(option in server.folder_options for option in options))


def _is_at(root: str, module: str, evidence: Evidence) -> bool:
    path = posixpath.join(root, module.replace(".", "/"))
    files = evidence.project.files
    return (
        path in evidence.project.directories
        or any(f"{path}{suffix}" in files for suffix in SUFFIXES)
        or any(file.startswith(f"{path}.cpython-") for file in files)
    )


def _is_own_package(module: str, evidence: Evidence) -> bool:
    """Say whether a module may be importable because a package of the app's own is installed that holds it."""
    names = {own.distribution for own in own_commands(evidence) if own.distribution}
    is_declared = bool(names) or "setup.py" in evidence.project.files or "setup.cfg" in evidence.project.files
    if is_declared and (not names or evidence.has(*names)) and _roots(module, evidence):
        return True
    installed = {root for own in evidence.members.included if own.is_built for root in own.roots}
    for root in _roots(module, evidence):
        if root in installed:
            return True
        holder = root.removesuffix("/src").removesuffix("src")
        if holder and any(f"{holder}/{file}" in evidence.project.files for file in PROJECT_FILES):
            return True
    return False


def _roots(module: str, evidence: Evidence) -> tuple[str, ...]:
    """Return the folders below the app directory from which a module could be imported."""
    path = module.replace(".", "/")
    ends = (f"/{path}.py", f"/{path}/__init__.py")
    found = (file.removesuffix(end) for file in evidence.project.files for end in ends if file.endswith(end))
    return tuple(sorted(root for root in set(found) if not is_test_or_example(f"{root}/x")))


def _elsewhere(target: Target, evidence: Evidence) -> str:
    roots = [root for root in _roots(target.module, evidence) if not root.startswith("..")]
    return roots[0] if len(roots) == 1 else ""


def _found_elsewhere(target: Target, where: str, folder: str, option: str) -> Notice:
    return Notice(
        f"The module {target.module} is in {folder}",
        f"{where} starts {target.program} where there is no module {target.module}. The only one is in {folder}, so "
        f"'{option}' is added. Write it in the line.",
    )


def _folder_option(target: Target) -> str | None:
    """Return the option with which the program looks for its module in another folder, if it has one."""
    return next(iter(SERVED.get(target.program, ())), None)


def _missing_module(target: Target, where: str, folder: str, evidence: Evidence) -> Notice:
    option = _folder_option(target)
    if folder:
        cure = f"There is one in {folder}: write '{f'{option} {folder}' if option else f'cd {folder} &&'}'"
        cure += f" after {target.program}." if option else f" before {target.program}."
    elif roots := _roots(target.module, evidence):
        cure = f"There are some in {', '.join(roots[:FILES_NAMED])}: write 'cd FOLDER &&' before {target.program}."
    else:
        modules = {file.removesuffix(".py").replace("/", ".") for file in evidence.project.sources}
        near = get_close_matches(target.module, sorted(modules), n=1, cutoff=0.6)
        cure = f"Is {near[0]} meant?" if near else "Correct the name, or add the package that provides it."
    return Notice(
        f"There is no module {target.module}",
        f"{where} starts {target.program} with the module {target.module}, which is neither among the app's files in "
        f"{_searched(target)} nor, by its name, in an installed package. {cure}",
    )


def _searched(target: Target) -> str:
    """Return where a command looks for its module, for people: where its options say, if they do."""
    return ", ".join(folder for folder in target.folders if folder) or target.folder or "the app directory"


def _missing_name(target: Target, where: str, evidence: Evidence) -> Iterator[Notice]:
    """Yield the hint for a name that its module, which is a file of the app, certainly does not define."""
    info = module_of(target, evidence)
    if info is None or not target.name:
        return
    if f"{info.path.removesuffix('.py').removesuffix('/__init__')}/{target.name}" in evidence.project.directories:
        return
    text = evidence.project.sources[info.path]
    names = (
        {binding.name for binding in info.bindings} | info.functions.keys() | info.classes.keys() | info.imports.keys()
    )
    if target.name in names | info.assigned or UNSEEN_NAMES.search(text):
        return
    apps = sorted(export.name for export in evidence.index.exports() if export.info is info and "." in export.origin)
    cure = f"It has {', '.join(apps[:FILES_NAMED])}." if apps else "Correct the name."
    yield Notice(
        f"{info.path} has no {target.name}",
        f"{where} starts {target.program} with {target.name} of {info.path}, which does not define it. {cure}",
    )


def _said_of_file(target: Target, where: str, evidence: Evidence) -> Iterator[Notice]:
    path = target.path
    if path in evidence.project.directories or path.startswith(".."):
        return
    if path not in evidence.project.files:
        if not _is_generated(path):
            yield _missing_file(target, where, evidence)
        return
    is_executed = target.words[0].value.endswith(path.rpartition("/")[2])
    script = evidence.project.script(path)
    if script is None:
        return
    is_executable, first = script
    if is_executed and not is_executable:
        yield Notice(
            f"{path} is not executable",
            f"{where} starts {path}, which has no executable bit, so the process will not start. "
            f"Set it with 'git update-index --chmod=+x {path}' (or chmod +x), or write "
            f"'{'python' if path.endswith('.py') else 'bash'} {path}'.",
        )
    if first.endswith(b"\r") and (is_executed or path.endswith(".sh")):
        yield Notice(
            f"{path} has Windows line ends",
            f"{where} starts {path}, whose lines end in CR LF, which shells do not understand. Save it with LF, and "
            f"write '{path} text eol=lf' in .gitattributes.",
        )
    elif is_executed and not first.startswith((b"#!", b"\x7fELF")):
        yield Notice(
            f"{path} does not say what runs it",
            f"{where} starts {path}, whose first line is no '#!' line. Begin it with '#!/bin/sh' or "
            f"'#!/usr/bin/env python', or the process may not start.",
        )


def _is_generated(path: str) -> bool:
    """Say whether a file may be there only in the image."""
    return path.startswith(".") or "site-packages" in path or path.partition("/")[0] in {"venv", "env", "node_modules"}


def _missing_file(target: Target, where: str, evidence: Evidence) -> Notice:
    name = target.path.rpartition("/")[2]
    same = sorted(file for file in evidence.project.files if file.endswith(f"/{name}") and not is_test_or_example(file))
    near = same or get_close_matches(target.path, sorted(evidence.project.sources), n=1, cutoff=0.6)
    cure = f"Is {' or '.join(near[:FILES_NAMED])} meant?" if near else "Correct the name, or add the file."
    return Notice(
        f"There is no file {target.path}", f"{where} starts {target.path}, which is not among the app's files. {cure}"
    )
