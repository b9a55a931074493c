"""The environment for the app's own code during a build: the interpreter and the packages, restored on demand.

A reused layer is not on disk. The first step that needs one has it unpacked from the cache. All of them are removed
again when the build ends, so that the lifecycle finds the layers absent and reuses them.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.app_code.bytecode_cache import BytecodeCache, restored_bytecode
from python_buildpack.layers.data.provide import ProvidedData
from python_buildpack.layers.dependencies.layer import DependenciesLayer
from python_buildpack.layers.python import NAME, PythonLayer
from python_buildpack.layers.unchanged import never, unchanged_layers
from python_buildpack.ports.certificates import system_certificates
from python_buildpack.ports.interfaces import CommandRunner, Reporter

FALLBACK_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@frozen
class BuildTimeEnvironment:
    """The environment of the app's code in one build."""

    app: Path
    env: Mapping[str, str]
    """The build's environment: the user's variables, and those of the platform and of earlier buildpacks."""
    python: PythonLayer
    restored_layers: ExitStack
    """Contains the restored layers; closed when the build ends."""
    runner: CommandRunner
    reporter: Reporter
    data: tuple[ProvidedData, ...] = ()
    """Layers with data, which the app's code finds at build time as at launch."""

    def with_python(self) -> dict[str, str]:
        """Restore the interpreter; return the variables for a command, with the interpreter first on PATH."""
        self.restored_layers.enter_context(self.python.restored())
        return self._environment(self.python.root / "bin")

    def with_packages(self, dependencies: DependenciesLayer) -> dict[str, str]:
        """Restore the virtual environment; return the variables for a command, with its programs first on PATH."""
        self.restored_layers.enter_context(
            dependencies.restored(lambda: self.restored_layers.enter_context(self.python.restored()))
        )
        self.restored_layers.enter_context(restored_bytecode(self.bytecode(dependencies)))
        environment = self._environment(dependencies.venv / "bin", self.python.root / "bin")
        for data in self.data:
            environment |= self.restored_layers.enter_context(data.restored())
        return environment | {"VIRTUAL_ENV": str(dependencies.venv)}

    @contextmanager
    def unchanged(
        self, step: str, dependencies: DependenciesLayer, is_kept: Callable[[], bool] = never
    ) -> Iterator[None]:
        """Undo after the block what ``step`` (for the log) has changed in interpreter, packages and data.

        In the packages nothing if ``is_kept`` is true then. All of them have to be on disk. Raises BuildpackError.
        """
        stored = tuple(data.stored for data in self.data)
        with (
            unchanged_layers(step, stored, lambda _: None, self.reporter),
            dependencies.unchanged(step, is_kept),
        ):
            yield

    def bytecode(self, dependencies: DependenciesLayer) -> tuple[BytecodeCache, ...]:
        """Return the caches of the layers' bytecode, and keep them for the next build."""
        roots = {NAME: self.python.root, **dependencies.roots}
        return tuple(
            BytecodeCache.of(name, root, self.python.layers, self.python.cache) for name, root in roots.items()
        )

    def _environment(self, *programs: Path) -> dict[str, str]:
        path = ":".join([*map(str, programs), self.env.get("PATH") or FALLBACK_PATH])
        return {
            # As in the image, where the runtime layer sets it.
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            **self.env,
            **system_certificates(self.env),
            # The layers have bytecode of their own kind; bytecode of the app would change the digest of its directory.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": path,
        }
