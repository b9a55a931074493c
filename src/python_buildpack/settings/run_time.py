"""Variables of containers that a build is given: BPE_*, as Paketo's buildpack for environment variables has them.

BPE_DEFAULT_NAME is used where the container's platform sets no NAME, BPE_NAME and BPE_OVERRIDE_NAME always,
BPE_APPEND_NAME and BPE_PREPEND_NAME are added to it, with the text of BPE_DELIM_NAME between. ``run-env`` in
[tool.terrarium] has defaults.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from cnb.frozen import frozen
from python_buildpack.settings.setting import RUN_TIME_PREFIX
from python_buildpack.settings.values import SettingInvalid, Settings

Kind = Literal["DEFAULT", "OVERRIDE", "APPEND", "PREPEND"]
_KINDS: tuple[Kind, ...] = ("DEFAULT", "OVERRIDE", "APPEND", "PREPEND")
WORDS: Mapping[Kind, str] = {
    "DEFAULT": "set unless it is set",
    "OVERRIDE": "set",
    "APPEND": "lengthened at its end",
    "PREPEND": "lengthened at its beginning",
}
"""What becomes of a variable, to follow its name."""
_DELIM = f"{RUN_TIME_PREFIX}DELIM_"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@frozen
class RunTimeVariable:
    """What is to be done with one variable when a container starts."""

    kind: Kind
    name: str
    value: str
    delimiter: str
    origin: str
    """Where it is from, for the log."""


def run_time_variables(settings: Settings) -> tuple[RunTimeVariable, ...]:
    """Return what the settings say, one for each kind and variable; what the platform says goes first.

    Raises SettingInvalid for what is no name of a variable.
    """
    found: dict[tuple[Kind, str], RunTimeVariable] = {}
    for kind, name, origin in _given(settings):
        delimiter = settings.env.get(f"{_DELIM}{name}", "") if kind in {"APPEND", "PREPEND"} else ""
        # BPE_NAME comes before BPE_OVERRIDE_NAME: of two that say the same, the longer name counts.
        found[kind, name] = RunTimeVariable(kind, name, settings.env[origin], delimiter, origin)
    wrong = sorted(one.origin for one in found.values() if not _NAME.fullmatch(one.name) or "\0" in one.value)
    if wrong:
        raise SettingInvalid(
            f"{', '.join(wrong)}: what follows on {RUN_TIME_PREFIX} is not the name of an environment variable.",
            f"Correct {', '.join(wrong)} in the build's environment, or remove it.",
        )
    by_platform = {name for kind, name in found if kind in {"DEFAULT", "OVERRIDE"}}
    declared = (
        RunTimeVariable("DEFAULT", name, value.text, "", value.origin)
        for name, value in settings.declared.run_env.items()
        if name not in by_platform
    )
    return (*found.values(), *declared)


def unused_delimiters(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield each of BPE_DELIM_* to whose variable nothing is added, with that variable."""
    for name in sorted(name for name in settings.env if name.startswith(_DELIM)):
        variable = name.removeprefix(_DELIM)
        if not any(f"{RUN_TIME_PREFIX}{kind}_{variable}" in settings.env for kind in ("APPEND", "PREPEND")):
            yield name, variable


def _given(settings: Settings) -> Iterator[tuple[Kind, str, str]]:
    """Yield kind, name and the build's variable for each of BPE_*; those without a kind first."""
    explicit = tuple(f"{RUN_TIME_PREFIX}{kind}_" for kind in _KINDS)
    given = sorted(name for name in settings.env if name.startswith(RUN_TIME_PREFIX) and not name.startswith(_DELIM))
    for name in given:
        if not name.startswith(explicit):
            yield "OVERRIDE", name.removeprefix(RUN_TIME_PREFIX), name
    for kind, prefix in zip(_KINDS, explicit, strict=True):
        yield from ((kind, name.removeprefix(prefix), name) for name in given if name.startswith(prefix))
