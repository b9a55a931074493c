"""Installs requirements files with pip itself, if BP_PYTHON_INSTALLER=pip is set or uv cannot read the files."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from cnb.frozen import replace
from python_buildpack.package_managers.explain_failure import explain_failure
from python_buildpack.package_managers.failures.errors import PackageIndexUnreachable
from python_buildpack.package_managers.failures.explain import MOST_MEMORY, explain, lines_with
from python_buildpack.package_managers.failures.yanked import warn_of_yanked
from python_buildpack.package_managers.interface import InstallContext, Resolution
from python_buildpack.package_managers.policy import refuse_unlocked, tool_policy
from python_buildpack.package_managers.source_builds import read_built
from python_buildpack.package_managers.source_guard import source_guarded, source_unchanged
from python_buildpack.package_managers.ssh_for_pip import with_ssh
from python_buildpack.ports.certificates import system_certificates
from python_buildpack.ports.condensed import show_condensed
from python_buildpack.ports.interfaces import Command, Finished
from python_buildpack.settings.table import INSTALLER
from python_buildpack.tools.pinned import PIP

_LOG = "pip.log"
_NOT_FOUND = re.compile(r"No matching distribution found for ([A-Za-z0-9][\w.-]*)")


def is_pip_chosen(context: InstallContext) -> bool:
    """Return whether the user has set BP_PYTHON_INSTALLER=pip."""
    chosen = context.settings.get(INSTALLER)
    return chosen is not None and chosen.text.lower() == "pip"


def resolve_with_pip(context: InstallContext, files: tuple[str, ...], declaration: str) -> Resolution:
    """Return the versions that pip would install now. ``files`` are pip's options for the requirements files.

    Without the app's interpreter, pip can resolve wheels only. If some package has none, the resolution is the
    declaration instead, and the installed versions stay the same until it changes. Raises PackageIndexUnreachable.
    """
    refuse_unlocked(context.settings, ", ".join(files[1::2]))
    report = context.scratch / "pip-report.json"
    argv = (
        *("install", "--dry-run", "--ignore-installed", "--quiet", "--report", str(report)),
        *("--python-version", context.python_version, "--implementation", "cp", "--only-binary", ":all:"),
        *("--target", str(context.scratch / "pip-target"), *files),
    )
    with source_unchanged(context) as env:
        finished = _run(context, argv, env, show=False)
    if finished.status != 0:
        logged = _with_log(context, finished)
        error = explain(logged, ", ".join(files[1::2]), "pip", context.env, withheld=context.withheld)
        if isinstance(error, PackageIndexUnreachable):
            show_condensed(logged.output.splitlines(), context.reporter.output)
            # The caller may reuse the layer of the previous build.
            raise error
        text = f"pip\n{declaration}"
        because = "pip cannot find out the versions before it installs; they stay until the requirements change"
        return Resolution.of(text, because)
    pins = pins_of_report(json.loads(report.read_text(encoding="utf-8")))
    return Resolution.of("".join(("pip\n", *pins)), "resolved by pip against the package index for this build")


def pins_of_report(report: dict[str, Any]) -> list[str]:
    """Return a line for each distribution in pip's report: the version, and for one with a URL, what is there now.

    The version may stay the same while a branch moves on. Reference:
    https://pip.pypa.io/en/stable/reference/installation-report/.
    """
    return sorted(
        f"{canonicalize_name(item['metadata']['name'])}=={item['metadata']['version']}{_origin(item)}\n"
        for item in report["install"]
    )


def _origin(item: dict[str, Any]) -> str:
    info = item.get("download_info", {}) if item.get("is_direct") else {}
    commit = info.get("vcs_info", {}).get("commit_id")
    sha256 = info.get("archive_info", {}).get("hashes", {}).get("sha256")
    return f" # {commit or sha256}" if commit or sha256 else ""


def install_with_pip(context: InstallContext, files: tuple[str, ...], venv: Path, file: str) -> None:
    """Run pip, which has its own environment, to install into ``venv``. Raises BuildpackError."""
    # --python must come before the command. There is no pip in the app's environment.
    argv = ("--python", str(venv / "bin" / "python"), "install", "--no-compile", "--no-warn-script-location", *files)
    with source_guarded(context) as env:
        finished = _run(context, argv, env, show=True)
    if finished.status != 0:
        raise explain_failure(context, _with_log(context, finished, show=True), file, "pip")
    warn_of_yanked(context.reporter, finished.output)


def _with_log(context: InstallContext, finished: Finished, *, show: bool = False) -> Finished:
    """Return the result of pip with the lines that are only in its log: why an index or a file could not be used."""
    log = context.scratch / _LOG
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    # Each line of the log begins with the time.
    plain = "\n".join(line.partition(" ")[2] for line in text.splitlines())
    unfetched = lines_with(plain, "Could not fetch URL")
    reasons = (*_backend_output(finished, plain), *unfetched, *_unfit_wheels(finished, plain))
    show_condensed(reasons if show else (), context.reporter.output)
    return replace(finished, output="\n".join((finished.output, *reasons)))


def _unfit_wheels(finished: Finished, log: str) -> Iterator[str]:
    """Yield why the wheels of the distribution that was not found do not fit: the log has such lines of all others."""
    for name in dict.fromkeys(_NOT_FOUND.findall(finished.output)):
        for line in lines_with(log, "none of the wheel's tags"):
            wheel = line.partition(" are compatible")[2].partition(" (from ")[0].rpartition("/")[2]
            if canonicalize_name(wheel.partition("-")[0]) == canonicalize_name(name):
                yield line


def _backend_output(finished: Finished, log: str) -> Iterator[str]:
    """Yield the output of failed builds of packages: pip writes it only to the log, if there is one."""
    if "No available output" in finished.output:
        for ran in log.split("Running command ")[1:]:
            output, failed, _ = ran.partition(" exited with ")
            yield from output.splitlines()[:-1] if failed else ()


def _run(context: InstallContext, argv: tuple[str, ...], env: dict[str, str], *, show: bool) -> Finished:
    environment = {
        **context.env,
        **system_certificates(context.env),
        **tool_policy(context.settings, datetime.now(UTC)),
        **env,
        "PIP_LOG": str(context.scratch / _LOG),
        "PIP_CACHE_DIR": str(context.scratch / "pip-cache"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_PROGRESS_BAR": "off",
        # What it builds is read from its output. Set, not left out: its configuration may say it, too.
        "PIP_QUIET": "0",
    }
    environment = with_ssh(environment, context.scratch / "ssh-for-pip")
    command = Command((), environment, cwd=context.project.root, show=show, memory=MOST_MEMORY)
    finished = context.tools.run(PIP, argv, command)
    context.built_from_source.update(read_built(finished.output))
    return finished
