"""Causes of failures of uv."""

import sys

from python_buildpack.app.documents import ProjectFileInvalid
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
    ONLY_WHEELS,
    REFUSED,
    TLS,
)
from python_buildpack.package_managers.failures.errors import (
    ChoicesConflict,
    GroupUnknown,
    InstallerVersionRefused,
    LockOutOfDate,
    PackageArchiveDamaged,
    PackageFileMissing,
    PackageHashMismatch,
    PackageIndexRefused,
    PackageIndexUnreachable,
    PackageNotForPython,
    PackageUnknown,
    PackageVersionMissing,
    PackageYanked,
    PythonNotAllowed,
    RequirementsInvalid,
    RequirementsUnsatisfiable,
    WheelUnsupported,
)

_OTHER_PYTHON = (
    "Choose a Python version that it supports (BP_PYTHON_VERSION or .python-version), or another version of it."
)

# (?<!\S): a match may start only at the beginning of a word. Otherwise a long line without spaces would take hours.
_DEMAND = r"(?<!\S)(?P<package>\S+) depends on Python(?P<wants>[<>=!~][^\s]*[^\s,])"
_NEAR = r"[\s\S]{0,5000}?"

_FILES = (
    cause(
        r"Distribution not found at: (?P<where>file:///\S+)",
        PackageFileMissing,
        "{file} names a path that the build does not have: {where}",
        "If it belongs to the app, commit it. If it is a path of another machine (pip freeze writes those in an "
        "environment of Conda's), name the package and its version instead; pip list --format=freeze does.",
    ),
    cause(
        r"lockfile at .+ needs to be updated",
        LockOutOfDate,
        "{file} does not match pyproject.toml.",
        "Run uv lock, and commit {file}.",
    ),
    cause(
        r"error: (?P<names>(?:Extra|Group|Package)s? [^\n]{1,500}?) are incompatible with the (?:declared )?conflicts",
        ChoicesConflict,
        "{names} were chosen for {file}; by conflicts in [tool.uv] of pyproject.toml they exclude each other.",
        "Choose one of them: BP_PYTHON_EXTRAS, BP_PYTHON_GROUPS, or default-groups in [tool.uv].",
    ),
    cause(
        # The words for uv.lock, and for a pylock file.
        r"(?:Distribution|Package) `(?P<package>[^`\s]+)(?: @ [^`]+)?` can't be installed because it doesn't have a "
        r"source distribution or wheel for the current platform",
        PackageNotForPython,
        "{file} has no file of {package} for Linux and this Python: it was written on another system, or for it alone.",
        "Lock again for Linux, too: uv does it by required-environments in [tool.uv], for example "
        "\"sys_platform == 'linux'\". If there is no wheel for Linux at all, take another version of the package.",
    ),
    cause(
        r"Hash mismatch for `(?P<package>[^`]+)`",
        PackageHashMismatch,
        "The content of {package} differs from the hash that {file} or the index has for it.",
        "If the package was published again under the same version, record its new hash; if not, do not trust it.",
    ),
)

_INDEX = (
    cause(
        r"HTTP status client error \((?P<status>40[137] [^)]*)\) for url \((?P<url>[^)]+)\)",
        PackageIndexRefused,
        REFUSED,
        GIVE_LOGIN,
    ),
    cause(
        r"An index (?:URL )?\((?P<url>[^)]+)\) [^()]*\(?(?P<status>40[13] \w+)",
        PackageIndexRefused,
        REFUSED,
        GIVE_LOGIN,
    ),
    cause(
        r"Failed to (?:download|fetch|build|download and build):? `(?P<package>[^`@\s]+) @ [^`]{1,2000}`"
        r"[\s\S]{0,2000}?HTTP status client error \((?:404|410) [^)]*\) for url \((?P<url>[^)]+)\)",
        PackageFileMissing,
        "{file} names an address for {package}, and {url} has no file there; the address is above.",
        "Correct the address. Where it needs a login, some servers say that the file is not there: give the build one.",
    ),
    cause(
        r"Failed to (?:download|fetch):? `(?P<package>[^`@\s]+==[^`@\s]+)`"
        r"[\s\S]{0,2000}?HTTP status client error \((?:404|410) [^)]*\) for url \((?P<url>[^)]+)\)",
        PackageFileMissing,
        "{package} is what was chosen for {file}, by a lock or by the list of the index, and {url} no longer has the "
        "file; its address is above.",
        "If {file} is a lock, lock again. If not, the index names a file that it does not have: build again later, or "
        "ask for another version.",
    ),
    cause(
        r"HTTP status client error \((?:404|410) [^)]*\) for url \((?P<url>[^)]+)\)",
        PackageFileMissing,
        "{url} no longer has a file that {file} names; its address is above.",
        "Check the address. If {file} is a lock, lock again.",
    ),
    *TLS,
    cause(
        r"Failed to (?:fetch|download):? `?(?P<url>https?://[^\s`]+)`?(?=[\s\S]*(?:dns error|error sending request|"
        r"HTTP status server error|tcp connect error|operation timed out|connection reset))",
        PackageIndexUnreachable,
        "{url} did not answer while the dependencies of {file} were looked up.",
        CHECK_NETWORK,
    ),
    cause(
        r"dns error|error sending request|HTTP status server error|tcp connect error|operation timed out|"
        r"Network connectivity is|request or response body error|connection reset",
        PackageIndexUnreachable,
        NO_ANSWER,
        CHECK_NETWORK,
    ),
    cause(
        r"(?:Missing|Unsupported) `Content-Type` .{0,200}for `?(?P<url>https?://[^\s`]+)",
        PackageIndexUnreachable,
        "For a package of {file}, {url} answered with something that is no page of a package index.",
        CHECK_NETWORK,
    ),
)

_ARCHIVES = (
    cause(
        r"The structure of `(?P<archive>[^`]+)`[^\n]{0,100} was invalid", PackageArchiveDamaged, DAMAGED, BUILD_AGAIN
    ),
    cause(r"Failed to extract archive: (?P<archive>\S+)", PackageArchiveDamaged, DAMAGED, BUILD_AGAIN),
    cause(
        r"Failed to install: (?P<archive>\S+) .*\s+cause: The wheel is invalid",
        PackageArchiveDamaged,
        DAMAGED,
        BUILD_AGAIN,
    ),
)

_RESOLUTION = (
    cause(
        r"pkg[-_]resources was not found in the package registry",
        PackageUnknown,
        "{file} or one of its packages requires pkg-resources, which no index has: old Debian and Ubuntu systems add "
        "pkg-resources==0.0.0 to what pip freeze writes.",
        "Remove the line pkg-resources==0.0.0. An app that imports pkg_resources needs setuptools<81.",
    ),
    cause(
        r"(?<!\S)(?P<package>\S+) was not found in the package registry",
        PackageUnknown,
        "{file} requires {package}, which comes with Python and is not a package on the index.",
        "Remove the line {package}. The version of Python is declared in .python-version.",
        holds=lambda details: details["package"] == "python" or details["package"] in sys.stdlib_module_names,
    ),
    cause(
        r"(?<!\S)(?P<package>\S+) was not found in the (?:package registry|provided package locations|cache)",
        PackageUnknown,
        "No configured index has the package {package}, which {file} or one of its packages requires.",
        f"Check the spelling of {{package}}. {NAME_INDEX}",
    ),
    cause(
        r"\b(?P<package>pywin32)(?:==\S+)? has no wheels",
        PackageNotForPython,
        "{package}, for {file}, exists only for Windows; pip freeze on Windows lists it.",
        "Remove the line if the app runs without it, or limit it to Windows: {package} ; sys_platform == 'win32'",
    ),
    cause(
        r"only found wheels for `(?P<package>[^`]+)`(?: \([^)]*\))? with the following [\w ]+ tags?: (?P<tags>[^\n]+)",
        PackageNotForPython,
        "{package}, for {file}, has no wheel for this Python and platform, and no source; its wheels are for {tags}.",
        _OTHER_PYTHON,
    ),
    cause(
        r"`(?P<package>[^`]+)`(?: \([^)]*\))? only has wheels with the following [\w ]+ tags?: (?P<tags>[^\n]+)",
        PackageNotForPython,
        "{package} has no wheel for this Python and platform, and no source; its wheels in {file} are for {tags}.",
        _OTHER_PYTHON,
    ),
    *(
        cause(
            pattern,
            PackageNotForPython,
            "{package} does not allow this Python: it requires {wants}. {file} or one of its packages requires it.",
            _OTHER_PYTHON,
        )
        for pattern in (
            rf"the current Python version{_NEAR}{_DEMAND}",
            rf"{_DEMAND}{_NEAR}the current Python version",
        )
    ),
    cause(
        r"(?<!\S)(?P<package>\S+) was yanked(?: \(reason: (?P<reason>[^)]*)\))?",
        PackageYanked,
        "All versions that {file} allows were withdrawn by their authors: {package} ({reason}).",
        "Allow another version of it. Only an exact pin takes a withdrawn one.",
    ),
    cause(
        r"there (?:is no version|are no versions) of (?P<package>\S+)",
        PackageVersionMissing,
        "The index has no version of {package}, which {file} or one of its packages requires.",
        f"Correct the version. {NAME_INDEX}",
    ),
    cause(
        r"Because only (?:\S+ is|the following versions of \S+ are) available(?:: [^,]+?)? and you require "
        r"(?P<package>[^\s,]+), we can conclude that your requirements",
        PackageVersionMissing,
        "The index has no {package}, which {file} requires; what it has is named above.",
        f"Correct the version. {NAME_INDEX}",
    ),
    cause(
        r"No solution found when resolving|your requirements are unsatisfiable",
        RequirementsUnsatisfiable,
        "No versions of the packages in {file} fit together on this Python; the reasons are above.",
        "Change the version named last above, or the Python version. If pip installs the same "
        "requirements file, set BP_PYTHON_INSTALLER to pip.",
    ),
)

_DECLARATIONS = (
    cause(
        r"dependency is incompatible with the current platform|is not compatible with the current platform",
        WheelUnsupported,
        "A wheel that {file} names by its URL or path is for another Python or platform; both are named above.",
        "Name the wheel for this Python and platform, or the package with its version instead.",
    ),
    cause(
        r"Required uv version `(?P<wants>[^`]+)` does not match the running version `(?P<has>[^`]+)`",
        InstallerVersionRefused,
        "The app requires uv {wants}, and this buildpack has {has}.",
        "Change required-version in [tool.uv], so that it allows the buildpack's version.",
    ),
    cause(
        r"resolved to Python (?P<python>\S+), which is incompatible with the .{1,60}Python requirement: "
        r"`(?P<wants>[^`]+)`",
        PythonNotAllowed,
        "The app's Python is {python}; {file}, or the project that it belongs to, requires {wants}.",
        "Make .python-version (or whichever place names the version above) agree with requires-python.",
    ),
    cause(
        r"(?:Group|Extra) `.+` is not defined|does not have (?:a|an) (?:group|extra)|"
        r"Requested extra not found|The workspace does not have a member",
        GroupUnknown,
        "{file} does not have a group, an extra or a member that was chosen for this build; it is named above.",
        "Correct BP_PYTHON_GROUPS, BP_PYTHON_EXTRAS or BP_PYTHON_PACKAGE.",
    ),
    cause(
        r"In `--require-hashes` mode, all requirements must (?:have a hash|have their versions pinned)[^:]*: "
        r"(?P<package>[^\n]+)",
        RequirementsInvalid,
        "{file} has hashes, so every requirement needs a version with == and a hash. This one does not: {package}",
        "Let a tool write the file with all of them (pip-compile --generate-hashes, uv pip compile --generate-hashes), "
        "or remove the hashes.",
    ),
    cause(
        r"`pyproject\.toml` is using the `\[project\]` table, but the required `project\.(?P<field>\w+)` field",
        ProjectFileInvalid,
        "pyproject.toml has a table [project] without {field}, which is required.",
        'Add a line to it: name = "app" or version = "0.1.0".',
    ),
    cause(
        r"Couldn't parse requirement in `(?P<where>[^`]+)` at position \d+\s*\n *cause: [^\n]+\n *(?P<line>[^\n]+)",
        RequirementsInvalid,
        "{where} has a line that is not a requirement: {line}",
        "Correct that line. If it is in a requirements file and pip accepts it, set BP_PYTHON_INSTALLER to pip.",
    ),
    cause(
        r"(?:Unexpected '|Expected ).*: (?P<where>[^\s:]+):(?P<number>\d+):\d+",
        RequirementsInvalid,
        "{where}, line {number}, is not a requirement.",
        "Correct that line. If it is in a requirements file and pip accepts it, set BP_PYTHON_INSTALLER to pip.",
    ),
    cause(
        r"Couldn't parse requirement|Unexpected '|Expected .+ found|Unsupported requirement",
        RequirementsInvalid,
        "{file} has a line that is not a requirement; the line is named above.",
        "Correct that line. If it is in a requirements file and pip accepts it, set BP_PYTHON_INSTALLER to pip.",
    ),
)

CAUSES = (*_FILES, *ONLY_WHEELS, *GIT, *_INDEX, *_ARCHIVES, *BUILDS, *_RESOLUTION, *_DECLARATIONS)
"""The order matters: after a failed download uv also reports that it found no versions."""
