"""Debian file systems for images, made with debootstrap and kept as tar archives."""

import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from devkit.pack.cache import Cache, fingerprint
from devkit.pack.commands import PlatformUnavailable, run, run_step
from devkit.pack.debian import install_missing

RECIPE = "1"
"""Counted up when the code below makes other files of the same specification."""
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BUNDLE = "etc/ssl/certs/ca-certificates.crt"
"""Where Debian and its relatives keep all trusted certificates in one file."""
LOCAL_CERTIFICATES = "usr/local/share/ca-certificates"
UNNEEDED = ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale", "var/log")
USERS = {"cnb": 1001, "run": 1002}
GROUP = 1001
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RootFilesystem:
    """What is in an image's files."""

    suite: str = "bookworm"
    packages: tuple[str, ...] = ()
    """Debian packages beyond the minimal system and the certificates."""
    removed: tuple[str, ...] = ()
    """Paths taken out, relative to the root and through no link (``usr/bin/sh``): for an image without a shell, say."""


def machine_certificates(environ: Mapping[str, str], root: Path = Path("/")) -> bytes | None:
    """Return all certificates this machine trusts if it has some of its own (a company's proxy, say), else None."""
    stated = environ.get("SSL_CERT_FILE")
    own = any((root / LOCAL_CERTIFICATES).glob("**/*.crt"))
    bundle = Path(stated) if stated else root / BUNDLE
    return bundle.read_bytes() if (stated or own) and bundle.is_file() else None


def root_fingerprint(files: RootFilesystem, certificates: bytes | None) -> str:
    """Return a fingerprint of an archive."""
    return fingerprint(RECIPE, json.dumps(asdict(files), sort_keys=True), certificates or b"")


def ensure_root_filesystem(files: RootFilesystem, cache: Cache, certificates: bytes | None) -> Path:
    """Return the tar archive of a file system, making it if need be (half a minute). Raises PlatformUnavailable."""
    whole = ensure_root_filesystem(replace(files, removed=()), cache, certificates) if files.removed else None
    archive = cache.folder("rootfs") / f"{files.suite}-{root_fingerprint(files, certificates)}.tar"
    with cache.locked("rootfs"):
        if not archive.is_file():
            with tempfile.TemporaryDirectory(dir=archive.parent) as scratch:
                new = Path(scratch) / "new.tar"
                if whole is None:
                    _make(files, Path(scratch) / "root", certificates)
                    run_step("Packing", ["tar", "-C", Path(scratch) / "root", "--sort=name", "-cf", new, "."])
                else:
                    copy_without(whole, new, files.removed)
                new.rename(archive)
    return archive


def copy_without(archive: Path, destination: Path, removed: tuple[str, ...]) -> None:
    """Copy a file system's archive except for some paths. Raises PlatformUnavailable for a path that is not in it."""
    left = {f"./{path}" for path in removed}
    with tarfile.open(archive) as source, tarfile.open(destination, "w", format=tarfile.GNU_FORMAT) as target:
        for entry in source:
            if entry.name in left:
                left.remove(entry.name)
            else:
                target.addfile(entry, source.extractfile(entry) if entry.isreg() else None)
    if left:
        raise PlatformUnavailable(
            f"There is no {', '.join(sorted(left))} to remove.", "Correct the image's specification."
        )


def read_distribution(archive: Path) -> tuple[str, str]:
    """Return the name and version that a file system gives in its os-release."""
    with tarfile.open(archive) as tar:
        file = tar.extractfile("./usr/lib/os-release")
        text = file.read().decode() if file else ""
    values = dict(re.findall(r'^([A-Z_]+)="?([^"\n]*)"?$', text, re.MULTILINE))
    return values["ID"], values["VERSION_ID"]


def foreign_certificates(bundle: bytes, known: bytes) -> list[bytes]:
    """Return the certificates of one bundle that the other lacks."""
    have = set(_CERTIFICATE.findall(known))
    return [certificate for certificate in _CERTIFICATE.findall(bundle) if certificate not in have]


def _make(files: RootFilesystem, root: Path, certificates: bytes | None) -> None:
    if os.geteuid() != 0:
        raise PlatformUnavailable(
            "Base images are made with debootstrap, which only root can run.", "Run this as root."
        )
    install_missing({"debootstrap": "debootstrap"})
    packages = ",".join(("ca-certificates", *files.packages))
    try:
        run_step(
            f"debootstrap {files.suite}",
            ["debootstrap", "--variant=minbase", f"--include={packages}", files.suite, root],
        )
    finally:
        # What a failed debootstrap leaves mounted (the machine's own /proc and /dev) must not meet the clean-up.
        _unmount_below(root)
    _trust(root, certificates)
    for path in UNNEEDED:
        shutil.rmtree(root / path, ignore_errors=True)
        (root / path).mkdir(parents=True)
    _add_users(root)


def _unmount_below(root: Path) -> None:
    points = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for point in sorted(points, reverse=True):
        if point.startswith(f"{root}/"):
            run(["umount", "--lazy", point])


def _trust(root: Path, certificates: bytes | None) -> None:
    """Add the machine's own certificates in Debian's way, for programs that read the bundle and those that don't."""
    if certificates is None:
        return
    for number, certificate in enumerate(foreign_certificates(certificates, (root / BUNDLE).read_bytes())):
        (root / LOCAL_CERTIFICATES / f"machine-{number}.crt").write_bytes(certificate + b"\n")
    # The machine's directory for temporary files may not be there.
    inside = {"PATH": SEARCH_PATH, "TMPDIR": "/tmp"}  # noqa: S108 - in the new root
    run_step("Trusting the machine's certificates", ["chroot", root, "update-ca-certificates"], env=inside)


def _add_users(root: Path) -> None:
    with (root / "etc/group").open("a") as file:
        file.write(f"cnb:x:{GROUP}:\n")
    for name, number in USERS.items():
        with (root / "etc/passwd").open("a") as file:
            file.write(f"{name}:x:{number}:{GROUP}::/home/{name}:/bin/sh\n")
        home = root / "home" / name
        home.mkdir(mode=0o755)
        os.chown(home, number, GROUP)
