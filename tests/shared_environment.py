"""One image with many distributions, in which apps are started as if each had only what it declares.

Installing a framework costs seconds, starting it a fraction: so many are installed by one build. What an app would
have by itself follows from the metadata of what is installed, and that is what its processes are decided from.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cnb.frozen import replace
from devkit.free_port import find_free_port
from devkit.lifecycle import launch
from devkit.lifecycle.running import NoAnswer, Running
from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_plan, read_evidence
from python_buildpack.decide.process_plan.import_check import with_import_checks
from python_buildpack.decide.processes.interface import ProcessDecision
from python_buildpack.decide.startup.notices import with_what_lacks
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.installed.imports.top_level import top_level_modules

GRACE = 30.0
"""Seconds that Kubernetes waits before it kills. Alone on a machine nothing here takes the 10 of ``docker stop``."""

STILL = 5
"""Looks in a row, a twentieth of a second apart, at which nothing has happened."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A built image of the local lifecycle."""

    state: Path

    @property
    def installed(self) -> Mapping[str, Distribution]:
        """Return what is installed, by normalised name."""
        return _installed(*self._site())

    def _site(self) -> tuple[Path, int]:
        """Return the site-packages directory, and when something was last added or removed there."""
        site = next((self.state / "layers").glob("*/dependencies/venv/lib/python*/site-packages"))
        return site, site.stat().st_mtime_ns

    def closure(self, *requirements: str) -> frozenset[str]:
        """Return the names of all that an app with these requirements would have."""
        installed = self.installed
        seen: set[tuple[str, str]] = set()
        left = [Requirement(text) for text in requirements]
        while left:
            requirement = left.pop()
            name = canonicalize_name(requirement.name)
            for extra in ("", *requirement.extras):
                if (name, extra) in seen or name not in installed:
                    continue
                seen.add((name, extra))
                needs = map(Requirement, installed[name].requires or ())
                left += [need for need in needs if not need.marker or need.marker.evaluate({"extra": extra})]
        return frozenset(name for name, _ in seen)

    def decide(self, app: Path, *requirements: str) -> Mapping[str, ProcessDecision]:
        """Return the processes of an app that declares these requirements, by type.

        All that they import is there: they start. So nothing may be said to be missing.
        """
        assert all(canonicalize_name(Requirement(text).name) in self.installed for text in requirements), requirements
        names = self.closure(*requirements)
        installed = replace(InstalledDistributions.declared(names), modules=self._modules(names))
        evidence = read_evidence(scan(app), installed)
        plan = with_import_checks(decide_plan(evidence))
        assert with_what_lacks(plan, evidence, "3.13", "requirements.txt").notices == plan.notices
        return {process.type: process for process in plan.processes}

    def _modules(self, names: frozenset[str]) -> frozenset[str]:
        """Return the modules at the top that these distributions have."""
        modules = _modules(*self._site())
        return frozenset(module for module, owners in modules.items() if owners & names)

    @contextmanager
    def started(self, decision: ProcessDecision, app: Path, **variables: str) -> Iterator["First"]:
        """Start a process in the environment of the image as the first process of its own process namespace."""
        port = find_free_port()
        env = {"PORT": str(port), "WEB_CONCURRENCY": "1", **dict(decision.environment), **variables}
        if decision.import_root:
            env["PYTHONPATH"] = str(app / decision.import_root)
        command = (*_namespace(), f"--wd={app / decision.directory}", *decision.command, *decision.args)
        with launch(self.state, env=env, command=command) as running:
            try:
                yield First(running, port)
            finally:
                # unshare itself takes no SIGTERM; killed, it takes the process along.
                running.process.kill()


@cache
def _installed(site: Path, _: int) -> Mapping[str, Distribution]:
    return {canonicalize_name(item.name): item for item in distributions(path=[str(site)])}


@cache
def _modules(site: Path, written: int) -> Mapping[str, frozenset[str]]:
    """Return the modules at the top, with the names of the distributions that have files of each."""
    files = {name: [str(path) for path in item.files or ()] for name, item in _installed(site, written).items()}
    return {
        module: frozenset(
            name
            for name, paths in files.items()
            if any(path.startswith((f"{module.replace('.', '/')}/", f"{module.replace('.', '/')}.")) for path in paths)
        )
        for module in top_level_modules(site)
    }


@cache
def _namespace() -> tuple[str, ...]:
    """Return the command that makes another one process 1: the kernel then ignores SIGTERM unless it is handled."""
    own_user = () if os.getuid() == 0 else ("--user", "--map-root-user")
    command = ("unshare", *own_user, "--pid", "--mount-proc", "--fork", "--kill-child")
    subprocess.run([*command, "true"], check=True)
    return command


@dataclass(frozen=True, slots=True)
class First:
    """A process that is process 1 of its namespace, and the port that it got."""

    running: Running
    port: int

    @property
    def log(self) -> str:
        """Return what it has printed."""
        return self.running.log

    def wait_for_line(self, words: str, timeout: float = 60.0) -> None:
        """Return when it has printed ``words``. Raises NoAnswer."""
        deadline = time.monotonic() + timeout
        while words not in self.log:
            if self.running.process.poll() is not None or time.monotonic() > deadline:
                raise NoAnswer(f"it never said {words!r}\n{self.log}")
            time.sleep(0.05)

    def remove_installer_files(self, timeout: float = 60.0) -> None:
        """Return when all its workers have started: when nothing in it has run for a quarter of a second.

        What becomes of a SIGTERM that comes while workers are still starting is another claim.
        """
        deadline = time.monotonic() + timeout
        before, same = self._activity(), 0
        while same < STILL and time.monotonic() < deadline:
            time.sleep(0.05)
            now = self._activity()
            before, same = now, same + 1 if now == before and all(state == "S" for _, state, _ in now) else 0

    def _activity(self) -> list[tuple[int, str, int]]:
        """Return (process, state, time on a CPU) of all its processes."""
        found = [(pid, *_status(pid)) for pid in _descendants(self.running.process.pid)]
        # Some wake up ten times a second to look around; starting takes more than a hundredth of a second.
        return [(pid, state, ticks // 2) for pid, state, ticks in found if state]

    def stop(self) -> int:
        """Send SIGTERM to it alone, as ``docker stop`` does, and return its exit status. Raises NoAnswer."""
        children = _children(self.running.process.pid)
        if not children:
            raise NoAnswer(f"the process has ended by itself\n{self.log}")
        os.kill(children[0], 15)
        return self.running.wait(GRACE)


def _children(pid: int) -> list[int]:
    try:
        paths = list(Path(f"/proc/{pid}/task").glob("*/children"))
        return [int(child) for path in paths for child in path.read_text(encoding="ascii").split()]
    except OSError:
        return []


def _descendants(pid: int) -> list[int]:
    children = _children(pid)
    return [*children, *(other for child in children for other in _descendants(child))]


def _status(pid: int) -> tuple[str, int]:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return "", 0
    return fields[0], int(fields[11]) + int(fields[12])
