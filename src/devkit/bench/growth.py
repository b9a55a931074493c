"""Cost against size: a rebuild with nothing changed, as an app's dependencies grow; the packages are made here."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from devkit.bench.apps import App
from devkit.bench.model import FLOOR, NAIVE, OURS, SCENARIOS, Point
from devkit.bench.rounds import Selection, contest
from devkit.bench.stage import Stage

SIZES = (5, 20, 50, 100, 200, 500)
MODULES = 6
"""Files of a tiny package, beside its metadata."""


@dataclass(frozen=True, slots=True)
class TinyApp:
    """An app that needs so many tiny packages, and those packages."""

    folder: Path
    packages: int

    def write(self, wheels: Path) -> App:
        """Write the wheels and the app, and return it."""
        lines = [_locked(write_tiny_wheel(wheels, number)) for number in range(self.packages)]
        source = self.folder / "source"
        source.mkdir(parents=True)
        (source / "app.py").write_text("print('hello')\n")
        (source / "Procfile").write_text("web: python app.py\n")
        for name, text in (("requirements.txt", "".join(lines)), ("changed.txt", ""), ("added.txt", "")):
            (self.folder / name).write_text(text)
        return App(self.folder.name, f"{self.packages} tiny packages", self.folder, "app.py", ())


def write_tiny_wheel(folder: Path, number: int) -> Path:
    """Write a wheel of a few small modules, the same bytes for the same number, unless it is there."""
    name = f"tiny_{number}"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    if path.exists():
        return path
    info = f"{name}-1.0.dist-info"
    files = {f"{name}/part_{part}.py": f"value = {part}\n" * 40 for part in range(MODULES)}
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: tiny-{number}\nVersion: 1.0\n"
    files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    with ZipFile(path, "w") as archive:
        for file, text in files.items():
            entry = ZipInfo(file, (2020, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)
    return path


def _locked(wheel: Path) -> str:
    name = wheel.name.split("-")[0].replace("_", "-")
    return f"{name}==1.0 --hash=sha256:{sha256(wheel.read_bytes()).hexdigest()}\n"


def measure_growth(stage: Stage, sizes: Sequence[int], rounds: int, say: Callable[[str], object]) -> Iterator[Point]:
    """Yield the median of a no-change rebuild for each number of packages and each rival."""
    unchanged = next(scenario for scenario in SCENARIOS if scenario.name == "nothing changed")
    rivals = OURS, FLOOR, NAIVE
    for size in sizes:
        app = TinyApp(stage.folder / f"tiny-{size}", size).write(stage.folder / "tiny")
        cells = contest(stage, app, Selection((unchanged,), rivals, rounds, with_sizes=False), say)
        for cell in cells:
            if cell.scenario == unchanged.name and cell.seconds:
                yield Point(size, cell.rival, round(statistics.median(cell.seconds), 3))
