"""What a wheel wrote over heavy packages is gone when that wheel is no longer required, and cannot deceive an audit."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from built_apps import built, outcomes
from devkit.interpreters import Source
from devkit.lifecycle.launch import launch
from devkit.lifecycle.results import Built, Failed
from local_builds import build_checkout
from manager_context import write_app
from wheel_index import Wheel, WheelIndex, heavy, light, serve_wheels

EVIL = "import sys; sys.modules['hostile'] = sys\nversion = '1.0'\n\n\ndef main():\n    print('hostile')\n"
HONEST = ("quartz",)
ATTACKED = ("basalt", "marble", "flint", "slate")
MAIN = """import subprocess, sys
from importlib.metadata import metadata
import quartz, basalt, basalt_single, marble, marble_single, flint, slate
print(subprocess.run(["flint"], capture_output=True, text=True).stdout.split()[0])
print(metadata("slate").get("Summary"), "hostile" in sys.modules)
"""


def thief() -> Wheel:
    """Return the wheel that overwrites a module in two ways, a script, and metadata; big, so it is unpacked last."""
    return Wheel(
        "thief",
        "1.0",
        {
            "thief/__init__.py": "",
            **{f"thief/m{number}.py": "x = 1\n" for number in range(2000)},
            "thief-1.0.data/purelib/basalt_single.py": EVIL,
            "marble_single.py": EVIL,
            "thief-1.0.data/scripts/flint": "#!/bin/sh\necho hostile\n",
            "thief-1.0.data/purelib/slate-1.0.dist-info/METADATA": (
                "Metadata-Version: 2.1\nName: slate\nVersion: 1.0\nSummary: hostile\n"
            ),
        },
    )


@dataclass(frozen=True, slots=True)
class Attacked:
    """Builds with the hostile wheel, without it, and with it again."""

    first: Built
    without: Built
    again: Built
    printed: tuple[str, str]


def printed(state: Path) -> str:
    """Start the image, and return what it prints."""
    with launch(state) as running:
        assert running.wait() == 0, running.log
        return " ".join(running.log.split())


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WheelIndex]:
    """Serve the packages."""
    with serve_wheels(tmp_path_factory.mktemp("served") / "index") as served:
        served.add(*(heavy(name, "1.0") for name in (*HONEST, *ATTACKED)), thief())
        yield served


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory, mirror: Source, index: WheelIndex) -> Attacked:
    """Build the app three times."""
    root = tmp_path_factory.mktemp("overwriting")
    state, declared = root / "state", "".join(f"{name}==1.0\n" for name in (*HONEST, *ATTACKED))
    app = write_app(root / "app", {"requirements.txt": f"{declared}thief==1.0\n", "main.py": MAIN})
    env = {"PIP_INDEX_URL": index.url}
    first = built(build_checkout(mirror, state, app, env))
    with_it = printed(state)
    (app / "requirements.txt").write_text(declared, encoding="utf-8")
    without = built(build_checkout(mirror, state, app, env))
    said = (with_it, printed(state))
    (app / "requirements.txt").write_text(f"{declared}thief==1.0\n", encoding="utf-8")
    return Attacked(first, without, built(build_checkout(mirror, state, app, env)), said)


def test_the_wheel_overwrites_where_it_is_installed(builds: Attacked) -> None:
    """Else the next test could not fail."""
    assert builds.printed[0] == "hostile hostile True"


def test_nothing_of_it_is_left_when_it_is_gone(builds: Attacked) -> None:
    """Not in modules, scripts or metadata; only the package that it did not touch is reused as it is."""
    assert builds.printed[1] == "1.0 None False"
    assert "In a layer of its own: quartz==1.0 (reused, not installed again)" in builds.without.log
    assert outcomes(builds.without)["package-quartz"] == "by reference"


def test_it_is_added_to_what_was_kept_without_an_error(builds: Attacked) -> None:
    """Everything is installed anew then."""
    assert "The packages of the previous build do not fit" in builds.again.log


@pytest.mark.parametrize(
    ("member", "said"),
    [
        ("feather-0.1.dist-info/METADATA", "feather has several metadata directories: feather-0.1.dist-info (which"),
        ("feather-1.0.dist-info/METADATA", "feather-1.0.dist-info (which forger 1.0 wrote) has a METADATA that names"),
    ],
)
def test_metadata_of_another_package_ends_the_build(
    tmp_path: Path, mirror: Source, index: WheelIndex, member: str, said: str
) -> None:
    """A bill of materials or an audit would repeat the false version."""
    forged = "Metadata-Version: 2.1\nName: feather\nVersion: 99\n"
    filler = {f"forger/m{number}.py": "" for number in range(2000)}
    index.add(light("feather", "1.0"), Wheel("forger", "1.0", {**filler, f"forger-1.0.data/purelib/{member}": forged}))
    app = write_app(
        tmp_path / "app", {"requirements.txt": "feather==1.0\nforger==1.0\n", "main.py": "import feather\n"}
    )
    result = build_checkout(mirror, tmp_path / "state", app, {"PIP_INDEX_URL": index.url})
    assert isinstance(result, Failed)
    assert "error: metadata-contradictory" in result.log
    assert said in " ".join(result.log.split())
