"""``./dev build DIR --pack``: the package, the real pack and lifecycle, and a container."""

import http.server
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from devkit.errors import DevkitError
from devkit.interpreters import Source, find_source
from devkit.loopback import running
from devkit.machine import machine_arch
from devkit.pack.app_image import inspect_image
from devkit.pack.build import PackBuild, PackResult
from devkit.pack.containers import Container, ContainerOptions, Response, run_container
from devkit.pack.docker import DockerFailed
from devkit.pack.prepare import Platform, prepare_platform
from devkit.packaging.package import package
from devkit.paths import DIST
from devkit.serving import Wish, hold_to
from python_buildpack.settings.table import INVENTORY


@dataclass(frozen=True, slots=True)
class ContainerApp:
    """An app in a container."""

    container: Container

    def ask(self, path: str, timeout: float) -> Response | None:
        """Return its answer, or None if none came in time."""
        try:
            return self.container.wait_for_http(path, timeout)
        except DockerFailed as error:
            if self.is_running():
                return None
            raise DevkitError(str(error)) from error

    def log(self) -> str:
        """Return what it printed so far."""
        return self.container.logs()

    def is_running(self) -> bool:
        """Say whether it has not ended."""
        return self.container.is_running()

    def stop(self) -> int:
        """End it, and return its exit status."""
        return self.container.stop()


def build_with_pack(app: Path, env: Mapping[str, str], wish: Wish | None, *, clean: bool) -> int:
    """Package the buildpack, build the app with it, and start it unless ``wish`` is None. Returns the exit status."""
    source = find_source(machine_arch())
    packaged = package(machine_arch(), DIST, source)
    platform = prepare_platform(say=print)
    image = f"terrarium-local/{app.name.lower()}"
    build = PackBuild(app, image, platform.builder, (packaged.file,), env, clear_cache=clean)
    result = build_and_print(platform, source, build)
    print(f"pack build ended with status {result.status} after {result.seconds:.1f} s")
    if result.status != 0 or wish is None or inspect_image(image).default_process is None:
        return result.status
    return serve_image(image, wish)


def build_and_print(platform: Platform, source: Source, build: PackBuild) -> PackResult:
    """Build with interpreters from ``source``, and print each line of the log as it comes."""
    with served(source) as variables:
        return platform.build(replace(build, env={**variables, **build.env}), echo=lambda line: print(line, flush=True))


def serve_image(image: str, wish: Wish) -> int:
    """Start an image and hold its answer to ``wish``. Returns the exit status of the command that asked for it."""
    with run_container(image, options=ContainerOptions(env={**wish.env, "PORT": "8080"})) as container:
        return hold_to(ContainerApp(container), wish)


@contextmanager
def served(source: Source) -> Iterator[dict[str, str]]:
    """Yield the variables that let a container install from ``source``: for a mirror, a server on loopback."""
    if source.is_upstream:
        yield {}
        return
    handler = partial(_QuietHandler, directory=str(source.inventory.parent))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    with running(server):
        yield {INVENTORY.name: f"http://127.0.0.1:{server.server_port}/{source.inventory.name}"}


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Keep requests out of the build's log."""
