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
    """No set of versions fits all that is asked for: a conflict, a missing version, or none for this Python."""

    code = "requirements-unsatisfiable"
    title = "The requirements cannot be met together"


class RequirementsInvalid(BuildpackError):
    """A line of a requirements file is not one that an installer understands."""

    code = "requirements-invalid"
    title = "A requirements file cannot be understood"


class PackageIndexUnreachable(BuildpackError):
    """The package index did not answer: the network is down, a proxy is in the way, or its address is wrong."""

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


class GroupUnknown(BuildpackError):
    """BP_PYTHON_GROUPS, BP_PYTHON_EXTRAS or BP_PYTHON_PACKAGE names something that the app does not have."""

    code = "group-unknown"
    title = "There is no such group, extra or package"


class InstallerVersionRefused(BuildpackError):
    """The app demands another version of its package manager than the one that this buildpack has."""

    code = "installer-version-refused"
    title = "The app asks for another version of its package manager"


class GitFailed(BuildpackError):
    """A dependency comes from a git repository that could not be cloned, or there is no git in the build image."""

    code = "git-failed"
    title = "A dependency could not be had from its git repository"


class PythonNotAllowed(BuildpackError):
    """What the app declares does not allow the Python version that was chosen for it."""

    code = "python-not-allowed"
    title = "The app does not allow this Python version"


@dataclass(frozen=True, slots=True)
class Cause:
    """A well-known reason for a tool to fail: how its output shows it, and what to say."""

    pattern: re.Pattern[str]
    error: Callable[[str, str], BuildpackError]
    what: str
    cure: str


def cause(pattern: str, error: Callable[[str, str], BuildpackError], what: str, cure: str) -> Cause:
    """Return the cause that shows by ``pattern``; ``{file}`` in the sentences is the file that was worked on."""
    return Cause(re.compile(pattern, re.IGNORECASE), error, what, cure)


# Tried in order: what went wrong first stands first, since a failed download also leaves a resolution without versions.
_CAUSES = (
    cause(
        r"lockfile at .+ needs to be updated",
        LockOutOfDate,
        "{file} does not match pyproject.toml.",
        "Run uv lock, and commit {file}.",
    ),
    cause(
        r"Hash mismatch for",
        PackageHashMismatch,
        "A package's content differs from the hash in {file}.",
        "If the package was published again under the same version, record its new hash; if not, do not trust it.",
    ),
    cause(
        r"Git operation failed|Git executable not found|Failed to clone",
        GitFailed,
        "A dependency in {file} comes from a git repository, and git did not deliver it; its words are above.",
        "Check the address, and that it can be read without a password; without git in the build image, name a "
        "wheel or an archive (https://…/archive/v1.0.tar.gz) instead.",
    ),
    cause(
        r"Failed to build|build backend (?:returned|failed)",
        PackageBuildFailed,
        "A dependency in {file}, or the project itself, had to be built, and that failed; its own output is above.",
        "Choose a version of it that has a wheel for this Python, or another Python version, or a build image with "
        "the compiler and headers that it needs.",
    ),
    cause(
        r"dns error|error sending request|Failed to fetch|Max retries exceeded|All attempts to connect|"
        r"tcp connect error|Could not connect|Network connectivity is",
        PackageIndexUnreachable,
        "The package index did not answer while the dependencies of {file} were looked up.",
        "Check the network and the index's address (PIP_INDEX_URL or UV_DEFAULT_INDEX), then build again.",
    ),
    cause(
        r"No solution found when resolving",
        RequirementsUnsatisfiable,
        "No versions of the packages in {file} fit together on this Python; the reasons are above.",
        "Change the version named last above, or the Python version. If pip installs the same "
        "requirements file, set BP_PYTHON_INSTALLER to pip.",
    ),
    cause(
        r"Required uv version|requires Poetry|does not satisfy .* required Poetry version",
        InstallerVersionRefused,
        "The app demands a version of its package manager that is not the one here; both are named above.",
        "Loosen required-version in [tool.uv], or requires-poetry in [tool.poetry], so that it allows this one.",
    ),
    cause(
        r"is incompatible with the project's Python requirement|does not satisfy Python|"
        r"current Python version .+ is not",
        PythonNotAllowed,
        "The app's Python version does not meet what {file}, or the project that it belongs to, requires.",
        "Make .python-version (or whichever place names the version above) agree with requires-python.",
    ),
    cause(
        r"(?:Group|Extra) `.+` is not defined|does not have (?:a|an) (?:group|extra)|"
        r"Requested extra not found|The workspace does not have a member",
        GroupUnknown,
        "A group, an extra or a member that was chosen for this build is not one that {file} has; it is named above.",
        "Correct BP_PYTHON_GROUPS, BP_PYTHON_EXTRAS or BP_PYTHON_PACKAGE.",
    ),
    cause(
        r"Couldn't parse requirement|Unexpected '|Expected .+ found|Unsupported requirement",
        RequirementsInvalid,
        "{file} has a line that is not a requirement; the line is named above.",
        "Correct that line. If it is in a requirements file and pip accepts it, set BP_PYTHON_INSTALLER to pip.",
    ),
)


def explain(finished: Finished, file: str, tool: str = "uv", causes: tuple[Cause, ...] = ()) -> BuildpackError:
    """Return the error for a failed run of a tool on the declarations in ``file``; ``causes`` are the tool's own."""
    if finished.status == STATUS_KILLED:
        return InstallerKilled(
            f"The installer was killed by the system while it worked on {file}; most likely out of memory.",
            "Give the build more memory.",
        )
    for known in (*causes, *_CAUSES):
        if known.pattern.search(finished.output):
            return known.error(known.what.format(file=file), known.cure.format(file=file))
    return DependenciesNotInstalled(
        f"{tool} ended with status {finished.status} while it worked on {file}; its output is above.",
        f"Correct what it names, in {file} or around it.",
    )
