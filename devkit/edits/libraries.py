"""Random small projects that an app has in its own directory, for each build backend, layout and kind of version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

Files = dict[str, str]


@dataclass(frozen=True, slots=True)
class Backend:
    """A build backend, and how a project says that it uses it."""

    name: str
    requires: str
    module: str
    version: str = ""
    """The tables that say where the version is read from; empty if it has to be in pyproject.toml."""
    version_file: str = ""
    """The file that has it, relative to the project; ``{package}`` is the package's directory."""
    needs_src: bool = False


OFTEN = 0.55

BACKENDS = (
    Backend(
        "hatchling", "hatchling", "hatchling.build", '[tool.hatch.version]\npath = "{file}"\n', "{package}/about.py"
    ),
    Backend(
        *("setuptools", "setuptools", "setuptools.build_meta"),
        '[tool.setuptools.dynamic]\nversion = {{ attr = "{name}.about.__version__" }}\n',
        "{package}/about.py",
    ),
    Backend(
        *("setuptools-file", "setuptools", "setuptools.build_meta"),
        '[tool.setuptools.dynamic]\nversion = {{ file = "VERSION" }}\n',
        "VERSION",
    ),
    Backend("flit", "flit_core", "flit_core.buildapi", "\n", "{package}/__init__.py"),
    Backend(
        *("pdm", "pdm-backend", "pdm.backend"),
        '[tool.pdm.version]\nsource = "file"\npath = "{file}"\n',
        "{package}/about.py",
    ),
    Backend("poetry", "poetry-core", "poetry.core.masonry.api"),
    Backend("uv", "uv_build", "uv_build", needs_src=True),
)


@dataclass(frozen=True, slots=True)
class Library:
    """One project below the app, as a manager's file names it."""

    name: str
    folder: str
    backend: Backend
    is_editable: bool
    is_dynamic: bool
    is_src: bool

    @property
    def package(self) -> str:
        """The package's directory, relative to the app."""
        return f"{self.folder}/src/{self.name}" if self.is_src else f"{self.folder}/{self.name}"

    @property
    def version_file(self) -> str | None:
        """The file that the version is read from, relative to the app; None if it is in pyproject.toml."""
        inside = self.package.removeprefix(f"{self.folder}/")
        return f"{self.folder}/{self.backend.version_file.format(package=inside)}" if self.is_dynamic else None

    @property
    def idle(self) -> frozenset[str]:
        """The files of which an edit must not lead to an installation."""
        tests = {f"{self.folder}/tests/test_{self.name}.py", f"{self.folder}/NOTES.md"}
        if not self.is_editable:
            return frozenset(tests)
        modules = {f"{self.package}/__init__.py", f"{self.package}/views.py", f"{self.package}/data.json"}
        return frozenset(tests | modules) - {self.version_file or ""} - self._read_for_version()

    def _read_for_version(self) -> frozenset[str]:
        # flit reads the module for its docstring, whatever has the version.
        return frozenset({f"{self.package}/__init__.py"} if self.backend.name == "flit" else ())

    def files(self, scripts: Mapping[str, str] | None = None) -> Files:
        """Return the project's files by their paths."""
        version = 'dynamic = ["version"]\n' if self.is_dynamic else 'version = "1.0"\n'
        table = self.backend.version if self.is_dynamic else ""
        inside = (self.version_file or "").removeprefix(f"{self.folder}/")
        listed = "".join(f'{name} = "{where}"\n' for name, where in (scripts or {}).items())
        text = (
            f'[build-system]\nrequires = ["{self.backend.requires}"]\nbuild-backend = "{self.backend.module}"\n'
            f'[project]\nname = "{self.name}"\ndescription = "{self.name}"\nreadme = "README.md"\n{version}'
            f'[project.scripts]\n{self.name}-run = "{self.name}:run"\n{listed}'
            f"{table.format(name=self.name, file=inside)}"
        )
        files = {
            f"{self.folder}/pyproject.toml": text,
            f"{self.folder}/README.md": f"# {self.name}\n",
            f"{self.folder}/NOTES.md": "notes\n",
            f"{self.folder}/tests/test_{self.name}.py": "def test() -> None: ...\n",
            f"{self.package}/__init__.py": f'"""{self.name}"""\n__version__ = "1.0"\ndef run(): print("{self.name}")\n',
            f"{self.package}/views.py": "VIEW = 1\n",
            f"{self.package}/data.json": "{}\n",
        }
        if self.version_file and not self.version_file.endswith("__init__.py"):
            files[self.version_file] = "1.0\n" if self.version_file.endswith("VERSION") else '__version__ = "1.0"\n'
        return files


def random_library(
    random: Random, name: str, *, may_edit: bool = True, accept: Callable[[Backend], bool] = bool
) -> Library:
    """Return a random project in a random folder of the app."""
    backend = random.choice([one for one in BACKENDS if accept(one)])
    return Library(
        name=name,
        folder=random.choice((f"libs/{name}", name + "-lib", f"backend/deep/er/{name}")),
        backend=backend,
        is_editable=may_edit and random.random() < OFTEN,
        is_dynamic=bool(backend.version) and random.random() < OFTEN,
        is_src=backend.needs_src or random.random() < OFTEN,
    )
