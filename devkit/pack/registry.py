"""An image registry on the loopback, for platforms that export to one instead of to an engine."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from devkit.free_port import find_free_port
from devkit.pack.commands import PlatformUnavailable
from devkit.pack.debian import install_missing
from devkit.pack.docker import docker

_PATIENCE = 20.0


@contextmanager
def registry(folder: Path) -> Iterator[str]:
    """Yield the address (``127.0.0.1:<port>``) of a registry that keeps its images in ``folder``.

    Raises PlatformUnavailable.
    """
    install_missing({"docker-registry": "docker-registry"})
    port = find_free_port()
    configuration = folder / "registry.yml"
    configuration.write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {folder / 'images'}}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\nlog: {{level: error}}\n",
        encoding="utf-8",
    )
    with (folder / "registry.log").open("wb") as log:
        process = subprocess.Popen(["docker-registry", "serve", configuration], stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(process, port, folder / "registry.log")
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def push(image: str, address: str) -> str:
    """Copy an image of the engine into the registry; return its name there."""
    name = f"{address}/{image}"
    docker("tag", image, name)
    try:
        docker("push", "--quiet", name)
    finally:
        docker("image", "rm", name)
    return name


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", "/v2/")
            connection.getresponse()
        except (OSError, HTTPException):
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise PlatformUnavailable(f"The registry did not start:\n{log.read_text()}", "Repair what it names.")
