"""Writes a bill in SPDX 2.3, as JSON (ISO/IEC 5962 is its version 2.2.1)."""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
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
    Origin,
    altered_shown,
    roots,
)

NO_ASSERTION = "NOASSERTION"
CREATED = "1980-01-01T00:00:01Z"
"""SPDX requires a time. The real one would make every build different, so it is the time of the image's files."""

_DOCUMENT = "SPDXRef-DOCUMENT"
_NAMESPACE = uuid.UUID("0f2ad3b6-77b5-5d0e-8f3a-9c1d6f0b2e47")
"""A random namespace for document namespaces that are computed from the content."""
_PURPOSES = {"library": "LIBRARY", "platform": "APPLICATION"}
_REFERENCE = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")
_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9.]+")


def to_spdx(bill: Bill) -> bytes:
    """Return the document. It does not contain the time, and its namespace is a digest of the rest."""
    ids = {component.purl: _id(component) for component in bill.components}
    document: dict[str, Any] = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": _DOCUMENT,
        "name": bill.layer,
        "creationInfo": {"created": CREATED, "creators": [f"Tool: {TOOL.replace('/', '-')}-{bill.tool_version}"]},
        "packages": [_package(component, ids[component.purl]) for component in bill.components],
        "relationships": list(_relationships(bill, ids)),
        "hasExtractedLicensingInfos": [
            {"licenseId": license_id, "name": text, "extractedText": text}
            for license_id, text in sorted(_license_references(bill).items())
        ],
    }
    if not document["hasExtractedLicensingInfos"]:
        del document["hasExtractedLicensingInfos"]
    namespace = uuid.uuid5(_NAMESPACE, json.dumps(document, sort_keys=True))
    document["documentNamespace"] = f"urn:uuid:{namespace}"
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()


def _id(component: Component) -> str:
    """Return the element's identifier from its name, which is unique in a bill; SPDX allows few characters."""
    return f"SPDXRef-Package-{_slug(component.name)}"


def _slug(text: str) -> str:
    return _NOT_IN_AN_ID.sub("-", text).strip("-") or "unnamed"


def _package(component: Component, spdx_id: str) -> dict[str, Any]:
    hashes = component.hashes
    document: dict[str, Any] = {
        "SPDXID": spdx_id,
        "name": component.name,
        "versionInfo": component.version,
        "downloadLocation": _location(component.origin),
        "licenseConcluded": NO_ASSERTION,
        "licenseDeclared": _declared(component.license),
        "copyrightText": NO_ASSERTION,
        "primaryPackagePurpose": _PURPOSES[component.kind],
        "checksums": [{"algorithm": name.upper(), "checksumValue": hashes[name]} for name in sorted(hashes)],
        "externalRefs": list(_references(component)),
        "comment": _comment(component),
    }
    return {"filesAnalyzed": False, **{key: value for key, value in document.items() if value}}


def _location(origin: Origin) -> str:
    match origin:
        case FromRepository():
            return origin.locator
        case FromArchive(str(url), _):
            return url
        case FromArchive() | FromDirectory() | FromIndex() | Embedded():
            return NO_ASSERTION
        case other:
            assert_never(other)


def _declared(stated: License) -> str:
    match stated:
        case LicenseExpression(text):
            return text
        case LicenseName(text):
            return f"LicenseRef-{_slug(text)}"
        case LicenseNotStated():
            return NO_ASSERTION
        case other:
            assert_never(other)


def _license_references(bill: Bill) -> Mapping[str, str]:
    """Return the text for each LicenseRef: the authors' name of the license, or where its text is."""
    found = {}
    for component in bill.components:
        match component.license:
            case LicenseName(text):
                found[_declared(component.license)] = text
            case LicenseExpression(text):
                for reference in _REFERENCE.findall(text):
                    found.setdefault(reference, f"See the license files of {component.name}.")
            case LicenseNotStated():
                pass
            case other:
                assert_never(other)
    return found


def _references(component: Component) -> Iterator[dict[str, str]]:
    purl = component.purl
    yield {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}
    if component.cpe:
        yield {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": component.cpe}
    for page in component.advisories:
        yield {"referenceCategory": "SECURITY", "referenceType": "advisory", "referenceLocator": page}


def _comment(component: Component) -> str:
    parts = [f"SHA-256 of its files' digests: {component.content_sha256}"] if component.content_sha256 else []
    parts += [f"Brings a bill of materials of its own: {path}" for path in component.own_bills]
    parts += [f"Differs from RECORD: {path}" for path in altered_shown(component)]
    return "\n".join(parts)


def _relationships(bill: Bill, ids: Mapping[str, str]) -> Iterator[dict[str, str]]:
    # A document must describe something; for an empty layer SPDX has the value NONE.
    for described in [ids[purl] for purl in roots(bill.components)] or ["NONE"]:
        yield _relationship(_DOCUMENT, "DESCRIBES", described)
    for component in bill.components:
        for target in component.depends_on:
            yield _relationship(ids[component.purl], "DEPENDS_ON", ids[target])


def _relationship(source: str, kind: str, target: str) -> dict[str, str]:
    return {"spdxElementId": source, "relationshipType": kind, "relatedSpdxElement": target}
