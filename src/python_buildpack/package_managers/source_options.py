"""Options by which an app asks to build packages that have wheels: uv and pip prefer them to "wheels only".

uv's ``no-binary-package`` and pip's ``--no-binary NAME`` make an exception to ``--only-binary :all:`` of both, and uv
builds what is editable in any case. So where only wheels may be installed, they are refused.
"""

from collections.abc import Iterable, Iterator, Mapping

from python_buildpack.app.documents import PYPROJECT, read_toml, subtable
from python_buildpack.app.project import Project
from python_buildpack.package_managers.failures.errors import SourceBuildRefused
from python_buildpack.package_managers.policy import wheels_only
from python_buildpack.package_managers.requirement_files import RequirementLine
from python_buildpack.settings.table import ONLY_BINARY
from python_buildpack.settings.values import Settings

_NO_BINARY = "--no-binary"
_EDITABLE = ("-e", "--editable")
_NONE = ":none:"
_VARIABLES = ("UV_NO_BINARY", "UV_NO_BINARY_PACKAGE")
_FALSE = frozenset({"", "0", "false", "no", "off"})
_CONFIG = "uv.toml"


def refuse_source_lines(settings: Settings, lines: Iterable[RequirementLine]) -> None:
    """Raise SourceBuildRefused if only wheels may be installed and lines of requirements files ask for a build."""
    if wheels_only(settings):
        _refuse(f"{_place(line)} ({line.text})" for line in lines if _asks_for_build(line.text))


def refuse_source_options(settings: Settings, project: Project, env: Mapping[str, str], argv: tuple[str, ...]) -> None:
    """Raise SourceBuildRefused if only wheels may be installed and uv's configuration asks for a build.

    ``argv`` are the arguments of uv. Raises ProjectFileInvalid and ProjectFileUnreadable.
    """
    if not wheels_only(settings):
        return
    if argv[0] != "pip":
        # uv's interface like pip's has no such variable.
        _refuse(name for name in _VARIABLES if env.get(name, "").strip().lower() not in _FALSE)
    if "--no-config" not in argv:
        _refuse(_configured(project))


def _place(line: RequirementLine) -> str:
    # What a tool made from another notation is in no line.
    return f"{line.file}, line {line.number}" if line.number else line.file


def _asks_for_build(text: str) -> bool:
    option, _, value = text.replace("=", " ").partition(" ")
    # The short option may have its value attached.
    return (option == _NO_BINARY and value.strip() != _NONE) or option in _EDITABLE or text.startswith("-e")


def _configured(project: Project) -> Iterator[str]:
    for file, keys in ((PYPROJECT, ("tool", "uv")), (_CONFIG, ())):
        config = subtable(read_toml(project, file) or {}, *keys) if project.has(file) else {}
        if config.get("no-binary-package"):
            yield f"no-binary-package in {file}"
        if config.get("no-binary"):
            yield f"no-binary in {file}"
        if subtable(config, "pip").get("no-binary"):
            yield f"pip.no-binary in {file}"


def _refuse(asked: Iterable[str]) -> None:
    if found := ", ".join(asked):
        raise SourceBuildRefused(
            f"{ONLY_BINARY.name} is on, but {found} asks for packages to be built from their sources.",
            "Remove that, or add wheels of these packages to the app.",
        )
