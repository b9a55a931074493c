"""build.toml: the requirements that this buildpack leaves to the next provider (spec: Buildpack, build.toml)."""

from cnb.buildpack_plan import BuildpackPlan


def build_document(unmet: tuple[str, ...], plan: BuildpackPlan) -> dict[str, object]:
    """Return the document of build.toml. Raises ValueError for a name that nobody required: the build would fail."""
    unknown = sorted(set(unmet) - {entry.name for entry in plan.entries})
    if unknown:
        raise ValueError(f"unmet requirements that are not in the buildpack plan: {', '.join(unknown)}")
    return {"unmet": [{"name": name} for name in unmet]} if unmet else {}
