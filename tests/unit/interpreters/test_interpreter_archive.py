"""Unpacking: what is in an archive of an interpreter arrives, and nothing else can."""

import gzip
import hashlib
import random
import shutil
import subprocess
import sys
import tarfile
import threading
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest

from cnb.errors import BuildpackError
from interpreter_archives import Entry, WriteArchive, directory, file, hardlink, special, symlink
from python_buildpack.interpreters.archive import ArchiveCorrupt, ArchiveUnsafe, unpack

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PROGRAM = file("python/bin/python3.13", b"program", 0o775)


def tree(root: Path) -> dict[str, str]:
    """Return every path below ``root`` with its mode, or its target."""
    return {
        str(path.relative_to(root)): f"-> {path.readlink()}" if path.is_symlink() else oct(path.stat().st_mode & 0o777)
        for path in sorted(root.rglob("*"))
    }


@pytest.mark.usefixtures("_strict_umask")
def test_unpacks_without_the_first_directory(write_archive: WriteArchive, tmp_path: Path) -> None:
    """The tree arrives without python/; modes are those of an image, whatever the archive and the umask say."""
    archive = write_archive(
        directory("python"),
        directory("python/bin"),
        PROGRAM,
        symlink("python/bin/python3", "python3.13"),
        file("python/lib/python3.13/os.py", mode=0o600),
        hardlink("python/lib/same.py", "python/lib/python3.13/os.py"),
        symlink("python/lib/up", "../bin/python3.13"),
    )

    unpack(archive, tmp_path / "out")

    assert tree(tmp_path / "out") == {
        "bin": "0o755",
        "bin/python3": "-> python3.13",
        "bin/python3.13": "0o755",
        "lib": "0o755",
        "lib/python3.13": "0o755",
        "lib/python3.13/os.py": "0o644",
        "lib/same.py": "0o644",
        "lib/up": "-> ../bin/python3.13",
    }
    assert (tmp_path / "out/lib/same.py").samefile(tmp_path / "out/lib/python3.13/os.py")


def test_unpacks_a_full_archive(write_archive: WriteArchive, tmp_path: Path) -> None:
    """Upstream's full archives have the tree below python/install; the object files beside it are left."""
    archive = write_archive(
        file("python/PYTHON.json", b"{}"),
        file("python/build/core/main.o"),
        file("python/install/bin/python3.13", mode=0o775),
        file("python/install/lib/libpython3.13.so.1.0"),
        hardlink("python/install/lib/libpython3.13.so", "python/install/lib/libpython3.13.so.1.0"),
    )

    unpack(archive, tmp_path / "out")

    assert list(tree(tmp_path / "out")) == [
        "bin",
        "bin/python3.13",
        "lib",
        "lib/libpython3.13.so",
        "lib/libpython3.13.so.1.0",
    ]


def test_the_order_of_the_archive_is_kept(write_archive: WriteArchive, tmp_path: Path) -> None:
    """Small files are written by a thread, and large ones are not: the last of a name wins, and links find theirs."""
    large = bytes(range(256)) * 8192
    many = (file(f"python/lib/{number % 50}.py", str(number).encode()) for number in range(500))
    archive = write_archive(
        PROGRAM,
        *many,
        hardlink("python/lib/last", "python/lib/49.py"),
        file("python/lib/large", b"small"),
        file("python/lib/large", large, 0o755),
        file("python/lib/small", large),
        file("python/lib/small", b"small"),
        file("python/lib/empty", b""),
    )

    unpack(archive, tmp_path / "out")

    library = tmp_path / "out/lib"
    assert [(library / f"{number}.py").read_text() for number in range(50)] == [str(450 + n) for n in range(50)]
    assert (library / "last").read_text() == "499"
    assert (library / "large").read_bytes() == large
    assert (library / "small").read_bytes() == b"small"
    assert (library / "empty").read_bytes() == b""
    assert tree(library)["large"] == "0o755"


def test_what_the_thread_cannot_write_is_told(write_archive: WriteArchive, tmp_path: Path) -> None:
    """Be it the last file of the archive, after which nothing else asks."""
    archive = write_archive(PROGRAM, directory("python/lib"), file("python/lib"))
    with pytest.raises(ArchiveUnsafe):
        unpack(archive, tmp_path / "out")


def test_nothing_is_written_after_a_failure(write_archive: WriteArchive, tmp_path: Path) -> None:
    """The thread that writes has ended: whoever removes what is there would else find a directory that fills again."""
    many = (file(f"python/lib/{number}.py", bytes(1 << 19)) for number in range(30))
    archive = write_archive(PROGRAM, *many, special("python/lib/pipe", tarfile.FIFOTYPE))
    before = set(threading.enumerate())
    with pytest.raises(ArchiveUnsafe):
        unpack(archive, tmp_path / "out")
    assert set(threading.enumerate()) <= before


def test_unpacks_zstandard(write_archive: WriteArchive, tmp_path: Path) -> None:
    """Older and free-threaded builds come as tar.zst; the content says so, whatever the name."""
    plain = gzip.decompress(write_archive(PROGRAM).read_bytes())
    archive = tmp_path / "made.tar.zst"
    archive.write_bytes(zstd.compress(plain))

    unpack(archive, tmp_path / "out")
    archive.write_bytes(zstd.compress(plain)[:-20])

    assert (tmp_path / "out/bin/python3.13").read_bytes() == b"program"
    with pytest.raises(ArchiveCorrupt):
        unpack(archive, tmp_path / "again")


UNSAFE = {
    "absolute": (file("/etc/passwd"),),
    "absolute below python": (file("//python/bin/x"),),
    "dots": (file("python/../../evil"),),
    "dots at the end": (directory("python/lib/.."),),
    "dots that stay inside": (file("python/lib/../bin/x"),),
    "symbolic link out": (symlink("python/lib/out", "../../evil"),),
    "absolute symbolic link": (symlink("python/lib/out", "/etc"),),
    "through a link": (symlink("python/lib/a", "python3.13"), file("python/lib/a/evil")),
    "over a link": (symlink("python/lib/a", "../bin/python3.13"), file("python/lib/a")),
    "link below a link": (symlink("python/lib/a", "."), symlink("python/lib/a/b", "..")),
    "through another name of a link": (
        *(symlink("python/lib/a", "python3.13"), hardlink("python/lib/b", "python/lib/a")),
        file("python/lib/b/evil"),
    ),
    "hard link out": (hardlink("python/lib/passwd", "/etc/passwd"),),
    "hard link with dots": (hardlink("python/lib/passwd", "python/../../../etc/passwd"),),
    "character device": (special("python/lib/null", tarfile.CHRTYPE),),
    "block device": (special("python/lib/disk", tarfile.BLKTYPE),),
    "pipe": (special("python/lib/pipe", tarfile.FIFOTYPE),),
    "file where a directory is": (directory("python/lib/x"), file("python/lib/x")),
    "name of 300 characters": (file(f"python/lib/{'x' * 300}"),),
}


@pytest.mark.parametrize("entries", UNSAFE.values(), ids=UNSAFE)
def test_refuses_what_is_unsafe(entries: tuple[Entry, ...], write_archive: WriteArchive, tmp_path: Path) -> None:
    """Whatever would write outside of the tree, or is neither file, directory nor link, is refused."""
    archive = write_archive(PROGRAM, *entries)
    out = tmp_path / "here" / "out"
    out.mkdir(parents=True)

    with pytest.raises(ArchiveUnsafe):
        unpack(archive, out)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "made.tar.gz"]
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_refuses_a_file_with_holes(tmp_path: Path) -> None:
    """A sparse file of a few bytes in the archive could be a terabyte on the disk."""
    source = tmp_path / "sparse"
    with source.open("wb") as sparse:
        sparse.truncate(50_000_000)
        sparse.seek(40_000_000)
        sparse.write(b"x")
    archive = tmp_path / "sparse.tar"
    tar = shutil.which("tar")
    assert tar is not None
    subprocess.run([tar, "-C", tmp_path, "-Sczf", archive, "--transform", "s|^|python/lib/|", "sparse"], check=True)

    with pytest.raises(ArchiveUnsafe, match="file with holes"):
        unpack(archive, tmp_path / "out")


def test_refuses_a_bomb(tmp_path: Path) -> None:
    """An archive that unpacks to far more than an interpreter is stopped on the way."""
    archive = tmp_path / "bomb.tar.gz"
    info = tarfile.TarInfo("python/lib/zeros")
    info.size = 50_000_000
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(info, BytesIO(bytes(info.size)))

    with pytest.raises(ArchiveUnsafe, match="more bytes than any interpreter"):
        unpack(archive, tmp_path / "out", max_bytes=10_000_000)

    assert archive.stat().st_size < 100_000


def test_refuses_what_is_no_interpreter(write_archive: WriteArchive, tmp_path: Path) -> None:
    """The source of Python, an empty archive and a text file are all explained."""
    for archive, why in (
        (write_archive(file("Python-3.13.2/configure"), name="a"), "not below python/"),
        (write_archive(name="b"), "no python/bin"),
        (write_archive(file("python/lib/x"), name="c"), "no python/bin"),
        (write_archive(hardlink("python/lib/x", "python/lib/y"), name="f"), "hard link to a file that is not in it"),
        (tmp_path / "d", "neither a tar.gz nor a tar.zst"),
        (tmp_path / "e", "neither a tar.gz nor a tar.zst"),
    ):
        if archive.name in "de":
            archive.write_bytes(b"<html>Sign in to the network</html>" if archive.name == "d" else b"")
        with pytest.raises(ArchiveCorrupt, match=why):
            unpack(archive, tmp_path / f"out-{archive.name}")


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_notices_a_truncated_archive(write_archive: WriteArchive, tmp_path: Path, kept: float) -> None:
    """An archive that ends too early is called so, wherever it ends."""
    incompressible = b"".join(hashlib.sha256(bytes([number])).digest() for number in range(256))
    archive = write_archive(PROGRAM, file("python/lib/x", incompressible))
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * kept)])

    with pytest.raises(ArchiveCorrupt):
        unpack(archive, tmp_path / "out")


def test_notices_a_wrong_checksum_at_the_very_end(write_archive: WriteArchive, tmp_path: Path) -> None:
    """Gzip's own checksum is behind the last file; it is looked at all the same."""
    archive = write_archive(PROGRAM)
    whole = bytearray(archive.read_bytes())
    whole[-8] ^= 1
    archive.write_bytes(whole)

    with pytest.raises(ArchiveCorrupt, match="CRC"):
        unpack(archive, tmp_path / "out")


def test_garbage_never_escapes_as_another_error(write_archive: WriteArchive, tmp_path: Path) -> None:
    """Whatever damage does inside tarfile, it comes out explained, and nothing is written outside."""
    plain = gzip.decompress(
        write_archive(
            PROGRAM, symlink("python/bin/python", "python3.13"), hardlink("python/lib/h", "python/bin/python3.13")
        ).read_bytes()
    )
    dice = random.Random(7)  # noqa: S311 # the same dice each time
    for number in range(300):
        damaged = bytearray(plain)
        for _ in range(dice.randint(1, 5)):
            damaged[dice.randrange(2048)] = dice.randrange(256)
        archive = tmp_path / "damaged.tar.gz"
        archive.write_bytes(gzip.compress(damaged, 1))
        with suppress(BuildpackError):
            unpack(archive, tmp_path / f"out-{number}" / "out")

    assert all(path.name.startswith(("out-", "damaged", "made")) for path in tmp_path.iterdir())
