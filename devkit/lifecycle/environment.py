"""The environment that buildpacks and processes get: what is let in, and how layers change it (spec: Environment)."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from devkit.lifecycle.problems import Violation

PASSED_ON = frozenset(
    {"CNB_STACK_ID", "HOSTNAME", "HOME"}
    | {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"}
)
"""What the build environment keeps of the surrounding one, besides the path variables. Nothing else gets through."""

BUILD_ROOTS: Mapping[str, tuple[str, ...]] = {
    "bin": ("PATH",),
    "lib": ("LD_LIBRARY_PATH", "LIBRARY_PATH"),
    "include": ("CPATH",),
    "pkgconfig": ("PKG_CONFIG_PATH",),
}
LAUNCH_ROOTS: Mapping[str, tuple[str, ...]] = {"bin": ("PATH",), "lib": ("LD_LIBRARY_PATH",)}
PATH_VARIABLES = frozenset(name for names in BUILD_ROOTS.values() for name in names)

LAUNCHER_ONLY = frozenset(
    {"CNB_LAYERS_DIR", "CNB_APP_DIR", "CNB_PROCESS_TYPE", "CNB_PLATFORM_API", "CNB_DEPRECATION_MODE"}
)
"""What the launcher reads and does not hand on."""


def build_base(surrounding: Mapping[str, str]) -> dict[str, str]:
    """Return the part of the ``surrounding`` environment that a buildpack is allowed to see."""
    return {name: value for name, value in surrounding.items() if name in PASSED_ON | PATH_VARIABLES}


def launch_base(surrounding: Mapping[str, str]) -> dict[str, str]:
    """Return the container's environment without what only concerns the launcher."""
    return {name: value for name, value in surrounding.items() if name not in LAUNCHER_ONLY}


def with_layer_roots(env: Mapping[str, str], layer: Path, roots: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return ``env`` with the well-known directories of ``layer`` prepended to the variables that go with them."""
    result = dict(env)
    for directory, names in roots.items():
        if (layer / directory).exists():
            for name in names:
                result[name] = _join(str(layer / directory), ":", result.get(name, ""))
    return result


def with_env_files(env: Mapping[str, str], directory: Path, unsuffixed: str = "override") -> dict[str, str]:
    """Return ``env`` changed by the files of a layer's ``env`` directory, which need not exist.

    A name up to its first dot is the variable; the rest says what to do. Contents are taken as they are, and nothing is
    put between an old and a new value unless a ``.delim`` file says what.
    """
    result = dict(env)
    for name, value in _env_files(directory):
        variable, dot, suffix = name.partition(".")
        action = _ACTIONS.get(suffix if dot else unsuffixed)
        if action is not None:
            result[variable] = action(result.get(variable, ""), value, _delimiter(directory, variable))
    return result


def with_platform_env(env: Mapping[str, str], platform: Path) -> dict[str, str]:
    """Return ``env`` with the user's variables: they override, but path variables are prepended."""
    result = dict(env)
    for name, value in _env_files(platform / "env"):
        result[name] = _join(value, ":", result.get(name, "")) if name in PATH_VARIABLES else value
    return result


def _join(left: str, delimiter: str, right: str) -> str:
    return left + delimiter + right if right else left


def _append(old: str, new: str, delimiter: str) -> str:
    return old + delimiter + new if old else new


_ACTIONS: Mapping[str, Callable[[str, str, str], str]] = {
    "override": lambda _old, new, _delimiter: new,
    "default": lambda old, new, _delimiter: old or new,
    "append": _append,
    "prepend": lambda old, new, delimiter: _join(new, delimiter, old),
}


def _delimiter(directory: Path, variable: str) -> str:
    path = directory / f"{variable}.delim"
    return os.fsdecode(path.read_bytes()) if path.is_file() else ""


def _env_files(directory: Path) -> Iterator[tuple[str, str]]:
    if not directory.exists():
        return
    if not directory.is_dir():
        raise Violation(f"{directory} is a file; layers have a directory of that name, or nothing")
    for path in sorted(directory.iterdir()):
        if not path.is_dir():
            yield path.name, os.fsdecode(path.read_bytes())
