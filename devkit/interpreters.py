"""The source of the devkit's interpreters: upstream if it can be reached, else this machine's own Pythons."""

import sys
from dataclasses import dataclass
from pathlib import Path

import requests

from cnb.errors import BuildpackError
from devkit.errors import DevkitError
from devkit.machine import machine_arch
from devkit.mirror.genuine import add_genuine
from devkit.mirror.make import make_mirror
from devkit.paths import CHECKOUT, kept, kept_archives
from python_buildpack.interpreters.inventory import Inventory, read_inventory
from python_buildpack.interpreters.mirrors import download_for
from python_buildpack.interpreters.request import parse_version_request
from python_buildpack.interpreters.resolve import resolve
from python_buildpack.ports.fetching.http import HttpFetcher

PATIENCE = 3
"""Seconds that upstream has to answer in before the machine's own Pythons are taken."""


@dataclass(frozen=True, slots=True)
class Source:
    """An inventory, and whether it is the genuine one."""

    inventory: Path
    is_upstream: bool

    def fetcher(self) -> HttpFetcher:
        """Return a fetcher that reports its progress on standard error."""
        return HttpFetcher(lambda line: print(f"  {line}", file=sys.stderr))

    def archive(self, sha256: str) -> Path:
        """Return where an archive of this digest is kept between runs."""
        return kept_archives() / f"{sha256}.tar.gz"

    def read(self) -> Inventory:
        """Return the inventory's rows."""
        return read_inventory(str(self.inventory), self.fetcher())


def find_source(arch: str) -> Source:
    """Return upstream if it can be reached, else a mirror of this machine's Pythons, said in one visible line.

    Raises DevkitError where neither can be had.
    """
    upstream = Source(CHECKOUT / "inventory.toml", is_upstream=True)
    if _answers(upstream, arch):
        return upstream
    try:
        mirror = _own_mirror(arch)
        resolve(parse_version_request(mirror.read().default, "the mirror's default"), mirror.read(), arch)
    except BuildpackError as error:
        raise DevkitError(
            f"upstream's interpreters cannot be reached, and this machine's own will not do for {arch}: {error.what}"
        ) from error
    own = "repacked from this machine's own Pythons" if arch == machine_arch() else "one that a Go module has"
    print(f"note: upstream cannot be reached; interpreters are {own}", file=sys.stderr)
    return mirror


def _own_mirror(arch: str) -> Source:
    """Return this machine's Pythons, or for another architecture the one of upstream that a Go module has."""
    if arch == machine_arch():
        return Source(make_mirror(kept() / "mirror").inventory, is_upstream=False)
    folder = kept() / f"genuine-{arch}"
    folder.mkdir(parents=True, exist_ok=True)
    # What compiles the package's modules runs here.
    for one in (machine_arch(), arch):
        add_genuine(folder, one)
    return Source(folder / "inventory.toml", is_upstream=False)


def find_own_source(source: Source, arch: str) -> Source:
    """Return where the interpreter that runs the buildpack itself comes from.

    Where upstream cannot be reached, one of its builds may be had as a Go module: compiled with profiles, it needs a
    third less time than most Pythons of machines, and it is what a release has.
    """
    if source.is_upstream or arch != "amd64":
        return source
    folder = kept() / "genuine"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        add_genuine(folder)
    except BuildpackError as error:
        print(f"note: the buildpack itself runs on this machine's own Python: {error.what}", file=sys.stderr)
        return source
    return Source(folder / "inventory.toml", is_upstream=False)


def _answers(upstream: Source, arch: str) -> bool:
    inventory = upstream.read()
    interpreter = resolve(parse_version_request(inventory.default, "the default"), inventory, arch)
    for url in download_for(interpreter, None).urls:
        try:
            if requests.head(url, timeout=PATIENCE, allow_redirects=True).ok:
                return True
        except requests.RequestException:
            continue
    return False
