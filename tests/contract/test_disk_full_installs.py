"""A disk that fills up while packages are installed, by uv and by pip, is reported as that."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from manager_context import CHECKOUT, install_context, write_app
from package_index import PackageIndex, running_index, wheel
from python_buildpack.ports.interfaces import Command
from python_buildpack.tools.pinned import PIP

SCRIPT = """
import sys
from dataclasses import replace
from pathlib import Path

from cnb.errors import BuildpackError
from failing_installs import QUICK
from manager_context import empty_environment, install_context
from python_buildpack.package_managers.registry import manager_named

app, disk, tools, index, installer = sys.argv[1:]
bench = install_context(Path(app), Path(disk, "work"), Path(disk, "layers"), {"BP_PYTHON_INSTALLER": installer})
bench = replace(bench, env={**bench.env, **QUICK, "PIP_INDEX_URL": index, "TMPDIR": disk})
(bench.scratch / "unpacked").symlink_to(tools)
venv = Path(disk, "venv")
empty_environment(venv)
manager = manager_named("requirements.txt", bench.settings)
try:
    manager.install(bench, manager.resolve(bench), venv)
except BuildpackError as error:
    print("code:", error.code)
"""
PRIVATE = ("unshare", "--mount", *(() if os.getuid() == 0 else ("--map-root-user",)))
ON_SMALL_DISK = 'mount -t tmpfs -o size=20m none "$0" && exec "$@"'


@pytest.fixture(scope="module")
def index() -> Iterator[PackageIndex]:
    """Yield an index with a package of 30 MB."""
    with running_index({"bulky": [wheel("bulky", "1.0", content=bytes(30_000_000))]}) as index:
        yield index


@pytest.mark.parametrize("installer", ["uv", pytest.param("pip", marks=pytest.mark.network)])
def test_a_package_for_which_there_is_no_space(index: PackageIndex, installer: str, tmp_path: Path) -> None:
    """20 MB for all that the build writes, and 30 to be written."""
    tools = install_context(tmp_path, tmp_path / "tools", tmp_path / "layers")
    if installer == "pip":
        assert tools.tools.run(PIP, ("--version",), Command((), tools.env, cwd=tmp_path, show=False)).status == 0
    unpacked = tools.scratch / "unpacked"
    unpacked.mkdir(exist_ok=True)
    disk = tmp_path / "disk"
    disk.mkdir()
    app = write_app(tmp_path / "app", {"requirements.txt": "bulky\n"})
    argv = (sys.executable, "-c", SCRIPT, str(app), str(disk), str(unpacked), index.url, installer)
    paths = f"{CHECKOUT / 'src'}{os.pathsep}{CHECKOUT}{os.pathsep}{CHECKOUT / 'tests'}"
    finished = subprocess.run(
        [*PRIVATE, "sh", "-c", ON_SMALL_DISK, str(disk), *argv],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert "code: disk-full" in finished.stdout, finished.stdout
