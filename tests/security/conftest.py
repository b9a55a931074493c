"""What tests of attacks stand on: the local lifecycle, and interpreters of this machine."""

from local_builds import attempt, mirror

__all__ = ["attempt", "mirror"]
