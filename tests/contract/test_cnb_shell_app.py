"""A buildpack of another language, written on cnb and run as the lifecycle runs it."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

BUILDPACK = Path(__file__).parent / "shell_app"


@dataclass(frozen=True)
class Site:
    """The directories of a build, and a little of what the lifecycle does between two."""

    root: Path

    @property
    def layers(self) -> Path:
        """CNB_LAYERS_DIR."""
        return self.root / "layers" / "terrarium-tests_shell-app"

    @property
    def app(self) -> Path:
        """The working directory."""
        return self.root / "workspace"

    def run(self, phase: str, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run a phase with the environment that the lifecycle gives and no other variable of this process."""
        env = {
            "PATH": os.defpath,
            "HOME": str(self.root),
            "CNB_BUILDPACK_DIR": str(BUILDPACK),
            "CNB_PLATFORM_DIR": str(self.root / "platform"),
            "CNB_TARGET_OS": "linux",
            "CNB_TARGET_ARCH": "amd64",
            "SHELL_APP_PYTHON": sys.executable,
        }
        own = {
            "detect": {"CNB_BUILD_PLAN_PATH": str(self.root / "plan.toml")},
            "build": {"CNB_LAYERS_DIR": str(self.layers), "CNB_BP_PLAN_PATH": str(self.root / "bp-plan.toml")},
        }
        return subprocess.run(
            [BUILDPACK / "bin" / phase, *arguments],
            cwd=self.app,
            env={key: value for key, value in (env | own[phase] | changes).items() if value},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=60,
        )

    def read(self, name: str) -> dict[str, Any]:
        """Return a TOML file beside the layers."""
        return tomllib.loads((self.layers / name).read_text())

    def restore(self) -> None:
        """Leave what the next build finds: metadata without types, content of what is cached, the store; no more."""
        kept = self.root / "kept"
        self.layers.rename(kept)
        self.layers.mkdir()
        for toml in sorted(kept.glob("*.toml")):
            document = tomllib.loads(toml.read_text())
            types = document.get("types", {})
            if "types" in document or toml.name == "store.toml":
                metadata = json.loads(json.dumps(document["metadata"]))
                (self.layers / toml.name).write_text(as_toml(metadata))
            if types.get("cache"):
                shutil.copytree(kept / toml.stem, self.layers / toml.stem)
        shutil.rmtree(kept)


def as_toml(metadata: dict[str, Any]) -> str:
    """Write the metadata as strings in tables, independently of the code under test."""
    tables = {"metadata": {key: value for key, value in metadata.items() if isinstance(value, str)}}
    tables |= {f"metadata.{key}": value for key, value in metadata.items() if isinstance(value, dict)}
    return "".join(
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        for name, table in tables.items()
    )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    for folder in (site.layers, site.app, tmp_path / "platform" / "env"):
        folder.mkdir(parents=True)
    (site.app / "run.sh").write_text('echo "$GREETING $1"\n')
    (tmp_path / "plan.toml").touch()
    (tmp_path / "bp-plan.toml").write_text('[[entries]]\nname = "shell-app"\nmetadata = { shell = "/bin/sh" }\n')
    return site


def tree(folder: Path) -> dict[str, str]:
    """Return every file below ``folder`` with its mode."""
    return {
        path.relative_to(folder).as_posix(): oct(path.stat().st_mode & 0o777)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_detect_takes_the_app_and_writes_the_plan_with_its_alternative(site: Site) -> None:
    """Detect exits 0, and the plan has both sides, metadata as the user chose it, and the alternative."""
    (site.root / "platform" / "env" / "BP_SHELL").write_text("/bin/dash")

    finished = site.run("detect")

    assert (finished.returncode, finished.stdout) == (0, "")
    assert tomllib.loads((site.root / "plan.toml").read_text()) == {
        "provides": [{"name": "shell-app"}],
        "requires": [{"name": "shell-app", "metadata": {"shell": "/bin/dash"}}],
        "or": [{"provides": [{"name": "shell-app"}]}],
    }


def test_detect_leaves_an_app_that_is_not_its_own_with_one_line(site: Site) -> None:
    """Detect exits 100 and prints the reason as one line; the plan stays empty."""
    (site.app / "run.sh").unlink()

    finished = site.run("detect")

    assert finished.returncode == 100
    assert finished.stdout == "No shell app here: there is no run.sh in the root directory.\n"
    assert (site.root / "plan.toml").read_text() == ""


def test_detect_leaves_a_target_that_buildpack_toml_does_not_list(site: Site) -> None:
    """A CPU that the buildpack was not made for is 100 with the reason, since older platforms do not check it."""
    finished = site.run("detect", CNB_TARGET_ARCH="s390x")

    assert finished.returncode == 100
    assert finished.stdout == "terrarium-tests/shell-app builds for linux/amd64, linux/arm64, not for linux/s390x.\n"


def test_the_first_build_makes_everything_that_the_lifecycle_reads(site: Site) -> None:
    """Layers with types, metadata, environment, exec.d and SBOM; launch.toml and store.toml; and no file besides."""
    finished = site.run("build")

    assert (finished.returncode, finished.stdout) == (0, "script: created\nnotes: created\n")
    program = str(site.layers / "script" / "program")
    assert tree(site.layers) == {
        "launch.sbom.spdx.json": "0o644",
        "launch.toml": "0o644",
        "notes.toml": "0o644",
        "notes/note": oct((site.layers / "notes" / "note").stat().st_mode & 0o777),
        "script.sbom.spdx.json": "0o644",
        "script.toml": "0o644",
        "script/env.launch/GREETING.default": "0o644",
        "script/env.launch/web/ROLE.override": "0o644",
        "script/env/PATH.delim": "0o644",
        "script/env/PATH.prepend": "0o644",
        "script/exec.d/clock": "0o755",
        "script/program/run.sh": oct((site.app / "run.sh").stat().st_mode & 0o777),
        "store.toml": "0o644",
    }
    assert (site.layers / "script" / "env" / "PATH.prepend").read_text() == program
    assert site.read("script.toml")["types"] == {"launch": True, "build": False, "cache": False}
    assert site.read("notes.toml") == {
        "types": {"launch": False, "build": False, "cache": True},
        "metadata": {"key": {"layout": "1"}},
    }
    assert site.read("launch.toml") == {
        "processes": [{"type": "web", "command": ["/bin/sh", f"{program}/run.sh"], "args": ["world"], "default": True}],
        "labels": [{"key": "shell-app.lines", "value": "1"}],
        "slices": [{"paths": ["static/*"]}],
    }
    assert site.read("store.toml") == {"metadata": {"builds": "1"}}


def test_a_rebuild_of_the_same_app_keeps_both_layers_and_creates_no_directory(site: Site) -> None:
    """With the toml restored and the directory absent, types are declared, metadata is restored, nothing is made."""
    site.run("build")
    before = site.read("script.toml")
    site.restore()

    finished = site.run("build")

    assert (finished.returncode, finished.stdout) == (0, "script: reused, in the image\nnotes: reused, on disk\n")
    assert not (site.layers / "script").exists()
    assert site.read("script.toml") == before
    assert site.read("launch.toml")["labels"] == [{"key": "shell-app.lines", "value": "1"}]
    assert site.read("store.toml") == {"metadata": {"builds": "2"}}


def test_a_changed_script_is_installed_again_and_all_reasons_are_told(site: Site) -> None:
    """Every difference is named: a value that people know with both its values, a digest without."""
    site.run("build")
    site.restore()
    (site.app / "run.sh").write_text("echo one\necho two\n")
    plan = site.root / "bp-plan.toml"
    plan.write_text(plan.read_text().replace("/bin/sh", "/bin/dash"))

    finished = site.run("build")

    assert finished.returncode == 0
    assert finished.stdout == (
        "script: rebuilt, because the shell changed from /bin/sh to /bin/dash and run.sh changed\n"
        "notes: reused, on disk\n"
    )
    assert (site.layers / "script" / "program" / "run.sh").read_text() == "echo one\necho two\n"
    assert site.read("launch.toml")["labels"] == [{"key": "shell-app.lines", "value": "2"}]


def test_two_builds_of_the_same_app_give_the_same_bytes(site: Site) -> None:
    """What a build writes depends on nothing but its inputs."""

    def contents() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in sorted(site.layers.rglob("*")) if path.is_file()}

    site.run("build")
    first = contents()
    shutil.rmtree(site.layers)
    site.layers.mkdir()
    site.run("build")

    assert contents() == first


def test_an_error_of_the_app_is_told_and_ends_the_build(site: Site) -> None:
    """A BuildpackError reaches the user in the buildpack's own words, with status 1 and no traceback."""
    (site.app / "run.sh").write_text("")

    finished = site.run("build")

    assert finished.returncode == 1
    assert finished.stdout == "error: run.sh has no lines. Write the commands that start the app into it.\n"


def test_the_arguments_serve_where_the_environment_does_not(site: Site) -> None:
    """Platforms may still pass the directories as arguments only."""
    finished = site.run(
        "build",
        str(site.layers),
        str(site.root / "platform"),
        str(site.root / "bp-plan.toml"),
        CNB_LAYERS_DIR="",
        CNB_PLATFORM_DIR="",
        CNB_BP_PLAN_PATH="",
    )

    assert finished.returncode == 0
    assert (site.layers / "script.toml").is_file()
