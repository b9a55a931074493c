"""Random edits of an app: of each file in its own way, new files, files removed, and variables of the build."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from devkit.edits import repository
from devkit.edits.apps import SIX, App
from devkit.edits.archives import Archive
from devkit.edits.libraries import Library

_NUMBERS = 10_000
_NUMBER = re.compile(r"\d+")
_FOLDERS = re.compile(r"(?:[\w.-]+/)+|alpha|beta")
_EXECUTABLE = 0o111
_LOCKS = (".lock", "pylock.toml", "Pipfile", "Procfile", ".whl", ".tar.gz")
_IGNORING = ("data.json\n", "views.py\n", "*.txt\n", "# nothing\n")
LICENSES = ("LICENSE", "COPYING.md", "NOTICE", "AUTHORS.txt")


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
    """Return an edit of the app as it is now: one of a random kind."""
    number = random.randrange(_NUMBERS)
    by_kind: dict[str, list[Edit]] = {}
    for edit in _edits(random, app, folder, number):
        by_kind.setdefault(edit.kind, []).append(edit)
    return random.choice(by_kind[random.choice(sorted(by_kind))])


def _edits(random: Random, app: App, folder: Path, number: int) -> Iterator[Edit]:
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
        path = file.relative_to(folder).as_posix()
        if not path.endswith(_LOCKS) and not path.startswith(".git/"):
            yield from _of_file(app, path, file.read_text(encoding="utf-8"), number)
    for library in app.libraries:
        yield from _of_library(random, app, library, folder, number)
    yield from (_replace_archive(app, archive, number) for archive in app.archives)
    yield from _new_files(app, number, random)
    yield _set("DATABASE_URL", f"sqlite://{number}", is_idle=True)
    if app.has_git:
        yield Edit("tag a commit", lambda root: repository.tag(root, f"v{number}.0"))
        yield Edit("commit", repository.commit)


def _new_files(app: App, number: int, random: Random) -> Iterator[Edit]:
    idle = not app.asks_git
    for path in (f"templates/new_{number}.html", f"notes_{number}.md", f"templates/test_{number}.py"):
        yield _write(path, "", is_idle=idle)
    yield _write(f"docs/new_{number}.md", "", is_idle=idle)
    yield _write(f".github/new_{number}.yml", "", is_idle=idle)
    yield _write(".gitignore", random.choice(_IGNORING))
    yield _write("libs/.gitignore", random.choice(_IGNORING))


def _of_library(random: Random, app: App, library: Library, folder: Path, number: int) -> Iterator[Edit]:
    idle = library.is_editable and not app.asks_git
    package = library.package
    yield _write(f"{package}/new_{number}.py", "NEW = 1\n", is_idle=idle)
    yield _write(f"{package}/sub_{number}/__init__.py", "")
    yield _write(f"{package}/space_{number}/deep/module.py", "")
    yield _write(f"{package}/new_{number}.txt", "new\n")
    yield _write(library.at(f"other_{number}/__init__.py"), "")
    yield _write(library.at(random.choice(LICENSES)), f"{number}\n")
    yield _write(library.at(".gitignore"), random.choice(_IGNORING))
    yield (
        _write(library.at("setup.cfg"), f"[metadata]\nkeywords = a{number}\n")
        if not (folder / library.at("setup.cfg")).exists()
        else _remove(library.at("NOTES.md"), folder)
    )
    yield _write(library.at("MANIFEST.in"), f"recursive-include . *.{random.choice(('txt', 'json', 'py'))}\n")
    linked = "../" * (package.count("/") + 1) + "shared/words.json"
    yield _link(f"{package}/linked.json", linked)
    yield _link(f"{package}/near.json", "data.json")
    for path in (f"{package}/data.json", f"{package}/views.py", library.at("NOTES.md")):
        if (folder / path).is_file():
            yield _remove(path, folder)
            yield _rename(path, f"{path.rpartition('.')[0]}_{number}.{path.rpartition('.')[2]}")
    for name in library.variables:
        yield _set(name, f"{number}.0" if name != "EDITION" else f".{number}")


def _of_file(app: App, path: str, text: str, number: int) -> Iterator[Edit]:
    idle = path in app.idle
    yield Edit(f"chmod {path}", lambda root: _toggle(root / path), is_idle=idle)
    versions = {library.version_file for library in app.libraries} | {"VERSION"}
    if path in versions:
        text = f"{number}.0\n" if path.endswith("VERSION") else f'"""x"""\n__version__ = "{number}.0"\ndef run(): ...\n'
        yield _write(path, text)
    elif path.endswith(("pyproject.toml", "setup.cfg")):
        yield from _of_metadata(app, path, text, number)
    elif path.endswith((".py", ".txt", ".in", ".gitignore")):
        yield _append(path, f"# {number}\n", is_idle=idle or path.endswith("/limits.txt"))
    elif path.endswith(".json"):
        yield _write(path, f"[{number}]\n", is_idle=idle)
    else:
        yield _append(path, f"{number}\n", is_idle=idle)
    if "six<" in text:
        other = SIX[number % len(SIX)]
        yield Edit(f"limit six in {path}", lambda root: _sub(root / path, r"six<[\d.]+", f"six<{other}"), declares=True)


def _of_metadata(app: App, path: str, text: str, number: int) -> Iterator[Edit]:
    if path.endswith(".toml"):
        yield _append(path, f"[tool.ruff.a{number}]\nx = 1\n", is_idle=not app.asks_git)
    changes = {
        r"\[project\.scripts\]\n": f'[project.scripts]\nrun-{number} = "x:run"\n',
        r"\[tool\.poetry\.scripts\]\n": f'[tool.poetry.scripts]\nrun-{number} = "x:run"\n',
        r"console_scripts =\n": f"console_scripts =\n    run-{number} = x:run\n",
        r'version = "1[\d.]*"': f'version = "1.{number}"',
        r'description = "\w*"': f'description = "a{number}"',
    }
    for old, new in changes.items():
        if re.search(old, text):
            yield _replace(path, old, new)


def _write(path: str, text: str, *, is_idle: bool = False) -> Edit:
    def do(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")

    return Edit(f"write {path}", do, is_idle)


def _remove(path: str, folder: Path) -> Edit:
    return Edit(f"remove {path}", lambda root: (root / path).unlink()) if (folder / path).exists() else _write(path, "")


def _rename(path: str, new: str) -> Edit:
    return Edit(f"rename {path}", lambda root: (root / path).rename(root / new))


def _link(path: str, target: str) -> Edit:
    def do(root: Path) -> None:
        if (root / path).is_symlink():
            (root / path).unlink()
        else:
            (root / path).symlink_to(target)

    return Edit(f"link {path}", do)


def _toggle(path: Path) -> None:
    path.chmod(path.stat().st_mode ^ _EXECUTABLE)


def _append(path: str, text: str, *, is_idle: bool = False) -> Edit:
    def do(root: Path) -> None:
        with (root / path).open("a", encoding="utf-8") as file:
            file.write(text)

    return Edit(f"append to {path}", do, is_idle)


def _replace(path: str, old: str, new: str) -> Edit:
    words = old.replace("\\", "")
    return Edit(f"replace {words!r} in {path}", lambda root: _sub(root / path, old, new), declares=True)


def _sub(path: Path, old: str, new: str) -> None:
    path.write_text(re.sub(old, new, path.read_text(encoding="utf-8"), count=1), encoding="utf-8")


def _set(name: str, value: str, *, is_idle: bool = False) -> Edit:
    return Edit(f"set {name}", lambda root: root, is_idle, env={name: value})


def _replace_archive(app: App, archive: Archive, number: int) -> Edit:
    def do(root: Path) -> None:
        old, new = (root / archive.path).read_bytes(), archive.content(number)
        (root / archive.path).write_bytes(new)
        for lock in (root / "pylock.toml", root / "Pipfile.lock"):
            if lock.exists():
                _sub(lock, hashlib.sha256(old).hexdigest(), hashlib.sha256(new).hexdigest())

    return Edit(f"replace {archive.path}", do, declares=app.lock is not None)
