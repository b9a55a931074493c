"""What packages and archives bring along: metadata, libraries, interpreters, and what the cache holds."""

import gzip
import hashlib
import io
import json
import struct
import sys
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st
from packaging.version import Version

from devkit.fuzz.damage import damaged, shaped_json
from devkit.fuzz.seeds import INSTALLED_FILES
from devkit.fuzz.target import Files, Target
from python_buildpack.installed.elf.dynamic import read_needed, read_run_path
from python_buildpack.installed.elf.symbols import remove_symbols
from python_buildpack.installed.scrub_credentials import scrub_credentials
from python_buildpack.interpreters.archive import unpack
from python_buildpack.layers.packages.describe import read_description
from python_buildpack.layers.packages.reusable import MetadataCache, select_kept
from python_buildpack.layers.packages.split import decide_split
from python_buildpack.sbom.bill import Bill
from python_buildpack.sbom.distributions import read_distributions
from python_buildpack.sbom.formats import FORMATS
from python_buildpack.sbom.locks import parse_lock
from python_buildpack.sbom.packages import describe_distributions
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.support.stored_tree import Restored, restore_tree, store_tree

_SITE = "lib/python3.13/site-packages"
_MAX_UNPACKED = 1 << 22
_GROUPS = [
    {
        "layer": "l",
        "members": [{"name": "a", "version": "1", "size": 3, "tops": [], "reaches": [], "outside": []}],
        "content": "c",
        "pins": {"a": "1"},
        "files": ["x"],
        "libraries": [],
        "conditions": "",
    }
]
_GROUP_KEYS = (*_GROUPS[0], "name", "version", "size", "tops", "reaches", "outside")


def installed_targets() -> Iterator[Target]:
    """Yield a target for everything that is read from packages and archives."""
    for name, texts in INSTALLED_FILES.items():
        yield Target(name, _distribution(name, damaged([text.encode() for text in texts])), _read_environment)
    keys = ("url", "vcs_info", "vcs", "commit_id", "archive_info", "hashes", "hash", "dir_info", "editable")
    yield Target(
        "direct_url.json, valid values", _distribution("direct_url.json", shaped_json(keys)), _read_environment
    )
    yield Target("ELF", st.fixed_dictionaries({"lib.so": _libraries()}), _read_library)
    yield Target("interpreter archive", st.fixed_dictionaries({"archive": _archives()}), _unpack)
    yield Target("stored tree", st.fixed_dictionaries({"archive": damaged([_stored_tree()])}), _restore)
    groups = damaged([json.dumps(_GROUPS, indent=0).encode()]) | shaped_json(_GROUP_KEYS)
    yield Target("kept metadata", st.fixed_dictionaries({"kept/groups.json": groups}), _read_metadata_cache)


def _distribution(name: str, content: st.SearchStrategy[bytes]) -> st.SearchStrategy[Files]:
    """Return a strategy for two distributions that need each other, the first with this file damaged."""
    second = {f"{_SITE}/y-1.0.dist-info/{other}": texts[0].encode() for other, texts in INSTALLED_FILES.items()}
    second[f"{_SITE}/y-1.0.dist-info/METADATA"] = b"Name: y\nVersion: 1.0\nRequires-Dist: x[e]\n"
    first = {f"{_SITE}/x-1.0.dist-info/{other}": texts[0].encode() for other, texts in INSTALLED_FILES.items()}
    right = {**second, **first, f"{_SITE}/x/__init__.py": b"", f"{_SITE}/libz.so": crafted_library()}
    return content.map(lambda made: {**right, f"{_SITE}/x-1.0.dist-info/{name}": made})


def _read_environment(venv: Path) -> None:
    decide_split(read_description(venv))
    scrub_credentials(venv, venv / _SITE)
    found = read_distributions(venv / _SITE)
    bill = Bill.of("dependencies", "0.1.0", describe_distributions(found, Version("3.13.0"), "amd64", parse_lock("")))
    for _, write in FORMATS:
        json.loads(write(bill).decode())


@cache
def crafted_library() -> bytes:
    """Return the smallest ELF file that needs a library and has a RUNPATH."""
    strings = b"\0libz.so.1\0$ORIGIN/../x.libs\0"
    entries = struct.pack("<qQqQqQqQ", 1, 1, 29, 11, 5, 0x1000 + 64 + 2 * 56 + 64, 0, 0)
    size = 64 + 2 * 56 + len(entries) + len(strings)
    header = (
        b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    )
    load = struct.pack("<IIQQQQQQ", 1, 4, 0, 0x1000, 0x1000, size, size, 0x1000)
    dynamic = struct.pack("<IIQQQQQQ", 2, 4, 176, 0x1000 + 176, 0, len(entries), len(entries), 8)
    return header + load + dynamic + entries + strings


def _libraries() -> st.SearchStrategy[bytes]:
    """Return a strategy for libraries whose numbers are wrong: counts, sizes, offsets, all at once."""
    places = st.integers(4, len(crafted_library()) - 9)
    numbers = st.one_of(
        st.sampled_from((0, 1, 8, 0xFFFF, 2**31, 2**63 - 1, 2**63, 2**64 - 1)), st.integers(0, 2**64 - 1)
    )
    edits = st.lists(st.tuples(places, st.sampled_from(("<B", "<H", "<Q")), numbers), max_size=6)
    return edits.map(_with_numbers) | damaged([crafted_library()])


def _with_numbers(edits: list[tuple[int, str, int]]) -> bytes:
    content = bytearray(crafted_library())
    for place, kind, number in edits:
        struct.pack_into(kind, content, place, number % (1 << 8 * struct.calcsize(kind)))
    return bytes(content)


def _read_library(root: Path) -> None:
    read_needed(root / "lib.so")
    remove_symbols(root / "lib.so")
    read_run_path(root / "lib.so")


def _archives() -> st.SearchStrategy[bytes]:
    """Return a strategy for archives with a hostile member, whole or damaged before or after they are compressed."""
    names = ("python/lib/a", "../x", "/abs", "python/../../x", "python", "other", f"python/{'l' * 160}", "python//a")
    kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE, tarfile.REGTYPE)
    links = ("python3", "../../../../x", "/etc/passwd", "l", "python/bin/python3", "")
    tars = [_tar(name, kind, links[index % len(links)]) for name in names for index, kind in enumerate(kinds)]
    whole = st.sampled_from(tars)
    plain = (whole | damaged(tars)).map(gzip.compress) | (whole | damaged(tars)).map(_zstd)
    return plain | damaged([gzip.compress(tars[0]), _zstd(tars[0])])


def _tar(name: str, kind: bytes, link: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for member in (tarfile.TarInfo("python/bin/python3"), tarfile.TarInfo(name)):
            member.size = 4
            tar.addfile(member, io.BytesIO(b"abcd"))
        special = tarfile.TarInfo("python/bin/special")
        special.type, special.linkname = kind, link
        tar.addfile(special)
    return buffer.getvalue()


def _zstd(content: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415 - only the newest Pythons have it
    else:
        from backports import zstd  # noqa: PLC0415
    return bytes(zstd.compress(content))


def _unpack(root: Path) -> None:
    (root / "out").mkdir()
    unpack(root / "archive", root / "out", max_bytes=_MAX_UNPACKED)
    escaped = [path for path in (root / "x", root.parent / "x", Path("/abs")) if path.exists()]
    if escaped:
        raise AssertionError(f"written outside: {escaped}")


@cache
def _stored_tree() -> bytes:
    with TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        tree.mkdir()
        (tree / "a").write_text("x")
        (tree / "link").symlink_to("a")
        store_tree(tree, CachedFile(Path(folder) / "archive"))
        return (Path(folder) / "archive").read_bytes()


def _restore(root: Path) -> None:
    sha256 = hashlib.sha256((root / "archive").read_bytes()).hexdigest()
    wanted = hashlib.sha256(_stored_tree()).hexdigest()
    restored = restore_tree(CachedFile(root / "archive", {"archive": wanted}), root / "out")
    if (sha256 == wanted) != isinstance(restored, Restored):
        raise AssertionError(f"{sha256} gave {restored}")


def _read_metadata_cache(root: Path) -> None:
    archive = CachedFile(root / "archive")
    store_tree(root / "kept", archive)
    select_kept(MetadataCache(root / "out").unpack(archive), "a==1\n", "")
