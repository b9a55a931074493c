"""The files of a distribution that are not as its RECORD says: changed since, or overwritten by another.

A bill of materials is made from RECORD, so it has to say where the disk differs.
"""

import os
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from python_buildpack.installed.dist_info import RecordEntry, read_dist_infos
from python_buildpack.support.file_digests import sha256_of

MADE_BY_INSTALLER = re.compile(
    r"(\.\./.*|/.*|[^/]+\.dist-info/(RECORD(\.jws|\.p7s)?|INSTALLER|REQUESTED|direct_url\.json|uv_[a-z_]+\.json))"
    r"|(.*/)?__pycache__/.*"
)
"""Files that are not in the wheel, or that installers rewrite: scripts, bytecode, their own records."""
_SHA256 = "sha256="


def altered_in(site: Path) -> Mapping[str, tuple[str, ...]]:
    """Return such files of all distributions in a site-packages directory that have any, by normalised name."""
    found = {info.name: altered_files(info.record(), site) for info in read_dist_infos(site)}
    return {name: paths for name, paths in found.items() if paths}


def altered_files(record: Iterable[RecordEntry], site: Path) -> tuple[str, ...]:
    """Return the paths of files whose content is not the recorded one, or which are not there, sorted.

    What a link leads to that is not on disk is not looked at: a layer of the previous image, which is reused as it is.
    """
    return tuple(sorted(_altered(record, site)))


def _altered(record: Iterable[RecordEntry], site: Path) -> Iterator[str]:
    absent: dict[str, bool] = {}
    for path, digest, size in record:
        if not digest.startswith(_SHA256) or MADE_BY_INSTALLER.fullmatch(path):
            continue
        top = path.partition("/")[0]
        if top not in absent:
            absent[top] = _leads_to_nothing(site / top)
        if absent[top]:
            continue
        file = f"{site}/{path}"
        try:
            # The size is in the row, so most changes are found without reading.
            is_same = size is None or size == os.stat(file).st_size  # noqa: PTH116 - thousands of files
            if is_same and _digest(sha256_of(file)) == digest:
                continue
        except OSError:
            if _is_in_a_link(path, site):
                continue
        yield path


def _leads_to_nothing(path: Path) -> bool:
    return path.is_symlink() and not path.exists()


def _digest(raw: bytes) -> str:
    return _SHA256 + urlsafe_b64encode(raw).rstrip(b"=").decode()


def _is_in_a_link(path: str, site: Path) -> bool:
    parts = path.split("/")
    return any((site / "/".join(parts[:length])).is_symlink() for length in range(1, len(parts) + 1))
