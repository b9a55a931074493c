"""Pure rules about an inventory as a whole: which minor is the default, and whether two lists agree."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from packaging.version import Version

from cnb.errors import BuildpackError
from devkit.inventory.builds import ARCHITECTURES, Build

SETTLING_TIME = timedelta(days=182)
"""How long a minor must have been out before apps that ask for nothing get it: by then its wheels exist."""


class DefaultMinorUnfit(BuildpackError):
    """The minor that apps without a declared version would get is too new, or not built for every processor."""

    code = "default-minor-unfit"
    title = "This Python cannot be the default"


class DigestsDisagree(BuildpackError):
    """Two lists give different digests for the same address: one is wrong, or an archive was replaced upstream."""

    code = "interpreter-digests-disagree"
    title = "Two lists disagree about an interpreter's digest"


def decide_default(builds: Sequence[Build]) -> str:
    """Return the newest minor that has been out for six months when the newest of ``builds`` was made.

    The age is counted from the oldest build listed of the minor. Of each patch only the newest build may be listed,
    so a minor may look some weeks younger than it is, never older. Raises DefaultMinorUnfit when there is none.
    """
    for minor in sorted({build.minor for build in builds}, key=Version, reverse=True):
        if _why_unfit(minor, builds) is None:
            return minor
    raise DefaultMinorUnfit(
        "No minor in the list has been out for six months on every processor.",
        "Check the list of builds: it should reach back years.",
    )


def check_default(default: str, builds: Sequence[Build]) -> None:
    """Raise DefaultMinorUnfit unless ``default`` is old enough and built, with the GIL, for every processor."""
    reason = _why_unfit(default, builds)
    if reason is not None:
        raise DefaultMinorUnfit(
            f"{default} cannot be the default: {reason}.", f"Give --default {decide_default(builds)}."
        )


def _why_unfit(minor: str, builds: Sequence[Build]) -> str | None:
    finals = [build for build in builds if build.minor == minor and build.variant == "default"]
    lacking = sorted(set(ARCHITECTURES.values()) - {build.arch for build in finals})
    if lacking:
        return f"the list has no final build of it for {' and '.join(lacking)}"
    first, newest = _day(min(finals, key=_day)), _day(max(builds, key=_day))
    if newest - first < SETTLING_TIME:
        return f"its first final build is of {first}, less than six months before the newest build of {newest}"
    return None


def _day(build: Build) -> date:
    return datetime.strptime(build.build, "%Y%m%d").replace(tzinfo=UTC).date()


def check_digests(known: Iterable[Build], new: Iterable[Build], name: str) -> None:
    """Raise DigestsDisagree when a URL that both lists have comes with two digests; ``name`` is what has ``known``."""
    digests = {build.url: build.sha256 for build in known}
    for build in new:
        if digests.get(build.url, build.sha256) != build.sha256:
            raise DigestsDisagree(
                f"{build.url}\n  has sha256 {digests[build.url]} in {name}\n  and {build.sha256} in the new list.",
                "Do not refresh. Find out which digest upstream's SHA256SUMS has, and report it there if it changed.",
            )


def describe_changes(known: Sequence[Build], new: Sequence[Build]) -> tuple[str, ...]:
    """Say, one line each, what ``new`` has that ``known`` has not, what it lacks, and what it has in another build."""
    before, after = {build.key: build for build in known}, {build.key: build for build in new}
    lines = [f"new: {_name(build)}, build {build.build}" for key, build in after.items() if key not in before]
    lines += [f"gone: {_name(build)}, build {build.build}" for key, build in before.items() if key not in after]
    lines += [
        f"changed: {_name(build)}, from build {before[key].build} to {build.build}"
        for key, build in after.items()
        if key in before and before[key] != build
    ]
    return tuple(lines)


def _name(build: Build) -> str:
    return f"{build.version}{'t' if build.variant == 'freethreaded' else ''} {build.arch}"
