"""A buildpack on cnb: the tables of variables.toml are the variables of containers, for all processes or for one.

    [all]
    LOG_LEVEL = "info"
    [worker]
    LOG_LEVEL = "debug"

Whoever starts a container can still set another value.
"""

import os
import sys
import tomllib
from pathlib import Path

from cnb.buildpack import BuildResult, Fail, Pass
from cnb.context import BuildContext, DetectContext
from cnb.errors import BuildpackError
from cnb.frozen import field, frozen
from cnb.layer_env import ForProcess, LayerEnv, Scope
from cnb.layers import LayerContent, LayerSpec, LayerTypes, Reused
from cnb.runtime import run

FILE = "variables.toml"


class VariablesInvalid(BuildpackError):
    """variables.toml is no TOML, or has something else than tables of strings."""

    code = "variables-invalid"
    title = "variables.toml cannot be read"


@frozen
class Key:
    """What the layer depends on: while it is the same, the layer of the previous image is taken."""

    text: str = field(metadata={"label": FILE})


class Variables:
    """Takes every app with the file."""

    def detect(self, context: DetectContext) -> Pass | Fail:
        """Pass if the file is there."""
        return Pass() if (context.app_dir / FILE).is_file() else Fail(f"There is no {FILE}.")

    def build(self, context: BuildContext) -> BuildResult:
        """Make the layer with the variables. Raises VariablesInvalid."""
        text = (context.app_dir / FILE).read_text(encoding="utf-8")
        env = parse(text)
        spec = LayerSpec("variables", LayerTypes(launch=True), Key(text))
        state = context.layers.provide(spec, lambda _: LayerContent(env=env))
        print(f"{len(env.changes)} variables ({'reused' if isinstance(state, Reused) else 'new'})")
        return BuildResult()

    def on_error(self, error: Exception) -> None:
        """Print what happened, and what to do."""
        print(f"error: {error.what}\n{error.cure}" if isinstance(error, BuildpackError) else f"error: {error!r}")


def parse(text: str) -> LayerEnv:
    """Return the variables. Raises VariablesInvalid."""
    try:
        document = tomllib.loads(text)
    except ValueError as error:
        raise VariablesInvalid(f"{FILE} is not valid TOML: {error}.", "Correct the line.") from error
    env = LayerEnv()
    for process, variables in document.items():
        if not isinstance(variables, dict) or not all(isinstance(value, str) for value in variables.values()):
            raise VariablesInvalid(f"{process} in {FILE} is no table of strings.", 'Write NAME = "value" below [all].')
        scope = Scope.LAUNCH if process == "all" else ForProcess(process)
        for name, value in variables.items():
            env = env.default(name, value, scope)
    return env


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], Variables(), sys.argv[2:], os.environ, Path.cwd()))
