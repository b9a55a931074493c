"""The real pack, lifecycle and launcher, built from the Go modules in ``tools/`` at the versions pinned there."""

import gzip
import io
import platform
import re
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import tomlkit

from devkit.pack.cache import Cache, fingerprint
from devkit.pack.commands import PlatformUnavailable, run_step

PHASES = ("analyzer", "builder", "creator", "detector", "exporter", "extender", "rebaser", "restorer")
"""The lifecycle is one program that looks at the name it is called by."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A Go module in ``tools/`` whose ``tool`` lines name the programs to build."""

    folder: str
    module: str
    """The module that carries the version."""
    variable: str
    """The Go variable that this version is linked into, without which the program calls itself 0.0.0."""


PACK = Tool("pack", "github.com/buildpacks/pack", "github.com/buildpacks/pack/pkg/client.Version")
LIFECYCLE = Tool("lifecycle", "github.com/buildpacks/lifecycle", "github.com/buildpacks/lifecycle/cmd.Version")


@dataclass(frozen=True, slots=True)
class Toolchain:
    """The built programs."""

    pack: Path
    lifecycle_archive: Path
    """What a builder configuration names as ``[lifecycle] uri``."""
    fingerprint: str


def ensure_toolchain(tools: Path, cache: Cache) -> Toolchain:
    """Return the programs built from the modules in ``tools``, building them if need be. Raises PlatformUnavailable."""
    mark = toolchain_fingerprint(tools)
    folder = cache.folder("toolchain") / mark
    with cache.locked("toolchain"):
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=cache.folder("toolchain")) as scratch:
                _build(tools, Path(scratch) / "new")
                (Path(scratch) / "new").rename(folder)
    return Toolchain(folder / "pack", folder / "lifecycle.tgz", mark)


def toolchain_fingerprint(tools: Path) -> str:
    """Return a fingerprint of a toolchain: of its modules, by version and content, its phases, and the machine."""
    files = [tools / tool.folder / name for tool in (PACK, LIFECYCLE) for name in ("go.mod", "go.sum")]
    return fingerprint(platform.machine(), *PHASES, *(file.read_bytes() for file in files))


def read_version(tools: Path, tool: Tool) -> str:
    """Return the version of a tool that its go.mod requires, without the ``v``."""
    text = (tools / tool.folder / "go.mod").read_text()
    found = re.search(rf"^\s*{re.escape(tool.module)} v(\S+)", text, re.MULTILINE)
    if found is None:
        raise PlatformUnavailable(f"{tool.folder}/go.mod does not require {tool.module}.", "Restore the file.")
    return found[1]


def parse_apis(source: str) -> dict[str, dict[str, list[str]]]:
    """Return the ``[apis]`` table of a lifecycle descriptor, as the lifecycle's own source states it."""
    apis: dict[str, dict[str, list[str]]] = {}
    for kind in ("Buildpack", "Platform"):
        found = re.search(
            rf"^\s*{kind} = newApisMustParse\(\[\]string{{(.*?)}}, \[\]string{{(.*?)}}\)", source, re.MULTILINE
        )
        if found is None:
            raise PlatformUnavailable(
                f"The lifecycle's source does not say which {kind} APIs it supports where we look for it.",
                "Adapt parse_apis() to this version of the lifecycle.",
            )
        supported, deprecated = (re.findall(r'"([\d.]+)"', versions) for versions in found.groups())
        apis[kind.lower()] = {"supported": supported, "deprecated": deprecated}
    return apis


def write_lifecycle_archive(programs: Path, descriptor: str, archive: Path) -> None:
    """Write what pack takes as a lifecycle: a descriptor and one folder of programs; the same bytes every time."""
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        _add_file(tar, "lifecycle.toml", descriptor.encode(), 0o644)
        for name in ("launcher", "lifecycle"):
            _add_file(tar, f"lifecycle/{name}", (programs / name).read_bytes(), 0o755)
        for phase in PHASES:
            link = tarfile.TarInfo(f"lifecycle/{phase}")
            link.type, link.linkname = tarfile.SYMTYPE, "lifecycle"
            tar.addfile(link)


def _build(tools: Path, destination: Path) -> None:
    if shutil.which("go") is None:
        raise PlatformUnavailable("Go is missing: pack and the lifecycle are built with it.", "Install Go from go.dev.")
    destination.mkdir()
    for tool in (PACK, LIFECYCLE):
        _install(tools, tool, destination)
    version = read_version(tools, LIFECYCLE)
    descriptor = tomlkit.dumps({"lifecycle": {"version": version}, "apis": parse_apis(_read_api_source(tools))})
    write_lifecycle_archive(destination, descriptor, destination / "lifecycle.tgz")


def _install(tools: Path, tool: Tool, destination: Path) -> None:
    # Without cgo the programs run in an image of any libc, or of none.
    flags = f"-s -w -X {tool.variable}={read_version(tools, tool)}"
    environment = {"CGO_ENABLED": "0", "GOBIN": str(destination)}
    run_step(
        f"Building {tool.folder}",
        ["go", "install", "-ldflags", flags, "tool"],
        cwd=tools / tool.folder,
        env=environment,
    )


def _read_api_source(tools: Path) -> str:
    command = ["go", "list", "-m", "-f", "{{.Dir}}", LIFECYCLE.module]
    folder = run_step("Finding the lifecycle's source", command, cwd=tools / LIFECYCLE.folder)
    return (Path(folder.strip()) / "api" / "apis.go").read_text()


def _add_file(tar: tarfile.TarFile, name: str, content: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))
