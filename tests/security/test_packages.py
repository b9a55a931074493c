"""Code that a source distribution runs while it is built changes nothing that a later build without it reuses."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from built_apps import built, outcomes
from devkit.interpreters import Source
from devkit.lifecycle.launch import launch
from devkit.lifecycle.results import Built
from hostile_code import publish_hostile_source
from local_builds import build_checkout
from manager_context import write_app
from wheel_index import Wheel, heavy, light, serve_wheels

MAIN = "import sys, stone, feather\nprint(stone.version, feather.version, 'hostile' in sys.modules)\n"
ATTACK = r"""
import os, sys, time
from pathlib import Path

SEEN, HOSTILE = Path({seen!r}), "\nimport sys; sys.modules['hostile'] = sys\n"

def record(text):
    with SEEN.open("a") as file:
        file.write(text + "\n")

def poison():
    # The wheel of another package, which uv unpacks into its cache at the same time.
    deadline = time.monotonic() + 3
    cache = next(parent for parent in Path.cwd().parents if parent.name == "uv-cache")
    while time.monotonic() < deadline:
        for path in cache.glob("archive-v*/*/stone/part/__init__.py"):
            if "hostile" not in path.read_text():
                time.sleep(0.2)
                path.write_text(path.read_text() + HOSTILE)
                record("stone")
            return
        time.sleep(0.01)

def stay():
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    record(f"stayed {{os.getpid()}}")
    for number in range(3):
        os.close(number)
    hide()
    time.sleep(600)

def hide():
    # Write into what the installer says it has built, so that no line of it begins with "Built".
    for pid in INSTALLERS:
        record(f"tried to write into {{Path('/proc', pid, 'comm').read_text()}}".strip())
        try:
            file = os.open(f"/proc/{{pid}}/fd/2", os.O_WRONLY)
        except OSError:
            continue
        for _ in range(5000):
            os.write(file, b"x")
            time.sleep(0.001)

def ancestors():
    pid = os.getpid()
    while pid > 1:
        pid = int(Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[1])
        if Path("/proc", str(pid), "comm").read_text().strip() == "uv":
            yield str(pid)

INSTALLERS = list(ancestors())
if "layers" in sys.base_prefix:
    library = Path(os.__file__).parent
    (library / "sitecustomize.py").write_text(HOSTILE)
    (library / "this.py").chmod(0o644)
    (library / "this.py").write_text(HOSTILE)
    record("interpreter " + str(library))
    with open({app!r} + "/requirements.txt", "a") as file:
        file.write("--extra-index-url http://localhost:9/hostile\n")
    for layer in ("dependencies", "python"):
        program = Path(sys.base_prefix).parents[1] / layer / "exec.d" / "hostile"
        if program.parents[1].exists():
            program.parent.mkdir(exist_ok=True)
            program.write_text("#!/bin/sh\necho hostile >&2\n")
            program.chmod(0o755)
            record("exec.d of " + layer)
    # While its requirements and its metadata are asked for, no other wheel is there yet.
    if "_for_build_wheel" not in Path("/proc/self/cmdline").read_text():
        poison()
    stay()
"""


@dataclass(frozen=True, slots=True)
class Attacked:
    """Two builds of an app: one with a hostile package, and one without it. What its code has recorded."""

    with_it: Built
    without: Built
    seen: str
    said: tuple[str, str]
    layers: Path
    programs: tuple[str, ...]
    """The programs of the image of the first build that run when it starts."""
    downloads: tuple[str, ...]
    """The wheels that the first build has downloaded."""
    left: tuple[str, ...]
    """The processes of the hostile code that ran after the first build."""


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory, mirror: Source) -> Iterator[Attacked]:
    """Build an app with a hostile, a heavy and a light package, then without the hostile one."""
    root = tmp_path_factory.mktemp("packages")
    seen, state = root / "seen.txt", root / "state"
    app = write_app(root / "app", {"requirements.txt": "stone==1.0\nfeather==1.0\nhostile==1.0\n", "main.py": MAIN})
    with serve_wheels(root / "index") as index:
        index.add(heavy("stone", "1.0"), light("feather", "1.0"))
        publish_hostile_source(index, "hostile", ATTACK.format(seen=str(seen), app=str(state / "workspace")))
        env = {"PIP_INDEX_URL": index.url}
        first = built(build_checkout(mirror, state, app, env))
        downloads = tuple(index.downloads)
        pids = [line.split()[1] for line in seen.read_text(encoding="utf-8").splitlines() if line.startswith("stayed")]
        left = tuple(pid for pid in pids if Path("/proc", pid).exists())
        said = printed(state)
        layers = state / "layers" / "terrarium_python"
        programs = tuple(path.relative_to(layers).as_posix() for path in layers.glob("*/exec.d/*"))
        (app / "requirements.txt").write_text("stone==1.0\nfeather==1.0\n", encoding="utf-8")
        second = built(build_checkout(mirror, state, app, env))
        text = seen.read_text(encoding="utf-8")
        yield Attacked(first, second, text, (said, printed(state)), layers, programs, downloads, left)


def printed(state: Path) -> str:
    """Start the image, and return what it prints."""
    with launch(state) as running:
        assert running.wait() == 0, running.log
        return running.log.strip()


def test_the_attack_runs_where_it_may(builds: Attacked) -> None:
    """While the package is built: it wrote into the interpreter and another package, and left a process behind.

    That one tried to hide what the installer says it has built.
    """
    assert "\ninterpreter /" in f"\n{builds.seen}"
    assert "\nstone\n" in builds.seen
    assert "\nstayed " in builds.seen
    assert "\nexec.d of dependencies\n" in builds.seen
    assert "\ntried to write into uv" in builds.seen


def test_the_interpreter_is_the_one_that_was_installed(builds: Attacked) -> None:
    """It is made again in the build that ran the code, and the next build reuses that."""
    assert "Undone: the " in builds.with_it.log
    assert not list((builds.layers / "python").rglob("sitecustomize.py"))
    (this,) = (builds.layers / "python").rglob("this.py")
    assert "hostile" not in this.read_text(encoding="utf-8")
    assert outcomes(builds.without)["python"] == "by reference"


def test_a_heavy_package_is_installed_anew_when_the_code_beside_it_is_gone(builds: Attacked) -> None:
    """Though already the build that ran the code has it as it was published."""
    part = builds.layers / "package-stone" / "site-packages" / "stone" / "part" / "__init__.py"
    assert part.read_text(encoding="utf-8") == "part = True\n"
    assert builds.said[1] == "1.0 1.0 False"


def test_what_is_kept_is_installed_from_wheels_while_no_code_of_packages_runs(builds: Attacked) -> None:
    """What the code changed in the wheel of another package is not even in the image of the build that ran it."""
    assert "Installed again, from wheels only" in builds.with_it.log
    assert builds.said[0] == "1.0 1.0 False"
    assert builds.programs
    assert not [program for program in builds.programs if "hostile" in program]


def test_a_wheel_that_the_code_has_not_changed_is_downloaded_once(builds: Attacked) -> None:
    """All others are downloaded again before the installation that is kept."""
    assert sorted(builds.downloads) == ["feather-1.0-py3-none-any.whl", *["stone-1.0-py3-none-any.whl"] * 2]


def test_no_process_is_left(builds: Attacked) -> None:
    """Not even one with a session of its own."""
    assert builds.left == ()


def test_a_check_starts_no_interpreter_with_the_packages(tmp_path: Path, mirror: Source) -> None:
    """Code in a ``.pth`` file of a wheel does not run while the app is built, though the log warns of a conflict."""
    seen = tmp_path / "seen"
    pth = f"import pathlib; pathlib.Path({str(seen)!r}).touch()\n"
    wheel = Wheel("spring", "1.0", {"spring.py": "", "spring.pth": pth}, requires=("feather>2",))
    with serve_wheels(tmp_path / "index") as index:
        index.add(wheel, light("feather", "1.0"))
        app = write_app(
            tmp_path / "app", {"requirements.txt": "spring==1.0\n", "main.py": "import spring\nprint(spring)\n"}
        )
        (tmp_path / "override.txt").write_text("feather==1.0\n", encoding="utf-8")
        env = {"PIP_INDEX_URL": index.url, "UV_OVERRIDE": str(tmp_path / "override.txt")}
        log = built(build_checkout(mirror, tmp_path / "state", app, env)).log
        assert "requires feather>2, but 1.0 is installed" in log
        assert not seen.exists()
        with launch(tmp_path / "state") as running:
            assert running.wait() == 0, running.log
        assert seen.exists()


FORGERY_OF_A_WHEEL = r"""
import os, sys, tempfile, zipfile
from pathlib import Path

for wheel in Path(tempfile.gettempdir()).glob("pip-unpack-*/feather-1.0-*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        files = {{name: archive.read(name) for name in archive.namelist()}}
    files["feather/__init__.py"] += b"import sys; sys.modules['hostile'] = sys\n"
    wheel.unlink()
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    with Path({seen!r}).open("a") as file:
        file.write("forged\n")
for layers in Path({layers!r}).glob("scratch-*/unpacked/pip/lib/python*/site-packages/pip/__main__.py"):
    layers.write_text("print('hostile pip'); raise SystemExit(1)")
    with Path({seen!r}).open("a") as file:
        file.write("changed pip\n")
"""


@pytest.mark.network
def test_pip_installs_from_wheels_while_no_code_of_packages_runs(tmp_path: Path, mirror: Source) -> None:
    """The code changes the wheel of another package, which pip has just downloaded, and pip itself.

    Also where pip is to print nothing: what it builds is known from its output.
    """
    seen, state = tmp_path / "seen", tmp_path / "state"
    with serve_wheels(tmp_path / "index") as index:
        index.add(light("feather", "1.0"))
        layers = str(state / "layers" / "terrarium_python")
        publish_hostile_source(index, "hostile", FORGERY_OF_A_WHEEL.format(seen=str(seen), layers=layers))
        needs = f"--index-url {index.url}\nfeather==1.0\nhostile==1.0\n"
        main = "import sys, feather\nprint(feather.version, 'hostile' in sys.modules)\n"
        app = write_app(
            tmp_path / "app", {"requirements.txt": needs, "main.py": main, "Procfile": "web: python main.py\n"}
        )
        log = built(build_checkout(mirror, state, app, {"BP_PYTHON_INSTALLER": "pip", "PIP_QUIET": "2"})).log
        assert {"forged", "changed pip"} <= set(seen.read_text(encoding="utf-8").splitlines())
        assert "Installed again, from wheels only" in log
        assert printed(state) == "1.0 False"
