"""Reads pip's configuration files for tools that do not: https://pip.pypa.io/en/stable/topics/configuration/."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from python_buildpack.support.small_files import read_small

_SECTIONS = ("global", "install")
"""Later sections take precedence, as for ``pip install``."""
_DISABLED = "/dev/null"


def read_pip_config(env: Mapping[str, str]) -> dict[str, str]:
    """Return the settings in the files as PIP_* variables with the same meaning.

    A file that cannot be read or parsed is ignored.
    """
    found: dict[str, str] = {}
    for path in _files(env):
        if text := read_small(path):
            found |= _parse(text)
    return found


def _parse(text: str) -> dict[str, str]:
    from python_buildpack.support.ini import IniInvalid, read_ini  # noqa: PLC0415 - few builds have such a file

    try:
        sections = read_ini(text)
    except IniInvalid:
        return {}
    found: dict[str, str] = {}
    for section in _SECTIONS:
        found |= {_variable(key): " ".join(value.split()) for key, value in sections.get(section, {}).items()}
    return found


def _files(env: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files in pip's order: later files take precedence."""
    chosen = env.get("PIP_CONFIG_FILE", "")
    if chosen == _DISABLED:
        return
    for folder in reversed(env.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")):
        yield Path(folder) / "pip" / "pip.conf"
    yield Path("/etc/pip.conf")
    if home := env.get("HOME"):
        yield Path(home) / ".pip" / "pip.conf"
        yield Path(env.get("XDG_CONFIG_HOME") or f"{home}/.config") / "pip" / "pip.conf"
    if chosen:
        yield Path(chosen)


def _variable(key: str) -> str:
    return f"PIP_{key.strip().lstrip('-').upper().replace('-', '_')}"
