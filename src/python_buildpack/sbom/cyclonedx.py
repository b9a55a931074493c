"""Writes a bill in CycloneDX 1.6, as JSON (ECMA-424)."""

import json
import uuid
from typing import Any, assert_never

from python_buildpack.sbom.bill import (
    TOOL,
    Bill,
    Component,
    Embedded,
    FromArchive,
    FromDirectory,
    FromIndex,
    FromRepository,
    License,
    LicenseExpression,
    LicenseName,
    LicenseNotStated,
    Vulnerability,
    altered_shown,
    roots,
)

_ALGORITHMS = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
_NAMESPACE = uuid.UUID("6d7dc1d2-3f0c-5f5a-9b7e-0c1e8f5a4d11")
"""A random namespace for serial numbers that are computed from the content."""
CONTENT_PROPERTY = "terrarium:content-sha256"
ALTERED_PROPERTY = "terrarium:differs-from-record"


def to_cyclonedx(bill: Bill) -> bytes:
    """Return the document. It has no timestamp, and its serial number is a digest of the rest."""
    layer = f"layer:{bill.layer}"
    edges = {layer: roots(bill.components), **{c.purl: c.depends_on for c in bill.components}}
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "tools": {"components": [{"type": "application", "name": TOOL, "version": bill.tool_version}]},
            "component": {"type": "file", "bom-ref": layer, "name": bill.layer},
        },
        "components": [_component(component) for component in bill.components],
        "dependencies": [{"ref": ref, "dependsOn": list(targets)} for ref, targets in edges.items()],
    }
    if bill.vulnerabilities is not None:
        document["vulnerabilities"] = [_vulnerability(one) for one in bill.vulnerabilities]
    serial = uuid.uuid5(_NAMESPACE, json.dumps(document, sort_keys=True))
    return (json.dumps({**document, "serialNumber": f"urn:uuid:{serial}"}, indent=2, sort_keys=True) + "\n").encode()


def _component(component: Component) -> dict[str, Any]:
    document: dict[str, Any] = {
        "type": component.kind,
        "bom-ref": component.purl,
        "name": component.name,
        "version": component.version,
        "purl": component.purl,
        "cpe": component.cpe,
        "licenses": _licenses(component.license),
        "hashes": _hashes(component),
        "externalReferences": _references(component),
        "properties": _properties(component),
    }
    return {key: value for key, value in document.items() if value}


def _vulnerability(one: Vulnerability) -> dict[str, Any]:
    first, *others = one.ids
    document: dict[str, Any] = {
        "bom-ref": f"{first}/{one.affects}",
        "id": first,
        "source": {"name": "OSV", "url": one.page},
        "references": [{"id": name, "source": {"name": "OSV", "url": one.page}} for name in others],
        "ratings": [{"severity": one.severity}] if one.severity else [],
        "description": one.summary,
        "recommendation": f"Upgrade to {one.fixed} or newer." if one.fixed else "",
        # What the user has said: nobody else can know how the app uses the package.
        "analysis": {"state": "not_affected", "detail": "accepted in the build"} if one.is_accepted else {},
        "affects": [{"ref": one.affects}],
    }
    return {key: value for key, value in document.items() if value}


def _licenses(stated: License) -> list[dict[str, Any]]:
    match stated:
        case LicenseExpression(text):
            # Not as an "id": the schema of 1.6 allows only the identifiers of its time.
            return [{"expression": text, "acknowledgement": "declared"}]
        case LicenseName(text):
            return [{"license": {"name": text, "acknowledgement": "declared"}}]
        case LicenseNotStated():
            return []
        case other:
            assert_never(other)


def _hashes(component: Component) -> list[dict[str, str]]:
    return [{"alg": _ALGORITHMS[name], "content": component.hashes[name]} for name in sorted(component.hashes)]


def _references(component: Component) -> list[dict[str, Any]]:
    bills = [{"type": "bom", "url": path} for path in component.own_bills]
    match component.origin:
        case FromRepository(_, url, commit):
            return [{"type": "vcs", "url": url, "comment": f"commit {commit}"}, *bills]
        case FromArchive(str(url), _):
            return [{"type": "distribution", "url": url}, *bills]
        case FromArchive() | FromDirectory() | FromIndex() | Embedded():
            return bills
        case other:
            assert_never(other)


def _properties(component: Component) -> list[dict[str, str]]:
    digest = component.content_sha256
    properties = [{"name": CONTENT_PROPERTY, "value": digest}] if digest else []
    return properties + [{"name": ALTERED_PROPERTY, "value": path} for path in altered_shown(component)]
