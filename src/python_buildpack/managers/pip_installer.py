"""Requirements files installed by pip itself, for those who set BP_PYTHON_INSTALLER=pip."""

import json
from pathlib import Path

from packaging.utils import canonicalize_name

from python_buildpack.managers.interface import Resolution, Workbench
from python_buildpack.managers.source_guard import source_unchanged
from python_buildpack.managers.tool_runs import tool_shop
from python_buildpack.managers.uv_failures import (
    PackageBuildFailed,
    PackageHashMismatch,
    PackageIndexUnreachable,
    RequirementsInvalid,
    RequirementsUnsatisfiable,
    cause,
    explain,
)
from python_buildpack.ports import Command, Finished
from python_buildpack.settings import INSTALLER
from python_buildpack.tools.pinned import PIP
from python_buildpack.trust import system_certificates

CAUSES = (
    cause(
        r"DO NOT MATCH THE HASHES",
        PackageHashMismatch,
        "A package's content differs from the hash in {file}.",
        "If the package was published again under the same version, record its new hash; if not, do not trust it.",
    ),
    cause(
        r"NewConnectionError|ReadTimeoutError|ConnectTimeoutError|Could not fetch URL",
        PackageIndexUnreachable,
        "The package index did not answer while the dependencies of {file} were looked up.",
        "Check the network and the index's address (PIP_INDEX_URL), then build again.",
    ),
    cause(
        r"Invalid requirement|no such option|Hashes are required in --require-hashes mode",
        RequirementsInvalid,
        "{file} has a line that pip refuses; the line is named above.",
        "Correct that line.",
    ),
    cause(
        r"metadata-generation-failed|Failed to build|failed-wheel-build|subprocess-exited-with-error",
        PackageBuildFailed,
        "A dependency in {file} had to be built from source, and that failed; its own output is above.",
        "Choose a version of it that has a wheel for this Python, or another Python version, or a build image with "
        "the compiler and headers that it needs.",
    ),
    cause(
        r"ResolutionImpossible|No matching distribution found",
        RequirementsUnsatisfiable,
        "No versions of the packages in {file} fit together on this Python; the reasons are above.",
        "Change the version named last above, or the Python version.",
    ),
)


def is_pip_chosen(bench: Workbench) -> bool:
    """Say whether the user wants pip itself."""
    chosen = bench.settings.get(INSTALLER)
    return chosen is not None and chosen.text.lower() == "pip"


def resolve_with_pip(bench: Workbench, files: tuple[str, ...], declaration: str) -> Resolution:
    """Return what pip would take now.

    pip can say so without the app's interpreter only where wheels will do. Where not, the declaration stands for the
    versions: they stay as they are until it changes.
    """
    report = bench.scratch / "pip-report.json"
    argv = (
        *("install", "--dry-run", "--ignore-installed", "--quiet", "--report", str(report)),
        *("--python-version", bench.python_version, "--implementation", "cp", "--only-binary", ":all:"),
        *("--target", str(bench.scratch / "pip-target"), *files),
    )
    with source_unchanged(bench) as env:
        finished = _run(bench, argv, env, show=False)
    if finished.status != 0:
        text = f"pip\n{declaration}"
        return Resolution.of(text, "pip cannot tell the versions beforehand; they stay until the requirements change")
    installed = (item["metadata"] for item in json.loads(report.read_text(encoding="utf-8"))["install"])
    pins = sorted(f"{canonicalize_name(item['name'])}=={item['version']}\n" for item in installed)
    return Resolution.of("".join(("pip\n", *pins)), "resolved by pip against the package index for this build")


def install_with_pip(bench: Workbench, files: tuple[str, ...], venv: Path, file: str) -> None:
    """Run pip, from an environment of its own, on the app's."""
    # In front of the command: which interpreter to install for. There is no pip in the app's environment.
    argv = ("--python", str(venv / "bin" / "python"), "install", "--no-compile", "--no-warn-script-location", *files)
    with source_unchanged(bench) as env:
        finished = _run(bench, argv, env, show=True)
    if finished.status != 0:
        raise explain(finished, file, "pip", CAUSES)


def _run(bench: Workbench, argv: tuple[str, ...], env: dict[str, str], *, show: bool) -> Finished:
    whole = {
        **bench.env,
        **system_certificates(bench.env),
        **env,
        "PIP_CACHE_DIR": str(bench.scratch / "pip-cache"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_PROGRESS_BAR": "off",
    }
    return tool_shop(bench).run(PIP, argv, Command((), whole, cwd=bench.project.root, show=show))
