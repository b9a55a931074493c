"""Checks that a lock was written for Linux and the chosen Python, where it says for which environments it was. Pure."""

import re

from cnb.errors import BuildpackError
from python_buildpack.app.documents import parse_toml, strings
from python_buildpack.package_managers.interface import Given

_PACKAGES = "\n[["
"""Where the packages of a lock begin, which can be thousands of lines."""


class LockForOtherSystems(BuildpackError):
    """The lock names the environments that it was written for (PEP 508 markers), and Linux with this Python is none."""

    code = "lock-for-other-systems"
    title = "The lock was written for other systems"


def check_environments(given: Given, lock: str, key: str, cure: str) -> None:
    """Raise LockForOtherSystems if ``lock`` lists markers under ``key`` and none holds where the image runs.

    Raises ProjectFileInvalid if what is before the packages is not TOML.
    """
    head = (given.project.text(lock) or "").partition(_PACKAGES)[0]
    if not given.python_version or not re.search(rf"^{key}\s*=", head, re.MULTILINE):
        return
    listed = parse_toml(head, lock, "Write the lock again with the tool that made it.").get(key)
    markers = strings(listed)
    if markers and not any(_may_hold(marker, given.python_version) for marker in markers):
        raise LockForOtherSystems(
            f"{lock} is for {' or '.join(markers)} ({key}); the image has Linux and Python {given.python_version}.",
            cure,
        )


def _may_hold(marker: str, python_version: str) -> bool:
    # Few locks name environments.
    from python_buildpack.package_managers.lock_markers import Target, holds  # noqa: PLC0415
    from python_buildpack.package_managers.locked_list import Unsupported  # noqa: PLC0415

    try:
        return holds(marker, Target(python_version))
    except Unsupported:
        return True
