"""Decides which of the user's variables the programs get that install and build packages.

Building a package from source runs code of whoever published it, and has no business with the app's database password.
So of what the user set for the app, an installation gets what installers, compilers and build backends read, and what
gives nothing away; the app's own steps (hooks, collectstatic) get everything. It is no barrier against code that
searches the build container: files that the build can read, it can read.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from fnmatch import fnmatchcase
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.ports.log_style import FORCING
from python_buildpack.secrets.credentials import is_secret_name
from python_buildpack.settings.setting import SWITCH
from python_buildpack.settings.table import BUILD_ENV
from python_buildpack.settings.values import Settings

INSTALLERS = ("UV_", "PIP_", "POETRY_", "PDM_", "PIPENV_")
"""Beginnings of the names of the settings of installers."""
_OWN = (
    *(*INSTALLERS, "KEYRING_", "NETRC"),
    *("SETUPTOOLS_", "DISTUTILS_", "DIST_EXTRA_CONFIG", "HATCH_", "FLIT_", "PBR_", "CYTHON_", "SKBUILD_", "MATURIN_"),
    *("PYO3_", "CARGO", "RUST", "CMAKE_", "MESON", "NINJA", "PKG_CONFIG", "CCACHE_", "SCCACHE_", "VCPKG_", "CONAN_"),
    *("NPM_CONFIG_", "npm_config_", "GOPROXY", "GOPRIVATE", "GONOSUMDB"),
    *("UWSGI_PROFILE", "UWSGI_EMBED_PLUGINS", "PYCURL_SSL_LIBRARY", "SODIUM_INSTALL", "BLIS_ARCH", "TORCH_CUDA_ARCH"),
)
"""Beginnings of names that belong to an installer, a build backend or a build tool, which nobody else uses: whatever
such a variable says, it is for them. Logins for indexes are among them. The last are switches of packages that are
often built from source (uWSGI, pycurl, PyNaCl, blis, extensions of PyTorch): without them, a build succeeds and makes
something else than was asked for, so nothing would say that they are missing."""
_OF_PROGRAMS = re.compile(
    r"PYTHON[A-Z]*|(?:GIT|SSH|SSL|CURL|REQUESTS|XDG|LC)_\w+|\w*FLAGS|\w*_PROXY|\w*PATH"
    r"|\w+_(?:DIRS?|ROOT|HOME|PREFIX|LIBS?)|CC|CXX|CPP|FC|F77|F90|LD|LDSHARED|LDCXXSHARED|AR|AS|NM|RANLIB|STRIP|LIBS|MAKE|SHELL|EDITOR"
    r"|HOME|HOSTNAME|USER|LOGNAME|LANG|LANGUAGE|TZ|TERM|TMPDIR|TEMP|TMP|COLUMNS|CI|NO_COLOR"
    r"|SOURCE_DATE_EPOCH",
    re.IGNORECASE,
)
"""Names by which all programs, compilers and linkers know where things are and how to work; unless they say that
they hold a secret."""
_VERSION = re.compile(r"v?\d{1,4}(?:\.\d{1,5}){1,3}(?:[.-]?(?:a|b|rc|dev|post)\.?\d{0,5})?|\d{1,4}")
_REFERENCE = re.compile(r"\$(?:\{(?P<braced>\w+)\}|(?P<bare>[A-Za-z_]\w*))")


@frozen
class InstallerEnvironment:
    """The variables for an installation, and the names of those that it does not get."""

    env: Mapping[str, str]
    withheld: frozenset[str] = frozenset()


def installer_environment(
    env: Mapping[str, str], given: AbstractSet[str], settings: Settings, declaration: str
) -> InstallerEnvironment:
    """Return what an installation gets of ``env``.

    ``given`` are the names that the user set for the app; all others come from the build image, from the platform and
    from buildpacks before this one, and pass. ``declaration`` is the text of what the app declares: a variable that it
    refers to (``${TOKEN}``) is for the installer, which puts its value there.
    """
    patterns = settings.names(BUILD_ENV)
    referred = {match["braced"] or match["bare"] for match in _REFERENCE.finditer(declaration)}
    withheld = frozenset(
        name
        for name, value in env.items()
        if name in given
        and name not in referred
        and not any(fnmatchcase(name, pattern) for pattern in patterns)
        and not _is_for_installers(name, value)
    )
    # What installers print is read, to know what they build and why they fail.
    passed = {name: value for name, value in env.items() if name not in withheld and name not in FORCING}
    return InstallerEnvironment(passed, withheld.difference(FORCING))


def _is_for_installers(name: str, value: str) -> bool:
    if name.startswith(_OWN):
        return True
    return not is_secret_name(name) and (_OF_PROGRAMS.fullmatch(name) is not None or _gives_nothing_away(value))


def _gives_nothing_away(value: str) -> bool:
    """Say whether a value is a switch, a small number, a version, or only the place of something."""
    text = value.strip()
    return not text or text.lower() in SWITCH or _VERSION.fullmatch(text) is not None or _is_place(text)


def _is_place(text: str) -> bool:
    try:
        return text.startswith("/") and Path(text).exists()
    except (OSError, ValueError):
        return False
