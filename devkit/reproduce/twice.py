"""Building an app twice, from nothing, under different conditions, in the same place."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from devkit.build_with_pack import served
from devkit.errors import DevkitError
from devkit.interpreters import Source
from devkit.lifecycle.build import build
from devkit.lifecycle.digest import pack
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built, Failed, LayerOutcome
from devkit.machine import machine_arch
from devkit.packaging.package import Packaged, package
from devkit.reproduce.compare import Difference, compare_trees
from devkit.reproduce.conditions import Conditions, unusual, usual

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of the image, the app itself or the bill of materials, as both builds left it."""

    name: str
    digests: tuple[str, str]
    differences: tuple[Difference, ...]

    @property
    def is_equal(self) -> bool:
        """Say whether both builds gave the same layer."""
        return self.digests[0] == self.digests[1]


def reproduce(app: Path, env: Mapping[str, str], source: Source, buildpack: Path, report: Report) -> list[Layer]:
    """Build ``app`` twice with ``buildpack`` and return its layers, compared. Raises DevkitError if a build fails.

    Each build has its own copy of the source, made at another moment in another directory, and neither cache nor
    previous image. Only the place of the layers is the same, as on every platform: it is written in scripts.
    """
    with _workplace() as place:
        results = []
        with served(source) as inventory:
            for conditions in (usual(), unusual()):
                report(str(conditions))
                copy = place / f"source-{conditions.name}" / app.name
                shutil.copytree(app, copy, symlinks=True)
                request = Request((buildpack,), copy, place / "state", env={**env, **inventory})
                results.append(_built(request, conditions))
                (place / "state").rename(place / conditions.name)
        return _compared(place, *results)


@contextmanager
def readable_package(source: Source) -> Iterator[Packaged]:
    """Yield the packaged buildpack where another user can reach it, as in an image."""
    with _workplace() as place:
        yield package(machine_arch(), place, source)


@contextmanager
def readable(packaged: Packaged) -> Iterator[Packaged]:
    """Yield a copy of a package where another user can reach it."""
    with _workplace() as place:
        shutil.copytree(packaged.directory, place / packaged.directory.name, symlinks=True)
        for path in (packaged.file, *packaged.bills):
            shutil.copy(path, place)
        bills = tuple(place / path.name for path in packaged.bills)
        yield Packaged(place / packaged.file.name, place / packaged.directory.name, bills)


@contextmanager
def _workplace() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="terrarium-reproduce-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        place.chmod(0o755)
        yield place


def _built(request: Request, conditions: Conditions) -> Built:
    changed = replace(request, env={**request.env, **conditions.env}, user=conditions.user)
    with conditions.applied():
        result = build(changed)
    if isinstance(result, Failed):
        raise DevkitError(f"the {conditions.name} build failed: {result.reason}\n{result.log}")
    return result


def _compared(place: Path, first: Built, second: Built) -> list[Layer]:
    before, after = ({_below(layer): layer.digest for layer in _of_image(built)} for built in (first, second))
    sbom = Path("layers", "sbom")
    digests = [pack(place / state / sbom, str(sbom)).digest for state in ("first", "second")]
    before[sbom], after[sbom] = digests
    found = []
    for path in sorted(before.keys() | after.keys()):
        pair = (before.get(path, "absent"), after.get(path, "absent"))
        trees = [place / state / path for state in ("first", "second")]
        found.append(Layer(path.name, pair, () if pair[0] == pair[1] else tuple(compare_trees(*trees))))
    return found


def _below(layer: LayerOutcome) -> Path:
    folder = Path("layers", layer.buildpack.replace("/", "_")) if layer.buildpack else Path()
    return folder / layer.name


def _of_image(built: Built) -> list[LayerOutcome]:
    return [layer for layer in (*built.layers, built.app) if layer.types.launch]
