"""Gives the group the rights of the owner: the users of the build image and the run image share only the group."""

import stat
from collections.abc import Iterable
from pathlib import Path

_READS = stat.S_IRGRP


def open_to_group(root: Path, paths: Iterable[str]) -> None:
    """Let the group write the files and directories at these paths below ``root`` that their owner may write.

    What the group may not read stays as it is: keys and the like are for their owner only. The users of the build
    image and the run image have the same group (CNB Platform spec, "Run Image").
    """
    for path in paths:
        entry = root / path
        mode = entry.lstat().st_mode
        if stat.S_ISLNK(mode) or not mode & _READS or not mode & stat.S_IWUSR or mode & stat.S_IWGRP:
            continue
        entry.chmod(stat.S_IMODE(mode) | stat.S_IWGRP)
