"""The documents of OSV's API (https://google.github.io/osv.dev/api/) and of its records (the OSV schema). Pure.

What a server sends may be anything: what has another form than the schema says counts as not there.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from cnb.frozen import frozen

ECOSYSTEM = "PyPI"
MOST_QUERIES = 1000
"""How many packages the API takes in one request."""
_SEVERITIES = {"LOW": "low", "MODERATE": "medium", "MEDIUM": "medium", "HIGH": "high", "CRITICAL": "critical"}
"""Those of GitHub's advisories → those of CycloneDX."""
_RANGES = frozenset({"ECOSYSTEM", "SEMVER"})
_LONGEST = 200


@frozen
class Pin:
    """A distribution: its normalised name and its version."""

    name: str
    version: str


@frozen
class Query:
    """What is asked of one distribution, and where a long answer goes on."""

    pin: Pin
    token: str = ""

    @property
    def document(self) -> dict[str, object]:
        """The query as the API takes it."""
        package = {"name": self.pin.name, "ecosystem": ECOSYSTEM}
        more = {"page_token": self.token} if self.token else {}
        return {"package": package, "version": self.pin.version, **more}


@frozen
class Record:
    """What OSV has on one vulnerability of a package."""

    id: str
    aliases: frozenset[str] = frozenset()
    summary: str = ""
    severity: str = ""
    """One of CycloneDX's words, "" if none is stated."""
    fixed: str = ""
    """The lowest version after the installed one that does not have it, "" if none is known."""
    is_withdrawn: bool = False


def batches(queries: Sequence[Query]) -> Iterator[tuple[Query, ...]]:
    """Yield the queries in parts that the API takes."""
    for begin in range(0, len(queries), MOST_QUERIES):
        yield tuple(queries[begin : begin + MOST_QUERIES])


def read_batch(answer: object, queries: Sequence[Query]) -> tuple[dict[Pin, list[str]], tuple[Query, ...]] | None:
    """Return the ids by distribution, and what has to be asked still; None if this is no answer to the queries."""
    results = _list(_mapping(answer).get("results"))
    if len(results) != len(queries):
        return None
    found: dict[Pin, list[str]] = {}
    more = []
    for query, result in zip(queries, map(_mapping, results), strict=True):
        ids = [text for item in _list(result.get("vulns")) if (text := _text(_mapping(item).get("id")))]
        if ids:
            found.setdefault(query.pin, []).extend(ids)
        if token := _text(result.get("next_page_token")):
            more.append(Query(query.pin, token))
    return found, tuple(more)


def read_record(answer: object, id_: str, pin: Pin) -> Record:
    """Return what a record says about a distribution; little if it is not in the form that the schema has."""
    record = _mapping(answer)
    severity = _text(_mapping(record.get("database_specific")).get("severity")).upper()
    return Record(
        id=id_,
        aliases=frozenset(filter(None, map(_text, _list(record.get("aliases"))))),
        summary=" ".join((_text(record.get("summary")) or _text(record.get("details"))).split())[:_LONGEST],
        severity=_SEVERITIES.get(severity, ""),
        fixed=_fixed(record, pin),
        is_withdrawn=bool(_text(record.get("withdrawn"))),
    )


def _fixed(record: Mapping[str, Any], pin: Pin) -> str:
    """Return the lowest version that fixes it and is higher than the installed one."""
    installed = _version(pin.version)
    versions = [
        version
        for affected in map(_mapping, _list(record.get("affected")))
        if canonicalize_name(_text(_mapping(affected.get("package")).get("name"))) == pin.name
        for span in map(_mapping, _list(affected.get("ranges")))
        if _text(span.get("type")) in _RANGES
        for event in map(_mapping, _list(span.get("events")))
        if (version := _version(_text(event.get("fixed")))) is not None
    ]
    later = [version for version in versions if installed is not None and version > installed]
    return str(min(later)) if later else ""


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except ValueError:
        return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
