"""The notice for an app without a process: it shows all ways to set a run command."""

import re
from collections.abc import Collection

from python_buildpack.app.file_roles import is_aside, is_test_or_example, is_usual_name
from python_buildpack.decide.processes.apps import FACTORIES
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.ports.notice import Notice

PLAIN = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
TITLE = "No process was found: the image needs a run command"
NOTHING = "Nothing that can be started was found in the source, so the image has no default process.\n"
NO_SERVER = "Without a server the app cannot be started, so the image has no default process. If you do not add one:\n"
TEMPLATES = (("cookiecutter.json", "Cookiecutter"), ("copier.yml", "Copier"), ("copier.yaml", "Copier"))
"""Files of tools that make projects from a template."""
TEMPLATE = "The files are a template for {}: make a project with it first, and build that.\n"
PROGRAM = "my_program.py"
MAX_NAMED = 5
WAYS = """Name the program, here my_program.py, in one of these ways:
- in a file named Procfile in the app directory:
    web: python my_program.py
- in pyproject.toml:
    [tool.terrarium]
    start-command = "python my_program.py"
- as a variable of the build:
    BP_START_COMMAND=python my_program.py
- when the container starts:
    docker run IMAGE -- python my_program.py
- on DigitalOcean App Platform, in the component's app spec:
    run_command: python my_program.py
A web process must listen on 0.0.0.0 and the port in the environment variable PORT."""


def nothing_found(files: Collection[str] = (), defining: Collection[str] = (), *, lacks_server: bool) -> Notice:
    """Return the notice for an image without a process: nothing was found, or no server for the app is installed.

    ``files`` are the app's own; of its Python files that may be meant the first is the example, and others are named.
    ``defining`` are those that only define something: a server may import them, but as programs they do nothing.
    """
    found = [path for path in files if _may_be_program(path) and not (lacks_server and path in defining)]

    def order(path: str) -> tuple[bool, bool, int, str]:
        return "/" in path and not is_usual_name(path), path in defining, path.count("/"), path

    programs = sorted(found, key=order)
    others = programs[1:MAX_NAMED]
    ways = WAYS.replace(PROGRAM, programs[0]) if programs else WAYS
    named = f" ({'others are' if len(others) > 1 else 'another is'} {', '.join(others)})" if others else ""
    ways = ways.replace(", in one of these ways:", f"{named}, in one of these ways:")
    template = next((TEMPLATE.format(tool) for file, tool in TEMPLATES if file in files), "")
    return Notice(TITLE, f"{NO_SERVER if lacks_server else NOTHING}{template}{ways}")


def _may_be_program(path: str) -> bool:
    # A file such as gunicorn.conf.py has settings.
    is_plain = re.fullmatch(r"(?:[\w./-]+/)?[\w-]+\.py", path) and path.isascii()
    name = path.rpartition("/")[2]
    # A module with an underscore is private (PEP 8), but for __main__.
    is_private = name.startswith("_") and name != "__main__.py"
    return bool(is_plain) and not (is_test_or_example(path) or is_aside(path) or is_private)


def demanding_factory(evidence: Evidence) -> tuple[Notice, ...]:
    """Return a hint for the first function that makes an app but has required arguments."""
    for info in evidence.index.sources:
        for function in info.functions.values():
            origins = {evidence.index.origin(name).partition(".")[0] for name in function.returns if name}
            is_factory = function.name in FACTORIES and evidence.has(*origins)
            if is_factory and function.required and PLAIN.fullmatch(info.place.module) and not is_aside(info.path):
                text = (
                    f"{info.path} has {function.name}, which makes the app but cannot be called without arguments. "
                    "Give them defaults, or add a file wsgi.py to "
                    f"{f'the directory {info.place.root}' if info.place.root else 'the app directory'} that calls "
                    f"it:\n    from {info.place.module} import {function.name}\n    app = {function.name}(…)"
                )
                return (Notice("The app's factory needs arguments", text),)
    return ()
