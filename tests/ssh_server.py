"""An SSH server on the loopback interface that serves git repositories to whoever has its one key.

asyncssh is installed for it when a test asks, because nothing else needs it.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from manager_context import index_url

REQUIREMENT = "asyncssh==2.24.1 --hash=sha256:fc560b4f43be0f0c602d184783e5e3876f5d24d933a25359d86e5a50a5f46fe5\n"
PROGRAM = """\
import asyncio, shlex, sys
from pathlib import Path
import asyncssh

async def serve(process):
    name, path = shlex.split(process.command)
    if name != "git-upload-pack":
        process.exit(1)
        return
    pipe = asyncio.subprocess.PIPE
    git = await asyncio.create_subprocess_exec("git", "upload-pack", path, stdin=pipe, stdout=pipe, stderr=pipe)
    await process.redirect(stdin=git.stdin, stdout=git.stdout, stderr=git.stderr)
    with open("served", "a") as file:
        file.write(process.get_extra_info("username") + " " + Path(path).name + "\\n")
    process.exit(await git.wait())

async def main():
    server = await asyncssh.listen("127.0.0.1", 0, server_host_keys=["host"], authorized_client_keys="client.pub",
                                   process_factory=serve, encoding=None)
    print(server.get_port(), flush=True)
    await server.wait_closed()

asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class SshServer:
    """A running server, whose files are in ``folder``."""

    folder: Path
    port: int

    @property
    def private_key(self) -> str:
        """Return the key that it lets in."""
        return (self.folder / "client").read_text(encoding="utf-8")

    @property
    def known_hosts(self) -> str:
        """Return the line that ssh-keyscan prints for it."""
        return f"[127.0.0.1]:{self.port} {(self.folder / 'host.pub').read_text(encoding='utf-8')}"

    @property
    def served(self) -> list[str]:
        """Return the user and the repository of each command that was run."""
        path = self.folder / "served"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def address(self, repository: Path) -> str:
        """Return the address of a repository."""
        return f"ssh://git@127.0.0.1:{self.port}{repository}"


@contextmanager
def running_ssh_server(folder: Path) -> Iterator[SshServer]:
    """Yield a server with keys of its own."""
    folder.mkdir()
    for name in ("host", "client"):
        write_key(folder / name)
    (folder / "requirements.txt").write_text(REQUIREMENT, encoding="utf-8")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    target = ["--index-url", index_url(), "--target", str(folder / "packages"), "-r", str(folder / "requirements.txt")]
    subprocess.run([*install, *target], check=True)
    code = f"import sys; sys.path.append({str(folder / 'packages')!r})\n{PROGRAM}"
    argv = [sys.executable, "-c", code]
    with subprocess.Popen(argv, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield SshServer(folder, int(server.stdout.readline()))
        finally:
            server.terminate()


def write_key(path: Path, passphrase: str = "") -> None:
    """Write a new key pair."""
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "test", "-f", str(path)]
    subprocess.run(argv, check=True)
