"""exec.d: programs of a layer that set variables when the image starts (spec: Buildpack, Launch).

What a program wants to set it writes to file descriptor 3, as TOML; ``encode`` says it without loading a TOML library,
since this runs at every start of the app.
"""

from collections.abc import Mapping
from pathlib import Path

from cnb.files import EXECUTABLE, write_file
from cnb.launch import check_process_type
from cnb.trees import make_directory

Program = str | bytes
"""The text of a script, or a binary. Its interpreter must be in the run image, and it must be quick."""

_ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\"} | {code: f"\\u{code:04x}" for code in (*range(0x20), 0x7F)}


def encode(variables: Mapping[str, str]) -> str:
    """Return the TOML document that sets ``variables``. Raises ValueError for names and values that cannot be set."""
    lines = []
    for name, value in variables.items():
        if not name or "=" in name or "\0" in name:
            raise ValueError(f"{name!r} cannot be the name of a variable")
        if "\0" in value:
            raise ValueError(f"the value of {name} holds a NUL character: no program could be started with it")
        lines.append(f"{_quoted(name)} = {_quoted(value)}\n")
    return "".join(lines)


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def write_exec_d(layer: Path, programs: Mapping[str, Program], by_process: Mapping[str, Mapping[str, Program]]) -> None:
    """Write the programs into the layer; they run in the order of their names. Raises FileNotWritten, ValueError."""
    for name, program in programs.items():
        _write_program(layer / "exec.d", name, program)
    for process, own in by_process.items():
        check_process_type(process)
        for name, program in own.items():
            _write_program(layer / "exec.d" / process, name, program)


def _write_program(folder: Path, name: str, program: Program) -> None:
    if not name or "/" in name or name in {".", ".."}:
        raise ValueError(f"{name!r} cannot be the name of an exec.d program")
    make_directory(folder)
    write_file(folder / name, program, EXECUTABLE)
