"""Writes what an audit found into bills of materials of the image: the distributions with their vulnerabilities.

They are documents of their own, because a layer that is reused keeps the bill that it had when it was made, and what is
known of its content changes from day to day.
"""

from cnb.sbom import Sbom
from python_buildpack.audit.findings import Finding
from python_buildpack.sbom.bill import Bill, Component, FromIndex, Vulnerability
from python_buildpack.sbom.formats import sboms
from python_buildpack.sbom.purls import distribution_purl

NAME = "audit"


def audit_sboms(findings: tuple[Finding, ...], ignored: frozenset[str], tool_version: str) -> tuple[Sbom, ...]:
    """Return the documents in all formats. ``ignored`` are identifiers, in upper case, that the user accepts."""
    purls = {one.pin: distribution_purl(one.pin.name, one.pin.version, FromIndex()) for one in findings}
    components = [
        Component(pin.name, pin.version, purl, advisories=tuple(one.page for one in findings if one.pin == pin))
        for pin, purl in purls.items()
    ]
    vulnerabilities = tuple(
        Vulnerability(
            ids=one.ids,
            page=one.page,
            affects=purls[one.pin],
            summary=one.summary,
            severity=one.severity,
            fixed=one.fixed,
            is_accepted=not ignored.isdisjoint(map(str.upper, one.ids)),
        )
        for one in findings
    )
    return sboms(Bill.of(NAME, tool_version, components, vulnerabilities))
