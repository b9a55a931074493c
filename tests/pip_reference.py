"""What pip itself would install: the real pip, imported once and forked for every question."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SERVER = """
import json, os, sys
from pip._internal.cli.main import main
import pip._internal.commands.install
print("ready", flush=True)
for line in sys.stdin:
    job = json.loads(line)
    child = os.fork()
    if not child:
        log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.clear()
        os.environ.update(job["env"])
        os.chdir(job["cwd"])
        status = 70
        try:
            status = main(job["argv"])
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else 1
        finally:
            os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class PipFailed(Exception):
    """pip refused, or could not; its output is the text."""


class Pip:
    """A pip that starts once: importing it is most of what a run costs."""

    def __init__(self, python: Path, work: Path) -> None:
        self._work = work
        self._server = subprocess.Popen(
            [str(python), "-I", "-B", "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._read() == "ready"

    def report(self, argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the ``install`` part of pip's report on what it would install. Raises PipFailed."""
        report, log = self._work / "report.json", self._work / "log.txt"
        report.unlink(missing_ok=True)
        options = ["install", "--dry-run", "--ignore-installed", "--quiet", "--no-cache-dir", "--report", str(report)]
        job = {"argv": [*options, *argv], "cwd": str(cwd), "env": dict(env), "log": str(log)}
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(job) + "\n")
        self._server.stdin.flush()
        if self._read() != "0":
            raise PipFailed(log.read_text(encoding="utf-8", errors="replace"))
        found: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["install"]
        return found

    def close(self) -> None:
        """End the process."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()

    def _read(self) -> str:
        assert self._server.stdout is not None
        return self._server.stdout.readline().strip()
