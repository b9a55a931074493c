"""A package index of tiny distributions on loopback, made by the test that asks it: wheels and sdists."""

import base64
import hashlib
import html
import io
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from devkit.loopback import running

BACKEND = '''
"""A build backend that needs nothing, so that building asks no index; the settings it gets end in the summary."""
import base64, hashlib, os, zipfile

INFO = {stem!r} + ".dist-info"
METADATA = {metadata!r}


def _files(settings):
    summary = "Summary: " + repr(sorted((settings or {{}}).items())) + "\\n"
    yield INFO + "/METADATA", METADATA + summary
    yield INFO + "/WHEEL", "Wheel-Version: 1.0\\nGenerator: tiny\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"


def _wheel(folder, settings, path, text):
    name = {stem!r} + "-py3-none-any.whl"
    record = []
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        for path, text in ((path, text), *_files(settings)):
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record.append(path + ",sha256=" + digest + "," + str(len(text)))
            archive.writestr(path, text)
        archive.writestr(INFO + "/RECORD", "\\n".join([*record, INFO + "/RECORD,,", ""]))
    return name


def get_requires_for_build_wheel(config_settings=None):
    return []


get_requires_for_build_editable = get_requires_for_build_sdist = get_requires_for_build_wheel


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    os.mkdir(os.path.join(metadata_directory, INFO))
    for name, text in _files(config_settings):
        with open(os.path.join(metadata_directory, name), "w") as file:
            file.write(text)
    return INFO


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return _wheel(wheel_directory, config_settings, {module!r} + ".py", {text!r})


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    return _wheel(wheel_directory, config_settings, "_editable_" + {module!r} + ".pth", os.getcwd() + "\\n")
'''
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


@dataclass(frozen=True, slots=True)
class Distribution:
    """One release of a project, to be written as a wheel or as an sdist."""

    name: str
    version: str = "1.0"
    requires: tuple[str, ...] = ()
    """Lines of Requires-Dist; one with a marker on ``extra`` makes that extra known."""
    requires_python: str = ""
    yanked: bool = False
    text: str = ""
    """The content of its module, so that two of the same version can differ."""
    on_build: str = ""
    """Python code that its build backend runs first, where there is one."""

    @property
    def module(self) -> str:
        """Return the name that it is imported by."""
        return self.name.replace("-", "_")

    @property
    def stem(self) -> str:
        """Return the first two parts of its files' names."""
        return f"{self.module}-{self.version}"


def write_wheel(folder: Path, made: Distribution) -> Path:
    """Write the release as a wheel, equal bytes for equal releases, and return its path."""
    info = f"{made.stem}.dist-info"
    files = {
        f"{made.module}.py": made.text,
        f"{info}/METADATA": _metadata(made),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tiny\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},sha256={_digest(text)},{len(text)}\n" for name, text in files.items())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{made.stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return path


def write_sdist(folder: Path, made: Distribution) -> Path:
    """Write the release as an sdist that builds without asking an index, and return its path."""
    return write_sdist_files(folder, made, source_files(made))


def write_sdist_files(folder: Path, made: Distribution, files: Mapping[str, str]) -> Path:
    """Write the release as an sdist with these files and its metadata, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{made.stem}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in {**files, "PKG-INFO": _metadata(made)}.items():
            entry = tarfile.TarInfo(f"{made.stem}/{name}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return path


def source_files(made: Distribution) -> dict[str, str]:
    """Return the files of a project whose build backend lies beside it and needs nothing."""
    backend = f"{made.on_build}\n" + BACKEND.format(
        stem=made.stem, metadata=_metadata(made), module=made.module, text=made.text
    )
    return {"pyproject.toml": PYPROJECT, "backend.py": backend, f"{made.module}.py": made.text}


def add_to_index(root: Path, *releases: Distribution, sdists: Sequence[Distribution] = ()) -> None:
    """Write wheels and sdists into the folders of a simple index (PEP 503), and its pages anew."""
    for one in releases:
        write_wheel(root / one.name, one)
    for one in sdists:
        write_sdist(root / one.name, one)
    known = {one.stem: one for one in (*releases, *sdists)}
    for project in (path for path in root.iterdir() if path.is_dir()):
        write_page(project, known)


def write_page(folder: Path, known: Mapping[str, Distribution] | None = None) -> None:
    """Write the page of links to the files in a folder, with the metadata in ``known``."""
    links = (_link(path, known or {}) for path in sorted(folder.iterdir()) if path.suffix in {".whl", ".gz"})
    (folder / "index.html").write_text("<!DOCTYPE html>\n" + "".join(links), encoding="utf-8")


@contextmanager
def serving(root: Path) -> Iterator[str]:
    """Serve a directory on loopback and yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root)))
    with running(server):
        yield f"http://127.0.0.1:{server.server_port}"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing."""


def _metadata(made: Distribution) -> str:
    extras = sorted({one.partition("extra == '")[2].partition("'")[0] for one in made.requires} - {""})
    lines = [
        *("Metadata-Version: 2.1", f"Name: {made.name}", f"Version: {made.version}"),
        *([f"Requires-Python: {made.requires_python}"] if made.requires_python else []),
        *(f"Provides-Extra: {extra}" for extra in extras),
        *(f"Requires-Dist: {one}" for one in made.requires),
    ]
    return "\n".join(lines) + "\n"


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _link(path: Path, known: Mapping[str, Distribution]) -> str:
    made = known.get("-".join(path.name.removesuffix(".tar.gz").split("-")[:2]))
    wanted = f' data-requires-python="{html.escape(made.requires_python)}"' if made and made.requires_python else ""
    yanked = ' data-yanked="broken"' if made and made.yanked else ""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f'<a href="{path.name}#sha256={digest}"{wanted}{yanked}>{path.name}</a>\n'
