"""Asks the app's own Python whether it can parse source files."""

import json
from pathlib import Path

from python_buildpack.layers.python import PythonLayer
from python_buildpack.ports.interfaces import Command, CommandRunner

_SCRIPT = """
import ast, json, sys, warnings
warnings.simplefilter("ignore")
found = {}
for path in sys.argv[1:]:
    try:
        with open(path, "rb") as file:
            ast.parse(file.read(), path)
    except SyntaxError as error:
        found[path] = f"line {error.lineno}, column {error.offset}: {error.msg}"
    except Exception as error:
        pass
print(json.dumps(found))
"""


def syntax_errors(python: PythonLayer, runner: CommandRunner, app: Path, paths: tuple[str, ...]) -> dict[str, str]:
    """Return what the app's Python says of those of the files that it cannot parse. Raises BuildpackError."""
    with python.restored() as executable:
        argv = (str(executable), "-I", "-S", "-c", _SCRIPT, *paths)
        finished = runner.run(Command(argv, {}, cwd=app, show=False))
    if finished.status != 0:
        return {}
    found: dict[str, str] = json.loads(finished.output)
    return found
