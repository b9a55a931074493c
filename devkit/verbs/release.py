"""Make all files of a release in DIR: packages for both architectures, an image of both, bills, checksums, notes.

Refuses what nobody could reproduce: changes that are not committed, a version without notes, interpreters that are not
upstream's own. --trial makes what this machine can, and says in the notes that it is no release; --dry-run does the
same, and then installs the result from a registry on this machine and builds a sample with it.
"""

import argparse
import hashlib
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from devkit.errors import DevkitError
from devkit.interpreters import find_source
from devkit.packaging.image import write_image
from devkit.packaging.library import build_library
from devkit.packaging.package import NAME, Packaged, package
from devkit.paths import CHECKOUT, DIST, SAMPLES
from devkit.release_trial import build_from_registry
from devkit.version import UNRELEASED, annotations, notes_of, own_version

ARCHITECTURES = ("amd64", "arm64")
TRIAL = "This is a trial on one machine, not a release."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    default = DIST / "release"
    parser.add_argument("directory", metavar="DIR", nargs="?", type=Path, default=default, help="where to")
    parser.add_argument("--tag", help="the tag that is released: it must name the version in buildpack.toml")
    parser.add_argument(
        "--homepage", default="", metavar="URL", help="the address of the repository, to which errors point"
    )
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--trial", action="store_true", help="make what this machine can, whatever stands against it")
    kinds.add_argument("--dry-run", action="store_true", help="a trial, and a build with it from a local registry")


def run(arguments: argparse.Namespace) -> int:
    """Check, package, describe. Prints the files, the checksums' last."""
    trial: bool = arguments.trial or arguments.dry_run
    directory: Path = arguments.directory
    _check_tag(arguments.tag)
    notes = _notes(trial=trial)
    if not trial:
        _check_committed()
    packages = [made for arch in ARCHITECTURES if (made := _package(arch, arguments))]
    image = directory / f"{NAME}-{own_version()}.oci.tar"
    digest = write_image([packaged.file for packaged in packages], annotations(arguments.homepage), image)
    (directory / "IMAGE_DIGEST").write_text(f"{digest}\n", encoding="utf-8")
    (directory / "RELEASE_NOTES.md").write_text(f"{notes}\nThe image's digest: `{digest}`\n", encoding="utf-8")
    files = [image, *(path for packaged in packages for path in (packaged.file, *packaged.bills))]
    files.append(build_library(directory))
    checksums = directory / "SHA256SUMS"
    checksums.write_text(_checksums(files), encoding="utf-8")
    for path in (*files, checksums):
        print(path)
    return build_from_registry(image, digest, SAMPLES / "flask") if arguments.dry_run else os.EX_OK


def _check_tag(tag: str | None) -> None:
    if tag is not None and tag != f"v{own_version()}":
        raise DevkitError(f"the tag {tag} is not that of this version, v{own_version()}, which buildpack.toml has")


def _notes(*, trial: bool) -> str:
    version = own_version()
    changelog = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
    notes = (notes_of(changelog, UNRELEASED).strip() if trial else "") or notes_of(changelog, version)
    return f"# Terrarium {version}\n\n{f'{TRIAL}{chr(10) * 2}' if trial else ''}{notes}"


def _check_committed() -> None:
    argv = ["git", "status", "--porcelain"]
    changes = subprocess.run(argv, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout.splitlines()
    if changes:
        raise DevkitError(f"{len(changes)} file(s) are changed and not committed: nobody could make this release again")


def _package(arch: str, arguments: argparse.Namespace) -> Packaged | None:
    trial: bool = arguments.trial or arguments.dry_run
    try:
        source = find_source(arch)
    except DevkitError as error:
        if not trial:
            raise
        print(f"linux/{arch} is left out: {error}")
        return None
    if not (source.is_upstream or trial):
        raise DevkitError("upstream's interpreters cannot be reached: a release holds no others; see --trial")
    return package(arch, arguments.directory, source, homepage=arguments.homepage)


def _checksums(files: Iterable[Path]) -> str:
    """Return the lines that ``sha256sum --check`` reads."""
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
