"""The docker command, for what has to work once the platform is ready."""

from pathlib import Path

from devkit.pack.commands import run, tail


class DockerFailed(Exception):
    """Docker could not do what was asked, or a container did not do what it had to; the message holds the output."""


def docker(*arguments: str | Path) -> str:
    """Run a docker command and return its output. Raises DockerFailed."""
    finished = run(["docker", *arguments])
    if finished.status != 0:
        command = " ".join(str(argument) for argument in arguments)
        raise DockerFailed(f"`docker {command}` ended with status {finished.status}:\n{tail(finished.output)}")
    return finished.output
