"""A package index on the loopback interface (PEP 503, with PEP 658), with wheels that are made on demand."""

import base64
import hashlib
import random
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from devkit.loopback import running

HEAVY_BYTES = 5_500_000


def filler(seed: str, size: int = HEAVY_BYTES) -> bytes:
    """Return bytes that are always the same."""
    return random.Random(seed).randbytes(size)  # noqa: S311 - no secret, but something that does not compress


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel to be made; ``files`` are its files by path, those below ``{name}-{version}.data`` included."""

    name: str
    version: str
    files: Mapping[str, bytes | str]
    requires: tuple[str, ...] = ()
    scripts: Mapping[str, str] = field(default_factory=dict)
    """Console scripts, as ``name = module:function``."""
    listed: bool = True
    """Whether RECORD is as it has to be; otherwise it is empty."""

    @property
    def _stem(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}"

    def write(self, folder: Path) -> Path:
        """Make the wheel in ``folder``."""
        path = folder / f"{self._stem}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in self._members().items():
                info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
                info.external_attr = 0o644 << 16
                archive.writestr(info, content)
                if name.endswith("dist-info/METADATA"):
                    path.with_name(f"{path.name}.metadata").write_bytes(content)
        return path

    def _members(self) -> dict[str, bytes]:
        metadata = f"{self._stem}.dist-info"
        needs = "".join(f"Requires-Dist: {need}\n" for need in self.requires)
        texts: dict[str, bytes | str] = {
            **self.files,
            f"{metadata}/METADATA": f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}\n{needs}",
            f"{metadata}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        if self.scripts:
            lines = "".join(f"{name} = {target}\n" for name, target in self.scripts.items())
            texts[f"{metadata}/entry_points.txt"] = f"[console_scripts]\n{lines}"
        members = {name: text.encode() if isinstance(text, str) else text for name, text in texts.items()}
        record = "".join(f"{name},sha256={_digest(content)},{len(content)}\n" for name, content in members.items())
        members[f"{metadata}/RECORD"] = f"{record}{metadata}/RECORD,,\n".encode() if self.listed else b""
        return members


def heavy(name: str, version: str, *, requires: tuple[str, ...] = (), **files: bytes | str) -> Wheel:
    """Return a distribution that is big enough for a layer of its own, with a module, data and a script."""
    package = name.replace("-", "_")
    content: dict[str, bytes | str] = {
        f"{package}/__init__.py": f"version = {version!r}\n\n\ndef main():\n    print(version, __file__)\n",
        f"{package}/data.bin": filler(f"{name} {version}"),
        f"{package}/part/__init__.py": "part = True\n",
        f"{package}_single.py": "single = True\n",
        **files,
    }
    return Wheel(name, version, content, requires, {name: f"{package}:main"})


def light(name: str, version: str, *, requires: tuple[str, ...] = ()) -> Wheel:
    """Return a small distribution with one module."""
    package = name.replace("-", "_")
    return Wheel(name, version, {f"{package}/__init__.py": f"version = {version!r}\n"}, requires)


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


@dataclass(slots=True)
class WheelIndex:
    """An index that is being served."""

    root: Path
    port: int
    downloads: list[str]
    """The names of the wheels that were asked for, in their order."""
    looked_up: list[str] = field(default_factory=list)
    """The names of the packages whose pages were asked for, in their order."""

    @property
    def url(self) -> str:
        """Return what indexes are known by."""
        return f"http://127.0.0.1:{self.port}/simple"

    def add(self, *wheels: Wheel) -> None:
        """Publish these wheels."""
        for wheel in wheels:
            folder = self.root / "simple" / wheel.name
            folder.mkdir(parents=True, exist_ok=True)
            wheel.write(folder)
            links = (
                f'<a href="{path.name}#sha256={hashlib.sha256(path.read_bytes()).hexdigest()}" '
                f'data-dist-info-metadata="true" data-core-metadata="true">{path.name}</a><br>'
                for path in sorted(folder.glob("*.whl"))
            )
            (folder / "index.html").write_text(f"<!DOCTYPE html><body>{''.join(links)}</body>", encoding="utf-8")


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: object, downloads: list[str], looked_up: list[str], root: Path) -> None:
        self.downloads = downloads
        self.looked_up = looked_up
        super().__init__(*args, directory=str(root))  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer, and remember which wheels and packages were asked for."""
        if self.path.endswith(".whl"):
            self.downloads.append(self.path.rpartition("/")[2])
        elif self.path.endswith("/"):
            self.looked_up.append(self.path.rstrip("/").rpartition("/")[2])
        super().do_GET()

    def end_headers(self) -> None:
        """Say of wheels what the public index says of them: that they never change."""
        if self.path.endswith(".whl"):
            self.send_header("Cache-Control", "max-age=365000000, immutable, public")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
        """Say nothing."""


@contextmanager
def serve_wheels(root: Path) -> Iterator[WheelIndex]:
    """Serve an index with nothing in it yet."""
    (root / "simple").mkdir(parents=True)
    downloads: list[str] = []
    looked_up: list[str] = []
    handler = partial(_Handler, downloads=downloads, looked_up=looked_up, root=root)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    with running(server):
        yield WheelIndex(root, server.server_port, downloads, looked_up)
