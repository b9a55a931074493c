"""Digests of the local archives that requirements name by path, as part of what the app declares.

A wheel in ``vendor/`` may be built again under its old name, which no resolution shows. What an installation reads of
the app's directories is seen while it runs; only projects outside of the app are described here.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from python_buildpack.app.documents import PROJECT_FILES, pyproject_table, read_toml
from python_buildpack.app.project import Project
from python_buildpack.package_managers.requirement_files import RequirementLine, unquoted
from python_buildpack.tools.pip_config import read_pip_config

_EDITABLE = re.compile(r"(?:-e\s*|--editable[=\s]\s*)(?P<place>.+)")
_FIND_LINKS = re.compile(r"(?:-f\s*|--find-links[=\s]\s*)(?P<place>.+)")
_NAMED = re.compile(r"[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\]\s*)?@\s*(?P<place>file:.+)")
_TAIL = re.compile(r"\s;|\s--hash|#")
_DISTRIBUTIONS = (".whl", ".tar.gz", ".zip", ".html")
_ARCHIVES = (
    ".whl",
    ".zip",
    ".tar.gz",
    ".tgz",
    ".tar",
    ".tar.bz2",
    ".tbz",
    ".tar.xz",
    ".txz",
    ".tlz",
    ".tar.lz",
    ".tar.lzma",
)


def local_content(root: Path, lines: Iterable[RequirementLine]) -> str:
    """Return a line of text with the digest of each local path in ``lines``; empty if there is none."""
    found = {place: digest for line in lines for place, digest in _of_line(root, line)}
    return "".join(f"# {place} is {digest}\n" for place, digest in sorted(found.items()))


def find_links_content(root: Path, places: Iterable[str]) -> str:
    """Return the same for directories of distributions; URLs and paths that do not exist are skipped."""
    found = {place: _digest(_distributions(path)) for place in places if (path := _path(root, place)) is not None}
    return "".join(f"# {place} is {digest}\n" for place, digest in sorted(found.items()))


def vendored_sources(lines: Iterable[RequirementLine], root: Path) -> tuple[str, ...]:
    """Return uv's options for requirements that come only from directories of the app (``--no-index``), else none."""
    found = tuple(lines)
    if not any(line.text == "--no-index" for line in found):
        return ()
    named = ((line.file, match["place"]) for line in found if (match := _FIND_LINKS.fullmatch(line.text)))
    # Relative to the requirements file, as in pip.
    folders = (root / Path(file).parent / unquoted(place) for file, place in named if "://" not in place)
    return ("--no-index", *(word for folder in folders for word in ("--find-links", str(folder))))


def uv_find_links(project: Project, env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values of uv's and pip's settings ``find-links``. Raises ProjectFileInvalid."""
    configured = pyproject_table(project, "tool", "uv")
    # A uv.toml replaces the table.
    options = read_toml(project, "uv.toml") or configured
    pip = options.get("pip", {})
    lists = (options.get("find-links"), pip.get("find-links") if isinstance(pip, dict) else None)
    named = [place for one in lists if isinstance(one, list) for place in one if isinstance(place, str)]
    by_variables = {**read_pip_config(env), **env}
    return (*named, *by_variables.get("UV_FIND_LINKS", "").split(","), *by_variables.get("PIP_FIND_LINKS", "").split())


def _of_line(root: Path, line: RequirementLine) -> Iterator[tuple[str, str]]:
    if links := _FIND_LINKS.fullmatch(line.text):
        beside = root / Path(line.file).parent
        place = _plain(links["place"])
        path = _path(beside, place) or _path(root, place)
        if path is not None:
            yield place, _digest(_distributions(path))
    elif editable := _EDITABLE.fullmatch(line.text):
        yield from _outside(root, line, _path(root, _plain(editable["place"])))
    elif not line.text.startswith("-"):
        named = _NAMED.fullmatch(line.text)
        place = _plain(named["place"] if named else line.text)
        path = _path(root, place) if _looks_like_path(place) else None
        if path is not None and path.is_file():
            yield line.text, _digest((path,))
        else:
            yield from _outside(root, line, path)


def _outside(root: Path, line: RequirementLine, path: Path | None) -> Iterator[tuple[str, str]]:
    """Yield a digest of the files that declare a project which is not in the app: it may be as large as the image."""
    if path is not None and path.is_dir() and not path.resolve().is_relative_to(root.resolve()):
        yield line.text, _digest(path / name for name in PROJECT_FILES)


def _plain(place: str) -> str:
    """Return the path without what may follow it: a marker, hashes, a fragment, extras."""
    text = place.strip().strip("'\"")
    if tail := _TAIL.search(text):
        text = text[: tail.start()].rstrip()
    path, bracket, extras = text.removesuffix("]").rpartition("[")
    return path if bracket and text.endswith("]") and "]" not in extras else text


def _looks_like_path(place: str) -> bool:
    """Return whether pip takes a requirement for a path. A bare word is always a name on the index."""
    return "/" in place or place.startswith(".") or place.endswith(_ARCHIVES)


def _path(base: Path, place: str) -> Path | None:
    """Return the local path of ``place``, or None if it is a URL or does not exist."""
    if place.startswith("file:"):
        path = Path(unquote(place.removeprefix("file:").removeprefix("//")))
    elif "://" in place or not place:
        return None
    else:
        path = base / place
    try:
        return path if path.exists() else None
    except OSError:
        return None


def _distributions(path: Path) -> Iterator[Path]:
    if path.is_file():
        # A page of links: the files lie in the same directory.
        yield path
        path = path.parent
    entries = sorted(path.iterdir()) if path.is_dir() else []
    yield from (one for one in entries if one.name.endswith(_DISTRIBUTIONS) and one.is_file())


def _digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in files:
        try:
            if not path.is_file():
                # Reading a FIFO or a device might never end.
                continue
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            # Not readable: the installer reports it if it needs the file.
            continue
        total.update(f"{path}\0{content}\0".encode(errors="surrogateescape"))
    return total.hexdigest()
