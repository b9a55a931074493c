"""build.toml: the requirements that this buildpack did not meet (spec: Buildpack, build.toml)."""

from cnb.buildpack_plan import BuildpackPlan


def build_document(unmet: tuple[str, ...], plan: BuildpackPlan) -> dict[str, object]:
    """Return the document of build.toml. Raises ValueError for a name in ``unmet`` that is not in the plan.

    The lifecycle would fail the build for such a name.
    """
    unknown = sorted(set(unmet) - {entry.name for entry in plan.entries})
    if unknown:
        raise ValueError(f"unmet requirements that are not in the buildpack plan: {', '.join(unknown)}")
    return {"unmet": [{"name": name} for name in unmet]} if unmet else {}
