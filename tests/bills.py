"""What tests ask of the bills of materials in an image of the local lifecycle."""

import json
import re
from pathlib import Path
from typing import Any

from bill_validators import cyclonedx_problem, spdx_problems
from devkit.lifecycle.launch import launch
from python_buildpack.sbom.interpreter import LIBRARIES

_LOOPBACK = re.compile(r"must be a valid URL or download location .*://(localhost|127\.0\.0\.1):\d+/")
"""SPDX's library wants a domain of two parts in each address; the specification wants an address."""

REPORT = """
import importlib.metadata, json, platform, pyexpat, sqlite3, ssl, zlib
found = sorted((d.metadata["Name"], d.version) for d in importlib.metadata.distributions())
print(json.dumps({"distributions": found, "libraries": {
    "python": platform.python_version(), "zlib": zlib.ZLIB_RUNTIME_VERSION, "sqlite": sqlite3.sqlite_version,
    "openssl": ssl.OPENSSL_VERSION.split()[1], "expat": pyexpat.EXPAT_VERSION.split("_")[1]}}))
"""
"""A program that says what it has."""


def bills(state: Path) -> dict[str, bytes]:
    """Return the documents of the image, each under ``<layer>/<file>``, where the lifecycle puts them."""
    folder = state / "layers" / "sbom" / "launch" / "terrarium_python"
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.json"))}


def components(state: Path, layer: str) -> dict[str, dict[str, Any]]:
    """Return what a layer's CycloneDX document lists, by name."""
    found = json.loads(bills(state)[f"{layer}/sbom.cdx.json"])["components"]
    by_name = {part["name"]: part for part in found}
    assert len(by_name) == len(found)
    return by_name


def check_valid(found: dict[str, bytes]) -> None:
    """Hold all documents against the official schemas and SPDX's own library."""
    for name, content in found.items():
        if name.endswith("cdx.json"):
            assert cyclonedx_problem(content.decode()) is None, name
        else:
            assert [text for text in spdx_problems(json.loads(content)) if not _LOOPBACK.search(text)] == [], name


def check_bills(state: Path) -> None:
    """Start the image, and hold its bills against what a program finds in there: nothing more, nothing less."""
    found = bills(state)
    assert sorted(found) == [
        f"{layer}/sbom.{kind}.json" for layer in ("dependencies", "python") for kind in ("cdx", "spdx")
    ]
    check_valid(found)
    for layer in ("dependencies", "python"):
        packages = json.loads(found[f"{layer}/sbom.spdx.json"])["packages"]
        listed = components(state, layer).values()
        assert sorted((part["name"], part.get("versionInfo")) for part in packages) == sorted(
            (part["name"], part.get("version")) for part in listed
        )
    running = _report(state)
    dependencies, python = (components(state, layer) for layer in ("dependencies", "python"))
    assert [[name, part["version"]] for name, part in sorted(dependencies.items())] == running["distributions"]
    assert {name: python[name]["version"] for name in running["libraries"]} == running["libraries"]
    assert python.keys() - LIBRARIES.keys() == {"python"}
    assert python.keys() >= {"libffi", "bzip2", "xz"}


def _report(state: Path) -> dict[str, Any]:
    with launch(state, command=("python", "-c", REPORT)) as running:
        assert running.wait() == 0, running.log
        answer: dict[str, Any] = json.loads(running.log.splitlines()[-1])
        return answer
