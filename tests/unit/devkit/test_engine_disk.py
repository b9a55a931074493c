"""Which machines give the engine a disk of its own, and that it is one with a journal."""

import os
import time
from pathlib import Path

import pytest

from devkit.pack.commands import run
from devkit.pack.engine_disk import GIGABYTE, LEAST, MOST, disk_size, is_slow_for_new_files, lacks_journal, mount_disk
from python_buildpack.app.reads import file_system_kinds

MOUNTS = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
42 27 254:0 /var/lib/docker /var/lib/docker rw,relatime shared:1 - ext4 /dev/vda rw
50 27 8:1 / /srv rw - xfs /dev/sda1 rw
51 27 0:44 / /overlay rw - overlay overlay rw
52 27 253:0 / /home rw - ext4 /dev/mapper/vg-home rw
"""


@pytest.mark.parametrize(
    ("device", "name", "journals", "expected"),
    [
        ((254, 0), "vda", [], True),
        ((254, 0), "vda", ["loop0-8"], True),
        ((254, 0), "vda", ["vda-8"], False),
        ((253, 0), "dm-0", ["dm-0-8"], False),
        ((8, 1), "sda1", [], False),
        ((0, 44), "0:44", [], False),
        ((9, 9), "9:9", [], False),
    ],
)
def test_only_ext4_without_a_journal_is_slow(
    device: tuple[int, int], name: str, journals: list[str], expected: bool
) -> None:
    """Other file systems, a device with a journal, and one that nobody knows are left as they are."""
    kinds = file_system_kinds(os.makedev(*device), MOUNTS)
    assert is_slow_for_new_files(kinds, name, journals) is expected


def test_the_disk_leaves_room_for_others() -> None:
    """It may take half of what is free, up to a limit; a disk too small for images is not made."""
    assert disk_size(20 * GIGABYTE) == 10 * GIGABYTE
    assert disk_size(1000 * GIGABYTE) == MOST
    assert disk_size(LEAST) is None


def test_the_disk_has_a_journal(tmp_path: Path) -> None:
    """A real one, small: the kernel lists its journal, what is deleted takes no room, and what is not comes back."""
    image, root = tmp_path / "disk.ext4", tmp_path / "disk"
    if not mount_disk(image, root, 64_000_000):
        # Only where nobody could: not root, or no loop devices.
        assert run(["mount", "-o", "loop", image, root]).status != 0
        return
    try:
        assert not lacks_journal(root)
        (root / "file").write_text("stays")
        (root / "large").write_bytes(os.urandom(30_000_000))
        os.sync()
        full = image.stat().st_blocks
        (root / "large").unlink()
        # The kernel gives it back in its own time.
        deadline = time.monotonic() + 20
        while image.stat().st_blocks > full - 30_000_000 // 512 // 2:
            assert time.monotonic() < deadline
            os.sync()
            time.sleep(0.1)
    finally:
        assert run(["umount", root]).status == 0
    assert mount_disk(image, root, None)
    kept = (root / "file").read_text()
    assert run(["umount", root]).status == 0
    assert kept == "stays"


def test_no_room_is_no_disk(tmp_path: Path) -> None:
    """Then the engine keeps its usual place."""
    assert not mount_disk(tmp_path / "disk.ext4", tmp_path / "disk", None)
