"""The wheels and sdists that the local index offers: fetched once with pip, kept outside the checkout."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from devkit.bench.apps import BENCHMARKS, App
from devkit.bench.index import project_of
from devkit.bench.locks import versions
from devkit.bench.model import Variant
from devkit.errors import DevkitError
from devkit.pack.commands import run, tail
from devkit.paths import kept

VARIANTS = (Variant.BASE, Variant.CHANGED, Variant.ADDED)


@dataclass(frozen=True, slots=True)
class Lock:
    """A requirements.txt with hashes, and which projects come as sdists."""

    text: str
    sdists: tuple[str, ...] = ()


def stock_folder() -> Path:
    """Return where the files are kept."""
    folder = kept() / "bench" / "packages"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def fill_stock(apps: Iterable[App], python: Path) -> Path:
    """Fetch what is missing for these apps, and return the directory. Raises DevkitError if pip cannot fetch it."""
    folder = stock_folder()
    backends = (BENCHMARKS / "build-backends.txt").read_text(encoding="utf-8")
    locks = [Lock(backends), *(Lock(app.lock(variant), app.sdists) for app in apps for variant in VARIANTS)]
    for lock in locks:
        if missing(lock, folder):
            _download(lock, folder, python)
    return folder


def missing(lock: Lock, folder: Path) -> list[str]:
    """Return the projects of a lock that the directory does not have in the locked version."""
    have = {(project_of(file), file.name.split("-")[1].removesuffix(".tar.gz")) for file in folder.iterdir()}
    return [name for name, version in versions(lock.text).items() if (name, version) not in have]


def _download(lock: Lock, folder: Path, python: Path) -> None:
    print(f"fetching {', '.join(missing(lock, folder)[:5])} … once, for the local index")
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        requirements = Path(scratch, "requirements.txt")
        requirements.write_text(lock.text, encoding="utf-8")
        argv = [str(python), "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--dest", scratch]
        argv += [part for name in lock.sdists for part in ("--no-binary", name)]
        finished = run([*argv, "--requirement", str(requirements)])
        if finished.status != 0:
            raise DevkitError(f"pip could not fetch what the benchmark's apps need:\n{tail(finished.output)}")
        for file in Path(scratch).iterdir():
            if file != requirements:
                file.replace(folder / file.name)
