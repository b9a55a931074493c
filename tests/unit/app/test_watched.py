"""What a program read of an app's directory: real programs, seen by the access times of real files."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from python_buildpack.app.reads import records_reads
from python_buildpack.app.snapshot import list_directory, take_snapshot
from python_buildpack.app.watched import watch

MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
31 22 0:27 / /dev/shm rw,nosuid master:3 - tmpfs tmpfs rw
40 22 0:51 / /srv rw,relatime - nfs4 server:/srv rw
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return an app of which main.py is run."""
    files = {
        "main.py": "import used\n",
        "used.py": "",
        "unused.py": "",
        "page.html": "",
        "site.css": "",
        ".git/HEAD": "ref: refs/heads/main\n",
        ".git/refs/heads/main": "0" * 40,
    }
    for name, text in files.items():
        path = tmp_path / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "app"


def read_by(app: Path, *argv: str) -> set[str]:
    """Return what counts as read after main.py ran, or another command."""
    watched = watch(app, take_snapshot(app))
    subprocess.run(argv or [sys.executable, "-B", "main.py"], cwd=app, check=True)
    return set(watched.read("main.py"))


def append(path: Path, text: str) -> None:
    """Change a file of the app."""
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_a_module_that_is_not_imported_is_not_read(app: Path) -> None:
    """Nor is a template that is not rendered; what is no source counts, whatever the kernel says."""
    assert read_by(app) == {"main.py", "used.py", "site.css"}


def test_a_template_that_is_opened_is_read(app: Path) -> None:
    """Whatever the program, and whatever the way."""
    append(app / "main.py", "import mmap\nwith open('page.html') as file: file.read()\n")
    assert read_by(app) == {"main.py", "used.py", "site.css", "page.html"}


def test_another_program_that_reads(app: Path) -> None:
    """A program that the app starts leaves its traces just so."""
    append(app / "main.py", "import subprocess\nsubprocess.run(['cp', 'unused.py', '/dev/null'], check=True)\n")
    assert "unused.py" in read_by(app)


def test_the_commit_counts_where_it_is_asked_for(app: Path) -> None:
    """With all branches, and what they are called."""
    append(app / "main.py", "open('.git/HEAD').close()\n")
    assert ".git/HEAD" not in read_by(app)
    append(app / "main.py", "open('.git/HEAD').read()\n")
    assert read_by(app) >= {".git/HEAD", ".git/refs/heads/main", ".git/refs/heads"}


def test_bytecode_that_was_uploaded_stands_for_its_source(app: Path) -> None:
    """Python then does not open the source, which decides nevertheless."""
    subprocess.run([sys.executable, "-m", "compileall", "-q", "."], cwd=app, check=True)
    (app / "__pycache__/odd.pyc").write_bytes(b"")
    assert read_by(app) == {"main.py", "used.py", "site.css"}


def test_a_program_that_reads_nothing_tells_nothing(app: Path) -> None:
    """As on a file system that keeps no access times: then everything counts."""
    assert read_by(app, "true") >= {"main.py", "used.py", "unused.py", "page.html", "site.css", ".git/HEAD"}


def test_digests_are_those_from_before_the_run(app: Path) -> None:
    """A file that the program reads and writes decides by what it was."""
    append(app / "main.py", "text = open('used.py').read()\nopen('used.py', 'w').write('changed = 1')\n")
    watched = watch(app, take_snapshot(app))
    subprocess.run([sys.executable, "-B", "main.py"], cwd=app, check=True)
    assert watched.changes().written == ("used.py",)
    assert watched.read("main.py")["used.py"] == sha256(b"").hexdigest()


@pytest.mark.parametrize(
    ("device", "expected"),
    [((254, 0), True), ((0, 27), True), ((0, 51), False), ((9, 9), False)],
    ids=["ext4", "tmpfs", "a server's", "unknown"],
)
def test_only_a_file_system_of_this_machine_is_believed(device: tuple[int, int], expected: bool) -> None:
    """A server does not hear of what was read from this machine's memory."""
    assert records_reads(os.makedev(*device), MOUNTS) is expected


def test_an_entry_with_too_long_a_path_is_left_out_of_a_listing(tmp_path: Path) -> None:
    """The directory may be listed, and the status of the entry cannot be had: an error would end the build."""
    folder = tmp_path
    while len(str(folder)) < 3900:
        folder /= "d" * 100
        folder.mkdir()
    descriptor = os.open(folder, os.O_RDONLY)
    os.mkdir("e" * 250, dir_fd=descriptor)
    os.mkdir("short", dir_fd=descriptor)
    os.close(descriptor)
    assert list(list_directory(folder)) == ["short"]
