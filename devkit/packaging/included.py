"""What an offline package includes, for its bill of materials: interpreters with their libraries, and tools."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from packaging.version import Version

from devkit.machine import machine_arch
from python_buildpack.interpreters.included import FOLDER, archive_name
from python_buildpack.interpreters.install import install_interpreter
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.ports.interfaces import CommandRunner
from python_buildpack.sbom.bill import Component
from python_buildpack.sbom.distributions import read_distributions
from python_buildpack.sbom.interpreter import describe_interpreter, describe_python
from python_buildpack.sbom.locks import parse_lock
from python_buildpack.sbom.packages import describe_distributions
from python_buildpack.tools.pinned import PinnedTool


def included_interpreters(
    directory: Path, chosen: Iterable[Interpreter], scratch: Path, runner: CommandRunner
) -> Iterator[Component]:
    """Yield the interpreters and the libraries inside them. Those for another machine cannot be asked for theirs."""
    for interpreter in chosen:
        if interpreter.arch != machine_arch():
            yield describe_python(interpreter)
            continue
        archive, prefix = directory / FOLDER / archive_name(interpreter), scratch / interpreter.sha256
        install_interpreter(archive, interpreter, prefix, runner, try_out=False)
        yield from describe_interpreter(interpreter, prefix / "bin" / interpreter.executable_name, runner)


def included_tools(folders: Mapping[PinnedTool, Path], python: Version, arch: str) -> Iterator[Component]:
    """Yield the distributions of the tools, each tool from the directory of its wheels."""
    for tool, folder in folders.items():
        lock = parse_lock(tool.pins.read_text(encoding="utf-8"))
        for wheel in sorted(folder.glob("*.whl")):
            _extract_metadata(wheel, folder)
        yield from describe_distributions(read_distributions(folder), python, arch, lock)


def _extract_metadata(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if ".dist-info/" in name])
