"""A buildpack for apps that are one shell script, run.sh: the whole of ``cnb`` in use, and no Python app in sight."""

import hashlib
import os
import shutil
import sys
from pathlib import Path
from typing import assert_never

from cnb.build_plan import BuildPlan, Provide, Require
from cnb.buildpack import BuildResult, Fail, Pass
from cnb.context import BuildContext, DetectContext
from cnb.errors import BuildpackError
from cnb.frozen import field, frozen
from cnb.launch import Label, Launch, Process, Slice
from cnb.layer_env import ForProcess, LayerEnv, Scope
from cnb.layers import Created, LayerContent, LayerSpec, LayerTypes, Rebuilt, Reused, State
from cnb.runtime import Phase, run
from cnb.sbom import Sbom, SbomFormat

CLOCK = """#!/bin/sh
echo 'STARTED_BY = "exec.d"' >&3
"""


class ScriptEmpty(BuildpackError):
    """There is nothing in run.sh."""

    code = "script-empty"
    title = "run.sh is empty"


@frozen
class ScriptKey:
    """What the script's layer depends on."""

    shell: str = field(metadata={"label": "the shell"})
    script: str = field(metadata={"label": "run.sh"})


@frozen
class NotesKey:
    """What the notes depend on."""

    layout: str = "1"


class ShellApp:
    """Installs run.sh into a layer of the image."""

    def detect(self, context: DetectContext) -> Pass | Fail:
        """Take every app that has a run.sh."""
        if not (context.app_dir / "run.sh").is_file():
            return Fail("No shell app here:\n  there is no run.sh in the root directory.")
        require = Require("shell-app", {"shell": context.platform.env.get("BP_SHELL", "/bin/sh")})
        return Pass(
            BuildPlan((Provide("shell-app"),), (require,), alternatives=(BuildPlan(provides=(Provide("shell-app"),)),))
        )

    def build(self, context: BuildContext) -> BuildResult:
        """Put the script into its layer."""
        script = context.app_dir / "run.sh"
        if not script.read_bytes():
            raise ScriptEmpty("run.sh has no lines.", "Write the commands that start the app into it.")
        shell = str(context.plan.entries_named("shell-app")[0].metadata["shell"])
        key = ScriptKey(shell, hashlib.sha256(script.read_bytes()).hexdigest())
        state = context.layers.provide(
            LayerSpec("script", LayerTypes(launch=True), key), lambda layer: install_script(script, layer)
        )
        say("script", state)
        say("notes", context.layers.provide(LayerSpec("notes", LayerTypes(cache=True), NotesKey()), write_notes))
        builds = str(int(str(context.store.get("builds", "0"))) + 1)
        web = Process("web", (shell, str(state.path / "program" / "run.sh")), args=("world",), default=True)
        return BuildResult(
            launch=Launch((web,), (Label("shell-app.lines", state.metadata["lines"]),), (Slice(("static/*",)),)),
            store={"builds": builds},
            launch_sboms=(Sbom(SbomFormat.SPDX, b"{}"),),
        )

    def on_error(self, error: Exception) -> None:
        """Print what went wrong, in one line."""
        cure = error.cure if isinstance(error, BuildpackError) else "Report it."
        sys.stderr.write(f"error: {error} {cure}\n")


def install_script(script: Path, layer: Path) -> LayerContent:
    """Fill the layer of the script."""
    target = layer / "program" / "run.sh"
    target.parent.mkdir()
    shutil.copy(script, target)
    env = (
        LayerEnv().default("GREETING", "hello", Scope.LAUNCH).prepend("PATH", str(target.parent), delimiter=os.pathsep)
    )
    return LayerContent(
        env=env.override("ROLE", "web", ForProcess("web")),
        exec_d={"clock": CLOCK},
        sboms=(Sbom(SbomFormat.SPDX, b'{"name": "run.sh"}'),),
        metadata={"lines": str(len(script.read_text().splitlines()))},
    )


def write_notes(layer: Path) -> LayerContent:
    """Fill the cached layer."""
    (layer / "note").write_text("kept from build to build\n")
    return LayerContent()


def say(name: str, state: State) -> None:
    """Say what became of a layer."""
    match state:
        case Created():
            print(f"{name}: created", flush=True)  # noqa: T201 - the build log
        case Reused(present=present):
            print(f"{name}: reused, {'on disk' if present else 'in the image'}", flush=True)  # noqa: T201 - as above
        case Rebuilt(reasons=reasons):
            print(f"{name}: rebuilt, because {' and '.join(reasons)}", flush=True)  # noqa: T201 - as above
        case other:
            assert_never(other)


if __name__ == "__main__":
    phase: Phase = "detect" if sys.argv[1] == "detect" else "build"
    sys.exit(run(phase, ShellApp(), sys.argv[2:], os.environ, Path.cwd()))
