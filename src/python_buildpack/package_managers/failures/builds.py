"""Causes of failed builds from source: a missing compiler, or a missing header of a library.

To add a header, add a line to the table. To find the Debian package with a file, see
https://packages.debian.org/#search_contents.
"""

from cnb.errors import BuildpackError
from python_buildpack.package_managers.failures.causes import Cause, cause
from python_buildpack.package_managers.failures.errors import InstallerKilled, PackageBuildFailed


class CompilerMissing(PackageBuildFailed):
    """A dependency has no wheel for this Python and platform, and the build image has no compiler to make one."""

    code = "compiler-missing"
    title = "A dependency has to be compiled, and there is no compiler"
    remedies = ("image",)


class HeaderMissing(PackageBuildFailed):
    """A dependency is compiled against a library whose development files are not in the build image."""

    code = "header-missing"
    title = "A dependency cannot be compiled without a library's development files"
    remedies = ("image",)


_PACKAGES = {
    r"libpq-fe\.h|pg_config": "libpq-dev",
    r"mysql\.h|mysql_config|mariadb_config": "default-libmysqlclient-dev",
    r"ffi\.h": "libffi-dev",
    r"openssl/\w+\.h": "libssl-dev",
    r"libxml/\w+\.h|xml2-config": "libxml2-dev",
    r"libxslt/\w+\.h|xslt-config": "libxslt1-dev",
    r"lber\.h|ldap\.h": "libldap2-dev",
    r"sasl/sasl\.h": "libsasl2-dev",
    r"sql\.h|sqlext\.h": "unixodbc-dev",
    r"zlib\.h": "zlib1g-dev",
    r"bzlib\.h": "libbz2-dev",
    r"lzma\.h": "liblzma-dev",
    r"jpeglib\.h": "libjpeg-dev",
    r"ft2build\.h": "libfreetype-dev",
    r"curl/curl\.h|curl-config": "libcurl4-openssl-dev",
    r"gmp\.h": "libgmp-dev",
    r"mpfr\.h": "libmpfr-dev",
    r"snappy(?:-c)?\.h": "libsnappy-dev",
    r"librdkafka/rdkafka\.h": "librdkafka-dev",
    r"portaudio\.h": "portaudio19-dev",
    r"cairo\.h": "libcairo2-dev",
    r"xmlsec/\w+\.h": "libxmlsec1-dev",
    r"krb5\.h|krb5-config|gssapi/\w+\.h": "libkrb5-dev",
    r"hdf5\.h": "libhdf5-dev",
    r"geos_c\.h|geos-config": "libgeos-dev",
    r"gdal\.h|gdal-config": "libgdal-dev",
    r"proj\.h": "libproj-dev",
    r"yaml\.h": "libyaml-dev",
    r"sodium\.h": "libsodium-dev",
    r"magic\.h": "libmagic-dev",
    r"uuid/uuid\.h": "uuid-dev",
    r"pcre2?\.h": "libpcre2-dev",
    r"systemd/sd-\w+\.h": "libsystemd-dev",
    r"dbus/dbus\.h": "libdbus-1-dev",
}

_PKG_CONFIG = {
    r"mysqlclient|mariadb|libmariadb|perconaserverclient": "default-libmysqlclient-dev",
    r"cairo": "libcairo2-dev",
    r"dbus-1": "libdbus-1-dev",
    r"fuse": "libfuse-dev",
    r"fuse3": "libfuse3-dev",
    r"glib-2\.0|gobject-2\.0": "libglib2.0-dev",
    r"gobject-introspection-1\.0": "libgirepository1.0-dev",
    r"girepository-2\.0": "libgirepository-2.0-dev",
    r"libav\w+|libsw\w+": "libavdevice-dev",
    r"libpq": "libpq-dev",
    r"libsystemd": "libsystemd-dev",
    r"libusb-1\.0": "libusb-1.0-0-dev",
    r"libvirt": "libvirt-dev",
    r"libxml-2\.0": "libxml2-dev",
    r"openblas": "libopenblas-dev",
    r"pango|pangocairo": "libpango1.0-dev",
    r"sdl2|SDL2": "libsdl2-dev",
    r"xmlsec1": "libxmlsec1-dev",
}
"""Names by which pkg-config and meson know a library → the Debian package with its development files."""


_BY = (
    r"(?:Failed to build `|Failed building wheel for |"
    # pip names each package that it builds, and goes on after those that succeed. It prints little in between, and to
    # search all that follows each of many would take minutes.
    r"Building wheel for (?!(?P<done>\S{1,200}) (?:[\s\S]{0,1000}?Building wheel for (?P=done) )?"
    r"[^\n]{0,200}finished with status 'done')|"
    r"not a problem with poetry but (?:one of the following issues with )?|Install (?=\S+ \S+ failed))"
)
"""The texts of uv, pip, Poetry and PDM before the name of the package that they build."""
_NAMED = rf"(?s:\A(?=.*?{_BY}(?P<package>[^`'\s(]+)).*?)"
"""Matches all text before the pattern that follows, and finds the package's name anywhere in the output."""

_COMPILER = (
    r"(?:No such file or directory: '|unable to execute '|command ')"
    r"(?:\S*/)?(?P<compiler>(?:\w+-)*(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+|gfortran)(?:-\d+)?)'"
    r"(?! failed with exit)(?! returned)|Unknown compiler\(s\)|No CMAKE_C(?:XX)?_COMPILER could be found|"
    r"The CMAKE_C(?:XX)?_COMPILER: \S+ is not a full path and was not found"
)
_RUST = r"can't find Rust compiler|Cargo, the Rust package manager, is not installed|No such file or directory: 'cargo'"
_KILLED = (
    r"\(signal: 9[ ,]|exit code: -9\b|Killed signal terminated program|terminated (?:by|with) signal 9|"
    r"Signals\.SIGKILL: 9"
)
"""The messages of uv, pip, GCC, setuptools and Python about a program that was killed with SIGKILL."""
_SOUGHT = (
    r"(?:fatal error: '?(?P<header>{name})'?(?:: No such file| file not found)|"
    r"\b(?P<program>{name})(?: executable not found|: not found|: command not found|' failed: No such file)|"
    r"No such file or directory: '(?P<started>{name})')"
)

_UNKNOWN_TO_PKG_CONFIG = (
    r"(?:Package '?(?P<asked>{name})'?,?(?: required by '[^'\n]*',)? (?:was )?not found|"
    r"No package '(?P<named>{name})' found|Dependency \"(?P<dependency>{name})\" not found|"
    r"pkg-config --exists (?P<tried>{name})' returned)"
)
"""The messages of pkg-config, of meson, and of setup scripts that run pkg-config."""

_NO_WHEEL = (
    "{package} in {file} has to be built from source, because it has no wheel for this Python and platform "
    "(or --no-binary excludes wheels)"
)
_NO_WHEEL_OF_ONE = (
    "A dependency in {file}, which is named above, has to be built from source, because it has no wheel for this "
    "Python and platform"
)
_WHEEL = "Choose a version of it, or of Python (BP_PYTHON_VERSION), for which the index has a wheel; or"


def _both(pattern: str, error: type[BuildpackError], what: str, cure: str) -> tuple[Cause, ...]:
    """Return two causes: for output that names the package, and for output that does not."""
    return (
        cause(f"{_NAMED}(?:{pattern})", error, f"{_NO_WHEEL}{what}", cure),
        cause(pattern, error, f"{_NO_WHEEL_OF_ONE}{what}", cure),
    )


def _headers() -> tuple[Cause, ...]:
    known = (
        found
        for pattern, table in ((_SOUGHT, _PACKAGES), (_UNKNOWN_TO_PKG_CONFIG, _PKG_CONFIG))
        for name, package in table.items()
        for found in _both(
            pattern.format(name=name),
            HeaderMissing,
            f", and that needs a file of {package} (the Debian package's name), which the build image does not have.",
            f"Set BP_APT_PACKAGES={package}, if the builder has the image extension terrarium/apt, or use a build "
            f"image with {package}, or put a buildpack that installs it before this one. Or choose a version of the "
            "dependency, or of Python, for which the index has a wheel.",
        )
    )
    others = _both(
        r"fatal error: '?(?P<header>[\w./+-]+\.h(?:pp|xx)?)'?(?:: No such file| file not found)",
        HeaderMissing,
        ", and {header} is not in the build image.",
        "Use a build image with the development files of the library that has {header}, or put a buildpack that "
        "installs them before this one. Or choose a version, or a Python, for which the index has a wheel.",
    )
    unknown = _both(
        _UNKNOWN_TO_PKG_CONFIG.format(name=r"[\w.+-]+"),
        HeaderMissing,
        ", and pkg-config does not find {asked}{named}{dependency}{tried} in the build image.",
        "Use a build image with the development files of that library, or put a buildpack that installs them before "
        "this one. Or choose a version, or a Python, for which the index has a wheel.",
    )
    return (*known, *others, *unknown)


_UNBUILT = (
    r"Failed (?:to build|building wheel)|build backend (?:returned|failed|raised)|metadata-generation-failed|"
    r"failed-wheel-build|subprocess-exited-with-error|ChefBuildError|BuildBackendException|pdm\.exceptions\.BuildError"
)
"""How tools say that something could not be built."""

BUILD_CAUSES = (
    *_both(
        _KILLED,
        InstallerKilled,
        ", and the system killed a program of that build; most likely out of memory.",
        f"Give the build more memory. {_WHEEL} run fewer compilers at the same time, if its build has a setting for "
        "that (MAX_JOBS, CMAKE_BUILD_PARALLEL_LEVEL, CARGO_BUILD_JOBS).",
    ),
    *_both(
        r"No module named 'pkg_resources'|cannot import name '\w+' from 'setuptools|use_2to3 is invalid",
        PackageBuildFailed,
        ", and its setup script is for an older setuptools than the one that builds it.",
        f"{_WHEEL} name a file with a line such as setuptools<70 in UV_BUILD_CONSTRAINT or, where pip installs, in "
        "PIP_BUILD_CONSTRAINT.",
    ),
    *_both(
        _RUST,
        CompilerMissing,
        ", and the build image has no Rust compiler.",
        f"{_WHEEL} use a build image with Rust (cargo and rustc).",
    ),
    *_both(
        _COMPILER,
        CompilerMissing,
        ", and the build image has no compiler for it.",
        f"{_WHEEL} use a build image with a compiler (Debian's build-essential).",
    ),
    *_headers(),
    *_both(
        r"\bcannot find -l(?P<library>[\w.+-]+)",
        HeaderMissing,
        ", and the linker does not find the library lib{library} in the build image.",
        "Use a build image with the development files of lib{library}, or put a buildpack with them before this "
        "one. Or choose a version, or a Python, for which the index has a wheel.",
    ),
    *_both(
        r"command '[^'\n]*' failed with exit (?:code|status):? \d|ninja: build stopped: subcommand failed|"
        r"error: could not compile `",
        PackageBuildFailed,
        ", and the compiler refuses its source: most often it is older than this Python, or than a library it uses.",
        "Choose a version of it that has a wheel for this Python, most often a newer one, or another Python version "
        "(BP_PYTHON_VERSION).",
    ),
)
"""The first match counts. A killed program comes first: other errors follow from it. Compilers come before headers."""

UNEXPLAINED = tuple(
    cause(
        pattern,
        PackageBuildFailed,
        f"{what} had to be built, and that failed; its own output is above.",
        "Choose a version of it that has a wheel for this Python, or another Python version, or a build image with "
        "the compiler and headers that it needs.",
    )
    for what, pattern in (
        ("{package}, for {file},", f"{_NAMED}(?:{_UNBUILT})"),
        ("A dependency in {file}, or the project itself,", _UNBUILT),
    )
)
"""A build that failed for a reason that is not known. It comes after all other causes of failed builds."""
