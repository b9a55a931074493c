"""Why uv failed, in words that say what to do: its own output stands above them, unshortened."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from cnb.errors import BuildpackError
from python_buildpack.ports import Finished

STATUS_KILLED = -9


class LockOutOfDate(BuildpackError):
    """The lock file does not fit what pyproject.toml declares. It is enforced as it is, never rewritten."""

    code = "lock-out-of-date"
    title = "The lock file is out of date"


class RequirementsUnsatisfiable(BuildpackError):
    """No set of versions fits all that is asked for: a conflict, a version that does not exist, or none for this Python."""

    code = "requirements-unsatisfiable"
    title = "The requirements cannot be met together"


class RequirementsInvalid(BuildpackError):
    """A line of a requirements file is not one that an installer understands."""

    code = "requirements-invalid"
    title = "A requirements file cannot be understood"


class PackageIndexUnreachable(BuildpackError):
    """The package index did not answer."""

    code = "package-index-unreachable"
    title = "The package index cannot be reached"


class PackageHashMismatch(BuildpackError):
    """A downloaded distribution is not the one whose hash was recorded."""

    code = "package-hash-mismatch"
    title = "A package does not have the hash that was recorded for it"


class PackageBuildFailed(BuildpackError):
    """A dependency has no wheel for this Python and platform, and building it from source failed."""

    code = "package-build-failed"
    title = "A dependency could not be built from source"


class DependenciesNotInstalled(BuildpackError):
    """The installer failed for a reason that is not one of the well-known ones."""

    code = "dependencies-not-installed"
    title = "The dependencies could not be installed"


class InstallerKilled(BuildpackError):
    """The installer was ended from outside, which is what a memory limit does."""

    code = "installer-killed"
    title = "The installer was killed"


@dataclass(frozen=True, slots=True)
class _Cause:
    pattern: re.Pattern[str]
    error: Callable[[str, str], BuildpackError]
    what: str
    cure: str


def _cause(pattern: str, error: Callable[[str, str], BuildpackError], what: str, cure: str) -> _Cause:
    return _Cause(re.compile(pattern, re.IGNORECASE), error, what, cure)


# Tried in order: what went wrong first stands first, since a failed download also leaves a resolution without versions.
_CAUSES = (
    _cause(
        r"lockfile at .+ needs to be updated",
        LockOutOfDate,
        "{file} does not match pyproject.toml.",
        "Run uv lock, and commit {file}.",
    ),
    _cause(
        r"Hash mismatch for",
        PackageHashMismatch,
        "A package's content differs from the hash in {file}.",
        "If the package was published again under the same version, record its new hash; if not, do not trust it.",
    ),
    _cause(
        r"Failed to build|build backend (?:returned|failed)",
        PackageBuildFailed,
        "A dependency in {file} had to be built from source, and its build failed; its own output is above.",
        "Choose a version of it that has a wheel for this Python, or another Python version, or a build image with "
        "the compiler and headers that it needs.",
    ),
    _cause(
        r"dns error|error sending request|Failed to fetch|tcp connect error|Could not connect|Network connectivity is",
        PackageIndexUnreachable,
        "The package index did not answer while the dependencies of {file} were looked up.",
        "Check the network and the index's address (PIP_INDEX_URL or UV_DEFAULT_INDEX), then build again.",
    ),
    _cause(
        r"No solution found when resolving",
        RequirementsUnsatisfiable,
        "No versions of the packages in {file} fit together on this Python; the reasons are above.",
        "Change the version named last above, or the Python version. If pip installs the same file, say so in an issue.",
    ),
    _cause(
        r"Couldn't parse requirement|Unexpected '|Expected .+ found|Unsupported requirement",
        RequirementsInvalid,
        "{file} has a line that is not a requirement; the line is named above.",
        "Correct that line.",
    ),
)


def explain(finished: Finished, file: str) -> BuildpackError:
    """Return the error for a failed run of uv on the declarations in ``file``."""
    if finished.status == STATUS_KILLED:
        return InstallerKilled(
            f"The installer was killed by the system while it worked on {file}; most likely the build ran out of memory.",
            "Give the build more memory.",
        )
    for cause in _CAUSES:
        if cause.pattern.search(finished.output):
            return cause.error(cause.what.format(file=file), cause.cure.format(file=file))
    return DependenciesNotInstalled(
        f"uv ended with status {finished.status} while it worked on {file}; its output is above.",
        f"Correct what it names, in {file} or around it.",
    )
