"""What a figure depends on besides the code: the machine, versions, and what else runs."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from devkit.bench.stage import Stage
from devkit.errors import DevkitError
from devkit.pack.cache import machine_cache
from devkit.pack.engine_disk import has_own_disk
from devkit.pack.prepare import TOOLS
from devkit.pack.toolchain import LIFECYCLE, PACK, Tool
from devkit.paths import CHECKOUT
from devkit.version import own_version

QUIET = 0.25
"""Load per core above which a second program shows in the figures."""


def check_quiet(load: float, cores: int) -> str | None:
    """Return a warning if the machine is too busy for reliable figures, else None."""
    if load <= QUIET * cores:
        return None
    return f"the load is {load:.1f} on {cores} cores: something else runs, and the figures will not be reliable"


def require_quiet(*, anyway: bool) -> float:
    """Return the load of the last minute. Raises DevkitError if that is high, or with ``anyway`` only says so."""
    load = os.getloadavg()[0]
    warning = check_quiet(load, os.cpu_count() or 1)
    if warning and not anyway:
        raise DevkitError(f"{warning}. Wait, or give --anyway.")
    if warning:
        print(f"warning: {warning}")
    return load


def processor_ticks(text: str | None = None) -> tuple[int, int]:
    """Return the ticks that all processors had since the start, and how many of them the machine's host took (proc(5)).

    What other machines on the same host do is in no load average, and in every figure.
    """
    text = Path("/proc/stat").read_text(encoding="utf-8") if text is None else text
    # user, nice, system, idle, iowait, irq, softirq, steal; what follows is part of user and nice.
    ticks = [int(part) for part in text.partition("\n")[0].split()[1:9]]
    return sum(ticks), ticks[-1]


def taken_by_host(before: tuple[int, int], after: tuple[int, int]) -> str:
    """Return the share of the time in between that the host took for others."""
    return f"{(after[1] - before[1]) / max(1, after[0] - before[0]):.0%} of the processors' time"


def describe(load: float, bandwidth: float) -> dict[str, str]:
    """Return what a report says about where its figures come from."""
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=CHECKOUT, capture_output=True, check=False)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{os.cpu_count()} cores, {_processor()}, {memory / 1e9:.0f} GB, Linux {platform.release()}",
        "load at start": f"{load:.2f}",
        "index": f"{bandwidth:g} MB/s, on loopback",
        "Terrarium": f"{own_version()} ({commit.stdout.decode().strip() or 'unknown commit'})",
    }


def describe_platform(stage: Stage) -> dict[str, str]:
    """Return what a report says besides, where builds are run by the real platform."""
    return {
        "Python": f"{stage.pythons.version}; the other patch is {stage.pythons.other_version}",
        "pack and lifecycle": f"{_tool(PACK)}, {_tool(LIFECYCLE)}",
        "engine": stage.platform.engine.version,
        "engine's disk": "one of its own, ext4 with a journal" if has_own_disk(machine_cache()) else "the machine's",
    }


def read_required(go_mod: str, module: str) -> str:
    """Return the version of a module that a go.mod requires."""
    found = re.search(rf"^\s*(?:require )?{re.escape(module)} (v\S+)", go_mod, re.MULTILINE)
    return found[1] if found else "unknown"


def _tool(tool: Tool) -> str:
    return f"{tool.folder} {read_required((TOOLS / tool.folder / 'go.mod').read_text(encoding='utf-8'), tool.module)}"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor"
    )
