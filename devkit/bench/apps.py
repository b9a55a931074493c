"""The apps of the benchmark: what is in benchmarks/apps, and its variants as directories to be built."""

import re
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from devkit.bench.locks import versions, with_requirement
from devkit.bench.managers import MANAGERS, REQUIREMENTS, SEPARATOR
from devkit.bench.model import Variant
from devkit.paths import CHECKOUT

BENCHMARKS = CHECKOUT / "benchmarks"
APPS = BENCHMARKS / "apps"
EDIT = "\n# A comment, as an edit of the code.\n"


@dataclass(frozen=True, slots=True)
class App:
    """An app and its locked dependencies."""

    name: str
    title: str
    folder: Path
    edited: str
    """The file that a change of the code changes."""
    imports: tuple[str, ...]
    """The heavy modules whose import is timed."""
    sdists: tuple[str, ...] = ()
    """Projects of which the index has no wheel."""
    manager: str = REQUIREMENTS
    """Whose files the app has for ours and for the floor; the other rivals know requirements.txt only."""

    def lock(self, variant: Variant = Variant.BASE) -> str:
        """Return requirements.txt with hashes, of this variant."""
        lock = self._text("requirements.txt")
        match variant:
            case Variant.CHANGED:
                return with_requirement(lock, self._text("changed.txt"))
            case Variant.ADDED:
                return with_requirement(lock, self._text("added.txt"))
            case _:
                return lock

    def _text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


def app_names() -> tuple[str, ...]:
    """Return the names of all apps, the quick ones first."""
    names = {path.parent.name for path in APPS.glob("*/bench.toml")}
    known = ("small", "compile", "django", "monorepo", "data")
    return (*(name for name in known if name in names), *sorted(names - set(known)))


def by_each_manager(name: str) -> tuple[str, ...]:
    """Return the names of an app for each package manager."""
    return tuple(f"{name}{SEPARATOR}{manager}" for manager in MANAGERS)


def read_app(name: str) -> App:
    """Return an app of benchmarks/apps; a name with ``-by-`` is that app by another package manager."""
    plain, _, manager = name.partition(SEPARATOR)
    folder = APPS / plain
    table = tomllib.loads((folder / "bench.toml").read_text(encoding="utf-8"))
    return App(
        name=name,
        title=table["title"],
        folder=folder,
        edited=table["edited"],
        imports=tuple(table["imports"]),
        sdists=tuple(table.get("sdists", ())),
        manager=manager or table.get("manager", REQUIREMENTS),
    )


def write_sources(app: App, variant: Variant, python: str, target: Path) -> Path:
    """Write the app's source in a variant, with requirements.txt, into ``target``, and return it."""
    shutil.copytree(app.folder / "source", target)
    (target / ".python-version").write_text(f"{python}\n")
    (target / "requirements.txt").write_text(app.lock(variant), encoding="utf-8")
    if variant is Variant.CODE:
        with (target / app.edited).open("a", encoding="utf-8") as file:
            file.write(EDIT)
    return target


def direct_pins(app: App, variant: Variant) -> dict[str, str]:
    """Return what a project file of a variant requires: what direct.txt names, and what the variant adds; else all."""
    locked = versions(app.lock(variant))
    direct = app.folder / "direct.txt"
    if not direct.exists():
        names = {_plain(name) for name in locked}
    else:
        added = set(versions(app.lock(Variant.ADDED))) - set(versions(app.lock()))
        names = {*direct.read_text(encoding="utf-8").split(), *added}
    return {name: version for name, version in locked.items() if _plain(name) in names}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
