"""Causes of failures of PDM. Why an index failed is only in its log, which the manager adds to the output."""

from python_buildpack.package_managers.failures.builds import BUILD_CAUSES
from python_buildpack.package_managers.failures.causes import cause
from python_buildpack.package_managers.failures.common import (
    BUILDS,
    CHECK_NETWORK,
    GIT,
    GIVE_LOGIN,
    NO_ANSWER,
    REFUSED,
    TLS,
)
from python_buildpack.package_managers.failures.errors import (
    LockOutOfDate,
    PackageHashMismatch,
    PackageIndexRefused,
    PackageIndexUnreachable,
    PackageNotForPython,
    PackageUnknown,
    PythonNotAllowed,
)

CAUSES = (
    cause(
        r"Lockfile doesn't satisfy the project requirements|Lockfile is not compatible with PDM|"
        r"Lock file .*(?:out of date|does not exist)",
        LockOutOfDate,
        "{file} does not match pyproject.toml.",
        "Run pdm lock, and commit {file}.",
    ),
    cause(
        r"Requested groups not in lockfile",
        LockOutOfDate,
        "A group that was chosen for this build is in pyproject.toml, but {file} was made without it.",
        "Run pdm lock --group :all, and commit {file}.",
    ),
    cause(
        r"does not match the `?requires-python|doesn't match the requires-python|doesn't satisfy requires-python",
        PythonNotAllowed,
        "The app's Python version is not one that pyproject.toml allows.",
        "Make .python-version (or whichever place names the version) agree with requires-python.",
    ),
    *GIT,
    # Before the index: PDM's log also has a failure for each index without the package, even if another one has it.
    *BUILD_CAUSES,
    cause(
        r"HashMismatch",
        PackageHashMismatch,
        "A package's content differs from the hash in {file}; it is named above.",
        "If the package was published again under the same version, run pdm lock; if not, do not trust it.",
    ),
    cause(
        r"Failed to collect links from (?P<url>\S+): Client Error\((?P<status>40[13])\)|"
        r"Client error '(?P<reason>40[13] \w+)' for url",
        PackageIndexRefused,
        REFUSED,
        GIVE_LOGIN,
    ),
    *TLS,
    cause(
        r"Failed to collect links from (?P<url>\S+): Client Error\(404\)",
        PackageUnknown,
        "{url} does not have a package that {file} names; it is named above.",
        "Check that the index still has it. If it moved, change the index in pyproject.toml and run pdm lock.",
    ),
    cause(
        r"Failed to collect links from \S+: Server Error\(5|"
        r"httpx\.(?:Connect|Read|Write|Proxy|Remote\w*)\w*(?:Error|Timeout)|httpcore\.\w+(?:Error|Timeout)|"
        r"Server error '5",
        PackageIndexUnreachable,
        NO_ANSWER,
        CHECK_NETWORK,
    ),
    *BUILDS,
    cause(
        r"The wheel file (?P<wheel>\S+) is not compatible with the target environment",
        PackageNotForPython,
        "A package in {file} has no file for this Python and platform; for example, {wheel} cannot be used.",
        "Choose a Python version that it supports (BP_PYTHON_VERSION or .python-version), or another version of it "
        "and run pdm lock.",
    ),
    cause(
        r"matches the environment or hashes",
        PackageHashMismatch,
        "For a package named above, the index has no file for this Python and platform with a hash in {file}.",
        "If that version is gone or was published again, or {file} was made for another platform, run pdm lock; "
        "if neither, do not trust it.",
    ),
)
