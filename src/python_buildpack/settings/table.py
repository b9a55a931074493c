"""Every setting that users and platforms may give, in one table: the code and docs/configuration.md read it."""

from collections.abc import Mapping

from python_buildpack.settings.launch import LAUNCH_SETTINGS
from python_buildpack.settings.setting import SECONDS, SWITCH, Setting

_TRUST = "it says which programs are trusted"
_PLACE = "it depends on where the build runs"

PYTHON_VERSION = Setting(
    "BP_PYTHON_VERSION",
    "build",
    "what the app's files say, else the default",
    "The Python version: 3.13, 3.13.2, 3.13t or a range such as >=3.11,<3.14. Has precedence over the app's files.",
    ("BP_CPYTHON_VERSION", "GOOGLE_PYTHON_VERSION", "RAILPACK_PYTHON_VERSION", "NIXPACKS_PYTHON_VERSION"),
    means_python=True,
)
PACKAGE_MANAGER = Setting(
    "BP_PYTHON_PACKAGE_MANAGER",
    "build",
    "the first one whose files the app has",
    "The package manager to use where an app has the files of several, by the name that docs/detection.md has for it, "
    "such as uv or requirements.txt.",
    means_python=True,
)
GROUPS = Setting(
    "BP_PYTHON_GROUPS",
    "build",
    "none",
    "Names of dependency groups to install besides the app's own dependencies, with commas or spaces between them: "
    "groups of pyproject.toml (PEP 735), Poetry, PDM and pylock.toml, categories of a Pipfile. No group, not even one "
    "called dev, is installed without being named here, or by default-groups in [tool.uv].",
    ("BP_POETRY_INSTALL_ONLY", "BP_UV_INSTALL_GROUPS"),
    means_python=True,
    is_list=True,
)
EXTRAS = Setting(
    "BP_PYTHON_EXTRAS",
    "build",
    "none",
    "Names of the app's own extras (optional dependencies) to install, with commas or spaces between them.",
    means_python=True,
    is_list=True,
)
SUBDIRECTORY = Setting(
    "BP_PYTHON_SUBDIRECTORY",
    "build",
    "all that is uploaded is the app",
    "The folder that is the app, such as backend, where the upload is a repository with more in it. Its files declare "
    "the app, and its processes start there; the rest stays in the image. A member of a uv workspace is built with the "
    "workspace, as by BP_PYTHON_PACKAGE.",
    shared_aliases=("PROJECT_PATH", "APP_BASE", "GOOGLE_BUILDABLE"),
    means_python=True,
    platform_only="the file belongs to the folder that it would choose",
)
PACKAGE = Setting(
    "BP_PYTHON_PACKAGE",
    "build",
    "what uv installs: the project of the app directory with what it needs, or all members if there is none",
    "The member of a uv workspace that is the app, by the name of its project or its directory: it is installed with "
    "what it needs, and its processes start. * installs all members. With other package managers it chooses among the "
    "projects that the app installs from its own folders the one whose web app starts.",
    means_python=True,
)
START_COMMAND = Setting(
    "BP_START_COMMAND",
    "build",
    "what a Procfile says, or what the source shows",
    "The command of the web process. It has precedence over a Procfile's; other processes stay as they are.",
    ("GOOGLE_ENTRYPOINT", "RAILPACK_START_CMD", "NIXPACKS_START_CMD"),
)
PROCESS_PREFIX = "BP_PYTHON_PROCESS_"
PROCESS = Setting(
    f"{PROCESS_PREFIX}<TYPE>",
    "build",
    "what a Procfile says, or what the source shows",
    "The command of a process of this type, in lower case, with - for _: BP_PYTHON_PROCESS_SEND_MAIL is send-mail.",
)
INSTALLER = Setting(
    "BP_PYTHON_INSTALLER",
    "build",
    "uv",
    "pip installs requirements files by pip itself: slower, for the rare file that uv reads in another way. The "
    "name of the app's package manager lets that tool itself do what uv otherwise does from its lock, wherever that is "
    "the same.",
    values=("uv", "pip", "poetry", "pdm", "pipenv"),
    means_python=True,
)
REQUIREMENT = Setting(
    "BP_PIP_REQUIREMENT",
    "build",
    "requirements.txt",
    "The requirements file to install, or several with commas or spaces between them, such as "
    "requirements/production.txt. Paths are relative to the app's root.",
    means_python=True,
    is_list=True,
)
BUILD_ENV = Setting(
    "BP_PYTHON_BUILD_ENV",
    "build",
    "what installers, compilers and build backends read",
    "Names of the app's variables that the programs get, too, which install packages and build them from source, with "
    "commas or spaces between them; * stands for anything. Hooks and collectstatic get all variables in any case.",
    is_list=True,
)
INSTALL_TIMEOUT = Setting(
    "BP_PYTHON_INSTALL_TIMEOUT",
    "build",
    "no limit",
    "How many seconds the programs may take together that resolve and install the dependencies.",
    pattern=SECONDS,
    form="a number of seconds",
)
APP_CODE_TIMEOUT = Setting(
    "BP_PYTHON_APP_CODE_TIMEOUT",
    "build",
    "no limit",
    "How many seconds each step may take that runs the app's own code: a hook, collectstatic.",
    pattern=SECONDS,
    form="a number of seconds",
)
INVENTORY = Setting(
    "BP_PYTHON_INVENTORY",
    "build",
    "the list inside the buildpack",
    "A path or URL of an inventory.toml that replaces the list of Python builds: for closed networks and own builds.",
    platform_only=_TRUST,
)
MIRROR = Setting(
    "BP_PYTHON_MIRROR",
    "build",
    "upstream",
    "A URL to download Python from instead of upstream, laid out as <mirror>/<build>/<file>.",
    ("UV_PYTHON_INSTALL_MIRROR",),
    platform_only=_PLACE,
)
DEPENDENCY_MIRROR = Setting(
    "BP_DEPENDENCY_MIRROR",
    "build",
    "every download comes from where it is published",
    "A URL below which all downloads of the buildpack itself are found, at the path that they have upstream; "
    "{originalHost} in it is the host. BP_DEPENDENCY_MIRROR_<HOST> is for one host: _ stands for a dot, __ for a dash.",
    platform_only=_PLACE,
)
REFRESH = Setting(
    "BP_PYTHON_REFRESH",
    "build",
    "always",
    "never keeps the versions that the last build resolved, as long as the requirements are unchanged; "
    "always resolves unpinned requirements again on each build.",
    values=("always", "never"),
)
SLIM = Setting(
    "BP_PYTHON_SLIM_INTERPRETER",
    "build",
    "true",
    "false keeps all parts of the interpreter: tkinter, IDLE, pip, CPython's own tests and the like.",
    values=SWITCH,
)
SPLIT = Setting(
    "BP_PYTHON_SPLIT",
    "build",
    "true",
    "false keeps all packages in one layer. By default the heaviest ones, from 5 MB on and 20 at most, get layers of "
    "their own, which stay as they are while others change.",
    values=SWITCH,
)
SLIM_PACKAGES = Setting(
    "BP_PYTHON_SLIM",
    "build",
    "symbols and translators' files are left out",
    "true leaves out of the installed packages what hardly any running app has a use for: their tests, stubs, C and "
    "Cython sources, static libraries and long descriptions. false leaves nothing out, as for a debugger or a profiler "
    "of native code. What it saved is in the log, from 0.1 MB on.",
    values=SWITCH,
)
DISABLE_COLLECTSTATIC = Setting(
    "DISABLE_COLLECTSTATIC",
    "build",
    "Django's static files are collected",
    "1 leaves out manage.py collectstatic.",
    values=SWITCH,
)
REQUIRE_HASHES = Setting(
    "BP_PYTHON_REQUIRE_HASHES",
    "build",
    "false",
    "true refuses apps that do not name the hash of every package: a lock has to be there, or requirements with "
    "--hash. Repositories that a lock names by commit, and what is in the app itself, need none.",
    values=SWITCH,
)
ONLY_BINARY = Setting(
    "BP_PYTHON_ONLY_BINARY",
    "build",
    "false",
    "true installs wheels only and builds no package from source, so that no code of a package runs while they are "
    "installed. A project that uv or pip would build itself is refused, too.",
    values=SWITCH,
)
EXCLUDE_NEWER = Setting(
    "BP_PYTHON_EXCLUDE_NEWER",
    "build",
    "no limit",
    "Leaves out what was published later, where versions are chosen in the build: a day (2026-01-31), a time "
    "(2026-01-31T12:00:00Z) or an age (7 days). What a lock names is installed. The index has to know when its files "
    "were published.",
    pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2}))?|"
    r"[0-9]{1,5}\s*(?:hour|day|week)s?",
    form="a day such as 2026-01-31, a time such as 2026-01-31T12:00:00Z, or an age such as 7 days",
)
ALLOW_HTTP = Setting(
    "BP_PYTHON_ALLOW_HTTP",
    "build",
    "false",
    "true allows indexes and packages whose addresses begin with http://. Otherwise they need a hash in the app, or "
    "their host is named in PIP_TRUSTED_HOST or UV_INSECURE_HOST.",
    values=SWITCH,
    platform_only="an app must not take back what protects its build",
)
AUDIT = Setting(
    "BP_PYTHON_AUDIT",
    "build",
    "off",
    "warn looks up known vulnerabilities of what is installed, by OSV's API, and warns of them; fail ends the build if "
    "there are any, or if the server does not answer.",
    values=("warn", "fail", "off"),
)
AUDIT_URL = Setting(
    "BP_PYTHON_AUDIT_URL",
    "build",
    "OSV's own server",
    "The base of the addresses of a server with OSV's API, without /v1: for a mirror.",
    pattern=r"https?://\S+",
    form="an address that begins with https:// or http://",
    platform_only="whoever asks for an audit says who answers",
)
AUDIT_IGNORE = Setting(
    "BP_PYTHON_AUDIT_IGNORE",
    "build",
    "none",
    "Identifiers of vulnerabilities (CVE, GHSA or PYSEC) that do not concern the app, with commas or spaces between "
    "them. The log and the bill of materials still name them.",
    is_list=True,
    yields_to="BP_PYTHON_AUDIT",
)
SMOKE_TEST = Setting(
    "BP_PYTHON_SMOKE_TEST",
    "build",
    "false",
    "true imports, at the end of the build, the module with which the web process starts, with the variables of the "
    "build. If that fails, the build does.",
    values=SWITCH,
)
NLTK_INDEX = Setting(
    "BP_PYTHON_NLTK_INDEX",
    "build",
    "NLTK's own",
    "The URL of the index.xml from which the data named in nltk.txt is downloaded: for a mirror.",
    platform_only=_PLACE,
)
LIVE_RELOAD = Setting(
    "BP_LIVE_RELOAD_ENABLED",
    "build",
    "false",
    "true makes the web process restart when a source file changes in the running container. For development only.",
    values=SWITCH,
)
DEBUG = Setting(
    "BP_DEBUG",
    "build",
    "false",
    "true adds a process named debug: the web process under debugpy, which the BPL_DEBUG_ variables configure. For "
    "development only.",
    ("BP_DEBUG_ENABLED",),
    values=SWITCH,
)
TELEMETRY = Setting(
    "BP_PYTHON_TELEMETRY",
    "build",
    "no record is kept",
    "The absolute path of a JSON file to write at the end of a build, for platforms: durations, sizes, what was "
    "reused, the code of an error, the vulnerabilities that BP_PYTHON_AUDIT found; nothing of the app's content. The "
    "standard OTEL_EXPORTER_OTLP_ENDPOINT sends the same as spans, with the number of vulnerabilities.",
    platform_only="it is a file outside of the app, for the platform",
)
LOG_LEVEL = Setting(
    "BP_LOG_LEVEL",
    "build",
    "INFO",
    "WARN, WARNING and QUIET show warnings and errors only, ERROR shows errors only. DEBUG also shows each program "
    "that is run, its directory, the names of its variables, its time and all of its output; what decides each layer; "
    "and the traceback of an error that is a bug of the buildpack.",
    values=("DEBUG", "INFO", "QUIET", "WARN", "WARNING", "ERROR"),
    platform_only="the log begins before the app is read",
)
EXPLAIN = Setting(
    "BP_PYTHON_EXPLAIN",
    "build",
    "false",
    "true prints what a build would do, and why, and ends with an error before anything is installed, so that no image "
    "is made.",
    values=SWITCH,
    platform_only="it is about one build, not about the app",
)
_FROM_PYPROJECT = "what pyproject.toml says"
_NO_LABEL = "no such label"
OCI_LABELS: Mapping[str, Setting] = {
    name: Setting(
        f"BP_OCI_{name.upper().replace('.', '_')}",
        "build",
        without,
        f"The image's label org.opencontainers.image.{name}: {meaning}.",
    )
    for name, without, meaning in (
        ("authors", _FROM_PYPROJECT, "who to ask about the image"),
        ("created", _NO_LABEL, "when it was made, as RFC 3339 writes it"),
        ("description", _FROM_PYPROJECT, "what is in it"),
        ("documentation", _FROM_PYPROJECT, "the URL of its documentation"),
        ("licenses", _FROM_PYPROJECT, "the SPDX expression of the app's license"),
        ("ref.name", _NO_LABEL, "the name of this version in its repository"),
        ("revision", _NO_LABEL, "the commit of the source"),
        ("source", _FROM_PYPROJECT, "the URL of the source"),
        ("title", _FROM_PYPROJECT, "its name, for people"),
        ("url", _FROM_PYPROJECT, "the URL of its home page"),
        ("vendor", _NO_LABEL, "the organisation that it comes from"),
        ("version", _FROM_PYPROJECT, "the app's version"),
    )
}
"""The settings by what OCI's image specification calls the annotations."""

SETTINGS: tuple[Setting, ...] = (
    PYTHON_VERSION,
    SUBDIRECTORY,
    PACKAGE_MANAGER,
    GROUPS,
    EXTRAS,
    PACKAGE,
    REQUIREMENT,
    START_COMMAND,
    PROCESS,
    INSTALLER,
    BUILD_ENV,
    INSTALL_TIMEOUT,
    APP_CODE_TIMEOUT,
    INVENTORY,
    MIRROR,
    DEPENDENCY_MIRROR,
    REFRESH,
    SLIM,
    SPLIT,
    SLIM_PACKAGES,
    REQUIRE_HASHES,
    ONLY_BINARY,
    EXCLUDE_NEWER,
    ALLOW_HTTP,
    AUDIT,
    AUDIT_URL,
    AUDIT_IGNORE,
    SMOKE_TEST,
    DISABLE_COLLECTSTATIC,
    NLTK_INDEX,
    LIVE_RELOAD,
    DEBUG,
    TELEMETRY,
    LOG_LEVEL,
    EXPLAIN,
    *OCI_LABELS.values(),
    *LAUNCH_SETTINGS,
)

OUR_PREFIXES = ("BP_PYTHON_", "BP_CPYTHON_")
"""What the names of settings begin with that no other buildpack reads: one that is not in the table does nothing."""
