"""The buildpack plan, an input of build: what is required of this buildpack (spec: Buildpack, Buildpack Plan)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnb.errors import BuildpackError
from cnb.frozen import field, frozen
from cnb.toml_files import read_toml


class BuildpackPlanInvalid(BuildpackError):
    """The buildpack plan that the platform passed to the build does not follow the specification.

    No app and no setting can cause this.
    """

    code = "buildpack-plan-invalid"
    title = "The platform's buildpack plan cannot be used"


@frozen
class PlanEntry:
    """One requirement that this buildpack must meet."""

    name: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@frozen
class BuildpackPlan:
    """The requirements that this buildpack must meet, in the order of the buildpacks that made them."""

    entries: tuple[PlanEntry, ...] = ()

    def entries_named(self, name: str) -> tuple[PlanEntry, ...]:
        """Return the entries with this name: one for each buildpack that requires it."""
        return tuple(entry for entry in self.entries if entry.name == name)


def read_buildpack_plan(path: Path) -> BuildpackPlan:
    """Return the plan in the file at ``path``. Raises TomlUnreadable, BuildpackPlanInvalid."""
    return parse_buildpack_plan(read_toml(path))


def parse_buildpack_plan(document: Mapping[str, Any]) -> BuildpackPlan:
    """Return the plan of a document. Raises BuildpackPlanInvalid."""
    entries = document.get("entries", [])
    if not isinstance(entries, list | tuple):
        raise _invalid("entries is not an array of tables")
    return BuildpackPlan(tuple(_entry(table) for table in entries))


def _entry(table: object) -> PlanEntry:
    if not isinstance(table, Mapping) or not isinstance(table.get("name"), str):
        raise _invalid("an entry has no name")
    metadata = table.get("metadata", {})
    if not isinstance(metadata, Mapping):
        raise _invalid(f"the metadata of {table['name']} is not a table")
    return PlanEntry(table["name"], metadata)


def _invalid(why: str) -> BuildpackPlanInvalid:
    return BuildpackPlanInvalid(
        f"In the buildpack plan, {why}.", "Build again; if that does not help, report it to the platform's operator."
    )
