"""Installs by uv what a lock of another tool says, or says why that tool has to do it itself.

Each distribution comes from its own index and no other, by its hash; nothing is resolved. Settings for pip and uv do
not count, as they would not for the tool that wrote the lock; certificates and the logins of netrc do.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from cnb.frozen import replace
from python_buildpack.installed.dist_info import site_packages
from python_buildpack.package_managers.explain_failure import explain_failure
from python_buildpack.package_managers.index_for_uv import Bound, index_variables, write_bound
from python_buildpack.package_managers.index_rules import BEST_MATCH, FIRST_INDEX, IndexRules
from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.package_managers.locked_list import LockedDistribution, LockedList, Unsupported
from python_buildpack.package_managers.source_guard import source_guarded
from python_buildpack.package_managers.tool_runs import run_uv
from python_buildpack.settings.table import INSTALLER
from python_buildpack.settings.values import Settings

_CHOOSING = re.compile(r"(?:PIP|UV)_(?!(?:CERT|CLIENT_CERT|HTTP_TIMEOUT|HTTP_RETRIES|CONCURRENT_\w+)$)\w*")
"""Variables of pip and uv that choose what is installed."""

Plan = TypeVar("Plan")


def read_plan(settings: Settings, manager: str, read: Callable[[], Plan]) -> Plan | Unsupported:
    """Return what ``read`` finds in the lock, or why the manager's own tool has to install. Pure if ``read`` is."""
    chosen = settings.get(INSTALLER)
    if chosen is not None and chosen.text.lower() == manager:
        return Unsupported(f"{chosen.origin} is set to {manager}")
    try:
        return read()
    except Unsupported as reason:
        return reason


def install_locked(context: InstallContext, locked: LockedList, lock: str, venv: Path) -> bool:
    """Install the list into ``venv``, and return whether that was possible: if not, nothing has changed there.

    Raises BuildpackError if the installation ended half-way.
    """
    context.reporter.line(f"uv {context.uv.version} installs, from {lock}")
    before = _names(venv)
    argv = (
        *("pip", "install", "--exact", "--python", str(venv / "bin" / "python"), *_files(context, locked)),
        *("--no-deps", "--verify-hashes", "--no-config"),
        *("--index-strategy", BEST_MATCH if locked.beside else FIRST_INDEX),
        *(() if locked.bound else ("--no-sources",)),
        *(() if locked.may_build else ("--only-binary", ":all:")),
    )
    quiet = replace(context, env=without_choices(context.env))
    with source_guarded(quiet) as env:
        finished = run_uv(quiet, argv, {**env, **_index_variables(locked, lock)}, show=True)
    if finished.status != 0 and _names(venv) != before:
        context.reporter.line(f"{INSTALLER.name} lets the tool that wrote {lock} install it by itself")
        raise explain_failure(context, finished, lock)
    return finished.status == 0


def without_choices(env: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the variables and files of pip and uv that choose what is installed."""
    kept = {name: value for name, value in env.items() if not _CHOOSING.fullmatch(name)}
    return {**kept, "PIP_CONFIG_FILE": "/dev/null"}


def _index_variables(locked: LockedList, lock: str) -> dict[str, str]:
    searched = (locked.general, *locked.beside)
    indexes = dict.fromkeys((*searched, *(one.index for one in locked.distributions if one.index)))
    explicit = tuple(replace(one, is_explicit=one not in searched) for one in indexes)
    return {**index_variables(IndexRules(lock, explicit), {"PIP_CONFIG_FILE": "/dev/null"}), "UV_FIND_LINKS": ""}


def _files(context: InstallContext, locked: LockedList) -> tuple[str, ...]:
    """Return uv's options that name what is to be installed."""
    root, bound = context.project.root, locked.bound
    plain, hashed = context.scratch / "locked.txt", context.scratch / "locked-hashes.txt"
    lines = [_line(one, root) for one in locked.distributions if one not in bound]
    plain.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    hashed.write_text("".join(f"{one.requirement}\n" for one in bound), encoding="utf-8")
    wanted = (Bound(one.name, f"{one.name}=={one.version}", one.index) for one in bound if one.index)
    generated = write_bound(context.scratch / "indexes-locked", wanted, {"PIP_CONFIG_FILE": "/dev/null"})
    files = (*generated, *([str(plain)] if lines or not generated else []))
    options = tuple(word for file in files for word in ("--requirements", file))
    return (*options, *(("--constraints", str(hashed)) if bound else ()))


def _line(one: LockedDistribution, root: Path) -> str:
    if not one.place:
        return one.requirement
    place = one.place if "://" in one.place else (root / one.place).as_uri()
    if one.is_editable:
        return f"-e {place}"
    return " ".join((f"{one.name} @ {place}", *(f"--hash={each}" for each in one.hashes)))


def _names(venv: Path) -> frozenset[str]:
    return frozenset(path.name for path in site_packages(venv).iterdir())
