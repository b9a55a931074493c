"""The environment variables of a layer: a value in memory, and pure functions to apply it and to turn it into files.

See the spec: Buildpack, Environment Variable Modification Rules. The lifecycle sets a layer's variables for later
buildpacks and in the image, but not for the buildpack that makes the layer; ``apply`` sets them for its commands.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path

from cnb.files import write_file
from cnb.frozen import frozen, replace
from cnb.launch import check_process_type
from cnb.trees import make_directory


class Scope(Enum):
    """When the variables are set; the value is the directory in the layer for this scope."""

    ALL = "env"
    BUILD = "env.build"
    LAUNCH = "env.launch"


@frozen
class ForProcess:
    """The scope of one process type at launch: its variables are set for no other process."""

    type: str

    def __post_init__(self) -> None:
        check_process_type(self.type)

    @property
    def value(self) -> str:
        """The directory in the layer for this scope."""
        return f"{Scope.LAUNCH.value}/{self.type}"


AnyScope = Scope | ForProcess


class Action(Enum):
    """How a variable is changed; the value is the suffix of the file's name."""

    OVERRIDE = "override"
    DEFAULT = "default"
    APPEND = "append"
    PREPEND = "prepend"


_JOINING = {Action.APPEND, Action.PREPEND}


@frozen
class Change:
    """One change of one variable."""

    scope: AnyScope
    name: str
    action: Action
    value: str
    delimiter: str = ""


@frozen
class LayerEnv:
    """All changes that a layer makes. Each method returns a new value with one more change."""

    changes: tuple[Change, ...] = ()

    def override(self, name: str, value: str, scope: AnyScope = Scope.ALL) -> "LayerEnv":
        """Set the variable, even if the user has set it."""
        return self._with(Change(scope, name, Action.OVERRIDE, value))

    def default(self, name: str, value: str, scope: AnyScope = Scope.ALL) -> "LayerEnv":
        """Set the variable if it is unset or empty, so that the user's value is kept."""
        return self._with(Change(scope, name, Action.DEFAULT, value))

    def append(self, name: str, value: str, *, delimiter: str, scope: AnyScope = Scope.ALL) -> "LayerEnv":
        """Add ``value`` at the end, after ``delimiter`` (``:`` for paths)."""
        return self._with(Change(scope, name, Action.APPEND, value, delimiter))

    def prepend(self, name: str, value: str, *, delimiter: str, scope: AnyScope = Scope.ALL) -> "LayerEnv":
        """Add ``value`` at the start, before ``delimiter`` (``:`` for paths)."""
        return self._with(Change(scope, name, Action.PREPEND, value, delimiter))

    def _with(self, change: Change) -> "LayerEnv":
        _check_change(change)
        for other in self.changes:
            if (other.scope, other.name) != (change.scope, change.name):
                continue
            if other.action is change.action:
                raise ValueError(f"{change.name} has two values for {change.action.value} in {change.scope.value}")
            if {other.action, change.action} == _JOINING and other.delimiter != change.delimiter:
                raise ValueError(
                    f"{change.name} has two delimiters in {change.scope.value}: there is one file for both"
                )
        return replace(self, changes=(*self.changes, change))


def _check_change(change: Change) -> None:
    # The variable is the file's name up to the first dot; no variable's name can contain "=" or NUL.
    if not change.name or set(change.name) & set("./=\0"):
        raise ValueError(f"{change.name!r} cannot be the name of a variable in a layer's environment")
    if "\0" in change.value or "\0" in change.delimiter:
        raise ValueError(f"the value of {change.name} holds a NUL character: no program could be started with it")


def apply(layer_env: LayerEnv, environment: Mapping[str, str], *scopes: AnyScope) -> dict[str, str]:
    """Return ``environment`` with the layer's changes, as the lifecycle would apply them.

    ``scopes`` are those to apply, in the lifecycle's order: ALL and BUILD during a build; ALL, LAUNCH and the
    process's own at launch.
    """
    result = dict(environment)
    for scope in scopes:
        # The order of the file names; it matters where one variable is changed in several ways.
        in_scope = (change for change in layer_env.changes if change.scope == scope)
        for change in sorted(in_scope, key=lambda change: (change.name, change.action.value)):
            result[change.name] = _changed(result.get(change.name, ""), change)
    return result


def _changed(before: str, change: Change) -> str:
    match change.action:
        case Action.OVERRIDE:
            return change.value
        case Action.DEFAULT:
            return before or change.value
        case Action.APPEND:
            return before + change.delimiter + change.value if before else change.value
        case Action.PREPEND:
            return change.value + change.delimiter + before if before else change.value


def env_files(layer_env: LayerEnv) -> dict[str, str]:
    """Return the files of ``layer_env``: content by path in the layer, without a final newline."""
    return dict(sorted(file for change in layer_env.changes for file in _files(change)))


def _files(change: Change) -> Iterator[tuple[str, str]]:
    stem = f"{change.scope.value}/{change.name}"
    yield f"{stem}.{change.action.value}", change.value
    if change.delimiter:
        yield f"{stem}.delim", change.delimiter


def parse_env_files(files: Mapping[str, str]) -> LayerEnv:
    """Return the changes of the files, given as content by path: the reverse of env_files.

    Files with other suffixes are left out.
    """
    layer_env = LayerEnv()
    for path, value in sorted(files.items()):
        folder, _, file = path.rpartition("/")
        name, _, ending = file.partition(".")
        if folder and (ending or Action.OVERRIDE.value) in {action.value for action in Action}:
            delimiter = files.get(f"{folder}/{name}.delim", "")
            action = Action(ending or Action.OVERRIDE.value)
            change = Change(_scope(folder), name, action, value, delimiter if action in _JOINING else "")
            layer_env = replace(layer_env, changes=(*layer_env.changes, change))
    return layer_env


def _scope(folder: str) -> AnyScope:
    launch, _, process = folder.partition("/")
    return ForProcess(process) if process and launch == Scope.LAUNCH.value else Scope(folder)


def read_layer_env(layer: Path) -> LayerEnv:
    """Return the environment of the layer in this directory."""
    files: dict[str, str] = {}
    for scope in Scope:
        for path in sorted((layer / scope.value).rglob("*")):
            if path.is_file():
                files[path.relative_to(layer).as_posix()] = path.read_bytes().decode("utf-8", "surrogateescape")
    return parse_env_files(files)


def write_layer_env(layer_env: LayerEnv, layer: Path) -> None:
    """Write the files of ``layer_env`` into the layer. Raises FileNotWritten."""
    for relative, value in env_files(layer_env).items():
        path = layer / relative
        make_directory(path.parent)
        write_file(path, value)
