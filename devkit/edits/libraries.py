"""Random small projects that an app has in its own directory, for each build backend, layout and kind of version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from devkit.edits.backends import BACKENDS, Backend

Files = dict[str, str]
OFTEN = 0.55


@dataclass(frozen=True, slots=True)
class Library:
    """One project below the app, as a manager's file names it."""

    name: str
    folder: str
    """Empty for the project that is the app."""
    backend: Backend
    is_editable: bool
    is_dynamic: bool
    is_src: bool

    def at(self, path: str) -> str:
        """Return a path of the project relative to the app."""
        return f"{self.folder}/{path}" if self.folder else path

    @property
    def package(self) -> str:
        """The package's directory, relative to the app."""
        return self.at(self._inside)

    @property
    def _inside(self) -> str:
        # PDM finds packages in src by itself; pbr does not look there.
        return f"src/{self.name}" if self.is_src else self.name

    @property
    def version_file(self) -> str | None:
        """The file that the version is read from, relative to the app; None if there is none."""
        file = self.backend.version_file if self.is_dynamic else ""
        return self.at(self._filled(file)) if file else None

    @property
    def idle(self) -> frozenset[str]:
        """The files of which an edit must not lead to an installation."""
        if self.backend.asks_git:
            return frozenset()
        tests = {self.at(f"tests/test_{self.name}.py"), self.at("NOTES.md")}
        if not self.is_editable:
            return frozenset(tests)
        modules = {f"{self.package}/__init__.py", f"{self.package}/views.py", f"{self.package}/data.json"}
        return frozenset(tests | modules) - {self.version_file or ""} - self._read_for_version()

    def _read_for_version(self) -> frozenset[str]:
        # flit reads the module for its docstring, whatever has the version.
        return frozenset({f"{self.package}/__init__.py"} if self.backend.name == "flit" else ())

    def _filled(self, text: str) -> str:
        file = self.backend.version_file.replace("@inside@", self._inside)
        values = {
            "@file@": file,
            "@inside@": self._inside,
            "@where@": "src" if self.is_src else ".",
            "@name@": self.name,
            "@NAME@": self.name.upper(),
        }
        for word, value in values.items():
            text = text.replace(word, value)
        return text

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables that its backend reads, whose value may be any version."""
        return tuple(map(self._filled, self.backend.variables))

    def files(self, needed: str = "") -> Files:
        """Return the project's files by their paths; ``needed`` is its list of dependencies."""
        files = {
            "pyproject.toml": self._pyproject(needed),
            "README.md": f"# {self.name}\n",
            "NOTES.md": "notes\n",
            f"tests/test_{self.name}.py": "def test() -> None: ...\n",
            f"{self._inside}/__init__.py": f'"""{self.name}"""\n__version__ = "1.0"\ndef run(): print("{self.name}")\n',
            f"{self._inside}/views.py": "VIEW = 1\n",
            f"{self._inside}/data.json": "{}\n",
            **{path: self._filled(text) for path, text in self.backend.files.items()},
        }
        version = self._filled(self.backend.version_file) if self.is_dynamic else ""
        if version and not version.endswith("__init__.py"):
            files[version] = "1.0\n" if version == "VERSION" else '__version__ = "1.0"\n'
        return {self.at(path): text for path, text in files.items()}

    def _pyproject(self, needed: str) -> str:
        backend = self.backend
        system = f'[build-system]\nrequires = ["{backend.requires}"]\nbuild-backend = "{backend.module}"\n'
        version = 'dynamic = ["version"]\n' if self.is_dynamic else 'version = "1.0"\n'
        project = backend.project or (
            f'[project]\nname = "@name@"\ndescription = "@name@"\nreadme = "README.md"\nrequires-python = ">=3.11"\n'
            f'{version}{needed}[project.scripts]\n@name@-run = "@name@:run"\n'
        )
        return system + self._filled(project + (backend.version if self.is_dynamic else "") + backend.tables)


def random_library(
    random: Random,
    name: str,
    *,
    may_edit: bool = True,
    accept: Callable[[Backend], bool] = bool,
    folder: str | None = None,
) -> Library:
    """Return a random project in a random folder of the app."""
    backend = random.choice([one for one in BACKENDS if accept(one)])
    where = random.choice((f"libs/{name}", name + "-lib", f"backend/deep/er/{name}"))
    return Library(
        name=name,
        folder=where if folder is None else folder,
        backend=backend,
        is_editable=may_edit and random.random() < OFTEN,
        is_dynamic=backend.always_dynamic or (bool(backend.version) and random.random() < OFTEN),
        is_src=backend.name != "pbr" and (backend.needs_src or random.random() < OFTEN),
    )


def needed_variables(libraries: tuple[Library, ...]) -> Mapping[str, str]:
    """Return the variables without which they cannot be built."""
    return {name: value for library in libraries for name, value in library.backend.needs.items()}
