"""What this buildpack provides to other buildpacks, and what they require (Buildpack spec, "Build Plan")."""

from cnb.build_plan import BuildPlan, Provide, Require
from cnb.buildpack_plan import BuildpackPlan

PROVIDED = ("python", "site-packages")
_OURS = {"by": "terrarium/python"}


def own_plan() -> BuildPlan:
    """Return the plan, which requires all that it provides.

    So it is valid if this buildpack is alone, and a later one may require either name; no alternative (``or``) is
    needed.
    """
    return BuildPlan(
        provides=tuple(Provide(name) for name in PROVIDED),
        requires=tuple(Require(name, _OURS) for name in PROVIDED),
    )


def is_needed_by_others(plan: BuildpackPlan, *names: str) -> bool:
    """Say whether another buildpack needs one of these while the image is built.

    A requirement with ``build = false`` in its metadata is for the image only. Without ``build``, it is for both.
    """
    entries = (entry for name in names for entry in plan.entries_named(name))
    return any(entry.metadata != _OURS and entry.metadata.get("build", True) for entry in entries)
