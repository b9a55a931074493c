"""Causes that look the same in the output of several installers, in groups for each step of an installation.

To add one, add it here or to the table of its tool. The first that matches counts, so a cause must come before the
causes of errors that follow from it.
"""

from cnb.frozen import replace
from python_buildpack.package_managers.failures.builds import BUILD_CAUSES, UNEXPLAINED
from python_buildpack.package_managers.failures.causes import cause
from python_buildpack.package_managers.failures.errors import (
    GitAccessDenied,
    GitFailed,
    GitMissing,
    PackageIndexRefused,
    PackageIndexUnreachable,
    PackageIndexUntrusted,
    SourceBuildRefused,
)
from python_buildpack.package_managers.failures.projects import PROJECT_CAUSES

GIVE_LOGIN = (
    "Give the build a login that may read it: before the host in the address in PIP_INDEX_URL or UV_DEFAULT_INDEX, "
    "in the variables for an index that the app declares (UV_INDEX_<NAME>_PASSWORD, POETRY_HTTP_BASIC_<NAME>_PASSWORD "
    "…), in a service binding of type pypi, or in a netrc file that NETRC names. Never commit it."
)
NAME_INDEX = (
    "If it is on a private index, declare that index and pin the package to it ([tool.uv.sources], source in Poetry's "
    "and index in a Pipfile's tables, include_packages of PDM), so that nobody can publish one of the same name "
    "elsewhere; or let one index serve all packages (PIP_INDEX_URL, --index-url, a binding of type pypi)."
)
CHECK_NETWORK = "Check the network, the proxy (HTTPS_PROXY) and the index's address, then build again."
TRUST = (
    "Give the build the certificate of the authority that signed it: in a service binding of type ca-certificates, "
    "or in a file of certificates that SSL_CERT_FILE names."
)

REFUSED = "{url} refused access while the dependencies of {file} were looked up: {status}. {login}"
UNTRUSTED = "The package index that {file} needs shows a certificate that this build does not trust."
NO_ANSWER = "The package index did not answer while the dependencies of {file} were looked up."

_SSH = (
    "Over SSH, give the build a service binding of type git-ssh, with ssh-privatekey (a deploy key without a "
    "passphrase) and known_hosts; or write git+https:// in place of git+ssh://, with a binding of type git-credentials."
)
_GIT = (
    cause(
        r"Git executable not found|Cannot find command 'git'|No such file or directory: 'git'|"
        r"Unable to find executable `git`",
        GitMissing,
        "A dependency in {file} comes from a git repository, and the build image has no git.",
        "Use a build image with git, or name a wheel or an archive instead (https://…/archive/v1.0.tar.gz).",
    ),
    cause(
        r"cannot run ssh: No such file|No such file or directory: 'ssh'|ssh: (?:command )?not found",
        GitMissing,
        "A dependency in {file} comes from a git repository over SSH, and the build image has no ssh.",
        "Use a build image with ssh (Debian's openssh-client), or write git+https:// in place of git+ssh://.",
    ),
    cause(
        r"Host key verification failed|No \S+ host key is known for|REMOTE HOST IDENTIFICATION HAS CHANGED",
        GitAccessDenied,
        "A dependency in {file} comes from a git repository over SSH, whose server shows a key that the build does not "
        "know; ssh's output is above.",
        f"{_SSH} The known_hosts of that binding must have the key that the server really has.",
    ),
    cause(
        r"Permission denied \([\w,-]*publickey",
        GitAccessDenied,
        "A dependency in {file} comes from a git repository over SSH, which refused access: the build has no key, or "
        "none that may read it.",
        _SSH,
    ),
    cause(
        r"could not read (?:Username|Password) for|Authentication failed for 'http|"
        r"terminal prompts disabled|The requested URL returned error: 40[13]",
        GitAccessDenied,
        "A dependency in {file} comes from a git repository that refused access; git's output is above.",
        "Over https, give the build a login: a service binding of type git-credentials, or a netrc file that NETRC "
        "names.",
    ),
    cause(
        r"fatal: repository '[^'\n]{1,1000}' not found|remote: Repository not found|ERROR: Repository not found",
        GitFailed,
        "A dependency in {file} comes from a git repository that is not at the address in {file}.",
        "Correct the address. If it is right, the repository is private, which hosts answer in the same way: give the "
        "build a login by a service binding of type git-credentials, or a key by one of type git-ssh.",
    ),
    cause(
        r"unknown revision or path not in the working tree|couldn't find remote ref|"
        r"failed to find branch, tag, or commit|pathspec '[^'\n]{1,500}' did not match any",
        GitFailed,
        "A dependency in {file} names a branch, a tag or a commit that its git repository does not have.",
        "Correct what stands after the @ in its address, or push that branch or tag.",
    ),
    cause(
        r"Git operation failed|Failed to clone|git clone .+ did not run successfully|"
        r"fatal: (?:unable to access|repository '|Could not read from remote)|"
        r"git (?:fetch|checkout|rev-parse) .+ did not run successfully|GitCommandError",
        GitFailed,
        "A dependency in {file} comes from a git repository, and git could not fetch it; git's output is above.",
        f"Check the address, the branch or tag, and that the build can reach the server. {_SSH}",
    ),
)

_FROM_GIT = r"(?s:\A(?=.*[`\s](?P<package>[A-Za-z0-9][\w.-]*)\s*@\s*git\+).*?)"
"""Matches all text before a pattern, and finds the last requirement from a repository that the output names."""

GIT = tuple(
    found
    for one in _GIT
    for found in (
        replace(one, pattern=f"{_FROM_GIT}(?:{one.pattern})", what=one.what.replace("A dependency", "{package}", 1)),
        one,
    )
)

ONLY_WHEELS = tuple(
    cause(
        pattern,
        SourceBuildRefused,
        "BP_PYTHON_ONLY_BINARY is on, but {package}, which {file} needs, has no wheel that fits, and would be built.",
        "Choose a version of {package} with a wheel for this Python, or provide one. If {package} is the app itself, "
        "let it run from its source: without [build-system], or with package = false in [tool.uv].",
    )
    for pattern in (
        r"Wheels are required for `(?P<package>[^`]+)` because building from source is disabled",
        r"Building source distributions for `(?P<package>[^`]+)` is disabled",
        r"Distribution `(?P<package>[\w.-]+)[^`]*` can't be installed because it is marked as `--no-build`",
        r"Unable to find installation candidates for (?P<package>[\w.-]+)[\s\S]{0,2000}installer\.only-binary",
    )
)
"""What uv and Poetry say where nothing may be built."""

DAMAGED = "{archive}, which {file} or one of its packages requires, cannot be unpacked; the reason is above."
BUILD_AGAIN = (
    "Build again: a mirror or a proxy may have sent wrong content. If it fails each time, the archive is damaged or "
    "malicious: use another version, and report it to its authors."
)

TLS = (
    cause(
        r"invalid peer certificate|CERTIFICATE_VERIFY_FAILED|certificate verify failed|problem confirming the ssl",
        PackageIndexUntrusted,
        UNTRUSTED,
        TRUST,
    ),
)

REQUESTS = (
    cause(
        r"(?P<status>40[13]) (?:Client )?Error: (?:Unauthorized|Forbidden|[\w ]+)? ?for url: (?P<url>\S+)",
        PackageIndexRefused,
        REFUSED,
        GIVE_LOGIN,
    ),
    cause(
        r"NewConnectionError|NameResolutionError|Max retries exceeded|ReadTimeoutError|ConnectTimeoutError|"
        r"Read timed out|ProxyError|Connection refused|Connection aborted|5\d\d Server Error|HTTP error 5\d\d|"
        r"Temporary failure in name resolution|All attempts to connect|Network connectivity is",
        PackageIndexUnreachable,
        NO_ANSWER,
        CHECK_NETWORK,
    ),
)
"""Errors of pip and Poetry, which both use requests and urllib3."""

BUILDS = (
    *PROJECT_CAUSES,
    *BUILD_CAUSES,
    *UNEXPLAINED,
)
