"""Variables that look as if they were for this buildpack, and that it does not read."""

from collections.abc import Iterator, Mapping

from cnb.frozen import frozen
from python_buildpack.settings.table import (
    DEPENDENCY_MIRROR,
    OUR_PREFIXES,
    PACKAGE_MANAGER,
    PROCESS_PREFIX,
    PYTHON_VERSION,
    SETTINGS,
    START_COMMAND,
)
from python_buildpack.support.wildcard import fits

_FAMILIES = (f"{DEPENDENCY_MIRROR.name}_", PROCESS_PREFIX)
"""What the names of settings begin with whose end is free."""
_LIKE_OURS = 0.85
"""How much a foreign name has to resemble one of ours to be taken for it: BP_NODE_VERSION is not ours."""
_LIKE_ANY = 0.6
"""The same for a name that begins as only ours do."""


@frozen
class ForeignVariable:
    """A variable of another builder that is not read here. Those with the same meaning are aliases in table.py."""

    name: str
    """``*`` in it stands for anything; the first row that fits counts."""
    builder: str
    instead: str
    """What to do, as a sentence."""


_VERSION = f"Set {PYTHON_VERSION.name}, or write the version in .python-version."
START = f"Set {START_COMMAND.name}, or write the command into a Procfile, as a line that begins with web:."
_TOOL_VERSION = "The version of the tool is that of the buildpack; a lock is checked by it as it is."
_CONDA = "Conda is not used; declare the packages in requirements.txt or pyproject.toml."
SYSTEM_PACKAGES = (
    "System packages are installed by the image extension terrarium/apt, if the builder has it, from an Aptfile, a "
    "packages.txt or BP_APT_PACKAGES; else they are for the builder's images, or for a buildpack before this one, such "
    "as heroku/deb-packages."
)
HOOKS = "Put the commands into bin/pre_compile (before the installation) or bin/post_compile (after it)."
_NONE = "There is nothing like it here; remove it."

FOREIGN: tuple[ForeignVariable, ...] = (
    ForeignVariable("BP_PIP_VERSION", "Paketo", _TOOL_VERSION),
    ForeignVariable("BP_PIPENV_VERSION", "Paketo", _TOOL_VERSION),
    ForeignVariable("BP_POETRY_VERSION", "Paketo", _TOOL_VERSION),
    ForeignVariable("BP_UV_VERSION", "Paketo", _TOOL_VERSION),
    ForeignVariable("BP_PIP_FIND_LINKS", "Paketo", "Set PIP_FIND_LINKS."),
    ForeignVariable("BP_PIP_DEST_PATH", "Paketo", _NONE),
    ForeignVariable("BP_CPYTHON_CONFIGURE_FLAGS", "Paketo", "Python is not compiled in the build; remove it."),
    ForeignVariable("BP_CONDA_*", "Paketo", _CONDA),
    ForeignVariable("BP_MINICONDA_*", "Paketo", _CONDA),
    ForeignVariable("BP_PROCFILE_DEFAULT_PROCESS", "Paketo", START),
    ForeignVariable("GOOGLE_RUNTIME_VERSION", "Google", _VERSION),
    ForeignVariable("GOOGLE_RUNTIME", "Google", "The app's files show that it is Python; remove it."),
    ForeignVariable("GOOGLE_PYTHON_PACKAGE_MANAGER", "Google", f"Set {PACKAGE_MANAGER.name}."),
    ForeignVariable(
        "GOOGLE_FUNCTION_*",
        "Google",
        "Write web: functions-framework --target=NAME into a Procfile, and functions-framework into the requirements.",
    ),
    ForeignVariable("GOOGLE_DEVMODE", "Google", "Set BP_LIVE_RELOAD_ENABLED=true."),
    ForeignVariable("GOOGLE_VENDOR_PIP_DEPENDENCIES", "Google", "Set PIP_NO_INDEX and PIP_FIND_LINKS."),
    ForeignVariable("BUILD_WITH_GEO_LIBRARIES", "Heroku", SYSTEM_PACKAGES),
    ForeignVariable("DEBUG_COLLECTSTATIC", "Heroku", "What collectstatic prints is always in the log; remove it."),
    ForeignVariable("RAILPACK_BUILD_CMD", "Railpack", HOOKS),
    ForeignVariable("RAILPACK_INSTALL_CMD", "Railpack", HOOKS),
    ForeignVariable("RAILPACK_PACKAGES", "Railpack", _VERSION),
    ForeignVariable("RAILPACK_*APT_PACKAGES", "Railpack", SYSTEM_PACKAGES),
    ForeignVariable("RAILPACK_DJANGO_APP_NAME", "Railpack", "Write web: gunicorn NAME into a file named Procfile."),
    ForeignVariable("RAILPACK_*", "Railpack", _NONE),
    ForeignVariable("NIXPACKS_BUILD_CMD", "Nixpacks", HOOKS),
    ForeignVariable("NIXPACKS_INSTALL_CMD", "Nixpacks", HOOKS),
    ForeignVariable("NIXPACKS_*PKGS", "Nixpacks", SYSTEM_PACKAGES),
    ForeignVariable("NIXPACKS_*LIBS", "Nixpacks", SYSTEM_PACKAGES),
    ForeignVariable("NIXPACKS_*_VERSION", "Nixpacks", _TOOL_VERSION),
    ForeignVariable("NIXPACKS_*", "Nixpacks", _NONE),
    ForeignVariable("PYTHON_VERSION", "Render and others", _VERSION),
    ForeignVariable("PRE_BUILD_COMMAND", "Azure", HOOKS),
    ForeignVariable("POST_BUILD_COMMAND", "Azure", HOOKS),
)
"""The builders that apps come from, and their variables; one line for each."""


def foreign(env: Mapping[str, str]) -> Iterator[tuple[str, ForeignVariable]]:
    """Yield each variable of another builder that is set and not read, with what is known of it."""
    for name in sorted(env):
        if name not in _KNOWN and env[name].strip():
            rows = (row for row in FOREIGN if fits(name, row.name))
            if row := next(rows, None):
                yield name, row


def unknown(env: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    """Yield each BP_* variable that looks like one of ours and is none, with the name that was probably meant."""
    elsewhere = {name for name, _ in foreign(env)}
    for name in sorted(name for name in env if name.startswith("BP_")):
        if name in _KNOWN or name in elsewhere or name.startswith(_FAMILIES):
            continue
        is_ours = name.startswith(OUR_PREFIXES)
        from difflib import get_close_matches  # noqa: PLC0415 - most builds have no use for this

        close = get_close_matches(name, _KNOWN, n=1, cutoff=_LIKE_ANY if is_ours else _LIKE_OURS)
        if is_ours or close:
            yield name, next(iter(close), None)


_KNOWN = tuple(sorted({name for setting in SETTINGS for name in setting.names}))
