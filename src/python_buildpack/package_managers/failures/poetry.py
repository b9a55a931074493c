"""Causes of failures of Poetry."""

from python_buildpack.package_managers.failures.causes import cause
from python_buildpack.package_managers.failures.common import (
    BUILDS,
    GIT,
    GIVE_LOGIN,
    ONLY_WHEELS,
    REFUSED,
    REQUESTS,
    TLS,
)
from python_buildpack.package_managers.failures.errors import (
    GroupUnknown,
    InstallerVersionRefused,
    LockOutOfDate,
    PackageHashMismatch,
    PackageIndexRefused,
    PackageNotForPython,
    PackageUnknown,
    PythonNotAllowed,
)

CAUSES = (
    *ONLY_WHEELS,
    cause(
        r"changed significantly since poetry\.lock was last generated|lock file is not compatible",
        LockOutOfDate,
        "{file} does not match pyproject.toml.",
        "Run poetry lock, and commit {file}.",
    ),
    cause(
        r"Group\(s\) not found|Extra \[.+\] is not specified",
        GroupUnknown,
        "A group or an extra that was chosen for this build is not in pyproject.toml; it is named above.",
        "Correct BP_PYTHON_GROUPS or BP_PYTHON_EXTRAS.",
    ),
    cause(
        r"requires Poetry|does not satisfy .* required Poetry version",
        InstallerVersionRefused,
        "The app requires another version of Poetry than this buildpack has; both are named above.",
        "Change requires-poetry in [tool.poetry], so that it allows the buildpack's version.",
    ),
    cause(
        r"Python version \((?P<python>[^)]+)\) is not (?:allowed|supported) by the project \((?P<wants>[^)]+)\)",
        PythonNotAllowed,
        "The app's Python is {python}; pyproject.toml allows {wants}.",
        "Make .python-version (or whichever place names the version) agree with pyproject.toml.",
    ),
    cause(
        r"is not supported by the project|Current Python version .+ is not allowed",
        PythonNotAllowed,
        "The app's Python version is not one that pyproject.toml allows.",
        "Make .python-version (or whichever place names the version) agree with pyproject.toml.",
    ),
    cause(
        # Of a lock that was written for another system, it tries the file of this system.
        r"Downloaded distributions for (?P<package>\S+ \([^)]*\)) did not match any known checksums",
        PackageHashMismatch,
        "{file} has no hash of the file of {package} that the index has for this Python and platform: it was written "
        "on another system or for it alone, or the content of that file is another one now.",
        "Run poetry lock, and commit {file}. If it has hashes of files for Linux already, do not trust the index.",
    ),
    cause(
        r"did not match any known checksums|Hash for (?P<package>\S+ \S+) from archive",
        PackageHashMismatch,
        "The content of a package differs from the hash in {file}: {package}.",
        "If the package was published again under the same version, run poetry lock; if not, do not trust it.",
    ),
    *GIT,
    cause(
        r"(?P<status>Authorization error) accessing (?P<url>\S+)",
        PackageIndexRefused,
        REFUSED,
        f"{GIVE_LOGIN} Poetry also takes POETRY_HTTP_BASIC_<SOURCE>_USERNAME and _PASSWORD.",
    ),
    *TLS,
    *REQUESTS,
    cause(
        r"Unable to find installation candidates for (?P<package>\S+ \([^)]*\))(?=[\s\S]*wheel\(s\) were skipped)",
        PackageNotForPython,
        "{package} in {file} has no wheel for this Python and platform, and no source.",
        "Choose a Python version that it supports (BP_PYTHON_VERSION or .python-version), or another version of it "
        "and run poetry lock.",
    ),
    cause(
        r"Unable to find installation candidates for (?P<package>\S+ \([^)]*\))",
        PackageUnknown,
        "The index that {file} names does not have {package}, or not with the recorded hashes.",
        "Check that the index still has it. If it was published again or moved, run poetry lock.",
    ),
    *BUILDS,
)
