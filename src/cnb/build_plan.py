"""The build plan that detect writes: what a buildpack provides and what it requires (spec: Buildpack, Build Plan)."""

from collections.abc import Mapping
from typing import Any

from cnb.frozen import field, frozen


@frozen
class Provide:
    """A dependency that this buildpack can provide."""

    name: str


@frozen
class Require:
    """A dependency that this buildpack or an earlier one must provide; ``metadata`` is passed to the provider."""

    name: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@frozen
class BuildPlan:
    """What is provided and required. The lifecycle uses the first match of the plan itself and its alternatives."""

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
    # A version goes into metadata: the lifecycle refuses the old key "version" beside the name.
    return {"name": require.name} | ({"metadata": require.metadata} if require.metadata else {})


def parse_build_plan(document: Mapping[str, Any]) -> BuildPlan:
    """Return the plan of a build plan document: the reverse of build_plan_document."""
    return BuildPlan(
        provides=tuple(Provide(table["name"]) for table in document.get("provides", ())),
        requires=tuple(Require(table["name"], table.get("metadata", {})) for table in document.get("requires", ())),
        alternatives=tuple(parse_build_plan(alternative) for alternative in document.get("or", ())),
    )
