"""What this buildpack offers to others, and what they ask of it (spec: Buildpack, Build Plan)."""

from cnb.build_plan import BuildPlan, Provide, Require
from cnb.buildpack_plan import BuildpackPlan

PROVIDED = ("python", "site-packages")
_OURS = {"by": "terrarium/python"}


def own_plan() -> BuildPlan:
    """Return the plan: all that we provide we require too.

    So the plan holds when this buildpack is alone, and a later one may require either name; no alternative is needed.
    """
    return BuildPlan(
        provides=tuple(Provide(name) for name in PROVIDED),
        requires=tuple(Require(name, _OURS) for name in PROVIDED),
    )


def is_needed_by_others(plan: BuildpackPlan, *names: str) -> bool:
    """Say whether another buildpack needs one of these while the image is built.

    A requirement that says ``build = false`` is about the image only. One that says nothing is taken at its widest.
    """
    entries = (entry for name in names for entry in plan.entries_named(name))
    return any(entry.metadata != _OURS and entry.metadata.get("build", True) for entry in entries)
