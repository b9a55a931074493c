"""Many apps of one platform: what a registry stores of all of them, and what each adds.

The apps are made here: each names some of the packages that the benchmark's apps name, and gets what these need. They
are built from nothing by the local lifecycle, all in the same place, because layers have the same path on every
platform. Layers are compared by their digests, so no engine and no registry is needed.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from devkit.bench.apps import direct_pins, read_app
from devkit.bench.bandwidth import Bandwidth
from devkit.bench.index import Downloads, serve
from devkit.bench.interpreters import prepare_pythons, unpack
from devkit.bench.model import FleetApp, Variant
from devkit.bench.stock import fill_stock
from devkit.errors import DevkitError
from devkit.interpreters import find_source
from devkit.lifecycle.build import build
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built
from devkit.machine import machine_arch
from devkit.packaging.package import package

SOURCES = "monorepo", "data"
"""The apps of the benchmark whose packages the fleet is made of."""
FEWEST, MOST = 2, 12
"""Packages that one app names."""
_SEED = 20


@dataclass(frozen=True, slots=True)
class RandomApp:
    """One app of the fleet."""

    name: str
    requires: Mapping[str, str]
    """Versions by name."""

    def write(self, folder: Path, python: str) -> Path:
        """Write its source, and return the directory."""
        app = folder / self.name
        app.mkdir()
        (app / "main.py").write_text(f"print('{self.name}')\n")
        (app / "Procfile").write_text("web: python main.py\n")
        (app / ".python-version").write_text(f"{python}\n")
        (app / "requirements.txt").write_text("".join(f"{name}=={pin}\n" for name, pin in self.requires.items()))
        return app


def random_apps(pins: Mapping[str, str], number: int) -> list[RandomApp]:
    """Return so many apps that name parts of ``pins``: the first ones are the same for every number."""
    apps = []
    for place in range(number):
        random = Random(f"{_SEED} {place}")  # noqa: S311 - it has to be repeatable
        names = sorted(random.sample(sorted(pins), random.randint(FEWEST, min(MOST, len(pins)))))
        apps.append(RandomApp(f"app-{place + 1}", {name: pins[name] for name in names}))
    return apps


def compare_layers(apps: Sequence[RandomApp], layers: Sequence[Mapping[str, int]]) -> list[FleetApp]:
    """Return what each app adds, given the bytes of its layers by their digests."""
    having = Counter(digest for found in layers for digest in found)
    known: set[str] = set()
    fleet = []
    for app, found in zip(apps, layers, strict=True):
        new = sum(size for digest, size in found.items() if digest not in known)
        own = sum(size for digest, size in found.items() if having[digest] == 1)
        known |= found.keys()
        fleet.append(FleetApp(app.name, tuple(app.requires), sum(found.values()), new, own))
    return fleet


def measure_fleet(number: int, bandwidth: float, say: Callable[[str], object]) -> list[FleetApp]:
    """Build so many apps, and return what each adds. Raises DevkitError if one cannot be built."""
    source = find_source(machine_arch())
    pythons = prepare_pythons(source, machine_arch())
    benchmark = [read_app(name) for name in SOURCES]
    stock = fill_stock(benchmark, unpack(pythons))
    apps = random_apps(_pins(), number)
    layers = []
    with tempfile.TemporaryDirectory(prefix="fleet-") as scratch:
        folder = Path(scratch)
        buildpack = package(machine_arch(), folder / "dist", source).directory
        with serve(Downloads((stock,), pythons.folder), Bandwidth(bandwidth)) as index:
            env = {"PIP_INDEX_URL": f"{index}/simple/", "BP_PYTHON_INVENTORY": f"{index}/python/inventory.toml"}
            for app in apps:
                found = dict(_layers(Request((buildpack,), app.write(folder, pythons.version), folder / "state", env)))
                size = f"{sum(found.values()) / 1e6:.1f} MB in {len(found)} layers"
                say(f"  {app.name}: {size}; {', '.join(app.requires)}")
                layers.append(found)
    return compare_layers(apps, layers)


def _pins() -> dict[str, str]:
    """Return what the apps may name. A package that two of the benchmark's apps have is of the first one's version."""
    found: dict[str, str] = {}
    for name in reversed(SOURCES):
        found |= direct_pins(read_app(name), Variant.BASE)
    return found


def _layers(request: Request) -> Iterator[tuple[str, int]]:
    """Yield digest and bytes of each layer of the image that is the buildpack's."""
    shutil.rmtree(request.state, ignore_errors=True)
    built = build(request)
    if not isinstance(built, Built):
        raise DevkitError(f"{request.app.name} was not built: {built.reason}\n{built.log}")
    for layer in built.layers:
        if layer.types.launch:
            yield layer.digest, layer.size
