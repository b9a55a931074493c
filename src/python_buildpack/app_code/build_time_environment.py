"""Where the app's own code is run during a build: the interpreter and the packages, put on disk for as long as needed.

A layer that is reused is not on disk. A step asks for what it needs; the first to ask has it unpacked from the cache,
and all of it is removed again when the build ends, so that the lifecycle still finds the layers absent and reuses them.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.app_code.bytecode_cache import BytecodeCache, restored_bytecode
from python_buildpack.layers.dependencies.layer import DependenciesLayer
from python_buildpack.layers.python import NAME, PythonLayer
from python_buildpack.ports.certificates import system_certificates
from python_buildpack.ports.interfaces import CommandRunner, Reporter

FALLBACK_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

Lend = Callable[[], AbstractContextManager[Mapping[str, str]]]
"""Puts a layer's content on disk for a while, and says which variables make it known."""


@frozen
class BuildTimeEnvironment:
    """The surroundings of the app's code in one build."""

    app: Path
    env: Mapping[str, str]
    """The build's environment: the user's variables, and those of the platform and of earlier buildpacks."""
    python: PythonLayer
    restored_layers: ExitStack
    """Holds what was put on disk until the build ends."""
    runner: CommandRunner
    reporter: Reporter
    data: tuple[Lend, ...] = ()
    """What else the app's code finds at build time as it will at launch."""

    def with_python(self) -> dict[str, str]:
        """Return the environment for a command, with the interpreter first on PATH and on disk."""
        self.restored_layers.enter_context(self.python.restored())
        return self._environment(self.python.root / "bin")

    def with_packages(self, dependencies: DependenciesLayer) -> dict[str, str]:
        """Return the environment for a command, with the virtual environment first on PATH and on disk."""
        self.restored_layers.enter_context(
            dependencies.restored(lambda: self.restored_layers.enter_context(self.python.restored()))
        )
        self.restored_layers.enter_context(restored_bytecode(self.bytecode(dependencies)))
        environment = self._environment(dependencies.venv / "bin", self.python.root / "bin")
        for lend in self.data:
            environment |= self.restored_layers.enter_context(lend())
        return environment | {"VIRTUAL_ENV": str(dependencies.venv)}

    def bytecode(self, dependencies: DependenciesLayer) -> tuple[BytecodeCache, ...]:
        """Return what is kept of the layers' bytecode. To ask is enough for the next build to have it, too."""
        roots = {NAME: self.python.root, **dependencies.roots}
        return tuple(
            BytecodeCache.of(name, root, self.python.layers, self.python.cache) for name, root in roots.items()
        )

    def _environment(self, *programs: Path) -> dict[str, str]:
        path = ":".join([*map(str, programs), self.env.get("PATH") or FALLBACK_PATH])
        return {
            # Like in the image, where it is set by the runtime layer.
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            **self.env,
            **system_certificates(self.env),
            # The bytecode of the layers is there already, of another kind; that of the app would change its digest.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": path,
        }
