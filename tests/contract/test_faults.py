"""The table of faults, row by row, through whole builds of one app: what the user sees, what the next build does."""

import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from built_apps import built, failed
from devkit.interpreters import Source
from devkit.lifecycle import Request, build, launch
from devkit.lifecycle.results import Built, Failed
from devkit.paths import CHECKOUT
from devkit.soak.processes import build_processes
from fault_bench import GIGABYTE, INJECTIONS, Bench, Trial, write_bomb
from manager_context import write_app
from misbehaving_server import running_server
from tiny_index import Distribution, add_to_index, serving

TABLE = tomllib.loads((Path(__file__).parent / "faults.toml").read_text(encoding="utf-8"))
MAIN = "import alpha\nprint('hello from', alpha.__name__)\n"
APP = {"main.py": MAIN, "requirements.txt": "alpha==1.0\n", "Procfile": "web: python main.py\n"}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, mirror: Source) -> Iterator[Bench]:
    """Build the app once; every row goes on from its image and its cache, as builds of an app do."""
    root = tmp_path_factory.mktemp("faults")
    add_to_index(root / "packages", Distribution("alpha"))
    with serving(root / "packages") as index, running_server() as server:
        bench = Bench(root, mirror, server, root / "packages", index, APP)
        built(take(bench, Trial(APP)))
        yield bench


def take(bench: Bench, trial: Trial) -> Built | Failed:
    """Build, in the platform's state of the bench."""
    app = bench.root / "app"
    shutil.rmtree(app, ignore_errors=True)
    write_app(app, dict(trial.files))
    if trial.sparse:
        os.truncate(app / trial.sparse, GIGABYTE)
    return build(Request((CHECKOUT,), app, bench.state, env={**bench.env, **trial.env}))


@pytest.mark.parametrize("row", TABLE["fault"], ids=lambda row: row["what"])
def test_a_fault(bench: Bench, row: dict[str, Any]) -> None:
    """The user sees the row's code and words; the image stays whole; the next build does what the row says."""
    with INJECTIONS[row["inject"]](bench, row.get("files", {})) as trial:
        result = take(bench, trial)
    log = " ".join(result.log.split())
    assert not {"Traceback", "SyntaxWarning:"} & set(log.split())
    assert [phrase for phrase in row["says"] if phrase not in log] == [], result.log
    if "code" in row:
        failed(result)
        assert isinstance(result, Failed)
        assert (result.exit_code, codes(result.log)) == (1, [row["code"]]), result.log
    else:
        built(result)
    assert build_processes(bench.state) == []
    assert list(bench.root.rglob("climbed.py")) == []
    check_image(bench)

    following = built(take(bench, Trial(trial.files if row["next"] == "built" else bench.files, kept(trial, row))))
    if row["next"] == "reused":
        assert following.log.count("Reused (nothing changed)") == (2 if "code" in row else 1) or "code" not in row
    bench.files = trial.files if row["next"] == "built" else bench.files
    check_image(bench)


def kept(trial: Trial, row: dict[str, Any]) -> dict[str, str]:
    """Return the variables that are no fault: which Python was asked for, where the next build is to have it."""
    version = trial.env.get("BP_PYTHON_VERSION")
    return {"BP_PYTHON_VERSION": version} if version and row["next"] == "built" else {}


def codes(log: str) -> list[str]:
    """Return the codes of all errors that the user sees."""
    return [line.removeprefix("error: ") for line in log.splitlines() if line.startswith("error: ")]


def check_image(bench: Bench) -> None:
    """Assert that the app starts."""
    with launch(bench.state) as running:
        assert running.wait() == 0, running.log
        assert running.log == "hello from alpha\n"


@pytest.mark.parametrize("row", TABLE["elsewhere"], ids=lambda row: row["what"])
def test_a_row_that_is_held_elsewhere(row: dict[str, Any]) -> None:
    """The test that it names is there."""
    path, _, name = row["test"].partition("::")
    assert f"\ndef {name}(" in (CHECKOUT / path).read_text(encoding="utf-8")


def in_namespace(mount: str, app: Path, layers: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run bin/build by itself after a mount that nobody else sees."""
    private = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"]), "sh", "-ec"]
    scratch = layers.parent
    (scratch / "plan.toml").write_text("", encoding="utf-8")
    (scratch / "platform").mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(scratch),
        "CNB_BUILDPACK_DIR": str(CHECKOUT),
        "CNB_LAYERS_DIR": str(layers),
        "CNB_PLATFORM_DIR": str(scratch / "platform"),
        "CNB_BP_PLAN_PATH": str(scratch / "plan.toml"),
        "CNB_TARGET_OS": "linux",
        "CNB_TARGET_ARCH": "amd64",
        **env,
    }
    return subprocess.run(
        [*private, f'{mount}; cd "$1"; exec "$3"', "sh", str(app), str(layers), str(CHECKOUT / "bin" / "build")],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_an_app_directory_that_can_only_be_read(tmp_path: Path, bench: Bench) -> None:
    """Nothing of a build needs to write into the app."""
    app = write_app(tmp_path / "app", APP)
    (tmp_path / "layers").mkdir()
    mount = 'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; ! touch "$1/x" 2>/dev/null'
    finished = in_namespace(mount, app, tmp_path / "layers", bench.env)
    assert finished.returncode == 0, finished.stdout
    assert "package: alpha 1.0" in finished.stdout


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_a_package_that_is_a_bomb(tmp_path: Path, bench: Bench, kind: str) -> None:
    """A megabyte that unpacks to a thousand, on a disk that has half of that."""
    write_bomb(bench.packages, f"{kind}bomb", 1000, kind)
    app = write_app(tmp_path / "app", {**APP, "requirements.txt": f"{kind}bomb\n"})
    (tmp_path / "layers").mkdir()
    finished = in_namespace('mount -t tmpfs -o size=500m none "$2"', app, tmp_path / "layers", bench.env)
    assert finished.returncode == 1, finished.stdout
    assert codes(finished.stdout) == ["disk-full"], finished.stdout
