"""Cost against size: a rebuild with nothing changed, as an app's dependencies grow; the packages are made here."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from devkit.bench.apps import App
from devkit.bench.model import FLOOR, NAIVE, OURS, SCENARIOS, Point
from devkit.bench.rounds import Selection, contest
from devkit.bench.stage import Stage
from devkit.small_wheels import write_wheel

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
    files = {f"{name}/part_{part}.py": f"value = {part}\n".encode() * 40 for part in range(MODULES)}
    return write_wheel(folder, name, "1.0", files)


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
