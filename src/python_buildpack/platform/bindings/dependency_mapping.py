"""``dependency-mapping``: URLs to download single files from. The name of an entry is the file's SHA-256."""

import re

from python_buildpack.platform.bindings.interface import Addition, BindingType, DigestMirror, Given

_SHA256 = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)


def _read(given: Given) -> tuple[Addition, ...]:
    return tuple(_mirror(given, name) for name in sorted(given.entries))


def _mirror(given: Given, name: str) -> DigestMirror:
    digest = name.removeprefix("sha256:")
    if not _SHA256.fullmatch(digest):
        raise given.invalid(name, "has a name that is not a SHA-256")
    url = given.check_url(name, given.require(name), ("http", "https", "file"))
    return DigestMirror(digest.lower(), url)


DEPENDENCY_MAPPING = BindingType(
    "dependency-mapping",
    None,
    _read,
    entries_meaning="the SHA-256 of a file",
    meaning="The URL to download that file from.",
)
