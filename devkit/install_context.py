"""An InstallContext as a build makes one, for tools and tests that run a package manager without a build."""

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cnb.layers import Layers
from devkit.paths import CHECKOUT
from python_buildpack.app.project import scan
from python_buildpack.layers.tools import ToolsLayer
from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.settings.values import Settings
from python_buildpack.tools.uv import Uv


@dataclass(slots=True)
class Log:
    """Implements ports.Reporter by keeping what was said."""

    said: list[str] = field(default_factory=list)

    def heading(self, text: str) -> None:
        """Keep a heading."""
        self.said.append(text)

    def line(self, text: str) -> None:
        """Keep a line."""
        self.said.append(text)

    def output(self, text: str) -> None:
        """Keep a line of a tool."""
        self.said.append(text)

    def warning(self, title: str, text: str) -> None:
        """Keep a warning, marked as one."""
        self.said.append(f"warning: {title}: {text}")

    def detail(self, text: str) -> None:
        """Keep nothing: it differs from run to run."""

    def fact(self, name: str, value: object) -> None:
        """Keep a value, with its name."""
        self.said.append(f"fact: {name}: {value}")

    @property
    def warnings(self) -> list[str]:
        """Return what was warned of."""
        return [text for text in self.said if text.startswith("warning: ")]


def build_environment(home: Path) -> dict[str, str]:
    """Return the environment of a build: this one's, without what belongs to this process's own Python.

    The scripts in directories called ``shims`` (of pyenv, asdf and mise) start the Python that a shell script looks for
    each time. No build image has them, and PDM and Pipenv would run each of them to ask for its version.
    """
    home.mkdir(parents=True, exist_ok=True)
    ours = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "VIRTUAL_ENV", "PYTHON"))
    }
    folders = [folder for folder in ours.get("PATH", os.defpath).split(":") if not folder.endswith("/shims")]
    return {**ours, "HOME": str(home), "PATH": ":".join(folders), "PYTHONDONTWRITEBYTECODE": "1"}


def install_context(
    app: Path, work: Path, layers: Path, settings: Mapping[str, str] | None = None, **variables: str
) -> InstallContext:
    """Return what a manager works with to install ``app``; its temporary files are below ``work``."""
    scratch = work / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    log = Log()
    env = {**build_environment(work / "home"), **variables}
    uv, runner = Uv(CHECKOUT, scratch, Path(sys.executable)), SubprocessRunner(log.output)
    return InstallContext(
        project=scan(app),
        settings=Settings(settings or {}),
        python_version=platform.python_version(),
        env=env,
        uv=uv,
        runner=runner,
        reporter=log,
        scratch=scratch,
        tools=ToolsLayer(Layers(layers), uv, runner, env, log.line),
    )


def log_of(context: InstallContext) -> Log:
    """Return the log of a context that ``install_context`` made. Raises TypeError for another one."""
    if not isinstance(context.reporter, Log):
        raise TypeError(type(context.reporter))
    return context.reporter
