"""A new framework, task queue or server is one module or one row, and its name in a registry: nothing else changes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PROCESSES = "src/python_buildpack/decide/processes"

FRAMEWORK = '''"""Wanderer (https://wanderer.example), which nobody has heard of."""

from python_buildpack.ports.notice import Notice
from python_buildpack.decide.processes.frameworks.interface import WebFramework

WANDERER = WebFramework("Wanderer", ("wanderer-web",), {"wanderer.Caravan": "asgi"})
'''
QUEUE = '''"""Porter (https://porter.example): a worker for each module that asks for one."""

from collections.abc import Iterator

from python_buildpack.decide.processes.interface import Evidence, ProcessDecision
from python_buildpack.decide.processes.workers.interface import TaskQueue


def _find(evidence: Evidence) -> Iterator[ProcessDecision]:
    """Yield the worker."""
    for info in evidence.index.sources:
        if "porter.carry" in info.uses:
            yield ProcessDecision("worker", ("porter", info.place.module), because=f"loads to carry in {info.path}")
            return


PORTER = TaskQueue("Porter", ("porter",), frozenset({"porter"}), _find)
'''
SERVER = (
    '    Server("Inn", frozenset({"inn-server"}), ASGI, lambda app, evidence: command("inn", app.target),'
    ' programs={"inn": "inn-server"}, flags=frozenset({"--warm"}), folder_options=("--door",),'
    ' configuration=Configuration("inn.conf.py", ("--rules",), folder_settings=frozenset({"door"})),'
    ' task_calls=frozenset({"inn.Host"}), app_calls=frozenset({"inn.Host"})),\n'
)
APP = {
    "requirements.txt": "wanderer-web\nporter\ninn-server\n",
    "shop/__init__.py": "",
    "shop/goods/__init__.py": "",
    "shop/goods/counter.py": "from wanderer import Caravan\ncounter = Caravan()\n",
    "shop/goods/loads.py": "import porter\n\n\n@porter.carry\ndef bring(load):\n    return load\n",
}
LABEL = """
import sys
from datetime import date
from pathlib import Path
from devkit.recipes import recipe_of
from python_buildpack.app.project import scan
from python_buildpack.decide.labels import decide_labels
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.settings.values import Settings

app = Path(sys.argv[1])
recipe = recipe_of(app, {}, "amd64", date(2026, 11, 22))
installed = InstalledDistributions.declared(["wanderer-web", "starlette"])
print(*(f"{label.key}={label.value}" for label in decide_labels(scan(app), Settings({}), recipe, installed)))
"""


def insert(path: Path, *places: tuple[str, str]) -> None:
    """Write a text behind another one that stands once in a file."""
    text = path.read_text(encoding="utf-8")
    for before, new in places:
        assert text.count(before) == 1, f"{path} has another form: {before}"
        text = text.replace(before, f"{before}{new}")
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the code with the three newcomers in it."""
    copy = tmp_path_factory.mktemp("newcomers")
    for name in ("src", "devkit"):
        shutil.copytree(CHECKOUT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "inventory.toml", copy)
    processes = copy / PROCESSES
    (processes / "frameworks/wanderer.py").write_text(FRAMEWORK, encoding="utf-8")
    insert(
        processes / "frameworks/registry.py",
        ("import (\n", "    wanderer,\n"),
        ("WEB_FRAMEWORKS: tuple[WebFramework, ...] = (\n", "    wanderer.WANDERER,\n"),
    )
    (processes / "workers/porter.py").write_text(QUEUE, encoding="utf-8")
    insert(
        processes / "workers/registry.py",
        ("processes.workers import ", "porter, "),
        ("TASK_QUEUES: tuple[TaskQueue, ...] = (", "porter.PORTER, "),
    )
    insert(processes / "servers.py", ("SERVERS: tuple[Server, ...] = (\n", SERVER))
    return copy


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an app that uses all three, deep in its package."""
    folder = tmp_path_factory.mktemp("app")
    for path, text in APP.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def run(checkout: Path, *arguments: str) -> str:
    """Return what a program of the copy prints."""
    env = {**os.environ, "PYTHONPATH": f"{checkout / 'src'}{os.pathsep}{checkout}", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=checkout, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_newcomers_are_found_and_explained(checkout: Path, app: Path) -> None:
    """Source files of a package that hold nothing else are parsed, and the plan starts what they hold."""
    lines = run(checkout, "-m", "devkit", "explain", str(app)).splitlines()

    assert (
        "Process web (default): inn shop.goods.counter:counter: "
        'shop/goods/counter.py has the Wanderer app "counter"; Inn is installed'
    ) in lines
    assert "Process worker: porter shop.goods.loads: loads to carry in shop/goods/loads.py" in lines


def test_a_program_of_a_newcomer_is_known(checkout: Path, app: Path, tmp_path: Path) -> None:
    """A Procfile that starts a server which is not among the dependencies is warned about."""
    shutil.copytree(app, tmp_path, dirs_exist_ok=True)
    (tmp_path / "requirements.txt").write_text("wanderer-web\n", encoding="utf-8")
    (tmp_path / "Procfile").write_text("web: inn shop.goods.counter:counter\n", encoding="utf-8")

    assert "Notice: inn-server is not installed" in run(checkout, "-m", "devkit", "explain", str(tmp_path))


def test_what_a_server_s_row_says_counts(checkout: Path, tmp_path: Path) -> None:
    """An option without a value is passed over; a configuration with a folder may lead to the app; a bot serves it."""
    files = {"requirements.txt": "wanderer-web\ninn-server\n", "Procfile": "web: inn --warm lost:counter\n"}
    start = "import asyncio, inn\nfrom shop.counter import counter\n\nasync def main():\n    "
    files |= {"shop/counter.py": "from wanderer import Caravan\ncounter = Caravan()\n"}
    files |= {"bot.py": f"{start}await asyncio.gather(bot.start(), inn.Host(counter).serve())\n\nasyncio.run(main())\n"}
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert "Notice: There is no module lost" in run(checkout, "-m", "devkit", "explain", str(tmp_path))

    (tmp_path / "inn.conf.py").write_text("door = 'cellar'\n", encoding="utf-8")
    assert "There is no module" not in run(checkout, "-m", "devkit", "explain", str(tmp_path))

    (tmp_path / "Procfile").unlink()
    assert "Process web (default): python bot.py" in run(checkout, "-m", "devkit", "explain", str(tmp_path))


def test_a_newcomer_has_its_label(checkout: Path, app: Path) -> None:
    """The image's label names the framework."""
    assert "org.terrarium.python.framework=wanderer" in run(checkout, "-c", LABEL, str(app)).split()


def test_newcomers_are_in_the_documentation(checkout: Path) -> None:
    """The page about what goes first lists each with what its module says of itself."""
    code = "from devkit.generated_docs import detection_page; print(detection_page())"
    lines = run(checkout, "-c", code).splitlines()

    assert "1. Wanderer (https://wanderer.example), which nobody has heard of." in lines
    assert "1. Porter (https://porter.example): a worker for each module that asks for one." in lines
    assert "1. **Inn** serves ASGI, if inn-server is installed" in lines
