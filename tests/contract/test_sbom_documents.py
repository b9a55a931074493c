"""CycloneDX and SPDX: valid by the field's own libraries, equal every time, and saying the same."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bill_validators import cyclonedx_problem, spdx_problems
from python_buildpack.sbom.bill import (
    Bill,
    Component,
    Embedded,
    FromArchive,
    FromDirectory,
    FromIndex,
    FromRepository,
    LicenseExpression,
    LicenseName,
    LicenseNotStated,
    Origin,
)
from python_buildpack.sbom.cyclonedx import to_cyclonedx
from python_buildpack.sbom.formats import sboms
from python_buildpack.sbom.licenses import parse_license
from python_buildpack.sbom.purls import distribution_purl, generic_purl
from python_buildpack.sbom.spdx import to_spdx

COMMIT = "7921be1537eac1e97bc40179a57f0349c2aee67d"
SHA256 = "2dc6b5a470a1bde68946f263f1af1515a2574a150a30d6ce02c6ff742fcc0db8"
ORIGINS: tuple[Origin, ...] = (
    FromIndex(),
    FromRepository("git", "https://example.org/r.git", COMMIT),
    FromArchive("https://example.org/a.whl", {"sha256": SHA256, "md5": "0" * 32}),
    FromArchive(None),
    FromDirectory(),
    Embedded(),
)


def component(name: str, version: str | None = "1.0", **more: Any) -> Component:
    """Return a component as ``packages`` makes it."""
    origin = more.pop("origin", FromIndex())
    purl = distribution_purl(name, version, origin) if version else generic_purl(name, None, origin)
    hashes = more.pop("hashes", origin.hashes if isinstance(origin, FromArchive) else {})
    return Component(name, version, purl, origin=origin, hashes=hashes, **more)


def sample() -> Bill:
    """Return a bill in which every kind of entry occurs."""
    parts = [component(f"part-{number}", origin=origin) for number, origin in enumerate(ORIGINS)]
    parts += [
        component("named", license=LicenseName("BSD License")),
        component("own", license=LicenseExpression("MIT AND LicenseRef-Ours"), content_sha256=SHA256),
        component("bare", None, cpe="cpe:2.3:a:bare:bare:1.0:*:*:*:*:*:*:*"),
        component("bundler", own_bills=("bundler-1.0.dist-info/sboms/parts.cdx.json",)),
    ]
    app = component("app", kind="platform", depends_on=tuple(sorted(part.purl for part in parts)))
    return Bill.of("dependencies", "0.1.0", [app, *parts])


def check_cyclonedx(content: bytes) -> dict[str, Any]:
    """Return the document, which is valid by the official schema of CycloneDX 1.6."""
    problem = cyclonedx_problem(content.decode())
    assert problem is None, problem
    document: dict[str, Any] = json.loads(content)
    refs = {document["metadata"]["component"]["bom-ref"], *(part["bom-ref"] for part in document["components"])}
    assert {edge["ref"] for edge in document["dependencies"]} == refs
    assert {target for edge in document["dependencies"] for target in edge["dependsOn"]} <= refs
    return document


def check_spdx(content: bytes) -> dict[str, Any]:
    """Return the document, which is valid by SPDX's own library: its licenses, references and identifiers too."""
    document: dict[str, Any] = json.loads(content)
    assert spdx_problems(document) == []
    return document


def test_every_kind_of_fact_makes_valid_documents() -> None:
    """Both validators accept a bill that uses all there is."""
    check_cyclonedx(to_cyclonedx(sample()))
    check_spdx(to_spdx(sample()))


def test_an_empty_layer_makes_valid_documents() -> None:
    """An app without dependencies has a bill that says so."""
    bill = Bill.of("dependencies", "0.1.0", [])
    assert check_cyclonedx(to_cyclonedx(bill))["components"] == []
    assert check_spdx(to_spdx(bill))["packages"] == []


words = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=("Cs", "Cc")), max_size=30)


@settings(max_examples=40, deadline=None)
@given(words, words.filter(str.strip), words)
def test_no_text_from_metadata_makes_a_document_invalid(name: str, version: str, license_: str) -> None:
    """Authors write what they like; names are checked by installers, and letters beyond ASCII still occur."""
    name = f"x{name}"
    bill = Bill.of("dependencies", "0.1.0", [component(name, version.strip(), license=parse_license(license_))])
    assert check_cyclonedx(to_cyclonedx(bill))["components"][0]["name"] == name
    assert check_spdx(to_spdx(bill))["packages"][0]["name"] == name


def test_the_same_content_gives_the_same_bytes() -> None:
    """In whatever order it was found; and another content gives another serial number and namespace."""
    bill = sample()
    again = Bill.of("dependencies", "0.1.0", reversed(bill.components))
    other = Bill.of("dependencies", "0.1.0", [part for part in bill.components if part.name != "app"])
    assert sboms(again) == sboms(bill)
    for write, key in ((to_cyclonedx, "serialNumber"), (to_spdx, "documentNamespace")):
        assert json.loads(write(other))[key] != json.loads(write(bill))[key]


def test_both_formats_say_the_same() -> None:
    """The same components with the same licenses, and the same edges between them."""
    bill = sample()
    cyclonedx, spdx = check_cyclonedx(to_cyclonedx(bill)), check_spdx(to_spdx(bill))
    purls = {part["SPDXID"]: part["externalRefs"][0]["referenceLocator"] for part in spdx["packages"]}
    assert sorted(purls.values()) == [part["purl"] for part in cyclonedx["components"]]
    layer = cyclonedx["metadata"]["component"]["bom-ref"]
    purls["SPDXRef-DOCUMENT"] = layer
    edges = {(purls[r["spdxElementId"]], purls[r["relatedSpdxElement"]]) for r in spdx["relationships"]}
    assert edges == {(edge["ref"], target) for edge in cyclonedx["dependencies"] for target in edge["dependsOn"]}
    assert (layer, distribution_purl("app", "1.0", FromIndex())) in edges


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (component("a", license=LicenseExpression("MIT")), "MIT"),
        (component("a", license=LicenseName("BSD License")), "LicenseRef-BSD-License"),
        (component("a", license=LicenseNotStated()), "NOASSERTION"),
    ],
)
def test_spdx_says_what_it_does_not_know(part: Component, expected: str) -> None:
    """A name that is no identifier is a reference with its text; nothing stated is no assertion."""
    document = check_spdx(to_spdx(Bill.of("x", "0.1.0", [part])))
    assert document["packages"][0]["licenseDeclared"] == expected
    assert ("hasExtractedLicensingInfos" in document) is expected.startswith("LicenseRef-")


def test_hashes_are_those_of_an_archive_that_is_known() -> None:
    """The digest of what was downloaded, where the installer recorded it; never one of something else."""
    parts = {part["name"]: part for part in check_cyclonedx(to_cyclonedx(sample()))["components"]}
    assert parts["part-2"]["hashes"] == [
        {"alg": "MD5", "content": "0" * 32},
        {"alg": "SHA-256", "content": SHA256},
    ]
    assert [name for name, part in parts.items() if "hashes" in part] == ["part-2"]
