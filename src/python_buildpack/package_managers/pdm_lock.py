"""Whether a pdm.lock matches pyproject.toml by the rules of an earlier PDM.

The lock has a digest of those entries of pyproject.toml that it was made from. PDM 2.16 replaced one of the entries,
so it and all later releases call each lock of an earlier release out of date, though nothing in the project changed
and those releases still accept it (https://pdm-project.org/en/latest/usage/lockfile/).
"""

import hashlib
import json

from python_buildpack.app.documents import pyproject_table, read_toml
from python_buildpack.app.project import Project

LOCK = "pdm.lock"


def matches_for_older_pdm(project: Project) -> bool:
    """Return whether PDM before 2.16 would say that the lock is up to date. Pure. Raises ProjectFileInvalid."""
    metadata = (read_toml(project, LOCK) or {}).get("metadata")
    recorded = str(metadata.get("content_hash", "")) if isinstance(metadata, dict) else ""
    algorithm, _, digest = recorded.partition(":")
    if algorithm != "sha256":
        return False
    content = json.dumps(_hashed(project), sort_keys=True, default=str).encode()
    return hashlib.sha256(content).hexdigest() == digest


def _hashed(project: Project) -> dict[str, object]:
    """Return the entries in the shape that PDM before 2.16 hashed as JSON."""
    declared, own = pyproject_table(project, "project"), pyproject_table(project, "tool", "pdm")
    return {
        "sources": own.get("source", []),
        "dependencies": declared.get("dependencies", []),
        "dev-dependencies": own.get("dev-dependencies", {}),
        "optional-dependencies": declared.get("optional-dependencies", {}),
        "requires-python": declared.get("requires-python", ""),
        "overrides": pyproject_table(project, "tool", "pdm", "resolution").get("overrides", {}),
    }
