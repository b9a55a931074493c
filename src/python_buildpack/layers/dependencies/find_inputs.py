"""Decides which inputs an installation has, from what its programs read of the app.

A file that was read is an input. Of a directory that was listed, the names are: all of them in a project whose files
are copied into the environment, and else those by which a build backend finds packages, members and settings. A file
that was looked for and is absent leaves no trace, so the directories of projects count as if they had been listed.
"""

import os
import re
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cnb.frozen import field, frozen
from python_buildpack.app.documents import PROJECT_FILES, PYPROJECT
from python_buildpack.app.project import SKIPPED_DIRECTORIES, Project, ProjectFileUnreadable
from python_buildpack.app.snapshot import Mark, Snapshot, digest_content, is_git, take_snapshot
from python_buildpack.app.upload import upload_around
from python_buildpack.installed.dist_info import DirectUrl, read_dist_infos
from python_buildpack.layers.dependencies.app_inputs import (
    ALL,
    BACKEND,
    COMPILERS,
    DECLARING,
    FILE,
    FOLDERS,
    LENGTH,
    PROJECT,
    SOURCES,
    TREE,
    VARIABLE,
    WHOLE,
    AppInputs,
    Input,
)
from python_buildpack.layers.dependencies.reads import AppReads
from python_buildpack.package_managers.build_variables import first_word, mentioned
from python_buildpack.package_managers.generated import generated
from python_buildpack.settings.values import Settings
from python_buildpack.support.small_files import opened

MOST = 1500
"""More inputs than this are replaced by the digests of whole projects: the record is in the image's metadata."""
IGNORING = (".gitignore", ".hgignore")
_SCRIPTS = (".py", ".toml", ".cfg", "CMakeLists.txt", ".cmake", "meson.build", ".rs")
_LONGEST_SCRIPT = 200_000
_COMMIT = re.compile(
    r"(?P<repository>(?:.*/)?\.git(?:/(?:modules|worktrees)/.+)?)/(?P<what>HEAD|packed-refs|refs|reftable)(?:/.*)?",
    re.DOTALL,
)
"""What identifies a commit in a repository: https://git-scm.com/docs/gitrepository-layout, and the newer reftable."""
_SUFFIX = re.compile(r"\.\w{1,20}", re.ASCII)
_REQUIRES = re.compile(r"^[ \t]*(?:setup_)?requires\s*=\s*\[([^\]\[]*)[\]\[]", re.MULTILINE)


@frozen
class Upload:
    """What was uploaded, of which the app is a folder: BP_PYTHON_SUBDIRECTORY."""

    root: Path
    before: Snapshot
    """All of it before the installation."""

    @classmethod
    def around(cls, app: Path, settings: Settings) -> "Upload | None":
        """Return what was uploaded, as it is now; None if that is the app itself, as for a member of a workspace."""
        root = upload_around(app, settings)
        return cls(root, take_snapshot(root)) if root is not None else None


@frozen
class LocalProjects:
    """The projects of the app that are installed, by their directories relative to the app."""

    editable: Mapping[str, bool]
    names: tuple[str, ...] = ()
    """Their normalised names."""
    archives: tuple[str, ...] = ()
    """Wheels and source distributions of the upload that are installed."""
    beside: Mapping[str, bool] = field(default_factory=dict)
    """The projects beside the app in what was uploaded (``../shared``), and whether they are editable."""

    def is_copied(self, path: str) -> bool:
        """Say whether the project that a directory belongs to is installed by copying its files."""
        while path not in self.editable and path:
            path = os.path.dirname(path)  # noqa: PTH120 - text, no file
        return not self.editable.get(path, True)


def read_local_projects(app: Path, site: Path, upload: Path | None = None) -> LocalProjects:
    """Return what the environment has of the app and of its ``upload``, as its installers recorded it (PEP 610).

    Without ``upload``, all that was uploaded is the app.
    """
    root, whole = os.path.realpath(app), os.path.realpath(upload or app)
    editable, names, archives, beside = {}, [], [], {}
    for info in read_dist_infos(site):
        found = info.direct_url()
        if isinstance(found, DirectUrl) and found.is_local and (place := _place(found.url)):
            path = os.path.relpath(place, root)
            path = "" if path == "." else path
            directory = found.document.get("dir_info")
            is_above = path.partition("/")[0] == ".."
            if is_above and not Path(place).is_relative_to(whole):
                continue
            if is_above and isinstance(directory, dict):
                beside[path] = directory.get("editable") is True
            elif isinstance(directory, dict):
                editable[path] = directory.get("editable") is True
                names.append(info.name)
            else:
                archives.append(path)
    return LocalProjects(editable, tuple(names), tuple(archives), beside)


def _place(url: str) -> str:
    """Return the path of a file URL; empty if it has none: a package may contain any."""
    try:
        return os.path.realpath(unquote(urlsplit(url).path))
    except ValueError:
        return ""


def find_inputs(
    project: Project,
    env: Mapping[str, str],
    reads: AppReads,
    local: LocalProjects,
    declaration: str = "",
    upload: Upload | None = None,
) -> AppInputs:
    """Return the inputs of an installation, with the digests that they had before it.

    Files that the ``declaration`` describes line by line are left out: their comments do not count. ``upload`` is
    needed where ``local`` has projects beside the app.
    """
    described = {line.partition(":")[0] for line in declaration.splitlines()}
    inputs = set(_known(project, reads, local) if reads.is_known else _unknown(project, local))
    inputs = {one for one in inputs if one.kind != FILE or one.name not in described}
    of_git = set(_of_git(reads, described))
    if len(inputs | of_git) > MOST:
        inputs = {one for one in inputs if not local.editable or not one.name} | set(_unknown(project, local))
        of_git = {Input(TREE)} if of_git else of_git
    inputs |= of_git
    found = AppInputs.read(inputs, project, env)
    # The installation may have written into directories.
    names = _names(reads)
    before = {one: one.digest_names(names.get(one.name, {})) for one in inputs if one.kind in _OF_NAMES}
    trees = {one: _digest_before(project.root, one.name, reads.before, upload) for one in inputs if one.kind == TREE}
    lasting = {Input(TREE, folder): _NEVER_EQUAL for folder in _generating(local, upload, project.root)}
    values = {**before, **trees, **lasting}
    return AppInputs({**found.digests, **{str(one): value[:LENGTH] for one, value in values.items()}})


_NEVER_EQUAL = "generated"
"""Instead of a digest, for what has to be installed in every build."""


def _generating(local: LocalProjects, upload: Upload | None, root: Path) -> Iterator[str]:
    """Yield the editable projects beside the app in which the installation generated what their code may need.

    No later build would put it back: generated_files.py does that for the app's own directory.
    """
    for folder, is_editable in local.beside.items():
        if upload is None or not is_editable:
            continue
        before = frozenset(_within(folder, root, upload))
        new = take_snapshot(root / folder).keys() - before
        if generated(new, before):
            yield folder


def _within(folder: str, root: Path, upload: Upload) -> Iterator[str]:
    """Yield the paths that a folder beside the app had before the installation."""
    inside = f"{os.path.relpath(os.path.realpath(root / folder), os.path.realpath(upload.root))}/".removeprefix("./")
    yield from (path.removeprefix(inside) for path in upload.before if path.startswith(inside))


_OF_NAMES = frozenset({ALL, PROJECT, FOLDERS, DECLARING, SOURCES})


def _digest_before(root: Path, folder: str, before: Snapshot, upload: Upload | None) -> str:
    """Return the digest of a directory without the files that an installation has added to it."""
    if upload is not None and folder.startswith(".."):
        whole = os.path.realpath(upload.root)
        above = os.path.relpath(os.path.realpath(root / folder), whole)
        return _digest_before(Path(whole), "" if above == "." else above, upload.before, None)
    inside = f"{folder}/" if folder else ""
    own = {path.removeprefix(inside): mark for path, mark in before.items() if path.startswith(inside)}
    return digest_content(root / folder, own)


def _known(project: Project, reads: AppReads, local: LocalProjects) -> Iterator[Input]:
    yield Input(COMPILERS)
    yield from (Input(FILE, path) for path in reads.files)
    projects = {_folder(path) for path in reads.files if path.rpartition("/")[2] in PROJECT_FILES} | {*local.editable}
    for folder in projects:
        is_built = folder in local.editable or _has_backend(project, folder)
        yield Input(PROJECT if is_built else DECLARING, folder)
        if is_built and _join(folder, "src") in reads.before:
            yield Input(PROJECT, _join(folder, "src"))
    suffixes = _suffixes(reads)
    for folder in reads.listed:
        if is_git(folder) or any(_is_aside(part) for part in folder.split("/")):
            continue
        if local.is_copied(folder):
            yield Input(ALL, folder)
        elif not (folder in projects and _has_backend(project, folder)):
            is_inside = any(folder.startswith(f"{root}/") or not root for root in local.editable)
            yield Input(SOURCES if is_inside else FOLDERS, folder, suffixes.get(folder, ()))
    yield from (Input(FILE, path) for path in _ignoring(local))
    yield from _variables(project.root, reads.files)
    yield from _beside(project, local)


def _ignoring(local: LocalProjects) -> Iterator[str]:
    """Yield the files that may say, now or later, which files of a copied project are left out.

    Backends look for the nearest one, in the project and above it.
    """
    for folder in (folder for folder, is_editable in local.editable.items() if not is_editable):
        parts = folder.split("/") if folder else []
        for above in ("/".join(parts[:depth]) for depth in range(len(parts) + 1)):
            yield from (_join(above, name) for name in IGNORING)


def _beside(project: Project, local: LocalProjects) -> Iterator[Input]:
    """Yield what is installed of the upload beside the app: what programs read there is not watched."""
    yield from (Input(FILE, path) for path in local.archives)
    yield from (Input(TREE, folder) for folder, is_editable in local.beside.items() if not is_editable)
    declaring = [_join(folder, name) for folder in local.beside for name in PROJECT_FILES]
    yield from (Input(FILE, path) for path in declaring)
    yield from _variables(project.root, declaring)


def _unknown(project: Project, local: LocalProjects) -> Iterator[Input]:
    """Yield the whole projects and archives that are installed, and all files that may declare something."""
    yield Input(COMPILERS)
    roots = {*local.editable, *({""} if _has_backend(project, "") else ())}
    yield from (Input(TREE, root) for root in roots)
    yield from _beside(project, local)
    declaring = [path for path in project.files if path.rpartition("/")[2] in PROJECT_FILES]
    yield from (Input(FILE, path) for path in declaring)
    yield from _variables(project.root, declaring)


def _is_aside(name: str) -> bool:
    return name.startswith(".") or name in SKIPPED_DIRECTORIES


def _of_git(reads: AppReads, described: Collection[str]) -> Iterator[Input]:
    """Yield all that identifies the commit and its tags, if a program asked for it, and what git compares with them.

    Whether something is changed since the commit is part of many versions. To find that out, git reads each file of the
    commit; but of an empty one it only looks at size and mode, and of a link at its target. And every character of a
    pyproject.toml counts then, and of the files that are ``described``, also what no installer reads.

    The repository is .git of the app or of a folder in it, or one in .git that a submodule's file .git names.
    """
    found = map(_COMMIT.fullmatch, (*reads.files, *reads.listed))
    asked = {match["repository"] for match in found if match and match["what"] != "HEAD"}
    if asked:
        yield from (Input(FILE, f"{repository}/packed-refs") for repository in asked)
        for path, mark in reads.before.items():
            if _COMMIT.fullmatch(path):
                yield Input(FILE if mark.size else ALL, path)
        unread = (path for path, mark in reads.before.items() if not is_git(path) and _is_read_by_look(mark))
        declaring = (path for path in reads.files if path.rpartition("/")[2] == PYPROJECT or path in described)
        yield from (Input(WHOLE, path) for path in (*unread, *declaring))


def _is_read_by_look(mark: Mark) -> bool:
    return stat.S_ISLNK(mark.mode) or (stat.S_ISREG(mark.mode) and not mark.size)


def _variables(root: Path, files: Iterable[str]) -> Iterator[Input]:
    """Yield the variables that build scripts, and the backends that are named in files, may read."""
    texts = {path: _text(root / path) for path in files if path.endswith(_SCRIPTS)}
    settings = "\n".join(text for path, text in texts.items() if path.endswith(PYPROJECT))
    for path, text in texts.items():
        name = path.rpartition("/")[2]
        # All other Python files are the app itself, which asks for variables when it runs.
        if not name.endswith(".py") or name == "setup.py" or name.endswith("build.py") or name in settings:
            yield from (Input(VARIABLE, variable) for variable in mentioned(text))
    required = (
        item.strip(" \n\t\"'") for found in _REQUIRES.findall("\n".join(texts.values())) for item in found.split(",")
    )
    yield from (Input(BACKEND, word) for item in required if (word := first_word(item)))


def _text(path: Path) -> str:
    try:
        with opened(path) as file:
            return file.read(_LONGEST_SCRIPT).decode(errors="replace")
    except OSError:
        return ""


def _has_backend(project: Project, folder: str) -> bool:
    """Say whether a directory has a project that is built, and not only a list of dependencies."""
    try:
        text = project.text(_join(folder, PYPROJECT))
    except ProjectFileUnreadable:
        # Test data, or the tool that needs it reports the error.
        text = ""
    scripts = (_join(folder, name) for name in PROJECT_FILES if name != PYPROJECT)
    return "[build-system]" in (text or "") or any(path in project.files for path in scripts)


def _suffixes(reads: AppReads) -> dict[str, tuple[str, ...]]:
    """Return the suffixes of the files that were read in each directory: a new one might have been read too."""
    found: dict[str, set[str]] = {}
    for path in reads.files:
        suffix = os.path.splitext(path)[1]  # noqa: PTH122 - text, no file
        if suffix != ".py" and _SUFFIX.fullmatch(suffix):
            found.setdefault(_folder(path), set()).add(suffix)
    return {folder: tuple(sorted(suffixes)) for folder, suffixes in found.items()}


def _names(reads: AppReads) -> dict[str, dict[str, Mark]]:
    names: dict[str, dict[str, Mark]] = {}
    for path, mark in reads.before.items():
        folder, _, name = path.rpartition("/")
        names.setdefault(folder, {})[name] = mark
    return names


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
