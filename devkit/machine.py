"""What this machine is, in the CNB specification's words."""

import platform

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
"""The kernel's names, and those of the specification."""


def machine_arch() -> str:
    """Return this machine's architecture."""
    return ARCHITECTURES.get(platform.machine(), platform.machine())
