"""Running images: one command to its end, or a server that is asked over HTTP."""

import http.client
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from devkit.free_port import find_free_port
from devkit.pack.commands import run, tail
from devkit.pack.docker import DockerFailed, docker
from python_buildpack.ports.interfaces import Finished

PORT = 8080
"""Where an app listens without a PORT."""
NO_PORT = 0
"""A port that nobody can listen on."""
PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class ContainerOptions:
    """How a container differs from what ``docker run IMAGE`` gives."""

    env: Mapping[str, str] = field(default_factory=dict)
    entrypoint: str | None = None
    """A process type, ``launcher``, or a program of the image."""
    user: str | None = None
    read_only: bool = False
    tmpfs: tuple[str, ...] = ()
    memory: str | None = None
    cpus: float | None = None
    network: str = "bridge"
    """``bridge`` publishes the app's port on the loopback; ``host`` lets the app reach the machine's own servers."""
    options: tuple[str, ...] = ()
    """Any further options of ``docker run``."""


DEFAULT = ContainerOptions()


@dataclass(frozen=True, slots=True)
class Response:
    """An answer over HTTP."""

    status: int
    headers: Mapping[str, str]
    """With names in lower case."""
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


@dataclass(frozen=True, slots=True)
class Container:
    """A running container whose app answers, once it is up, on a port of the loopback."""

    name: str
    port: int

    def request(
        self, path: str = "/", method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Response:
        """Send one request. Raises OSError or http.client.HTTPException if nobody answers in a minute."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body or None, dict(headers or {}))
            answer = connection.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Response(answer.status, names, answer.read())
        finally:
            connection.close()

    def wait_for_http(self, path: str = "/", timeout: float = 30) -> Response:
        """Return the first answer, whatever its status. Raises DockerFailed if none comes."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                return self.request(path)
            except (OSError, http.client.HTTPException) as error:
                if not self.is_running():
                    raise DockerFailed(f"The app ended before it answered:\n{tail(self.logs())}") from error
                if time.monotonic() > deadline:
                    raise DockerFailed(f"The app did not answer in {timeout:g} s:\n{tail(self.logs())}") from error
            time.sleep(PAUSE)

    def logs(self) -> str:
        """Return what the app wrote so far, both outputs merged."""
        return run(["docker", "logs", self.name]).output

    def is_running(self) -> bool:
        """Say whether the container's first process still runs."""
        return docker("inspect", "--format", "{{.State.Running}}", self.name).strip() == "true"

    def exec(self, *argv: str, user: str | None = None) -> Finished:
        """Run a program of the image beside the app, in the container's environment (not the launcher's)."""
        return run(["docker", "exec", *(["--user", user] if user else []), self.name, *argv])

    def send(self, signal: str) -> None:
        """Send a signal such as ``HUP`` to the container's first process."""
        docker("kill", "--signal", signal, self.name)

    def wait(self) -> int:
        """Wait for the container to end by itself and return its exit status."""
        return int(docker("wait", self.name))

    def stop(self, timeout: int = 10) -> int:
        """Ask the app to end as platforms do (TERM, then KILL after ``timeout`` seconds) and return its exit status."""
        docker("stop", "--time", str(timeout), self.name)
        return int(docker("inspect", "--format", "{{.State.ExitCode}}", self.name))


def run_arguments(image: str, arguments: Sequence[str], options: ContainerOptions) -> list[str]:
    """Return the part of a ``docker run`` command line that both ways of running share."""
    given: list[tuple[str, Sequence[str]]] = [
        ("--env", [f"{name}={value}" for name, value in options.env.items()]),
        ("--entrypoint", [options.entrypoint] if options.entrypoint else []),
        ("--user", [options.user] if options.user else []),
        ("--tmpfs", options.tmpfs),
        ("--memory", [options.memory] if options.memory else []),
        ("--cpus", [str(options.cpus)] if options.cpus else []),
        ("--network", [options.network]),
    ]
    flags = [argument for option, values in given for value in values for argument in (option, value)]
    return [*flags, *(["--read-only"] if options.read_only else []), *options.options, image, *arguments]


def run_once(image: str, *arguments: str, options: ContainerOptions = DEFAULT) -> Finished:
    """Run the image to its end and return its exit status and merged output."""
    return run(["docker", "run", "--rm", *run_arguments(image, arguments, options)])


@contextmanager
def run_container(image: str, *arguments: str, options: ContainerOptions = DEFAULT) -> Iterator[Container]:
    """Run the image in the background, and take the container away at the end, whatever happened.

    The app is expected on the port that PORT in the environment names, else on 8080. On the host's network PORT is
    always set: to a free one if it is not given.
    """
    name = f"terrarium-{uuid.uuid4().hex[:12]}"
    try:
        yield _start(name, image, arguments, options)
    finally:
        run(["docker", "rm", "--force", "--volumes", name])


def _start(name: str, image: str, arguments: Sequence[str], options: ContainerOptions) -> Container:
    detached = ["run", "--detach", "--name", name]
    if options.network == "host":
        port = options.env.get("PORT") or str(find_free_port())
        shared = run_arguments(image, arguments, replace(options, env={**options.env, "PORT": port}))
        docker(*detached, *shared)
        return Container(name, int(port))
    inner = options.env.get("PORT") or str(PORT)
    # The engine chooses the port outside, so that no two containers and no other program can want the same.
    published = ["--publish", f"127.0.0.1::{inner}"]
    docker(*detached, *published, *run_arguments(image, arguments, options))
    return Container(name, _read_port(name, inner))


def _read_port(name: str, inner: str) -> int:
    found = run(["docker", "port", name, f"{inner}/tcp"])
    # An app that ended at once has no port any more; its log is worth more than an error here.
    return int(found.output.splitlines()[0].rpartition(":")[2]) if found.status == 0 else NO_PORT
