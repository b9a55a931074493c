"""Causes of failures of pip. Why an index failed is only in its log, which pip_installer adds to the output."""

from collections.abc import Mapping

from packaging.requirements import Requirement

from cnb.frozen import replace
from python_buildpack.package_managers.failures.causes import cause
from python_buildpack.package_managers.failures.common import (
    BUILD_AGAIN,
    BUILDS,
    CHECK_NETWORK,
    DAMAGED,
    GIT,
    GIVE_LOGIN,
    NAME_INDEX,
    NO_ANSWER,
    REFUSED,
    REQUESTS,
    TLS,
)
from python_buildpack.package_managers.failures.errors import (
    PackageArchiveDamaged,
    PackageFileMissing,
    PackageHashMismatch,
    PackageIndexRefused,
    PackageIndexUnreachable,
    PackageIndexUntrusted,
    PackageNotForPython,
    PackageUnknown,
    PackageVersionMissing,
    PackageYanked,
    RequirementsInvalid,
    RequirementsUnsatisfiable,
    WheelUnsupported,
)


def _is_allowed(details: Mapping[str, str]) -> bool:
    """Return whether the requirement allows one of the withdrawn versions: pip names all withdrawn ones."""
    try:
        allowed = Requirement(details["package"]).specifier
    except ValueError:
        return True
    return any(allowed.contains(version, prereleases=True) for version in details["versions"].split(", "))


_LINES = (
    cause(
        r"Invalid requirement: '?(?P<line>[^\n]*?)'?(?::[^\n]*)?\n[^\n]*\n[^\n]*\(from line (?P<number>\d+) of "
        r"(?P<where>[^)]+)\)",
        RequirementsInvalid,
        "{where}, line {number}, is not a requirement: {line}",
        "Correct that line.",
    ),
    cause(
        r"Invalid requirement|no such option|Hashes are required in --require-hashes mode",
        RequirementsInvalid,
        "{file} has a line that pip refuses; the line is named above.",
        "Correct that line.",
    ),
    cause(
        r"(?<!\S)(?P<wheel>\S+\.whl) is not a supported wheel on this platform",
        WheelUnsupported,
        "{wheel}, which {file} names by its URL or path, is for another Python or platform.",
        "Name the wheel for this Python and platform, or the package with its version instead.",
    ),
)

_DOWNLOADS = (
    cause(
        r"DO NOT MATCH THE HASHES[^\n]*\n *(?P<package>\S+) from",
        PackageHashMismatch,
        "The content of {package} differs from the hash that {file} or the index has for it.",
        "If the package was published again under the same version, record its new hash; if not, do not trust it.",
    ),
    cause(
        r"(?P<status>401 Error), Credentials not correct for (?P<url>\S+)",
        PackageIndexRefused,
        REFUSED,
        GIVE_LOGIN,
    ),
    cause(
        r"HTTP error (?:404|410) while getting (?P<url>\S+)",
        PackageFileMissing,
        "{url} does not have a file that {file} names; its address is above.",
        "Check the address.",
    ),
    cause(r"Wheel '(?P<archive>[^']+)' located at \S+ is invalid", PackageArchiveDamaged, DAMAGED, BUILD_AGAIN),
    *TLS,
    cause(
        r"repository located at (?P<host>\S+) is not a trusted or secure host",
        PackageIndexUntrusted,
        "pip does not use {host}, because its address begins with http and not with https.",
        "Give its https address. If there is none, name the host in PIP_TRUSTED_HOST.",
    ),
    *REQUESTS,
    cause(
        r"Could not fetch URL (?!\S+ 404)(?![^\n]*404 Client Error)", PackageIndexUnreachable, NO_ANSWER, CHECK_NETWORK
    ),
)

_RESOLUTION = (
    cause(
        r"Ignored the following versions that require a different python version: (?P<versions>[^\n]+)\n"
        r"[^\n]*satisfies the requirement (?P<package>\S+)",
        PackageNotForPython,
        "No version of {package} in {file} allows this Python: {versions}.",
        "Choose a Python version that it supports (BP_PYTHON_VERSION or .python-version), or another version of it.",
    ),
    replace(
        cause(
            r"Ignored the following yanked versions: (?P<versions>[^\n]+)\n"
            r"[^\n]*satisfies the requirement (?![^\s]*==)(?P<package>\S+)",
            PackageYanked,
            "All versions for {package} in {file} were withdrawn by their authors: {versions}.",
            "Allow another version of it. Only an exact pin takes a withdrawn one.",
        ),
        holds=_is_allowed,
    ),
    cause(
        r"Skipping link: none of the wheel's tags \((?P<tags>[^)]+)\) are compatible",
        PackageNotForPython,
        "A package in {file} has no wheel for this Python and platform; it has one for {tags}.",
        "Choose a Python version that it supports (BP_PYTHON_VERSION or .python-version), or another version of it.",
    ),
    cause(
        r"satisfies the requirement (?P<package>\S+)(?: \(from [^()]*(?:\([^()]*\))?[^()]*\))? \(from versions: none\)",
        PackageUnknown,
        "No configured index has a file of {package}, which {file} or one of its packages requires.",
        f"Check the spelling of {{package}}. {NAME_INDEX}",
    ),
    cause(
        r"satisfies the requirement (?P<package>\S+)[^\n]*\(from versions: (?P<versions>[^\n)]+)\)",
        PackageVersionMissing,
        "The index has no {package}, which {file} or one of its packages requires; it has {versions}.",
        f"Correct the version. {NAME_INDEX}",
    ),
    cause(
        r"ResolutionImpossible|No matching distribution found|conflicting dependencies",
        RequirementsUnsatisfiable,
        "No versions of the packages in {file} fit together on this Python; the reasons are above.",
        "Change one of the versions that the conflict above names, or the Python version.",
    ),
)

CAUSES = (*_LINES, *GIT, *_DOWNLOADS, *BUILDS, *_RESOLUTION)
