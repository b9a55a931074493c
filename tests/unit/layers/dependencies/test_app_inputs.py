"""What counts of what an installation read: real programs read real files, and each edit is looked at again."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from cnb.layers import Layers
from devkit.edits import repository
from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.layers.cache import Cache
from python_buildpack.layers.dependencies.app_inputs import AppInputs
from python_buildpack.layers.dependencies.find_inputs import LocalProjects, Upload, find_inputs, read_local_projects
from python_buildpack.layers.dependencies.generated_files import GeneratedFiles
from python_buildpack.layers.dependencies.reads import AppReads, ReadingRunner
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command
from python_buildpack.settings.values import Settings

PROJECT = '[build-system]\nrequires = ["hatchling"]\n[project]\nname = "x"\nreadme = "NOTES.md"\n'
FILES = {
    "pyproject.toml": PROJECT,
    "NOTES.md": "",
    "README.md": "",
    "main.py": "",
    "src/shop/__init__.py": "",
    "src/shop/data.json": "{}",
    "src/shop/views.py": "",
    "libs/tools/setup.py": "import os\nos.getenv('EDITION')\n",
    "libs/tools/tools/__init__.py": "",
    "libs/tools/tools/text.txt": "",
    "libs/tools/README.md": "tools\n",
}
EDITABLE, COPIED = LocalProjects({"": True}), LocalProjects({"": True, "libs/tools": False})
READS_PROJECT = "open('pyproject.toml').read(); open('NOTES.md').read(); os.listdir('src/shop')"
READS_TOOLS = (
    "os.listdir('libs/tools'); os.listdir('libs/tools/tools'); open('libs/tools/setup.py').read(); "
    "open('libs/tools/tools/__init__.py').read(); open('NOTES.md').read()"
)


def read_by(app: Path, code: str) -> AppReads:
    """Return what a program read of the app."""
    runner = ReadingRunner.of(app, SubprocessRunner())
    uploaded = GeneratedFiles(app, Cache(Layers(app.parent), {}, print), app.parent)
    before = uploaded.look()
    argv = (sys.executable, "-B", "-I", "-c", f"import os; {code}")
    assert runner.run(Command(argv, {}, cwd=app, show=False)).status == 0
    return runner.reads(partial(uploaded.is_rewritten, before, app))


def inputs_of(app: Path, code: str, local: LocalProjects, env: Mapping[str, str] | None = None) -> AppInputs:
    """Return the inputs of an installation that does this."""
    return find_inputs(scan(app), env or {}, read_by(app, code), local)


def test_what_a_program_reads_and_lists_is_seen(tmp_path: Path) -> None:
    """Files that are only looked at (stat), and what the test itself reads before and after, are not read."""
    app = write_app(tmp_path, FILES)
    (app / "README.md").read_text(encoding="utf-8")
    found = read_by(app, f"{READS_PROJECT}; os.stat('main.py')")
    assert found.is_known
    assert (set(found.files), set(found.listed)) == ({"pyproject.toml", "NOTES.md"}, {"src/shop"})


def test_a_second_program_leaves_the_times_by_which_uv_knows_what_it_has_built(tmp_path: Path) -> None:
    """Uv builds anew what has another ctime; what the second program reads is seen all the same."""
    app = write_app(tmp_path, FILES)
    runner = ReadingRunner.of(app, SubprocessRunner())
    times = []
    for name in ("pyproject.toml", "NOTES.md"):
        argv = (sys.executable, "-B", "-I", "-c", f"open({name!r}).read()")
        assert runner.run(Command(argv, {}, cwd=app, show=False)).status == 0
        times.append({path: path.stat().st_ctime_ns for path in app.rglob("*") if path.is_file()})
    assert times[0] == times[1]
    assert runner.reads(lambda _: False).files == {"pyproject.toml", "NOTES.md"}


def test_what_an_installation_writes_anew_is_no_input(tmp_path: Path) -> None:
    """A version file that the build backend generates again would otherwise differ from the uploaded one for ever."""
    app = write_app(tmp_path, FILES)
    code = "open('src/shop/data.json').read(); open('src/shop/data.json', 'w').write('generated'); open('new', 'w')"
    assert read_by(app, code).files == frozenset()


def test_what_an_installation_writes_and_puts_back_is_an_input(tmp_path: Path) -> None:
    """poetry-dynamic-versioning sets the version in pyproject.toml for a moment: the upload's content decides."""
    app = write_app(tmp_path, FILES)
    write = "open('pyproject.toml', 'w').write"
    assert read_by(app, f"a = open('pyproject.toml').read(); {write}('x'); {write}(a)").files == {"pyproject.toml"}


def test_a_link_counts_like_the_file_that_it_leads_to(tmp_path: Path) -> None:
    """It may lead elsewhere in the next upload."""
    app = write_app(tmp_path, FILES)
    (app / "link.md").symlink_to("NOTES.md")
    inputs = inputs_of(app, "open('link.md').read()", EDITABLE)
    (app / "link.md").unlink()
    (app / "link.md").symlink_to("pyproject.toml")
    assert "link.md" in inputs.changes(inputs.now(scan(app), {}))


def write(path: str, text: str = "changed") -> Callable[[Path], None]:
    """Return an edit that writes a file of the app."""

    def edit(app: Path) -> None:
        write_app(app, {path: text})

    return edit


@pytest.mark.parametrize(
    ("edit", "changed"),
    [
        (write("NOTES.md"), "NOTES.md"),
        (write("pyproject.toml", PROJECT.replace('"x"', '"y"')), "pyproject.toml"),
        (write("README.md"), ""),
        (write("main.py"), ""),
        (write("src/shop/views.py"), ""),
        (write("src/shop/data.json"), ""),
        (write("src/shop/new.py"), ""),
        (write("src/shop/new.html"), ""),
        (write("src/shop/fast.pyx"), "the names in src/shop"),
        (write("pyproject.toml", f"{PROJECT}[tool.ruff]\nline-length = 99\n"), ""),
        (write("pyproject.toml", f"# a comment\n{PROJECT}"), ""),
        (write("ruff.toml"), ""),
        (write("PLAN.md"), ""),
        (write("LICENSE.txt"), "the names in the directory of the app"),
        (lambda app: (app / "main.py").chmod(0o755), ""),
        (write(".gitignore"), ""),
        (write("setup.cfg"), "the names in the directory of the app"),
        (write("other/__init__.py"), "the names in the directory of the app"),
        (write("src/other.py"), "the names in src"),
        (write("libs/tools/tools/__init__.py"), ""),
    ],
)
def test_an_editable_project_counts_by_what_was_read_of_it(
    edit: Callable[[Path], None], changed: str, tmp_path: Path
) -> None:
    """Its modules and data stay where they are; new packages and settings are found by their names."""
    app = write_app(tmp_path, FILES)
    inputs = inputs_of(app, READS_PROJECT, EDITABLE)
    edit(app)
    assert inputs.changes(inputs.now(scan(app), {})) == changed


@pytest.mark.parametrize(
    ("edit", "changed"),
    [
        (write("libs/tools/tools/__init__.py"), "libs/tools/tools/__init__.py"),
        (write("libs/tools/tools/new.txt"), "the names in libs/tools/tools"),
        (write("libs/tools/tools/text.txt"), ""),
        (lambda app: (app / "libs/tools/tools/text.txt").unlink(), "the names in libs/tools/tools"),
        (lambda app: (app / "libs/tools/tools/text.txt").chmod(0o755), "the names in libs/tools/tools"),
        (lambda app: (app / "libs/tools/README.md").chmod(0o755), ""),
        (lambda app: (app / "NOTES.md").chmod(0o755), "NOTES.md"),
        (write(".gitignore"), ".gitignore"),
        (write("libs/.gitignore"), "libs/.gitignore"),
        (write("src/shop/new.py"), ""),
    ],
)
def test_a_copied_project_counts_by_its_names_too(edit: Callable[[Path], None], changed: str, tmp_path: Path) -> None:
    """A new file of a package would be in the wheel; one that was not read, such as a test, is not."""
    app = write_app(tmp_path, FILES)
    inputs = inputs_of(app, READS_TOOLS, COPIED)
    edit(app)
    assert inputs.changes(inputs.now(scan(app), {})) == changed


@pytest.mark.parametrize(
    ("variable", "changed"),
    [
        ("EDITION", "EDITION"),
        ("CFLAGS", "a variable of compilers or build systems"),
        ("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_SHOP", "a variable of compilers or build systems"),
        ("HATCH_BUILD_HOOKS_ENABLE", "a variable of hatchling"),
        ("DATABASE_URL", ""),
        ("UV_INDEX_COMPANY_PASSWORD", ""),
        ("CARGO_REGISTRY_TOKEN", ""),
    ],
)
def test_variables_that_a_build_asks_for_are_inputs(variable: str, changed: str, tmp_path: Path) -> None:
    """Named in a build script, by a backend's name, or by the words of compilers; never credentials."""
    app = write_app(tmp_path, FILES)
    inputs = inputs_of(app, f"{READS_PROJECT}; {READS_TOOLS}", COPIED)
    assert inputs.changes(inputs.now(scan(app), {variable: "new"})) == changed


def test_the_commit_counts_only_if_a_program_asks_for_it(tmp_path: Path) -> None:
    """Every commit changes a branch; a backend that computes the version reads it, any tag, and packed-refs."""
    git = {".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": "0" * 40, ".git/refs/tags/v1": "1" * 40}
    app = write_app(tmp_path, {**FILES, **git})
    without = inputs_of(app, "open('.git/HEAD').read()", EDITABLE)
    asked = inputs_of(app, "open('.git/refs/heads/main').read()", EDITABLE)
    write_app(app, {".git/refs/tags/v2": "2" * 40})
    assert without.changes(without.now(scan(app), {})) == ""
    assert asked.changes(asked.now(scan(app), {})) == "the names in .git/refs/tags"


@pytest.mark.parametrize(
    ("repository", "refs"),
    [
        (".git", "reftable/0x1-0x2-ab.ref"),
        (".git/modules/libs/core", "refs/heads/main"),
        (".git/worktrees/shop", "refs/heads/main"),
        ("libs/core/.git", "packed-refs"),
    ],
)
def test_the_commit_of_each_kind_of_repository_counts(repository: str, refs: str, tmp_path: Path) -> None:
    """A repository with reftables, a submodule's or a worktree's in .git, and one in a folder of the app."""
    git = {f"{repository}/HEAD": "0" * 40, f"{repository}/{refs}": "1", f"{repository}/refs/tags/v1": "1"}
    app = write_app(tmp_path, {**FILES, **git})
    asked = inputs_of(app, f"open('{repository}/{refs}').read()", EDITABLE)
    assert asked.changes(asked.now(scan(app), {})) == ""
    folder = "reftable" if refs.startswith("reftable") else "refs/tags"
    write_app(app, {f"{repository}/{folder}/v2": "2"})
    assert f"{repository}/{folder}" in asked.changes(asked.now(scan(app), {}))


def test_comments_of_requirements_do_not_count(tmp_path: Path) -> None:
    """The declaration has the lines of each file; what else is in the file changes nothing."""
    app = write_app(tmp_path, {"requirements.txt": "a\n", "notes.txt": ""})
    reads = read_by(app, "open('requirements.txt').read(); open('notes.txt').read()")
    inputs = find_inputs(scan(app), {}, reads, LocalProjects({}), "requirements.txt:a\n")
    write_app(app, {"requirements.txt": "a  # new\n", "notes.txt": "new"})
    assert inputs.changes(inputs.now(scan(app), {})) == "notes.txt"


def test_where_reads_are_not_recorded_whole_projects_count(tmp_path: Path) -> None:
    """As on a file system without access times: every file of what is installed, and nothing of the rest.

    What the installation has generated there does not count, because no upload has it.
    """
    app = write_app(tmp_path, FILES)
    reads = AppReads(read_by(app, "0").before, is_known=False)
    write_app(app, {"libs/tools/tools/generated.py": ""})
    inputs = find_inputs(scan(app), {}, reads, LocalProjects({"libs/tools": False}))
    (app / "libs/tools/tools/generated.py").unlink()
    assert inputs.changes(inputs.now(scan(app), {})) == ""
    for path, changed in {"README.md": "", "libs/tools/tools/text.txt": "libs/tools"}.items():
        write_app(app, {"pyproject.toml": "", path: "changed"})
        inputs = find_inputs(scan(app), {}, reads, LocalProjects({"libs/tools": False}))
        write_app(app, {path: "changed again"})
        assert inputs.changes(inputs.now(scan(app), {})) == changed


def test_the_record_survives_the_metadata(tmp_path: Path) -> None:
    """It is a text without line breaks, whatever the names of files; anything else is no record."""
    app = write_app(tmp_path, {"sub/pyproject.toml": "", "sub/a b|c": ""})
    inputs = inputs_of(app, "[open(x).read() for x in ('sub/pyproject.toml', 'sub/a b|c')]", EDITABLE)
    assert AppInputs.parse(str(inputs)) == inputs == inputs.now(scan(app), {})
    assert AppInputs.parse("[1]") == AppInputs.parse("damaged") == AppInputs()
    write_app(app, {"sub/a b|c": "changed"})
    assert inputs.changes(inputs.now(scan(app), {})) == "sub/a b|c"


def test_a_program_that_cannot_mark_files_knows_nothing(tmp_path: Path) -> None:
    """Only the owner of a file may set its access time: another user's upload counts as a whole."""
    app = write_app(tmp_path, FILES)
    tmp_path.chmod(0o711)
    script = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path\n"
        "from python_buildpack.layers.dependencies.reads import ReadingRunner\n"
        "from python_buildpack.ports.commands import SubprocessRunner\n"
        "from python_buildpack.ports.interfaces import Command\n"
        "import os; os.setuid(65534) if os.getuid() == 0 else None\n"
        "runner = ReadingRunner.of(Path(sys.argv[1]), SubprocessRunner())\n"
        "runner.run(Command(('/bin/true',), {}, show=False)); print(runner.reads(bool).is_known)\n"
    )
    for folder in (app, *app.parents):
        if not folder.stat().st_mode & 0o001:
            folder.chmod(0o711)
    argv = [sys.executable, "-B", "-c", script, str(app), *sys.path]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "False", done.stderr


def install_beside(site: Path, name: str, place: Path, *, is_editable: bool) -> None:
    """Record an installation from a directory, as installers do (PEP 610)."""
    url = json.dumps({"url": place.as_uri(), "dir_info": {"editable": True} if is_editable else {}})
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n"
    write_app(site, {f"{name}-1.dist-info/direct_url.json": url, f"{name}-1.dist-info/METADATA": metadata})


@pytest.mark.parametrize(
    ("edit", "changed"),
    [
        (write("shared/shared/__init__.py"), "../shared"),
        (write("shared/setup.cfg"), "../shared, ../shared/setup.cfg"),
        (write("linked/linked.py"), ""),
        (write("linked/pyproject.toml", "[project]\nname = 'linked'\nscripts = {}\n"), "../linked/pyproject.toml"),
        (write("web/main.py"), ""),
        (write("other.py"), ""),
    ],
)
def test_projects_beside_the_app_count(edit: Callable[[Path], None], changed: str, tmp_path: Path) -> None:
    """Where the app is a folder of the upload, ``../shared`` is copied into the environment: old code would stay.

    What the installation writes there is not in the next upload.
    """
    files = {"shared/pyproject.toml": PROJECT, "shared/shared/__init__.py": "", "web/requirements.txt": "../shared"}
    linked = {"linked/pyproject.toml": "[project]\nname = 'linked'\n", "linked/linked.py": "", "web/main.py": ""}
    upload = write_app(tmp_path / "upload", {**files, **linked})
    app, site = upload / "web", tmp_path / "site"
    install_beside(site, "shared", upload / "shared", is_editable=False)
    install_beside(site, "linked", upload / "linked", is_editable=True)
    install_beside(site, "elsewhere", tmp_path, is_editable=False)
    whole = Upload.around(app, Settings({"BP_PYTHON_SUBDIRECTORY": "./web/"}))
    assert whole is not None
    local = read_local_projects(app, site, whole.root)
    assert local.beside == {"../shared": False, "../linked": True}
    reads = read_by(app, "os.makedirs('../shared/build/lib'); open('../shared/build/lib/x.py', 'w')")
    inputs = find_inputs(scan(app), {}, reads, local, "", whole)
    shutil.rmtree(upload / "shared" / "build")
    edit(upload)
    assert set(inputs.changes(inputs.now(scan(app), {})).split(", ")) == set(changed.split(", "))


@pytest.mark.parametrize(
    ("path", "changed"), [("linked/_version.py", "../linked"), ("build/lib/x.py", ""), ("linked/fast.so", "../linked")]
)
def test_what_is_generated_beside_the_app_is_generated_in_every_build(path: str, changed: str, tmp_path: Path) -> None:
    """An editable project's code needs it, and no upload has it. What backends write for themselves does not count."""
    files = {"linked/pyproject.toml": PROJECT, "linked/linked/__init__.py": "", "web/main.py": ""}
    upload = write_app(tmp_path / "upload", files)
    install_beside(tmp_path / "site", "linked", upload / "linked", is_editable=True)
    whole = Upload.around(upload / "web", Settings({"BP_PYTHON_SUBDIRECTORY": "web"}))
    assert whole is not None
    local = read_local_projects(upload / "web", tmp_path / "site", whole.root)
    reads = read_by(upload / "web", "0")
    write_app(upload / "linked", {path: ""})
    inputs = find_inputs(scan(upload / "web"), {}, reads, local, "", whole)
    (upload / "linked" / path).unlink()
    assert inputs.changes(inputs.now(scan(upload / "web"), {})) == changed


def test_without_a_subdirectory_nothing_is_beside_the_app(tmp_path: Path) -> None:
    """Nor for a member of a workspace, which is built from the workspace's root."""
    assert Upload.around(tmp_path, Settings({})) is None
    assert Upload.around(tmp_path, Settings({"BP_PYTHON_SUBDIRECTORY": "apps/web"})) is None


@pytest.mark.parametrize("folder", ["libs/tools", "libs/tools/tests/data/latin"])
def test_a_file_that_is_no_text_is_an_input_like_others(folder: str, tmp_path: Path) -> None:
    """A project that is copied has test data, too; what the scan has not read is read for this, and is no error."""
    app = write_app(tmp_path, {**FILES, f"{folder}/README": ""})
    file = app / folder / "pyproject.toml"
    file.write_bytes(b"# caf\xe9")
    inputs = inputs_of(app, f"{READS_TOOLS}; open('{folder}/pyproject.toml', 'rb').read()", COPIED)
    file.write_bytes(b"# the\xe9")
    assert inputs.changes(inputs.now(scan(app), {})) == f"{folder}/pyproject.toml"


@pytest.mark.parametrize(("options", "is_known"), [("relatime", True), ("nodiratime", False), ("noatime", False)])
def test_both_files_and_directories_have_to_record_reads(options: str, is_known: bool, tmp_path: Path) -> None:
    """Where directories do not (nodiratime), a new module of a copied project would not be seen."""
    script = (
        "from pathlib import Path; import sys; sys.path[:0] = sys.argv[2:]\n"
        "from python_buildpack.layers.dependencies.reads import ReadingRunner\n"
        "from python_buildpack.ports.commands import SubprocessRunner\n"
        "from python_buildpack.ports.interfaces import Command\n"
        "app = Path(sys.argv[1]); (app / 'main.py').write_text('x')\n"
        "runner = ReadingRunner.of(app, SubprocessRunner())\n"
        "runner.run(Command(('/bin/true',), {}, show=False)); print(runner.reads(bool).is_known)\n"
    )
    mount = 'mount -t tmpfs -o "$1" tmpfs "$2" || exit 77; shift 2; exec "$@"'
    argv = ("unshare", "-m", "sh", "-c", mount, "sh", options, str(tmp_path), sys.executable, "-B", "-c", script)
    found = subprocess.run((*argv, str(tmp_path), *sys.path), capture_output=True, text=True, check=False)
    if found.returncode == 77 or "unshare" in found.stderr:
        pytest.skip("only root may mount a file system")
    assert found.stdout == f"{is_known}\n", found.stderr


@pytest.mark.parametrize("url", ["file://[x", "file:///a%00b", "file:///\\ud800"])
def test_a_damaged_origin_of_a_package_is_no_place_in_the_app(url: str, tmp_path: Path) -> None:
    """A package may contain such a file; an error would end the build."""
    app = write_app(tmp_path / "app", FILES)
    write_app(tmp_path, {"site/x-1.dist-info/direct_url.json": f'{{"url": "{url}", "dir_info": {{}}}}'})
    assert read_local_projects(app, tmp_path / "site") == LocalProjects({})


def lead_elsewhere(app: Path) -> None:
    """Make the link lead to another file."""
    (app / "link").unlink()
    (app / "link").symlink_to("README.md")


CHANGES: Mapping[str, tuple[str, Callable[[Path], object]]] = {
    "mode": ("main.py", lambda app: (app / "main.py").chmod(0o755)),
    "content": ("main.py", lambda app: (app / "main.py").write_text("import x\n", encoding="utf-8")),
    "removed": ("README.md", lambda app: (app / "README.md").unlink()),
    "comment": ("pyproject.toml", lambda app: write_app(app, {"pyproject.toml": f"{PROJECT}# a comment\n"})),
    "line": ("requirements.txt", lambda app: write_app(app, {"requirements.txt": "# flask\n"})),
    "link": ("link", lead_elsewhere),
}
"""Changes of tracked files that git sees, and that no installer reads: the input, and what is done."""
DESCRIBE = ("git", "describe", "--dirty", "--tags")


@pytest.mark.parametrize("kind", CHANGES)
def test_what_git_compares_with_the_commit_counts_if_a_program_asks(kind: str, tmp_path: Path) -> None:
    """A version often says whether something is changed since the commit. Of empty files git looks at the mode only."""
    app = write_app(tmp_path / "app", {**FILES, "requirements.txt": "# none\n"})
    (app / "link").symlink_to("main.py")
    repository.begin(app)
    # As in an upload: the index knows other times.
    app = shutil.copytree(app, tmp_path / "uploaded", symlinks=True)
    reads = read_by(app, f"import subprocess; subprocess.run({DESCRIBE}, check=True); {READS_PROJECT}")
    inputs = find_inputs(scan(app), {}, reads, EDITABLE, "requirements.txt:\n")
    assert inputs.changes(inputs.now(scan(app), {})) == ""
    name, change = CHANGES[kind]
    change(app)
    described = subprocess.run(DESCRIBE, cwd=app, capture_output=True, text=True, check=True)
    assert described.stdout == "v0.5-dirty\n"
    assert name in inputs.changes(inputs.now(scan(app), {}))
