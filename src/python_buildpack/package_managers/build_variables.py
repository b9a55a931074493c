"""Which variables of the environment change what is built from source.

Build backends, compilers and scripts get all variables of the build. Only those count of which something says that a
build asks for them: the names that compilers and build systems use, the names that begin like a build requirement
(``SETUPTOOLS_SCM_PRETEND_VERSION`` belongs to setuptools-scm), and the names that a build script itself mentions.
All others, such as the address of a database or the number of the build, leave an installation as it is.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from python_buildpack.support.digests import digest

_COMPILING = re.compile(
    r"CC|CXX|CPP|AR|LD|FC|.*FLAGS|CPATH|.*_INCLUDE_PATH|LIBRARY_PATH|LD_LIBRARY_PATH|PKG_CONFIG_.*|SOURCE_DATE_EPOCH"
    r"|.*_CONFIG_SETTINGS|(?:CMAKE|CARGO|PYO3|MATURIN|MESON|SKBUILD|CYTHON)_.*|.*_PRETEND_VERSION(?:_.*)?"
)
_CREDENTIAL = re.compile(r"PASSWORD|PASSWD|TOKEN|SECRET|CREDENTIAL|USERNAME|HTTP_BASIC|_KEY$|CACHE|TIMEOUT|RETRIES")
"""Parts of names whose values differ from build to build and change nothing, or must not be in a digest."""
_INSTALLERS = frozenset({"UV", "PIP", "PIPENV", "PYTHON", "BP", "BPL", "CNB"})
"""First words of variables that are read by installers and by the buildpack, not by a build backend."""
VOLATILE = frozenset({"HOSTNAME", "PWD", "OLDPWD", "SHLVL", "_", "TMPDIR"})
"""Variables that differ from build to build without any effect on what programs make."""
_MENTIONED = re.compile(
    r"(?:\benviron\b\W{1,4}(?:(?:get|setdefault|pop)\W{1,4})?|\bgetenv\W{1,4}|\bin_env\W{1,4}|ENV\{|\benv:|\$\{)"
    r"([A-Za-z_][A-Za-z0-9_]{0,99})"
)
_WORD = re.compile(r"[A-Z0-9]+")
_SHORTEST = 3


def compiling(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that compilers and build systems read. Pure."""
    return {name: value for name, value in env.items() if _COMPILING.fullmatch(name) and _matters(name)}


def of_requirements(words: Iterable[str], env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables whose names begin with one of ``words``, the results of ``first_word``. Pure."""
    wanted = tuple(words)
    return {name: value for name, value in env.items() if _matters(name) and _belongs(name, wanted)}


def named(env: Mapping[str, str], patterns: Iterable[str]) -> dict[str, str]:
    """Return the variables whose names fit one of the shell patterns. Pure."""
    wanted = tuple(patterns)
    return {
        name: value
        for name, value in env.items()
        if any(fnmatchcase(name, pattern) for pattern in wanted) and _matters(name)
    }


def first_word(requirement: str) -> str:
    """Return the first word of a requirement's name in capitals: HATCHLING, PDM, SETUPTOOLS; empty if it has none."""
    found = _WORD.match(requirement.strip().upper())
    return found[0] if found else ""


def mentioned(text: str) -> Iterator[str]:
    """Yield the names of variables that a build script or its settings mention. Pure."""
    return (name for name in _MENTIONED.findall(text) if _matters(name))


def digest_variables(env: Mapping[str, str]) -> str:
    """Return a digest of names and values."""
    return digest(repr(sorted(env.items())))


def _belongs(name: str, words: tuple[str, ...]) -> bool:
    first = name.partition("_")[0]
    # hatchling and hatch-vcs read HATCH_…; the word of flit_core is FLIT.
    return len(first) >= _SHORTEST and any(word.startswith(first) for word in words)


def _matters(name: str) -> bool:
    return not _CREDENTIAL.search(name) and name.partition("_")[0] not in _INSTALLERS and name not in VOLATILE
