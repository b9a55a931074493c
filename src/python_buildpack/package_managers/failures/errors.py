"""The errors of a failed installation, for all tools."""

from cnb.errors import BuildpackError
from cnb.frozen import frozen


@frozen
class WheelsFor:
    """What has no wheel for the app's Python, and the minor versions of Python for which there is one."""

    package: str = ""
    """Its name and version."""
    minors: tuple[str, ...] = ()


NO_WHEELS = WheelsFor()


class LockOutOfDate(BuildpackError):
    """The lock file does not match what pyproject.toml declares. The build never changes a lock file."""

    code = "lock-out-of-date"
    title = "The lock file is out of date"
    remedies = ("upload",)


class RequirementsUnsatisfiable(BuildpackError):
    """No set of versions meets all requirements: those of the app or of its dependencies contradict each other."""

    code = "requirements-unsatisfiable"
    title = "The requirements cannot be met together"


class PackageUnknown(RequirementsUnsatisfiable):
    """No configured index has a package of this name: it is misspelt, or it is on a private index."""

    code = "package-unknown"
    title = "A package is not on the index"


class PackageVersionMissing(RequirementsUnsatisfiable):
    """The package exists, but the index has no version of it that the requirement allows."""

    code = "package-version-missing"
    title = "There is no such version of a package"


class SourceBuildRefused(RequirementsUnsatisfiable):
    """BP_PYTHON_ONLY_BINARY is on, and something has no wheel: it would have to be built from source."""

    code = "source-build-refused"
    title = "A package would have to be built from source"
    remedies = ("variable",)


class PackageNotForPython(RequirementsUnsatisfiable):
    """The required versions exist, but none of their files is for this Python and this platform."""

    code = "package-not-for-python"
    title = "A package is not available for this Python or platform"
    wheels_for: WheelsFor = NO_WHEELS


class PackageYanked(RequirementsUnsatisfiable):
    """Its authors withdrew all versions that the requirement allows (PEP 592). Only an exact pin takes such a one."""

    code = "package-yanked"
    title = "Only withdrawn versions of a package match"


class RequirementsInvalid(BuildpackError):
    """The installer cannot read a line of a requirements file, or an entry of another declaration."""

    code = "requirements-invalid"
    title = "A requirements file cannot be understood"


class PackageIndexUnreachable(BuildpackError):
    """The package index did not answer: the network is down, a proxy blocks it, or its address is wrong."""

    code = "package-index-unreachable"
    title = "The package index cannot be reached"
    remedies = ("network",)


class PackageIndexRefused(BuildpackError):
    """The package index requires a login (401), or the given login may not read the package (403)."""

    code = "package-index-refused"
    title = "The package index refused access"
    remedies = ("binding",)


class PackageIndexUntrusted(BuildpackError):
    """The build does not trust the certificate of the package index; often a company's own authority has signed it."""

    code = "package-index-untrusted"
    title = "The package index has a certificate that is not trusted"
    remedies = ("binding", "network")


class PackageFileMissing(BuildpackError):
    """A file that is named by its URL, or that a lock names, no longer exists."""

    code = "package-file-missing"
    title = "A package's file does not exist"


class WheelUnsupported(BuildpackError):
    """A wheel that is named by its URL or path is for another Python or another platform."""

    code = "wheel-unsupported"
    title = "A wheel does not fit this Python or platform"


class PackageHashMismatch(BuildpackError):
    """The hash of a downloaded distribution differs from the recorded one."""

    code = "package-hash-mismatch"
    title = "A package does not have the hash that was recorded for it"


class PackageArchiveDamaged(BuildpackError):
    """A distribution's archive cannot be unpacked: it is damaged, or would write outside of its directory."""

    code = "package-archive-damaged"
    title = "The archive of a package cannot be unpacked"


class PackageBuildFailed(BuildpackError):
    """A dependency has no wheel for this Python and platform, and building it from source failed."""

    code = "package-build-failed"
    title = "A dependency could not be built from source"
    remedies = ("image",)
    wheels_for: WheelsFor = NO_WHEELS


class BuildVariableMissing(PackageBuildFailed):
    """A package's build asked for a variable of the app, which it gets only if BP_PYTHON_BUILD_ENV names it."""

    code = "build-variable-missing"
    title = "The build of a package lacks a variable"
    remedies = ("variable",)


class DependenciesNotInstalled(BuildpackError):
    """The installer failed for a reason that the buildpack does not recognise."""

    code = "dependencies-not-installed"
    title = "The dependencies could not be installed"


class InstallerKilled(BuildpackError):
    """The installer, or a compiler that it ran, was killed, most likely because of a memory limit."""

    code = "installer-killed"
    title = "The installer was killed"
    remedies = ("memory",)


class GroupUnknown(BuildpackError):
    """BP_PYTHON_GROUPS, BP_PYTHON_EXTRAS or BP_PYTHON_PACKAGE names something that the app does not have."""

    code = "group-unknown"
    title = "There is no such group, extra or package"
    remedies = ("variable",)


class ChoicesConflict(BuildpackError):
    """BP_PYTHON_GROUPS or BP_PYTHON_EXTRAS name groups or extras that the app declares to exclude each other."""

    code = "choices-conflict"
    title = "Groups or extras that exclude each other were chosen"
    remedies = ("variable",)


class InstallerVersionRefused(BuildpackError):
    """The app requires another version of its package manager than the one that this buildpack has."""

    code = "installer-version-refused"
    title = "The app asks for another version of its package manager"


class GitFailed(BuildpackError):
    """A dependency comes from a git repository, and git could not fetch it."""

    code = "git-failed"
    title = "A dependency could not be fetched from its git repository"


class GitMissing(GitFailed):
    """A dependency comes from a git repository, and there is no git in the build image, or no ssh for git+ssh://."""

    code = "git-missing"
    title = "The build image has no program to fetch from git"
    remedies = ("image",)


class GitAccessDenied(GitFailed):
    """A git repository requires a login or an SSH key, and the build has none that it accepts."""

    code = "git-access-denied"
    title = "A git repository refused access"
    remedies = ("binding",)


class PythonNotAllowed(BuildpackError):
    """What the app declares does not allow the Python version that was chosen for it."""

    code = "python-not-allowed"
    title = "The app does not allow this Python version"
    remedies = ("variable",)
