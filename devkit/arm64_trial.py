"""Tries the package for arm64 on a machine of another kind: ``python -m devkit.arm64_trial`` (Debian, as root).

All programs in the package have to be of that architecture; its bin/detect and bin/build then run under qemu-user, on
samples/script, with upstream's interpreter as what is installed. proot lets one emulated program start another one
without a change of the kernel's settings. It takes some minutes.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from devkit.errors import DevkitError
from devkit.interpreters import find_source
from devkit.mirror.binaries import find_elf_files
from devkit.pack.commands import run, run_step
from devkit.pack.debian import install_missing
from devkit.packaging.package import package
from devkit.paths import DIST, SAMPLES
from python_buildpack.settings.table import INVENTORY

_PROGRAMS = {"qemu-aarch64-static": "qemu-user-static", "proot": "proot"}
_AARCH64 = 183
"""EM_AARCH64 of the ELF specification, the 16 bits at offset 18."""


def try_arm64() -> int:
    """Make the package, look at its programs and build a sample with it. Returns how many programs there are.

    Raises DevkitError.
    """
    source = find_source("arm64")
    packaged = package("arm64", DIST, source)
    programs = find_elf_files(packaged.directory)
    others = [path for path in programs if int.from_bytes(path.read_bytes()[18:20], "little") != _AARCH64]
    if others or not programs:
        raise DevkitError(f"not for arm64: {', '.join(map(str, others)) or 'there is no program at all'}")
    install_missing(_PROGRAMS)
    with tempfile.TemporaryDirectory(prefix="arm64-") as name:
        folder = Path(name)
        root = _libraries(folder / "apt")
        env = _environment(packaged.directory, source.inventory, folder)
        for phase in ("detect", "build"):
            argv = ["proot", "-q", f"qemu-aarch64-static -L {root}", str(packaged.directory / "bin" / phase)]
            if subprocess.run(argv, cwd=SAMPLES / "script", env=env, check=False).returncode != 0:
                raise DevkitError(f"bin/{phase} failed")
        print((folder / "layers" / "launch.toml").read_text(encoding="utf-8"))
    return len(programs)


def _environment(buildpack: Path, inventory: Path, folder: Path) -> dict[str, str]:
    """Return the variables of both phases (Buildpack API), with the files and directories that they name."""
    for made in ("layers", "platform"):
        (folder / made).mkdir()
    for made in ("plan.toml", "buildpack-plan.toml"):
        (folder / made).touch()
    return {
        "PATH": "/usr/bin:/bin",
        INVENTORY.name: str(inventory),
        "CNB_BUILDPACK_DIR": str(buildpack),
        "CNB_LAYERS_DIR": str(folder / "layers"),
        "CNB_PLATFORM_DIR": str(folder / "platform"),
        "CNB_BUILD_PLAN_PATH": str(folder / "plan.toml"),
        "CNB_BP_PLAN_PATH": str(folder / "buildpack-plan.toml"),
        "CNB_TARGET_OS": "linux",
        "CNB_TARGET_ARCH": "arm64",
    }


def _libraries(folder: Path) -> Path:
    """Return a directory with Debian's C library for arm64, by an apt that has nothing of this machine's state."""
    root = folder / "root"
    for made in ("lists/partial", "archives/partial", "root"):
        (folder / made).mkdir(parents=True)
    (folder / "status").touch()
    options = {
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64",
        "APT::Sandbox::User": "root",
        "Dir::State": folder,
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder,
    }
    apt = ["apt-get", "--quiet", *(word for name, value in options.items() for word in ("-o", f"{name}={value}"))]
    run_step("Reading Debian's list of packages", [*apt, "update"])
    run_step("Downloading libc6", [*apt, "--yes", "--download-only", "--no-install-recommends", "install", "libc6"])
    for archive in sorted((folder / "archives").glob("*.deb")):
        if run(["dpkg-deb", "-x", archive, root]).status != os.EX_OK:
            raise DevkitError(f"{archive.name} cannot be unpacked")
    return root


if __name__ == "__main__":
    try:
        print(f"{try_arm64()} programs, all for arm64; detect and build ran under qemu")
    except DevkitError as error:
        sys.exit(f"arm64_trial: {error}")
