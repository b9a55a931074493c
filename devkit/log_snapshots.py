"""Whole logs of the samples, as committed text: a first build, an unchanged one, one after a change, one that fails.

Packages come from wheels that are made here, with the names that the samples need and one module each, so that a log
does not change with the package index; a lock of a sample, with its hashes, is installed from the index. Numbers that
differ from run to run are replaced.
"""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devkit.lifecycle.build import build
from devkit.lifecycle.request import Request
from devkit.paths import CHECKOUT, SAMPLES
from devkit.small_wheels import write_wheel
from python_buildpack.settings.table import INVENTORY

FOLDER = Path("tests/contract/logs")
_WHEELS = ("flask 3.1.3", "gunicorn 27.0.1", "gunicorn 27.0.2", "django 5.2.19")
_FIXED_SHAPE = (
    (r"^  Took .*\n", ""),
    (r"^ +(?:\(still running|(?:Resolved|Prepared|Downloading|Downloaded|Installed|Uninstalled) ).*\n", ""),
    (r"\b\d+(?:\.\d+)? s\b", "N s"),
    (r"\b\d+\.\d+ ([kM])B\b", r"N \1B"),
    (r"\b\d+ files\b", "N files"),
    (r"(?<=^  )(3\.\d+)\.\d+(?=, because)", r"\1.N"),
    (r"((?:from|to) 3\.\d+)\.\d+\b", r"\1.N"),
    (r"\bbuild(\s+)\d+\b", r"build\1N"),
    (r"^Terrarium \S+", "Terrarium N"),
    (r"^  By (\w+) \S+$", r"  By \1 N"),
)
"""Patterns of what differs between two equal builds, or between the Pythons and the tools of two machines."""


@dataclass(frozen=True)
class _Story:
    """What is done to a sample between its builds: files that are written, variables; None removes a file."""

    changed: Mapping[str, str | None] = field(default_factory=dict)
    failed: Mapping[str, str | None] = field(default_factory=dict)
    changed_env: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    is_from_index: bool = False
    """Whether its packages come from the package index."""


STORIES: Mapping[str, _Story] = {
    "flask": _Story(
        {"requirements.txt": "flask==3.1.3\ngunicorn==27.0.2\n"}, {"requirements.txt": "flask==9.9.9\ngunicorn\n"}
    ),
    "django": _Story(
        {"requirements.txt": "django~=5.2.0\ngunicorn==27.0.1\n"},
        {"shop/wsgi.py": "application = (\n", ".python-version": "3.11\n"},
        # The wheel made here has no code.
        env={"DISABLE_COLLECTSTATIC": "1"},
    ),
    "fastapi": _Story(failed={"pyproject.toml": None}, changed_env={"BP_PYTHON_SPLIT": "false"}, is_from_index=True),
    "script": _Story({".python-version": "3.12\n"}, {"Procfile": "web python main.py\n", ".python-version": "3.99\n"}),
}


def snapshots(name: str, inventory: Path, workplace: Path) -> dict[str, str]:
    """Return the logs of a sample by the paths of their files, built below ``workplace``, an empty directory."""
    story = STORIES[name]
    app, state, wheels = workplace / "app", workplace / "state", workplace / "wheels"
    shutil.copytree(SAMPLES / name, app)
    wheels.mkdir()
    for one in _WHEELS:
        project, _, version = one.partition(" ")
        write_wheel(wheels, project, version, {f"{project}.py": b""})
    env = {INVENTORY.name: str(inventory), **story.env}
    if not story.is_from_index:
        env |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
    logs = {}
    for situation, files, more in (
        ("cold", {}, {}),
        ("warm", {}, {}),
        ("changed", story.changed, story.changed_env),
        ("failed", story.failed, {}),
    ):
        _write(app, files)
        result = build(Request((CHECKOUT,), app, state, env={**env, **more}))
        logs[f"{FOLDER}/{name}-{situation}.txt"] = normalised(result.log, workplace)
    return logs


def normalised(log: str, workplace: Path) -> str:
    """Return a log without what differs from run to run."""
    text = log.replace(str(workplace), "/workplace")
    for pattern, replacement in _FIXED_SHAPE:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text


def _write(app: Path, files: Mapping[str, str | None]) -> None:
    for path, text in files.items():
        if text is None:
            (app / path).unlink()
        else:
            (app / path).write_text(text, encoding="utf-8")
