"""The target: the operating system, CPU and distribution that the image is built for (spec: Buildpack, Targets)."""

import os
from collections.abc import Mapping
from typing import Any

from cnb.frozen import frozen

_GO_NAMES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "ppc64le": "ppc64le", "s390x": "s390x"}


@frozen
class Target:
    """The values of CNB_TARGET_*, which describe the run image; None if unknown."""

    os: str
    arch: str
    """In Go's names: amd64, arm64."""
    arch_variant: str | None = None
    distro_name: str | None = None
    distro_version: str | None = None

    def spoken(self) -> str:
        """Return the short notation: ``linux/amd64``."""
        return f"{self.os}/{self.arch}" + (f"/{self.arch_variant}" if self.arch_variant else "")


@frozen
class DeclaredTarget:
    """An entry of ``[[targets]]`` in buildpack.toml. A value that is not declared (None, no distros) matches all."""

    os: str | None = None
    arch: str | None = None
    variant: str | None = None
    distros: tuple[tuple[str, str | None], ...] = ()
    """Pairs of name and version."""

    def is_met_by(self, target: Target) -> bool:
        """Return whether ``target`` matches. A value that the platform does not give matches."""
        declared = (self.os, self.arch, self.variant)
        actual = (target.os, target.arch, target.arch_variant)
        if any(want and have and want != have for want, have in zip(declared, actual, strict=True)):
            return False
        if not self.distros or not target.distro_name:
            return True
        return any(
            name == target.distro_name and version in {None, target.distro_version} for name, version in self.distros
        )

    def spoken(self) -> str:
        """Return the short notation: ``linux/amd64``."""
        return "/".join(part or "any" for part in (self.os, self.arch)) + (f"/{self.variant}" if self.variant else "")


def read_target(env: Mapping[str, str]) -> Target:
    """Return the target of this build. What the platform does not give is taken from the machine that builds."""
    uname = os.uname()
    return Target(
        os=env.get("CNB_TARGET_OS") or uname.sysname.lower(),
        arch=env.get("CNB_TARGET_ARCH") or _GO_NAMES.get(uname.machine, uname.machine),
        arch_variant=env.get("CNB_TARGET_ARCH_VARIANT") or None,
        distro_name=env.get("CNB_TARGET_DISTRO_NAME") or None,
        distro_version=env.get("CNB_TARGET_DISTRO_VERSION") or None,
    )


def parse_declared_target(table: Mapping[str, Any]) -> DeclaredTarget:
    """Return the declared target of one table of ``[[targets]]``."""
    return DeclaredTarget(
        os=table.get("os"),
        arch=table.get("arch"),
        variant=table.get("variant"),
        distros=tuple((str(distro.get("name")), distro.get("version")) for distro in table.get("distros", ())),
    )
