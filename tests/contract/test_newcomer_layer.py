"""A layer with data of a new kind is one new file and one entry of a registry.

A made-up kind is added to a copy of the checkout, ``./dev refresh docs`` is run there, and nothing else is changed.
"""

from pathlib import Path

import pytest

from copied_checkout import CopiedCheckout, copy_checkout
from devkit.interpreters import Source
from devkit.lifecycle.build import build
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built
from devkit.mirror.make import make_mirror
from devkit.paths import kept

KIND = '''\
"""The ``star_charts`` layer: the charts that charts.txt names."""

from pathlib import Path
from typing import ClassVar

from cnb.frozen import frozen
from python_buildpack.app.project import Project
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.layers.data.interface import AppPython, DataRequest
from python_buildpack.ports.interfaces import Command
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.values import Settings


@frozen
class StarCharts:
    """Implements DataLayer for charts.txt."""

    name: ClassVar[str] = "star_charts"
    heading: ClassVar[str] = "Star charts"
    variable: ClassVar[str] = "STAR_CHARTS"
    content: ClassVar[str] = "the charts that `charts.txt` names"

    def find(
        self, project: Project, installed: InstalledDistributions, settings: Settings
    ) -> DataRequest | Notice | None:
        names = tuple((project.text("charts.txt") or "").split())
        return DataRequest(names, "charts.txt names them", "1") if names else None

    def download(self, request: DataRequest, folder: Path, python: AppPython) -> None:
        for name in request.names:
            code = f"open({str(folder / name)!r}, 'w').write({name!r})"
            python.runner.run(Command((str(python.executable), "-c", code), python.env))
'''


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> CopiedCheckout:
    """Return a copy of the checkout with the newcomer, refreshed."""
    copy = copy_checkout(tmp_path_factory.mktemp("newcomer") / "checkout")
    folder = "src/python_buildpack/layers/data"
    (copy.root / folder / "star_charts.py").write_text(KIND, encoding="utf-8")
    imported = "from python_buildpack.layers.data.star_charts import StarCharts"
    copy.add_to_registry(f"{folder}/registry.py", "DATA_LAYERS: tuple[DataLayer, ...] = (", imported, "StarCharts()")
    copy.run("-m", "devkit", "refresh", "docs")
    return copy


def test_it_is_built_and_reused(checkout: CopiedCheckout, tmp_path: Path) -> None:
    """The data is downloaded with the app's Python and found by the processes; an unchanged build reuses the layer."""
    app = tmp_path / "app"
    app.mkdir()
    (app / "main.py").write_text("print('no star')\n", encoding="utf-8")
    (app / "charts.txt").write_text("vega\n", encoding="utf-8")
    source = Source(make_mirror(kept() / "mirror").inventory, is_upstream=False)
    env = {"BP_PYTHON_INVENTORY": str(source.inventory)}
    request = Request((checkout.root,), app, tmp_path / "state", env=env)
    first = build(request)
    assert isinstance(first, Built)
    assert "[Star charts]\n  vega, because charts.txt names them\n  Installing" in first.log
    (layer,) = [layer for layer in first.layers if layer.name == "star_charts"]
    again = build(request)
    assert isinstance(again, Built)
    assert "[Star charts]\n  vega, because charts.txt names them\n  Reused" in again.log
    (reused,) = [layer for layer in again.layers if layer.name == "star_charts"]
    assert (reused.by_reference, reused.digest) == (True, layer.digest)


def test_it_is_listed_in_the_docs(checkout: CopiedCheckout) -> None:
    """docs/layers.md has a row for it."""
    text = (checkout.root / "docs" / "layers.md").read_text(encoding="utf-8")
    assert "| `star_charts` | launch | the charts that `charts.txt` names |" in text
