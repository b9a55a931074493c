"""Puts together the directory that is the buildpack: code, interpreter, libraries and uv, compiled and slim."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import tomlkit

from cnb.sbom import Sbom
from devkit.errors import DevkitError
from devkit.interpreters import Source, find_own_source
from devkit.machine import machine_arch
from devkit.packaging.bill import package_sboms
from devkit.packaging.included import included_interpreters, included_tools
from devkit.packaging.offline import Offline, add_interpreters, add_tools
from devkit.packaging.own_modules import store_modules
from devkit.packaging.own_patterns import compile_patterns
from devkit.packaging.slim_own import (
    OWN_PACKAGES,
    WithoutDocstrings,
    drop_sources,
    remove_all_symbols,
    slim,
    slim_libraries,
)
from devkit.paths import CHECKOUT, kept_archives
from python_buildpack.installed.bytecode import compile_tree
from python_buildpack.interpreters.install import install_interpreter
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.interpreters.mirrors import download_for
from python_buildpack.interpreters.request import parse_version_request
from python_buildpack.interpreters.resolve import resolve
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.sbom.bill import Component
from python_buildpack.support.zstandard import open_to_write
from python_buildpack.tools.uv import COMPRESSED

OWN_PYTHON = "3.13"
"""The minor version that runs the buildpack itself: the newest one that the test machines have too."""

PLATFORMS = {"amd64": "x86_64-manylinux_2_17", "arm64": "aarch64-manylinux_2_17"}
"""uv's names for the targets, at the oldest glibc that the interpreters themselves run on."""


UV = CHECKOUT / ".venv" / "bin" / "uv"
"""The devkit's own uv, which installs what goes into the package."""

UV_LEVEL = 17
"""Of zstd: the levels above take twice as long and save another half megabyte."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """What to put together, and where."""

    arch: str
    directory: Path
    source: Source
    offline: Offline | None = None
    """What to include for builds without a network; None is the usual package."""
    homepage: str = ""
    """The address of the repository, to which errors then point; empty in a package that nobody released."""
    api: str = ""
    """The Buildpack API that its buildpack.toml names; empty is that of the checkout, the oldest one."""


def assemble(assembly: Assembly) -> tuple[Sbom, ...]:
    """Write the buildpack to ``assembly.directory``, replacing what is there, and return what is in it.

    Raises DevkitError.
    """
    if assembly.directory.exists():
        shutil.rmtree(assembly.directory)
    assembly.directory.mkdir(parents=True)
    _copy_own_files(assembly)
    with tempfile.TemporaryDirectory(dir=assembly.directory.parent) as scratch:
        prefix = assembly.directory / "python"
        interpreter = _install_python(find_own_source(assembly.source, assembly.arch), assembly.arch, prefix)
        slim(prefix, OWN_PYTHON)
        library = prefix / "lib" / f"python{OWN_PYTHON}"
        _install_libraries(library / "site-packages", assembly.arch)
        uv = _install_uv(assembly, Path(scratch))
        python = _python_that_runs(assembly, Path(scratch))
        # Before our own packages join them, and while each still has the list of its files.
        more = _include(assembly, interpreter, python, Path(scratch))
        bills = package_sboms(interpreter, python, (library / "site-packages", uv), more)
        _drop_installer_notes(library / "site-packages")
        slim_libraries(library / "site-packages")
        remove_all_symbols(prefix)
        _copy_own_packages(library / "site-packages")
        compile_patterns(python, library / "site-packages")
        compile_tree(python, library, WithoutDocstrings(_runner()))
        store_modules(library / "site-packages", OWN_PACKAGES)
        drop_sources(library)
    return bills


def _include(assembly: Assembly, interpreter: Interpreter, python: Path, scratch: Path) -> tuple[Component, ...]:
    """Put into an offline package what only that has, and return what it is."""
    if assembly.offline is None:
        return ()
    chosen = add_interpreters(assembly.directory, assembly.offline, assembly.source, assembly.arch)
    folders = add_tools(assembly.directory, assembly.offline, assembly.arch, python, UV, scratch)
    tools = included_tools(folders, interpreter.version, assembly.arch)
    return (*included_interpreters(assembly.directory, chosen, scratch, _runner()), *tools)


def _copy_own_files(assembly: Assembly) -> None:
    for name in ("inventory.toml", "LICENSE"):
        shutil.copyfile(CHECKOUT / name, assembly.directory / name)
    shutil.copytree(CHECKOUT / "bin", assembly.directory / "bin")
    descriptor = (CHECKOUT / "buildpack.toml").read_text(encoding="utf-8")
    text = with_api(with_homepage(descriptor, assembly.homepage), assembly.api)
    (assembly.directory / "buildpack.toml").write_text(text, encoding="utf-8")


def with_homepage(descriptor: str, homepage: str) -> str:
    """Return the text of a buildpack.toml with this homepage; unchanged if that is empty."""
    if not homepage:
        return descriptor
    document = tomlkit.parse(descriptor)
    document["buildpack"]["homepage"] = homepage
    return tomlkit.dumps(document)


def with_api(descriptor: str, api: str) -> str:
    """Return the text of a buildpack.toml that names this Buildpack API; unchanged if that is empty."""
    if not api:
        return descriptor
    document = tomlkit.parse(descriptor)
    document["api"] = api
    return tomlkit.dumps(document)


def _install_python(source: Source, arch: str, prefix: Path) -> Interpreter:
    """Install the interpreter that runs the buildpack, for ``arch``, which need not be this machine's."""
    if not source.is_upstream and OWN_PYTHON not in {one.minor for one in source.read().interpreters}:
        sys.exit(
            f"./dev: the package brings its own Python {OWN_PYTHON}. Upstream cannot be reached from here, "
            f"and this machine has none. Install Python {OWN_PYTHON} or Go, which can fetch a build as a module."
        )
    interpreter = resolve(parse_version_request(OWN_PYTHON, "the buildpack itself"), source.read(), arch)
    archive = source.archive(interpreter.sha256)
    if not archive.is_file():
        source.fetcher().fetch(download_for(interpreter, None), archive)
    try_out = arch == machine_arch()
    install_interpreter(archive, interpreter, prefix, _runner(), try_out=try_out)
    return interpreter


def _runner() -> SubprocessRunner:
    return SubprocessRunner(lambda line: print(f"  {line}", file=sys.stderr))


def _install_libraries(site_packages: Path, arch: str) -> None:
    _uv_install("runtime.txt", site_packages, arch)
    shutil.rmtree(site_packages / "bin", ignore_errors=True)
    (site_packages / ".lock").unlink(missing_ok=True)


def _drop_installer_notes(site_packages: Path) -> None:
    for path in site_packages.glob("*.dist-info"):
        for leftover in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"):
            (path / leftover).unlink(missing_ok=True)


def _uv_install(requirements: str, target: Path, arch: str, *names: str) -> None:
    argv = [str(UV), "pip", "install", "--quiet", "--target", str(target), "--python-version", OWN_PYTHON]
    argv += ["--python-platform", PLATFORMS[arch], "--only-binary", ":all:", "--no-deps", "--link-mode", "copy"]
    argv += ["--no-config", "--python", sys.executable]
    locked = (CHECKOUT / "requirements" / requirements).read_text(encoding="utf-8")
    chosen = _only(locked, names) if names else locked
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(chosen)
        file.flush()
        finished = subprocess.run([*argv, "--require-hashes", "-r", file.name], check=False)
    if finished.returncode != 0:
        raise DevkitError(f"uv could not install {requirements} for {arch}; its message is above.")


def _only(locked: str, names: tuple[str, ...]) -> str:
    """Return the blocks of a locked requirements file that belong to ``names``."""
    blocks = re.split(r"\n(?=\S)", locked)
    return "\n".join(block for block in blocks if block.partition("==")[0] in names)


def _copy_own_packages(site_packages: Path) -> None:
    for package in OWN_PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(CHECKOUT / "src" / package, site_packages / package, ignore=ignored)


def _install_uv(assembly: Assembly, scratch: Path) -> Path:
    """Put uv, compressed, among the package's tools; return the directory of its distribution, which is not shipped."""
    target = scratch / "uv"
    _uv_install("dev.txt", target, assembly.arch, "uv")
    tools = assembly.directory / "tools"
    tools.mkdir()
    shutil.copyfile(_compressed(target / "bin" / "uv"), assembly.directory / COMPRESSED)
    (metadata,) = target.glob("uv-*.dist-info")
    version = metadata.name.removeprefix("uv-").removesuffix(".dist-info")
    (tools / "uv.version").write_text(f"{version}\n", encoding="utf-8")
    return target


def _compressed(file: Path) -> Path:
    """Return the file compressed, which takes a quarter of a minute and is therefore kept between runs."""
    with file.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
        source.seek(0)
        archive = kept_archives() / f"{digest}.{UV_LEVEL}.zst"
        if not archive.is_file():
            partial = archive.with_suffix(f".{os.getpid()}")
            with open_to_write(partial, UV_LEVEL, workers=2) as target:
                shutil.copyfileobj(source, target, 1 << 20)
            partial.rename(archive)
    return archive


def _python_that_runs(assembly: Assembly, scratch: Path) -> Path:
    """Return the package's own interpreter or, for another architecture, one of that version that runs here.

    Bytecode depends on the version of Python alone; upstream builds the same libraries for all targets.
    """
    prefix = assembly.directory / "python"
    if assembly.arch != machine_arch():
        prefix = scratch / "python"
        _install_python(assembly.source, machine_arch(), prefix)
    return prefix / "bin" / "python3"
