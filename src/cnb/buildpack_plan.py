"""The buildpack plan, given to build: what was required of this buildpack (spec: Buildpack, Buildpack Plan)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cnb.toml_files import read_toml


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """One requirement that this buildpack is to meet."""

    name: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BuildpackPlan:
    """The requirements that fell to this buildpack, in the order of the buildpacks that made them."""

    entries: tuple[PlanEntry, ...] = ()

    def entries_named(self, name: str) -> tuple[PlanEntry, ...]:
        """Return every entry of a name; each buildpack that requires it adds one."""
        return tuple(entry for entry in self.entries if entry.name == name)


def read_buildpack_plan(path: Path) -> BuildpackPlan:
    """Return the plan at CNB_BP_PLAN_PATH. Raises TomlUnreadable."""
    return parse_buildpack_plan(read_toml(path))


def parse_buildpack_plan(document: Mapping[str, Any]) -> BuildpackPlan:
    """Return the plan that a document says."""
    entries = (PlanEntry(table["name"], table.get("metadata", {})) for table in document.get("entries", ()))
    return BuildpackPlan(tuple(entries))
