"""Causes of failures of a project's own build backend: it does not find the version, the package or a named file."""

import re

from cnb.errors import BuildpackError
from python_buildpack.app.documents import ProjectFileInvalid
from python_buildpack.package_managers.failures.causes import Cause, cause


class ProjectVersionUnknown(BuildpackError):
    """The build backend reads the project's version from git's history, which the build does not have."""

    code = "project-version-unknown"
    title = "A project takes its version from git, and there is no git history"
    remedies = ("variable",)


class ProjectLayoutUnknown(BuildpackError):
    """The build backend cannot find out which files are the package; often the app is not a package."""

    code = "project-layout-unknown"
    title = "A project cannot be built as a package"


class ProjectFileMissing(BuildpackError):
    """The project's metadata names a file, usually the readme, that is not in its source."""

    code = "project-file-missing"
    title = "A file that a project's metadata names is missing"
    remedies = ("upload",)


_BUILT = re.compile(
    r"(?:Failed to build `|Failed building wheel for |not a problem with poetry but |"
    r"Install (?=\S+ \S+ failed))(?P<name>[A-Za-z0-9][\w.-]*)(?=[`\s(=]|$)"
)
"""How uv, pip, Poetry and PDM name the project that they could not build."""


def failed_project(output: str, file: str) -> str:
    """Return the project whose build failed, as the subject of a sentence; ``file`` is what the installer worked on."""
    match = _BUILT.search(output)
    return f"The project {match['name']}, which {file} has or requires," if match else f"A project in {file}"


_NO_GIT = "{project} takes its version from git, but its source has no .git directory."
_OR_WRITTEN = ", or write the version in the project's file instead."


def _named(pattern: str, variable: str) -> Cause:
    """Return the cause for a backend that takes the version from this variable."""
    cure = f"Set {variable} for the build (for example to 0.0.0){_OR_WRITTEN}"
    return cause(pattern, ProjectVersionUnknown, _NO_GIT, cure)


_VERSION_CAUSES = (
    # setuptools-scm from 7, and hatch-vcs, which is built on it; the name is there if the backend knows it.
    _named(r"in the environment with (?P<variable>SETUPTOOLS_SCM_PRETEND_VERSION(?:_FOR_[A-Z0-9_]+)?)", "{variable}"),
    _named(
        r"setuptools-scm was unable to detect version|unable to detect version for|"
        r"Make sure you're either building from a fully intact git repository",
        "SETUPTOOLS_SCM_PRETEND_VERSION",
    ),
    _named(r"Cannot find the version from SCM", "PDM_BUILD_SCM_VERSION"),
    _named(r"source `uv-dynamic-versioning`: Unable to detect version control", "UV_DYNAMIC_VERSIONING_BYPASS"),
    # A traceback of more than a few kilobytes between the two would be another program's.
    _named(
        r"poetry_dynamic_versioning[\s\S]{1,8000}Unable to detect version control", "POETRY_DYNAMIC_VERSIONING_BYPASS"
    ),
    _named(r"Versioning for this project requires either an sdist tarball", "PBR_VERSION"),
    cause(
        r"versioningit\.errors\.Not(?:VCS|Sdist)Error|does not contain a PKG-INFO file|"
        r"Unable to detect version control system",
        ProjectVersionUnknown,
        _NO_GIT,
        "Give its backend a version to take without git (default-version in [tool.versioningit])" + _OR_WRITTEN,
    ),
)

_NO_PACKAGE = (
    "If the app is only run and never published, remove [build-system], or set package = false in "
    "[tool.uv] (with Poetry, package-mode = false in [tool.poetry]; with PDM, distribution = false in [tool.pdm]), and "
    "lock again if there is a lock. If it is a package, name its folder in the backend's settings."
)

PROJECT_CAUSES = (
    *_VERSION_CAUSES,
    *(
        cause(
            pattern,
            ProjectLayoutUnknown,
            "{project} has a build backend that cannot find out which files are its package" + sought + ".",
            _NO_PACKAGE,
        )
        for pattern, sought in (
            # poetry-core and flit; uv_build. Not the lines of their source in a traceback, which have braces.
            (r"No (?:file/folder|module) found for (?:package|module) (?P<name>[^\s{}]+)", ": there is no {name}"),
            (r"Expected a Python module at: (?P<name>[^\s{}]+)", ": there is no {name}"),
            # setuptools; hatchling; flit, if both a folder and a file have the name.
            (
                r"Multiple top-level (?:packages|modules) discovered in a flat-layout: \[(?P<names>[^\]\n]+)\]",
                ": it found {names}",
            ),
            (
                r"Multiple top-level (?:packages|modules) discovered in a flat-layout|"
                r"Unable to determine which files to ship|Multiple files or folders could be module",
                "; its output is above",
            ),
        )
    ),
    *(
        cause(
            pattern,
            ProjectFileMissing,
            "{project} names a {kind} for its metadata, {name}, which is not among the files of the build.",
            "Commit it, take it out of .dockerignore, project.toml's exclude or the like, or remove {kind} from the "
            "project's metadata.",
        )
        for pattern in (
            # hatchling
            r"(?P<kind>readme|license) file does not exist: (?P<name>[^\n{}]+)",
            # poetry-core
            r"(?P<kind>readme) path `(?P<name>[^`{}]+)` does not exist",
            r"Poetry: (?P<kind>license) file '(?P<name>[^'{}]+)' not found",
            # pyproject-metadata: pdm-backend, scikit-build-core and meson-python
            r"(?P<kind>readme|license) file not found \('(?P<name>[^'{}]+)'\)",
            # maturin
            r"Failed to read (?P<kind>readme|license) specified in pyproject\.toml, which should be at "
            r"(?P<name>[^\n]+)",
        )
    ),
    *(
        cause(
            pattern,
            ProjectFileMissing,
            "{project} names a file for its metadata, {name}, which is not among the files of the build.",
            "Commit it, take it out of .dockerignore, project.toml's exclude or the like, or remove it (readme, "
            "license) from the project's metadata.",
        )
        for pattern in (
            # flit
            r"ConfigError: (?:Description|License) file (?P<name>[^\n{}]+) does not exist",
            # uv_build
            r"Failed to build `[^`]+ @ file:[^`]+`\s+cause: failed to open file `(?P<name>[^`]+)`",
        )
    ),
    cause(
        # A setup script or a build hook opens a file by a path of its project; an absolute path is a program's or the
        # system's, and one without a suffix mostly a program that is not installed.
        r"(?:build backend|get_requires_for_build|run_setup|setup\.py|build_meta|egg_info)[\s\S]{1,8000}?"
        r"FileNotFoundError: \[Errno 2\] No such file or directory: '(?P<name>(?!/)[^'\n{}]*\.[A-Za-z]\w{0,9})'",
        ProjectFileMissing,
        "{project} reads {name} when it is built, which is not among the files of the build.",
        "Commit it, or take it out of .dockerignore, project.toml's exclude or the like. If the project is not the "
        "app's own, choose a version of it that has a wheel for this Python.",
    ),
    cause(
        # uv; pdm-backend, scikit-build-core and meson-python; hatchling; setuptools; poetry-core; flit; uv_build.
        r"required `project\.version` field is neither set nor present|"
        r"Field \"project\.version\" missing and 'version' not specified|"
        r"Field `project\.version` can only be resolved dynamically|must contain \['version'\] properties|"
        r"Either \[project\.version\] or \[tool\.poetry\.version\] is required|"
        r"ConfigError: version must be specified under \[project\]|"
        # Not the same words of a lock that cannot be parsed.
        r"\| \[project\]\s+\|\s*\^+\s+missing field `version`",
        ProjectFileInvalid,
        "A [project] of {file} is without version, and does not say that its build backend computes one.",
        'Write version = "0.1.0" in [project], or dynamic = ["version"] if the build backend computes it.',
    ),
)
"""These come before the failures of compilers, because a backend compiles nothing before these checks."""
