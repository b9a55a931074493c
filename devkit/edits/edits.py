"""Random edits of an app: of each file in its own way, new files, files removed, and variables of the build."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from devkit.edits.apps import App
from devkit.edits.libraries import OFTEN

_NUMBERS = 10_000
_NUMBER = re.compile(r"\d+")
_FOLDERS = re.compile(r"(?:[\w.-]+/)+|alpha|beta")


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit, in words and as what it does to the app's directory."""

    what: str
    do: Callable[[Path], object]
    is_idle: bool = False
    """Whether it must not lead to an installation."""
    declares: bool = False
    """Whether a lock may have to be made again."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables of the user that it sets."""

    @property
    def kind(self) -> str:
        """What is done to which kind of file."""
        return _NUMBER.sub("N", _FOLDERS.sub("", self.what))


def random_edit(random: Random, app: App, folder: Path) -> Edit:
    """Return an edit of one file of the app as it is now."""
    number = random.randrange(_NUMBERS)
    return random.choice(
        [edit for edit in _edits(app, folder, number) if random.random() < OFTEN] or [_new_test(number)]
    )


def _edits(app: App, folder: Path, number: int) -> Iterator[Edit]:
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        path = file.relative_to(folder).as_posix()
        if path.endswith((".lock", "pylock.toml", "Pipfile", "Procfile")):
            continue
        yield from _of_file(app, path, number)
    for library in app.libraries:
        yield _write(f"{library.package}/new_{number}.py", "NEW = 1\n", is_idle=False)
        yield _write(f"{library.package}/sub_{number}/__init__.py", "")
        yield _write(f"{library.package}/new_{number}.txt", "new\n")
        if (folder / library.package / "data.json").exists():
            yield _remove(f"{library.package}/data.json")
    yield _write(f"templates/new_{number}.html", "", is_idle=True)
    yield _write(f"notes_{number}.md", "", is_idle=True)
    yield _new_test(number)


def _new_test(number: int) -> Edit:
    return _write(f"templates/test_{number}.py", "", is_idle=True)


def _of_file(app: App, path: str, number: int) -> Iterator[Edit]:
    idle = path in app.idle
    versions = {library.version_file for library in app.libraries} | {"VERSION", "src/shop/about.py"}
    if path in versions:
        text = f"{number}.0\n" if path.endswith("VERSION") else f'"""x"""\n__version__ = "{number}.0"\ndef run(): ...\n'
        yield _write(path, text)
    elif path.endswith("pyproject.toml"):
        is_library = any(path == f"{library.folder}/pyproject.toml" for library in app.libraries)
        yield _append(path, f"[tool.ruff.a{number}]\nx = 1\n", is_idle=True)
        if is_library:
            yield _replace(path, "[project.scripts]\n", f'[project.scripts]\nrun-{number} = "x:run"\n')
            yield _replace(path, 'version = "1.0"', f'version = "1.{number}"')
    elif path.endswith((".py", ".txt", ".cfg")):
        yield _append(path, f"# {number}\n", is_idle=idle)
    elif path.endswith(".json"):
        yield _write(path, f"[{number}]\n", is_idle=idle)
    else:
        yield _append(path, f"{number}\n", is_idle=idle)


def _write(path: str, text: str, *, is_idle: bool = False) -> Edit:
    def do(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")

    return Edit(f"write {path}", do, is_idle)


def _remove(path: str) -> Edit:
    return Edit(f"remove {path}", lambda root: (root / path).unlink())


def _append(path: str, text: str, *, is_idle: bool = False) -> Edit:
    def do(root: Path) -> None:
        with (root / path).open("a", encoding="utf-8") as file:
            file.write(text)

    return Edit(f"append to {path}", do, is_idle)


def _replace(path: str, old: str, new: str) -> Edit:
    def do(root: Path) -> None:
        text = (root / path).read_text(encoding="utf-8")
        (root / path).write_text(text.replace(old, new), encoding="utf-8")

    return Edit(f"replace {old!r} in {path}", do, declares=True)
