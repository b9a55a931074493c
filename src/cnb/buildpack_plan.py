"""The buildpack plan, given to build: what was required of this buildpack (spec: Buildpack, Buildpack Plan)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnb.errors import BuildpackError
from cnb.frozen import field, frozen
from cnb.toml_files import read_toml


class BuildpackPlanInvalid(BuildpackError):
    """The buildpack plan that the platform handed to the build is not what the specification wants.

    No app and no setting can cause this.
    """

    code = "buildpack-plan-invalid"
    title = "The platform's buildpack plan cannot be used"


@frozen
class PlanEntry:
    """One requirement that this buildpack is to meet."""

    name: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@frozen
class BuildpackPlan:
    """The requirements that fell to this buildpack, in the order of the buildpacks that made them."""

    entries: tuple[PlanEntry, ...] = ()

    def entries_named(self, name: str) -> tuple[PlanEntry, ...]:
        """Return every entry of a name; each buildpack that requires it adds one."""
        return tuple(entry for entry in self.entries if entry.name == name)


def read_buildpack_plan(path: Path) -> BuildpackPlan:
    """Return the plan at CNB_BP_PLAN_PATH. Raises TomlUnreadable and BuildpackPlanInvalid."""
    return parse_buildpack_plan(read_toml(path))


def parse_buildpack_plan(document: Mapping[str, Any]) -> BuildpackPlan:
    """Return the plan that a document says. Raises BuildpackPlanInvalid."""
    entries = document.get("entries", [])
    if not isinstance(entries, list | tuple):
        raise _invalid("entries is no array of tables")
    return BuildpackPlan(tuple(_entry(table) for table in entries))


def _entry(table: object) -> PlanEntry:
    if not isinstance(table, Mapping) or not isinstance(table.get("name"), str):
        raise _invalid("an entry has no name")
    metadata = table.get("metadata", {})
    if not isinstance(metadata, Mapping):
        raise _invalid(f"the metadata of {table['name']} is no table")
    return PlanEntry(table["name"], metadata)


def _invalid(why: str) -> BuildpackPlanInvalid:
    return BuildpackPlanInvalid(
        f"In the buildpack plan, {why}.", "Build again; if that does not help, report it to whoever runs the platform."
    )
