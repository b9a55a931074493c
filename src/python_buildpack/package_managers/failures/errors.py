"""The ways in which an installation fails, whichever tool was at work."""

from cnb.errors import BuildpackError


class LockOutOfDate(BuildpackError):
    """The lock file does not fit what pyproject.toml declares. It is enforced as it is, never rewritten."""

    code = "lock-out-of-date"
    title = "The lock file is out of date"


class RequirementsUnsatisfiable(BuildpackError):
    """No set of versions fits all that is asked for: the requirements contradict each other, directly or below."""

    code = "requirements-unsatisfiable"
    title = "The requirements cannot be met together"


class PackageUnknown(RequirementsUnsatisfiable):
    """No index that was asked has a package of this name: it is misspelt, or it is on a private index."""

    code = "package-unknown"
    title = "A package is not on the index"


class PackageVersionMissing(RequirementsUnsatisfiable):
    """The package exists, but the index has no version of it that the requirement allows."""

    code = "package-version-missing"
    title = "There is no such version of a package"


class PackageNotForPython(RequirementsUnsatisfiable):
    """The versions that are asked for exist, but none of their files is for this Python and this platform."""

    code = "package-not-for-python"
    title = "A package cannot be had for this Python"


class PackageYanked(RequirementsUnsatisfiable):
    """All versions that fit were withdrawn by their authors (PEP 592), so only an exact pin would take one."""

    code = "package-yanked"
    title = "Only withdrawn versions of a package fit"


class RequirementsInvalid(BuildpackError):
    """A line of a requirements file, or an entry of another declaration, is not one that an installer understands."""

    code = "requirements-invalid"
    title = "A requirements file cannot be understood"


class PackageIndexUnreachable(BuildpackError):
    """The package index did not answer: the network is down, a proxy is in the way, or its address is wrong."""

    code = "package-index-unreachable"
    title = "The package index cannot be reached"


class PackageIndexRefused(BuildpackError):
    """The package index wants a login (401), or this one may not have the package (403)."""

    code = "package-index-refused"
    title = "The package index refused access"


class PackageIndexUntrusted(BuildpackError):
    """The certificate of the package index is not one that the build trusts: most often a company's own authority."""

    code = "package-index-untrusted"
    title = "The package index has a certificate that is not trusted"


class PackageFileMissing(BuildpackError):
    """A file that is named by its address, or that a lock names, is no longer there."""

    code = "package-file-missing"
    title = "A package's file is not there"


class WheelUnsupported(BuildpackError):
    """A wheel that is named by its address or path is for another Python or another platform."""

    code = "wheel-unsupported"
    title = "A wheel does not fit this Python or platform"


class PackageHashMismatch(BuildpackError):
    """A downloaded distribution is not the one whose hash was recorded."""

    code = "package-hash-mismatch"
    title = "A package does not have the hash that was recorded for it"


class PackageArchiveDamaged(BuildpackError):
    """A distribution's archive cannot be unpacked: it is broken, is no archive, or would write where it must not."""

    code = "package-archive-damaged"
    title = "The archive of a package cannot be unpacked"


class PackageBuildFailed(BuildpackError):
    """A dependency has no wheel for this Python and platform, and building it from source failed."""

    code = "package-build-failed"
    title = "A dependency could not be built from source"


class DependenciesNotInstalled(BuildpackError):
    """The installer failed for a reason that is not one of the well-known ones."""

    code = "dependencies-not-installed"
    title = "The dependencies could not be installed"


class InstallerKilled(BuildpackError):
    """The installer, or a compiler that it ran, was ended from outside, which is what a memory limit does."""

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
    """A dependency comes from a git repository, and git could not deliver what is asked for."""

    code = "git-failed"
    title = "A dependency could not be had from its git repository"


class GitMissing(GitFailed):
    """A dependency comes from a git repository, and there is no git in the build image."""

    code = "git-missing"
    title = "There is no git in the build image"


class GitAccessDenied(GitFailed):
    """A git repository wants a login or an SSH key, and the build has none that it accepts."""

    code = "git-access-denied"
    title = "A git repository refused access"


class PythonNotAllowed(BuildpackError):
    """What the app declares does not allow the Python version that was chosen for it."""

    code = "python-not-allowed"
    title = "The app does not allow this Python version"
