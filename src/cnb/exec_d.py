"""exec.d: programs of a layer that set variables when the image starts (spec: Buildpack, Launch).

A program writes the variables as TOML to file descriptor 3. ``encode`` makes this TOML without a TOML library, because
loading one would slow every start of the app.
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
    """Return the TOML document that sets ``variables``. Raises ValueError for names and values that are not allowed."""
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
    """Write the programs, by file name, into the layer. Raises FileNotWritten, ValueError.

    They run in the order of their names: ``programs`` for all processes, those in ``by_process`` for one process type.
    """
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
