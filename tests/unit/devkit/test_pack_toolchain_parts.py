"""How the real programs are pinned, described and packed: nothing here needs Go or a network."""

import hashlib
import shutil
import tarfile
from pathlib import Path

import pytest

from devkit.pack.commands import PlatformUnavailable
from devkit.pack.prepare import TOOLS
from devkit.pack.toolchain import (
    LIFECYCLE,
    PACK,
    parse_apis,
    read_version,
    toolchain_fingerprint,
    write_lifecycle_archive,
)

API_SOURCE = """
var (
	// 2. The versions that are deprecated
	Platform = newApisMustParse([]string{"0.7", "0.14"}, []string{"0.7"})
	Buildpack = newApisMustParse([]string{"0.10", "0.11"}, []string{})
)
"""


def test_versions_are_those_of_the_modules() -> None:
    """The versions that are linked in are those that go.mod requires, not those of an indirect dependency."""
    assert read_version(TOOLS, PACK) == "0.40.6"
    assert read_version(TOOLS, LIFECYCLE) == "0.20.12"


def test_a_module_without_its_tool_is_named(tmp_path: Path) -> None:
    """A go.mod that does not require the tool is an error that names it."""
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack/go.mod").write_text("module tools\n\ntool github.com/buildpacks/pack\n")
    with pytest.raises(PlatformUnavailable, match=r"pack/go\.mod does not require github\.com/buildpacks/pack"):
        read_version(tmp_path, PACK)


def test_the_apis_come_from_the_lifecycle_itself() -> None:
    """The descriptor lists what the lifecycle's source supports, and what of that it calls deprecated."""
    assert parse_apis(API_SOURCE) == {
        "buildpack": {"supported": ["0.10", "0.11"], "deprecated": []},
        "platform": {"supported": ["0.7", "0.14"], "deprecated": ["0.7"]},
    }


def test_an_unknown_way_to_state_the_apis_is_an_error() -> None:
    """A lifecycle that states its APIs in another way is not packed with a wrong descriptor."""
    with pytest.raises(PlatformUnavailable, match="Platform APIs"):
        parse_apis(API_SOURCE.replace("Platform =", "Platforms ="))


def test_any_change_of_the_modules_is_another_toolchain(tmp_path: Path) -> None:
    """A changed checksum file alone gives another toolchain."""
    copy = shutil.copytree(TOOLS, tmp_path / "tools")
    assert toolchain_fingerprint(copy) == toolchain_fingerprint(TOOLS)
    with (copy / "lifecycle/go.sum").open("a") as file:
        file.write("\n")
    assert toolchain_fingerprint(copy) != toolchain_fingerprint(TOOLS)


def test_the_lifecycle_archive_is_what_pack_takes(tmp_path: Path) -> None:
    """The archive holds the descriptor and one folder with every phase; the same programs give the same bytes."""
    digests = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        for name in ("lifecycle", "launcher"):
            (folder / name).write_text(f"program {name}")
        write_lifecycle_archive(folder, 'version = "1"\n', folder / "lifecycle.tgz")
        digests.append(hashlib.sha256((folder / "lifecycle.tgz").read_bytes()).hexdigest())
    assert digests[0] == digests[1]
    # No date in the gzip header: two archives of one second would be equal in spite of it.
    assert (tmp_path / "one/lifecycle.tgz").read_bytes()[4:8] == bytes(4)
    with tarfile.open(tmp_path / "one/lifecycle.tgz") as tar:
        links = {entry.name: entry.linkname for entry in tar if entry.issym()}
        assert tar.getmember("lifecycle.toml").mode == 0o644
        assert tar.getmember("lifecycle/launcher").mode == 0o755
    phases = ("analyzer", "builder", "creator", "detector", "exporter", "extender", "rebaser", "restorer")
    assert links == {f"lifecycle/{phase}": "lifecycle" for phase in phases}
