"""pip and uv for hooks that use them: the app's environment has neither, and hooks are written for machines with both.

They are provided only where the hook, or a script of the app that it names, has their name as a word.
"""

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.ports.interfaces import Command
from python_buildpack.secrets.redact import last_lines
from python_buildpack.support.small_files import read_small
from python_buildpack.tools.pinned import PIP, from_package, pinned_environment

_USED = re.compile(r"(?<![\w./-])(?P<tool>pip3?(?:\.\d+)?|uvx?)(?![\w.-])")
_FILE = re.compile(r"[\w./-]+")
_MAX_FILES = 20


def tools_of_hook(
    app: Path, hook: str, context: InstallContext, venv: Path, environment: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment for a hook, in which the tools that it uses are found.

    pip is installed among the build's temporary files, so it is not in the image. Where that fails, a warning says so.
    """
    named = {found["tool"] for text in _texts(app, hook) for found in _USED.finditer(text)}
    # The build image may have them too, for its own Python; those of the app's environment come first.
    used = {tool for tool in named if not (venv / "bin" / tool).exists()}
    folder = context.scratch / "hook-tools"
    found = dict(environment)
    if any(tool.startswith("uv") for tool in used):
        found |= _uv(context, folder / "uv", venv, found)
    if any(tool.startswith("pip") for tool in used):
        found |= _pip(context, folder / "pip", venv, found)
    return found


def _texts(app: Path, hook: str) -> Iterator[str]:
    """Yield the text of the hook, and of the files of the app that it names."""
    text = read_small(app / hook)
    yield text
    named = dict.fromkeys(word.removeprefix("./") for word in _FILE.findall(text) if "/" in word or "." in word)
    files = (app / word for word in list(named)[:_MAX_FILES] if not word.startswith("/") and ".." not in word)
    yield from (read_small(path) for path in files if path.is_file())


def _uv(context: InstallContext, folder: Path, venv: Path, environment: Mapping[str, str]) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    executable = context.uv.executable()
    (folder / "uv").unlink(missing_ok=True)
    (folder / "uv").symlink_to(executable)
    uvx = folder / "uvx"
    uvx.write_text(f'#!/bin/sh\nexec {shlex.quote(str(executable))} tool run "$@"\n', encoding="utf-8")
    uvx.chmod(0o755)
    return {
        # ``uv run`` uses the environment as it is installed; with the development groups it would be another one.
        "UV_NO_SYNC": "1",
        **context.uv.environment(environment),
        "UV_PROJECT_ENVIRONMENT": str(venv),
        "PATH": f"{folder}:{environment['PATH']}",
    }


def _pip(context: InstallContext, folder: Path, venv: Path, environment: Mapping[str, str]) -> dict[str, str]:
    argv = ("pip", "install", "--quiet", "--no-config", "--python", str(venv / "bin" / "python"))
    pins = ("--target", str(folder), "--requirements", str(PIP.pins), "--require-hashes", "--no-deps")
    command = (str(context.uv.executable()), *argv, *pins, *from_package(context.uv, PIP))
    finished = context.runner.run(Command(command, pinned_environment(context.uv, context.env), show=False))
    if finished.status != 0:
        context.reporter.warning(
            "The hook has no pip", f"It could not be installed: {last_lines(finished.output, 1000)}"
        )
        return {}
    before = environment.get("PYTHONPATH")
    return {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_CACHE_DIR": str(context.scratch / "pip-cache"),
        # For ``python -m pip``.
        "PYTHONPATH": f"{before}:{folder}" if before else str(folder),
        "PATH": f"{folder / 'bin'}:{environment['PATH']}",
    }
