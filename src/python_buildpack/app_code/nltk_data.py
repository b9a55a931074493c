"""The ``nltk_data`` layer: the corpora and models that nltk.txt names, downloaded with the app's own NLTK."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from cnb.layer_env import LayerEnv, Scope
from cnb.layer_metadata import labelled
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes, State
from cnb.trees import remove
from python_buildpack.app.project import Project
from python_buildpack.app_code.build_time_environment import BuildTimeEnvironment
from python_buildpack.layers.announce import provide
from python_buildpack.layers.dependencies.layer import DependenciesLayer
from python_buildpack.package_managers.interface import digest
from python_buildpack.ports.interfaces import Command
from python_buildpack.settings import NLTK_INDEX, Settings
from python_buildpack.support.stopping import cleanup_after
from python_buildpack.support.stored_tree import NotStored, restore_tree, store_tree

NAME = "nltk_data"
SUBDIRECTORY = "data"
LIST = "nltk.txt"
VARIABLE = "NLTK_DATA"

# NLTK's downloader, told that addresses of a private network are meant: from 3.10 on it refuses them, which a mirror's
# usually are. The user named this one.
_MIRROR = """
import runpy
try:
    from nltk import pathsec
    pathsec.ENFORCE = False
except ImportError:
    pass
runpy.run_module("nltk.downloader", run_name="__main__", alter_sys=True)
"""

_PACKAGE = re.compile(r"\w[\w.-]*")
_ERROR = re.compile(r"^\[nltk_data\]\s+(?:Error|Unable)\b.*", re.MULTILINE)


class NltkListInvalid(BuildpackError):
    """nltk.txt holds something else than names of NLTK data packages."""

    code = "nltk-list-invalid"
    title = "nltk.txt cannot be read"


class NltkDownloadFailed(BuildpackError):
    """NLTK could not download what nltk.txt names: its index cannot be reached, or has no such package."""

    code = "nltk-download-failed"
    title = "The data for NLTK could not be downloaded"


@frozen
class NltkKey:
    """All that the content of the layer follows from."""

    packages: str = labelled("nltk.txt")
    version: str = labelled("the version of NLTK")
    index: str = labelled("the index of NLTK's data")
    path: str = labelled("the layer's path")


def read_packages(project: Project) -> tuple[str, ...]:
    """Return the names in nltk.txt, each once; # begins a comment.

    Raises NltkListInvalid and ProjectFileUnreadable.
    """
    text = project.text(LIST) or ""
    words = [word for line in text.splitlines() for word in line.partition("#")[0].split()]
    wrong = [word for word in words if not _PACKAGE.fullmatch(word)]
    if wrong:
        raise NltkListInvalid(
            f"{LIST} holds {', '.join(wrong)}, which cannot be the name of NLTK data.",
            f"Name one package on each line of {LIST}, such as stopwords or punkt_tab.",
        )
    return tuple(dict.fromkeys(words))


@frozen
class NltkData:
    """The data of one build."""

    packages: tuple[str, ...]
    version: str
    settings: Settings
    layers: Layers
    build_time: BuildTimeEnvironment
    dependencies: DependenciesLayer

    @property
    def path(self) -> Path:
        """Return the directory that NLTK looks in."""
        return self.layers.path(NAME) / SUBDIRECTORY

    def provide(self) -> State:
        """Download the data, or leave it where it is. Raises NltkDownloadFailed and BuildpackError."""
        self.build_time.reporter.line(f"{', '.join(self.packages)}, because {LIST} names them")
        index = self.settings.get(NLTK_INDEX)
        key = NltkKey(
            digest("\n".join(self.packages)), self.version, digest(index.text) if index else "", str(self.path)
        )
        state = provide(
            self.layers, LayerSpec(NAME, LayerTypes(launch=True), key), self._contribute, self.build_time.reporter
        )
        self._archive()
        return state

    @contextmanager
    def restored(self) -> Iterator[Mapping[str, str]]:
        """Lend the data to the app's code, as dependencies.on_disk() lends the packages."""
        archive = self._archive()
        is_lent = not self.path.exists()

        def take_back() -> None:
            if is_lent:
                remove(self.layers.path(NAME))

        with cleanup_after(take_back):
            if is_lent and restore_tree(archive, self.path) == NotStored():
                is_lent = False
                self.layers.forget(NAME)
                self.provide()
            if not archive.exists():
                store_tree(self.path, archive)
            before = self.build_time.env.get(VARIABLE)
            yield {VARIABLE: f"{self.path}:{before}" if before else str(self.path)}

    def _archive(self) -> Path:
        key = digest(repr(sorted(self.layers.restored_key(NAME).items())))
        return self.build_time.python.cache.file(f"nltk-{key[:16]}.tar.zst")

    def _contribute(self, path: Path) -> LayerContent:
        del path
        self.path.mkdir()
        environment = self.build_time.with_packages(self.dependencies)
        python = self.dependencies.venv / "bin" / "python"
        index = self.settings.get(NLTK_INDEX)
        source = ("-u", index.text) if index else ()
        # -e: nobody is there to answer whether to try again.
        options = ("-e", "-d", str(self.path), *source, *self.packages)
        command = ("-c", _MIRROR) if index else ("-m", "nltk.downloader")
        argv = (str(python), "-W", "ignore", *command, *options)
        finished = self.build_time.runner.run(Command(argv, environment))
        # It says so and ends with 0.
        failure = _ERROR.search(finished.output)
        if finished.status != 0 or failure or not any(self.path.iterdir()):
            raise NltkDownloadFailed(
                failure[0] if failure else f"nltk.downloader ended with status {finished.status}.",
                f"Check the names in {LIST}. Where NLTK's index cannot be reached, {NLTK_INDEX.name} names a mirror's.",
            )
        # NLTK keeps archives to whoever downloaded them; the app may run as somebody else.
        for path in self.path.rglob("*"):
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o644))
        env = LayerEnv().prepend(VARIABLE, str(self.path), delimiter=":", scope=Scope.LAUNCH)
        return LayerContent(env=env)
