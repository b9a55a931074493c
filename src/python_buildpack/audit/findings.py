"""Vulnerabilities of what is installed: one finding for all records of the same one. Pure."""

from collections.abc import Iterable, Mapping

from packaging.version import Version

from cnb.frozen import frozen
from python_buildpack.audit.osv import Pin, Record

_ORDER = ("CVE-", "GHSA-", "PYSEC-")
"""The best known kind of identifiers comes first."""
PAGE = "https://osv.dev/vulnerability/"


@frozen
class Finding:
    """One vulnerability of one distribution."""

    pin: Pin
    ids: tuple[str, ...]
    """All identifiers of it, the best known first."""
    record: str
    """The identifier of the record that OSV has of it."""
    summary: str = ""
    severity: str = ""
    fixed: str = ""
    """The lowest version that does not have it, "" if none is known."""

    @property
    def line(self) -> str:
        """The finding for people, in one line."""
        first, *others = self.ids
        more = f" ({', '.join(others)})" if others else ""
        what = f": {self.summary.rstrip('.')}" if self.summary else ""
        cure = f"fixed in {self.fixed}" if self.fixed else "no fixed version is known"
        severity = f", {self.severity}" if self.severity else ""
        return f"{self.pin.name} {self.pin.version}: {first}{more}{severity}{what}; {cure}"

    @property
    def page(self) -> str:
        """The address of a page about it."""
        return f"{PAGE}{self.record}"


def group(records: Mapping[Pin, Iterable[Record]]) -> tuple[Finding, ...]:
    """Return one finding for the records of a distribution that share an identifier; withdrawn ones are left out."""
    return tuple(finding for pin in sorted(records, key=lambda pin: pin.name) for finding in _of_pin(pin, records[pin]))


def _of_pin(pin: Pin, records: Iterable[Record]) -> list[Finding]:
    groups: list[tuple[set[str], list[Record]]] = []
    for record in records:
        if record.is_withdrawn:
            continue
        ids, members = {record.id, *record.aliases}, [record]
        for other in [one for one in groups if not ids.isdisjoint(one[0])]:
            groups.remove(other)
            ids |= other[0]
            members = [*other[1], *members]
        groups.append((ids, members))
    return sorted((_finding(pin, ids, members) for ids, members in groups), key=lambda finding: finding.ids)


def _finding(pin: Pin, ids: set[str], records: list[Record]) -> Finding:
    fixed = [Version(record.fixed) for record in records if record.fixed]
    return Finding(
        pin,
        tuple(sorted(ids, key=_rank)),
        records[0].id,
        next((record.summary for record in records if record.summary), ""),
        next((record.severity for record in records if record.severity), ""),
        str(min(fixed)) if fixed else "",
    )


def _rank(identifier: str) -> tuple[int, str]:
    return next(
        (number for number, start in enumerate(_ORDER) if identifier.startswith(start)), len(_ORDER)
    ), identifier
