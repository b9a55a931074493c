"""Faults for whole builds: each is a context in which something is wrong, and yields the inputs for the build."""

import hashlib
import io
import socket
import ssl
import stat
import struct
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from devkit.interpreters import Source
from devkit.reproduce.conditions import unusual
from devkit.soak.processes import kill_installer
from misbehaving_server import Handler, Server, Step, running_server, serve, status
from tiny_index import Distribution, add_to_index, write_page, write_wheel

Files = Mapping[str, str]
OTHER_PYTHON = "3.11"
"""Neither the one that the bench's app has, nor the one that another place has."""
GIGABYTE = 1 << 30


@dataclass(frozen=True, slots=True)
class Trial:
    """One build: what the app's files are, and the user's variables."""

    files: Files
    env: Mapping[str, str] = field(default_factory=dict)
    sparse: str = ""
    """A file that is made a gigabyte long."""


@dataclass(slots=True)
class Bench:
    """An app that was built, with its platform's state, and the servers that serve its builds."""

    root: Path
    mirror: Source
    server: Server
    packages: Path
    index: str
    files: Files
    """The app as it was built last."""

    @property
    def env(self) -> dict[str, str]:
        """Return the variables of every build."""
        return {"BP_PYTHON_INVENTORY": str(self.mirror.inventory), "PIP_INDEX_URL": self.index}

    @property
    def state(self) -> Path:
        """Return the platform's memory."""
        return self.root / "state"

    def requiring(self, line: str) -> Files:
        """Return the app with one more requirement."""
        return {**self.files, "requirements.txt": f"{self.files['requirements.txt']}{line}\n"}

    def wheel(self, name: str) -> Path:
        """Add a package to the index, and return its wheel."""
        add_to_index(self.packages, Distribution(name))
        (path,) = (self.packages / name).glob("*.whl")
        return path

    def inventory(self, url: str, sha256: str = "0" * 64) -> dict[str, str]:
        """Return the variables for another Python that is to be had at one place only."""
        path = self.root / "inventory.toml"
        rows = {"version": f"{OTHER_PYTHON}.99", "build": "20260101", "os": "linux", "arch": "amd64", "libc": "gnu"}
        rows |= {"variant": "default", "url": url, "sha256": sha256}
        lines = "".join(f'{name} = "{value}"\n' for name, value in rows.items())
        path.write_text(f'default = "{OTHER_PYTHON}"\n[[interpreters]]\n{lines}', encoding="utf-8")
        return {"BP_PYTHON_INVENTORY": str(path), "BP_PYTHON_VERSION": OTHER_PYTHON}

    def served_inventory(self, *before: Step) -> dict[str, str]:
        """Return the variables for the usual inventory, at an address that answers in these ways first."""
        text = self.mirror.inventory.read_text(encoding="utf-8")
        # What lies beside the file for the mirror lies elsewhere for a document of the server's.
        text = text.replace('url = "', f'url = "{self.mirror.inventory.parent.as_uri()}/')
        url = self.server.url("/inventory.toml", *before, serve(body=text.encode()))
        return {"BP_PYTHON_INVENTORY": url}


Injection = Callable[[Bench, Files], AbstractContextManager[Trial]]


@contextmanager
def files(bench: Bench, given: Files) -> Iterator[Trial]:
    """Add files to the app."""
    yield Trial({**bench.files, **given})


@contextmanager
def only_files(bench: Bench, given: Files) -> Iterator[Trial]:
    """Declare the app's packages by these files alone."""
    yield Trial({**{name: text for name, text in bench.files.items() if name != "requirements.txt"}, **given})


@contextmanager
def huge_file(bench: Bench, given: Files) -> Iterator[Trial]:
    """Make the one file that is given a gigabyte long; on disk it takes next to nothing."""
    (name,) = given
    yield Trial({**bench.files, **given}, sparse=name)


@contextmanager
def huge_lock(bench: Bench, given: Files) -> Iterator[Trial]:
    """Do so with the last of the files that declare the app's packages, and alone do so."""
    with only_files(bench, given) as trial:
        yield replace(trial, sparse=[*given][-1])


@contextmanager
def unknown_host(bench: Bench, _: Files) -> Iterator[Trial]:
    """Have Python at a host that there is not."""
    yield Trial(bench.files, bench.inventory("http://nowhere.invalid/python.tar.gz"))


@contextmanager
def redirect_loop(bench: Bench, _: Files) -> Iterator[Trial]:
    """Redirect from one place to itself."""
    url = bench.server.url("/round", status(302, Location="/round"))
    yield Trial(bench.files, bench.inventory(url))


@contextmanager
def expired_certificate(bench: Bench, _: Files) -> Iterator[Trial]:
    """Serve Python with a certificate of yesterday, from an authority that is trusted."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", not_after=datetime.now(UTC) - timedelta(days=1)).configure_cert(context)
    bundle = bench.root / "authority.pem"
    authority.cert_pem.write_to_path(bundle)
    with running_server() as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        url = server.url("/python.tar.gz", serve()).replace("http://", "https://")
        yield Trial(bench.files, {**bench.inventory(url), "SSL_CERT_FILE": str(bundle)})


@contextmanager
def missing_archive(bench: Bench, _: Files) -> Iterator[Trial]:
    """Have Python at an address where it is not."""
    yield Trial(bench.files, bench.inventory(bench.server.url("/missing", status(404))))


@contextmanager
def wrong_digest(bench: Bench, _: Files) -> Iterator[Trial]:
    """Serve another file than the inventory has the digest of."""
    yield Trial(bench.files, bench.inventory(bench.server.url("/other", serve())))


@contextmanager
def wrong_length(bench: Bench, _: Files) -> Iterator[Trial]:
    """Claim fewer bytes than are sent."""
    body = b"some bytes and more"
    url = bench.server.url("/long", serve(body=body, claim=10))
    yield Trial(bench.files, bench.inventory(url, hashlib.sha256(body).hexdigest()))


@contextmanager
def mirror_without_it(bench: Bench, _: Files) -> Iterator[Trial]:
    """Name a mirror that has nothing."""
    mirror = bench.server.url("/mirror", status(404))
    yield Trial(bench.files, {"BP_PYTHON_MIRROR": mirror, "BP_PYTHON_VERSION": "3.12"})


@contextmanager
def reset_once(bench: Bench, _: Files) -> Iterator[Trial]:
    """Reset the first connection."""
    yield Trial(bench.files, bench.served_inventory(_reset))


def _reset(handler: Handler) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True
    # The base class is about to flush and close what is gone.
    handler.wfile = io.BytesIO()


@contextmanager
def busy_once(bench: Bench, _: Files) -> Iterator[Trial]:
    """Answer that there is no time now, and when to come again."""
    yield Trial(bench.files, bench.served_inventory(status(503, Retry_After="1")))


@contextmanager
def cut_once(bench: Bench, _: Files) -> Iterator[Trial]:
    """Cut the first body."""
    whole = bench.mirror.inventory.read_bytes()
    yield Trial(bench.files, bench.served_inventory(serve(body=whole, cut=10)))


@contextmanager
def cut_wheel(bench: Bench, _: Files) -> Iterator[Trial]:
    """Cut every download of a wheel."""
    wheel = bench.wheel("cut-short")
    trial = _served_wheel(bench, wheel, serve(body=wheel.read_bytes(), cut=100, ranges=False))
    yield replace(trial, env={**trial.env, "UV_HTTP_RETRIES": "0"})


@contextmanager
def circling_wheel(bench: Bench, _: Files) -> Iterator[Trial]:
    """Redirect from a wheel to itself."""
    wheel = bench.wheel("circling")
    yield _served_wheel(bench, wheel, status(302, Location=f"/circling/{wheel.name}"))


@contextmanager
def circling_index(bench: Bench, _: Files) -> Iterator[Trial]:
    """Redirect from a page of the index to itself."""
    url = bench.server.url("/simple/rounded/", status(302, Location="/simple/rounded/"))
    yield Trial(bench.requiring("rounded"), {"PIP_EXTRA_INDEX_URL": url.removesuffix("/rounded/")})


@contextmanager
def reset_wheel(bench: Bench, _: Files) -> Iterator[Trial]:
    """Reset the first connection for a wheel."""
    wheel = bench.wheel("reset-once")
    yield _served_wheel(bench, wheel, _reset, serve(body=wheel.read_bytes()))


@contextmanager
def busy_wheel(bench: Bench, _: Files) -> Iterator[Trial]:
    """Have no time for the first request for a wheel, and say when to come again."""
    wheel = bench.wheel("busy-once")
    yield _served_wheel(bench, wheel, status(503, Retry_After="1"), serve(body=wheel.read_bytes()))


@contextmanager
def long_wheel(bench: Bench, _: Files) -> Iterator[Trial]:
    """Claim fewer bytes of a wheel than there are."""
    wheel = bench.wheel("too-long")
    trial = _served_wheel(bench, wheel, serve(body=wheel.read_bytes(), claim=100, ranges=False))
    yield replace(trial, env={**trial.env, "UV_HTTP_RETRIES": "0"})


def _served_wheel(bench: Bench, wheel: Path, *steps: Step) -> Trial:
    """Serve a wheel in these ways, and all else about it as it should be."""
    module = wheel.name.partition("-")[0]
    name = module.replace("_", "-")
    place, path = f"/{name}", f"/{name}/{wheel.name}"
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"{module}-1.0.dist-info/METADATA")
    link = f'<!DOCTYPE html><a href="{path}" data-core-metadata="true">{wheel.name}</a>'
    bench.server.url(f"{place}/simple/{name}/", _page(link.encode()))
    bench.server.url(f"{path}.metadata", serve(body=metadata))
    url = bench.server.url(path, *steps).removesuffix(path)
    return Trial(bench.requiring(name), {"PIP_EXTRA_INDEX_URL": f"{url}{place}/simple"})


def _page(content: bytes) -> Step:
    def step(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return step


@contextmanager
def killed_installer(bench: Bench, _: Files) -> Iterator[Trial]:
    """Kill the installer when it asks for a page of the index."""
    bench.wheel("fatal")

    def kill(handler: Handler) -> None:
        end = time.monotonic() + 10
        while not kill_installer(bench.state) and time.monotonic() < end:
            time.sleep(0.01)
        handler.close_connection = True

    url = bench.server.url("/simple/fatal/", kill).removesuffix("/fatal/")
    yield Trial(bench.requiring("fatal"), {"PIP_EXTRA_INDEX_URL": url})


@contextmanager
def traversing_wheel(bench: Bench, _: Files) -> Iterator[Trial]:
    """Have a wheel with a file that belongs two directories up."""
    yield _hostile_wheel(bench, "climbing", "../../climbed.py")


@contextmanager
def absolute_wheel(bench: Bench, _: Files) -> Iterator[Trial]:
    """Have a wheel with a file at an absolute path."""
    yield _hostile_wheel(bench, "absolute", f"{bench.root}/climbed.py")


@contextmanager
def scripting_wheel(bench: Bench, _: Files) -> Iterator[Trial]:
    """Have a wheel whose script belongs two directories up."""
    yield _hostile_wheel(bench, "scripting", "scripting-1.0.data/scripts/../../../climbed.py")


@contextmanager
def naming_wheel(bench: Bench, _: Files) -> Iterator[Trial]:
    """Have a wheel with an entry point whose name is a path."""
    text = "[console_scripts]\n../../climbed.py = naming:main\n"
    yield _hostile_wheel(bench, "naming", "naming-1.0.dist-info/entry_points.txt", text)


@contextmanager
def linking_wheel(bench: Bench, _: Files) -> Iterator[Trial]:
    """Have a wheel with a symbolic link, and a file that would be written through it."""
    link = zipfile.ZipInfo("linking_out")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    wheel = bench.wheel("linking-out")
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr(link, str(bench.root))
        archive.writestr("linking_out/climbed.py", "climbed = True\n")
    write_page(bench.packages / "linking-out")
    yield Trial(bench.requiring("linking-out"))


@contextmanager
def lying_wheel(bench: Bench, _: Files) -> Iterator[Trial]:
    """Have a wheel whose RECORD claims files of others."""
    wheel = bench.packages / "lying" / "lying-1.0-py3-none-any.whl"
    whole = bench.wheel("lying").read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as before, zipfile.ZipFile(wheel, "w") as after:
        for name in before.namelist():
            more = f"../../../../../../app/main.py,,\n{bench.root}/x,,\n" if name.endswith("RECORD") else ""
            after.writestr(name, before.read(name) + more.encode())
    write_page(bench.packages / "lying")
    yield Trial(bench.requiring("lying"), {"BP_PYTHON_SLIM": "true"})


def _hostile_wheel(bench: Bench, name: str, member: str, text: str = "climbed = True\n") -> Trial:
    with zipfile.ZipFile(bench.wheel(name), "a") as archive:
        archive.writestr(member, text)
    write_page(bench.packages / name)
    return Trial(bench.requiring(name))


@contextmanager
def traversing_sdist(bench: Bench, _: Files) -> Iterator[Trial]:
    """Have an sdist with a file that belongs two directories up."""
    yield _hostile_sdist(bench, "rising", tarfile.TarInfo("../../climbed.py"))


@contextmanager
def linking_sdist(bench: Bench, _: Files) -> Iterator[Trial]:
    """Have an sdist with a link to an absolute path."""
    link = tarfile.TarInfo("linking-1.0/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc"
    yield _hostile_sdist(bench, "linking", link)


def _hostile_sdist(bench: Bench, name: str, member: tarfile.TarInfo) -> Trial:
    folder = bench.packages / name
    folder.mkdir()
    with tarfile.open(folder / f"{name}-1.0.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo(f"{name}-1.0/PKG-INFO")
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text))
        archive.addfile(member, io.BytesIO())
    write_page(folder)
    return Trial(bench.requiring(name))


@contextmanager
def old_clock(bench: Bench, _: Files) -> Iterator[Trial]:
    """Set the clock of everything in the build back, as on a machine whose battery is flat."""
    bench.wheel("old-clock")
    yield Trial(bench.requiring("old-clock"), {**unusual().env, "FAKETIME": "-10y"})


def write_bomb(folder: Path, name: str, megabytes: int, kind: str) -> None:
    """Add a wheel or an sdist of zeros to an index: a thousandth of what it unpacks to."""
    content = bytes(megabytes << 20)
    if kind == "wheel":
        wheel = write_wheel(folder / name, Distribution(name))
        with zipfile.ZipFile(wheel, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{name}_data.bin", content)
    else:
        (folder / name).mkdir()
        with tarfile.open(folder / name / f"{name}-1.0.tar.gz", "w:gz", compresslevel=1) as source:
            member = tarfile.TarInfo(f"{name}-1.0/data.bin")
            member.size = len(content)
            source.addfile(member, io.BytesIO(content))
    write_page(folder / name)


INJECTIONS: Mapping[str, Injection] = {
    injection.__name__: injection
    for injection in (
        *(files, only_files, huge_file, huge_lock, unknown_host, redirect_loop, expired_certificate, missing_archive),
        *(wrong_digest, wrong_length, mirror_without_it, reset_once, busy_once, cut_once, cut_wheel),
        *(circling_wheel, circling_index, reset_wheel, busy_wheel, long_wheel),
        *(scripting_wheel, naming_wheel, linking_wheel, lying_wheel),
        *(killed_installer, traversing_wheel, absolute_wheel, traversing_sdist, linking_sdist, old_clock),
    )
}
"""All faults by the name that a row has for them."""
