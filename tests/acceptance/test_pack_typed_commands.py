"""What README.md and the pages say to type is typed, page by page, and does what the page says."""

import os
import re
import shutil
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from copied_checkout import copy_checkout
from devkit.free_port import find_free_port
from devkit.machine import machine_arch
from devkit.pack.commands import run
from devkit.pack.prepare import Platform
from devkit.pack.remove import Names
from devkit.packaging.package import Packaged
from devkit.paths import CHECKOUT, SAMPLES
from devkit.version import own_version
from manager_context import index_url
from private_network import Account, running_index, write_wheel
from typed_commands import PAGES, TypeCommand, WriteFile, commands, steps

TYPED = [page for page in PAGES if any(one.is_typed_on(page) for one in commands(page))]
FILE = f"terrarium-python-{own_version()}-linux-{machine_arch()}.cnb"
PASSWORD = "typed-s3cret"  # noqa: S105 - of an index of this test
TEST = "import unittest\n\n\nclass Test(unittest.TestCase):\n    def test_one(self):\n        print('ran one test')\n"


@dataclass
class Terminal:
    """A shell of a reader in a directory: what the pages leave to the reader is filled in, ports are free ones.

    All images have one name, so that each build has the layers of the one before.
    """

    folder: Path
    platform: Platform
    names: Names
    tools: Path
    index: str
    containers: list[str] = field(default_factory=list)
    ports: dict[str, int] = field(default_factory=dict)

    def filled_in(self, command: str) -> str:
        """Return the command with this machine's builder, package, image names, index and ports."""
        image = r"(?<=^pack build )\S+" if command.startswith("pack") else r"\S+$"
        if command.startswith(("pack build", "docker run")):
            command = re.sub(image, self.names.image("typed"), command)
        command = command.replace("registry.example/shop", self.names.image("typed"))
        command = re.sub(r"(?<=--builder )\S+", self.platform.builder, command)
        command = command.replace("BUILDPACK", str(self.tools / FILE)).replace("linux-amd64", f"linux-{machine_arch()}")
        command = command.replace("https://pypi.company.example/simple", self.index)
        command = re.sub(r"(?:127\.0\.0\.1:)?(\d+):(\d+)(?= )", self._published, command)
        return re.sub(r"(?<=localhost:)\d+", lambda match: str(self.ports[match[0]]), command)

    def _published(self, match: re.Match[str]) -> str:
        port = self.ports[match[1]] = find_free_port()
        return f"127.0.0.1:{port}:{match[2]}"

    def type(self, step: TypeCommand) -> None:
        """Run the command, in the background if it is a server's, and hold it to what the page shows."""
        command = self.filled_in(step.command)
        is_server = command.startswith("docker run") and " -p " in command
        if is_server:
            self.stop()
            name = f"terrarium-typed-{uuid.uuid4().hex[:12]}"
            self.containers.append(name)
            command = command.replace("docker run", f"docker run --detach --name {name}")
        env = {"PATH": f"{self.tools}:{os.environ['PATH']}", "PASSWORD": PASSWORD}
        finished = run(["sh", "-c", command], cwd=self.folder, env=env)
        is_failure = any(line.startswith("error: ") for line in step.shown)
        assert (finished.status != 0) == is_failure, f"$ {command}\n{finished.output}"
        for line in step.shown:
            assert re.sub(r"\s+", " ", line) in re.sub(r"\s+", " ", finished.output), f"$ {command}\n{finished.output}"
        if is_server:
            self._wait_for_answer()

    def _wait_for_answer(self) -> None:
        deadline = time.monotonic() + 60
        port = self.ports["8080"]
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                    assert answer.status == 200
                    return
            except (OSError, urllib.error.URLError):
                if time.monotonic() > deadline:
                    pytest.fail(run(["docker", "logs", self.containers[-1]]).output)
                time.sleep(0.1)

    def stop(self) -> None:
        """Remove the servers, as Ctrl-C does."""
        for name in self.containers:
            run(["docker", "rm", "--force", name])
        self.containers.clear()


@pytest.fixture(scope="module")
def tools(
    platform: Platform, packaged: Packaged, inventory: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a directory with a pack that pulls no image and reaches what this machine offers, and with the package."""
    folder = tmp_path_factory.mktemp("tools")
    given = " ".join(f"--env '{name}={value}'" for name, value in inventory.items())
    local = "--pull-policy never --trust-builder --trust-extra-buildpacks --network host"
    (folder / "pack").write_text(
        f"#!/bin/sh\nexport PACK_HOME='{platform.pack.home}' PACK_VOLUME_KEY=terrarium\n"
        f'[ "$1" != build ] || set -- "$@" {local} {given}\nexec \'{platform.pack.program}\' "$@" --no-color\n',
        encoding="utf-8",
    )
    (folder / "pack").chmod(0o755)
    (folder / FILE).hardlink_to(packaged.file)
    return folder


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of an index that wants the page's user and password; the public one is behind it."""
    folder = tmp_path_factory.mktemp("index")
    write_wheel(folder, "companycode")
    with running_index(folder, Account("deploy", PASSWORD), public=index_url()) as served:
        yield served.url


@pytest.mark.network
@pytest.mark.parametrize("page", TYPED)
def test_what_a_page_says_to_type_works(
    page: str, platform: Platform, tools: Path, index: str, names: Names, tmp_path: Path
) -> None:
    """Each command ends as the page says, each server answers, and the lines that the page shows are printed."""
    with ExitStack() as cleanup:
        folder = _prepared(page, tools, tmp_path)
        terminal = Terminal(folder, platform, names, tools, index)
        cleanup.callback(terminal.stop)
        script = steps(page)
        if isinstance(script[0], TypeCommand) and script[0].command.startswith("pack sbom"):
            script.insert(0, TypeCommand("pack build my-app --builder BUILDER --buildpack BUILDPACK --path my-app"))
        for step in script:
            if isinstance(step, WriteFile):
                (folder / step.name).write_text(step.text, encoding="utf-8")
            elif step.is_typed_on(page):
                terminal.type(step)


def _prepared(page: str, tools: Path, tmp_path: Path) -> Path:
    """Return the directory of a reader of the page: a checkout for README.md, else one with an app, or an empty one."""
    folder = tmp_path / "here"
    if page == "README.md":
        copied = copy_checkout(folder).root
        shutil.copyfile(CHECKOUT / ".venv" / ".installed-from", copied / ".venv" / ".installed-from")
        return copied
    folder.mkdir()
    if not any(isinstance(step, WriteFile) for step in steps(page)):
        (folder / FILE).hardlink_to(tools / FILE)
        shutil.copytree(SAMPLES / "flask", folder / "my-app")
        (folder / "my-app" / "test_app.py").write_text(TEST, encoding="utf-8")
        if page == "docs/private-networks.md":
            with (folder / "my-app" / "requirements.txt").open("a", encoding="utf-8") as file:
                file.write("companycode\n")
    return folder
