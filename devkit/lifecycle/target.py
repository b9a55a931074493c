"""The machine that an image is built for (``CNB_TARGET_*``; Buildpack API 0.10 and later)."""

import platform
from dataclasses import dataclass
from pathlib import Path

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
"""The names that Go, and so the contract, gives to what the kernel calls machines."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a buildpack may ask about the run image; an empty string means unknown."""

    os: str = "linux"
    arch: str = "amd64"
    arch_variant: str = ""
    distro_name: str = ""
    distro_version: str = ""

    @classmethod
    def of_host(cls, os_release: Path = Path("/etc/os-release")) -> "Target":
        """Return the target that this machine is, as the lifecycle finds it when the run image has no labels."""
        machine = platform.machine()
        fields = _read_os_release(os_release)
        return cls(
            arch=ARCHITECTURES.get(machine, machine),
            distro_name=fields.get("ID", ""),
            distro_version=fields.get("VERSION_ID", ""),
        )

    def environment(self) -> dict[str, str]:
        """Return the variables about the target for buildpacks: os and arch always, the others if known."""
        optional = {
            "CNB_TARGET_ARCH_VARIANT": self.arch_variant,
            "CNB_TARGET_DISTRO_NAME": self.distro_name,
            "CNB_TARGET_DISTRO_VERSION": self.distro_version,
        }
        known = {name: value for name, value in optional.items() if value}
        return {"CNB_TARGET_OS": self.os, "CNB_TARGET_ARCH": self.arch} | known


def _read_os_release(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = (line.partition("=") for line in path.read_text().splitlines() if "=" in line)
    return {key: value.strip("\"'") for key, _, value in lines}
