"""The build plan, written by detect: what a buildpack offers and what it asks for (spec: Buildpack, Build Plan)."""

from collections.abc import Mapping
from typing import Any

from cnb.frozen import field, frozen


@frozen
class Provide:
    """Something that this buildpack can bring into the build."""

    name: str


@frozen
class Require:
    """Something that this buildpack wants from itself or an earlier one, with details for whoever provides it."""

    name: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@frozen
class BuildPlan:
    """Both sides of the plan. The lifecycle takes the first of the plan itself and its alternatives that fits."""

    provides: tuple[Provide, ...] = ()
    requires: tuple[Require, ...] = ()
    alternatives: tuple["BuildPlan", ...] = ()
    """The plan's ``[[or]]`` entries, best first."""

    def __post_init__(self) -> None:
        if any(plan.alternatives for plan in self.alternatives):
            raise ValueError("an alternative of a build plan cannot have alternatives: list them all at the top")


def build_plan_document(plan: BuildPlan) -> dict[str, object]:
    """Return the plan as the document that detect writes to CNB_BUILD_PLAN_PATH."""
    document = _sides(plan)
    if plan.alternatives:
        document["or"] = [_sides(alternative) for alternative in plan.alternatives]
    return document


def _sides(plan: BuildPlan) -> dict[str, object]:
    document: dict[str, object] = {}
    if plan.provides:
        document["provides"] = [{"name": provide.name} for provide in plan.provides]
    if plan.requires:
        document["requires"] = [_require_document(require) for require in plan.requires]
    return document


def _require_document(require: Require) -> dict[str, object]:
    # Details belong in metadata: the lifecycle refuses a version beside the name.
    return {"name": require.name} | ({"metadata": require.metadata} if require.metadata else {})


def parse_build_plan(document: Mapping[str, Any]) -> BuildPlan:
    """Return the plan that a document of this shape says: the reverse of build_plan_document."""
    return BuildPlan(
        provides=tuple(Provide(table["name"]) for table in document.get("provides", ())),
        requires=tuple(Require(table["name"], table.get("metadata", {})) for table in document.get("requires", ())),
        alternatives=tuple(parse_build_plan(alternative) for alternative in document.get("or", ())),
    )
