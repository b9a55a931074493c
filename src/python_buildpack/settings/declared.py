"""Settings that an app declares itself: the table [tool.terrarium] of its pyproject.toml. Pure.

A key is the name of a setting as ``Setting.key`` has it; the variable's whole name in any case is understood, too. What
a value may be follows from the registry in table.py alone, as for a variable.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from cnb.frozen import field, frozen
from python_buildpack.settings.setting import SECONDS, SWITCH, Setting
from python_buildpack.settings.table import PROCESS, SETTINGS
from python_buildpack.support.toml_words import type_name

TABLE = "[tool.terrarium]"
PROCESSES = "processes"
"""The key of a table: the type of a process and its command."""
RUN_ENV = "run-env"
"""The key of a table: variables that containers get unless their platform sets them."""

KEYS: Mapping[str, Setting] = {
    setting.key: setting for setting in SETTINGS if setting.phase == "build" and setting is not PROCESS
}
"""The settings by the keys of [tool.terrarium], those included that only the platform may give."""
TABLES: Mapping[str, tuple[str, str]] = {
    PROCESSES: (r"[a-z0-9]+(?:[.-][a-z0-9]+)*", "a type of lower-case letters, digits and dashes, such as web"),
    RUN_ENV: (r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable"),
}
"""The keys whose values are tables: what a name in them has to be, as a pattern and in words."""
_SEPARATOR = re.compile(r"[\s,]")
_SIMILAR = 0.6
_MOST_NAMED = 10

LineOf = Callable[[tuple[str, ...]], int]
"""Returns the line at which the value at some keys is written; it is called only where something is wrong."""


@frozen
class Value:
    """A setting's value, and where it is from: the name of a variable, or a key and its file."""

    text: str
    origin: str


@frozen
class Declared:
    """What the app's own file says."""

    values: Mapping[str, Value] = field(default_factory=dict)
    """By the names of the settings."""
    processes: Mapping[str, Value] = field(default_factory=dict)
    """Commands by process type."""
    run_env: Mapping[str, Value] = field(default_factory=dict)
    """Defaults of the variables of containers."""
    wrong: tuple[str, ...] = ()
    """What ends the build, as sentences with file and line."""
    without_effect: tuple[str, ...] = ()
    """What is not read, as sentences with file and line."""
    files: tuple[str, ...] = ()
    """The files that have the table."""

    def over(self, other: "Declared") -> "Declared":
        """Return both, where this one goes first."""
        return Declared(
            {**other.values, **self.values},
            {**other.processes, **self.processes},
            {**other.run_env, **self.run_env},
            (*self.wrong, *other.wrong),
            (*self.without_effect, *other.without_effect),
            (*self.files, *other.files),
        )


NOTHING = Declared()


@frozen
class _Entry:
    """A value that counts: a setting by its name, a process by its type, or a variable of containers."""

    kind: str
    name: str
    value: Value


@frozen
class _Problem:
    """Something that does not count, at some keys of the table."""

    keys: tuple[str, ...]
    text: str
    is_wrong: bool = True
    """Whether it ends the build."""


def read_declared(table: object, file: str, line_of: LineOf) -> Declared:
    """Return what the value of ``tool.terrarium`` in a file says; what is wrong with it is a part of that."""
    items = tuple(_items(table, file))
    entries = {kind: {one.name: one.value for one in _of(items, kind)} for kind in (_SETTING, PROCESSES, RUN_ENV)}
    problems = [one for one in items if isinstance(one, _Problem)]
    return Declared(
        entries[_SETTING],
        entries[PROCESSES],
        entries[RUN_ENV],
        _sentences([one for one in problems if one.is_wrong], file, line_of),
        _sentences([one for one in problems if not one.is_wrong], file, line_of),
        (file,),
    )


_SETTING = ""


def _of(items: tuple["_Entry | _Problem", ...], kind: str) -> Iterator[_Entry]:
    return (one for one in items if isinstance(one, _Entry) and one.kind == kind)


def _sentences(problems: list[_Problem], file: str, line_of: LineOf) -> tuple[str, ...]:
    """Return a sentence for each of the first problems, each with its line."""
    named = [f"{file}, line {line_of(one.keys)}: {one.text}." for one in problems[:_MOST_NAMED]]
    more = len(problems) - len(named)
    return (*named, *([f"{file}: {more} more keys of {TABLE} are like that."] if more > 0 else []))


def _items(table: object, file: str) -> Iterator[_Entry | _Problem]:
    if not isinstance(table, dict):
        yield _Problem((), f"{TABLE} is {_kind(table)}, but has to be a table")
        return
    first: dict[str, str] = {}
    unknown = 0
    for key, value in table.items():
        name = _known(key)
        if name is None:
            # What is not shown is not compared with all settings either: a file may have 100,000 such keys.
            unknown += 1
            advice = _advice(key) if unknown <= _MOST_NAMED else "which is not a setting"
            yield _Problem((key,), f"{TABLE} has {key}, {advice}", is_wrong=False)
        elif name in first:
            yield _Problem((key,), f"{key} says again what {first[name]} says")
        elif name in TABLES:
            yield from _named(name, value, key, file)
        else:
            yield from _setting(KEYS[name], value, key, file)
        if name is not None:
            first.setdefault(name, key)


def _setting(setting: Setting, value: object, key: str, file: str) -> Iterator[_Entry | _Problem]:
    if setting.platform_only:
        why = f"only the platform can set {setting.name}, because {setting.platform_only}"
        yield _Problem((key,), f"{key} has no effect here: {why}", is_wrong=False)
        return
    text = converted(setting, value)
    if text is None:
        yield _Problem((key,), f"{key} {_fault(setting, value)}")
    elif text:
        yield _Entry(_SETTING, setting.name, Value(text, f"{key} in {file}, {TABLE}"))


def _named(kind: str, value: object, key: str, file: str) -> Iterator[_Entry | _Problem]:
    """Yield the texts of a table by their names: the processes, or the variables of containers."""
    if not isinstance(value, dict):
        yield _Problem((key,), f"{key} is {_shown(value)}, but has to be a table")
        return
    pattern, form = TABLES[kind]
    for name, text in value.items():
        if not re.fullmatch(pattern, name):
            yield _Problem((key, name), f"{name} in {key} has to be {form}")
        elif not isinstance(text, str) or "\0" in text or (kind == PROCESSES and not text.strip()):
            yield _Problem((key, name), f"{key}.{name} is {_shown(text)}, but has to be a text in quotes")
        else:
            plain = text.strip() if kind == PROCESSES else text
            yield _Entry(kind, name, Value(plain, f"{key}.{name} in {file}, {TABLE}"))


def converted(setting: Setting, value: object) -> str | None:
    """Return a value of TOML as the text that the variable would have; None if it is not allowed.

    An empty list is an empty text, which counts as none.
    """
    if setting.values == SWITCH:
        return str(value).lower() if isinstance(value, bool) else None
    if setting.is_list:
        return " ".join(value) if isinstance(value, list) and all(map(_is_name, value)) else None
    if setting.pattern == SECONDS:
        text = str(value) if isinstance(value, int) else ""
    elif setting.pattern and isinstance(value, date):
        text = value.isoformat()
    else:
        text = value.strip() if isinstance(value, str) and "\0" not in value else ""
    return text if text and is_allowed(setting, text) else None


def is_allowed(setting: Setting, text: str) -> bool:
    """Return whether a setting may have this value, which is not empty."""
    if setting.pattern:
        return re.fullmatch(setting.pattern, text, re.IGNORECASE) is not None
    return not setting.values or text.lower() in {allowed.lower() for allowed in setting.values}


def allowed_words(setting: Setting) -> str:
    """Return what a value has to be, to follow "has to be"; empty if it can be any text."""
    if setting.form or not setting.values:
        return setting.form
    *others, last = setting.values
    return f"{', '.join(others)} or {last}"


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value != "" and not _SEPARATOR.search(value) and "\0" not in value


def _fault(setting: Setting, value: object) -> str:
    """Return what is wrong with a value, to follow on the key."""
    if setting.values == SWITCH:
        return f"is {_shown(value)}, but has to be true or false, without quotes"
    if setting.is_list:
        return f"is {_shown(value)}, but has to be a list of names in quotes, without spaces and commas in them"
    if setting.pattern == SECONDS:
        return f"is {_shown(value)}, but has to be {setting.form}, without quotes"
    return f"is {_shown(value)}, but has to be {allowed_words(setting) or 'a text'}, in quotes"


def _shown(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"' if value.strip() else "empty"
        case list() if value and all(isinstance(item, str) for item in value):
            return f"[{', '.join(map(_shown, value))}]"
        case _:
            return _kind(value)


def _kind(value: object) -> str:
    return "a date or a time" if isinstance(value, date) else type_name.get(type(value), "a time")


def _known(key: str) -> str | None:
    """Return the key that is meant: in lower case, with dashes, without what the variable's name begins with."""
    plain = key.lower().replace("_", "-").removeprefix("bp-")
    return next((name for name in (plain, plain.removeprefix("python-")) if name in KEYS or name in TABLES), None)


def _advice(key: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - most builds have no use for this

    for name in (key.upper(), key.upper().replace("-", "_")):
        if any(setting.name == name for setting in SETTINGS if setting.phase == "launch"):
            return f"which a container reads: write it as {RUN_ENV}.{name}"
    close = get_close_matches(key.lower().replace("_", "-"), (*KEYS, *TABLES), n=1, cutoff=_SIMILAR)
    return f"which is not a setting; {close[0]} is" if close else "which is not a setting"
