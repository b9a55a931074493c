"""Asks OSV's API for the vulnerabilities of distributions, within limits."""

import time
from collections.abc import Callable, Mapping
from urllib.parse import quote

from cnb.frozen import frozen
from python_buildpack.audit.osv import Pin, Query, Record, batches, read_batch, read_record
from python_buildpack.ports.fetching.exchange import Answer, exchange_json

_SECONDS = 20.0
"""For one request."""
_ALL_SECONDS = 90.0
_LARGEST = 16 << 20
_MOST_PAGES = 20
_MOST_RECORDS = 300
"""How many vulnerabilities are looked at closely; of others the identifier is named."""
_TRIES = 2


class NoAnswer(Exception):
    """The server did not answer, or not in the form of the API; the text says why."""


@frozen
class Osv:
    """A server with OSV's API."""

    url: str
    """Its base, without the version of the API."""
    bundle: str | None
    """The file of trusted certificates."""
    clock: Callable[[], float] = time.monotonic

    def records(self, pins: tuple[Pin, ...]) -> Mapping[Pin, tuple[Record, ...]]:
        """Return what is known of the vulnerabilities of each distribution that has any. Raises NoAnswer."""
        until = self.clock() + _ALL_SECONDS
        ids = self._ids(pins, until)
        known: dict[str, object] = {}
        for identifier in [one for found in ids.values() for one in found][:_MOST_RECORDS]:
            if identifier not in known:
                try:
                    known[identifier] = self._ask(f"v1/vulns/{quote(identifier, safe='')}", None, until)
                except NoAnswer:
                    # That there is a vulnerability is known; it is named without what the record would say.
                    known[identifier] = None
        return {
            pin: tuple(read_record(known.get(one), one, pin) for one in dict.fromkeys(found))
            for pin, found in ids.items()
        }

    def _ids(self, pins: tuple[Pin, ...], until: float) -> dict[Pin, list[str]]:
        found: dict[Pin, list[str]] = {}
        left = tuple(Query(pin) for pin in pins)
        for _ in range(_MOST_PAGES):
            following: list[Query] = []
            for batch in batches(left):
                document = {"queries": [query.document for query in batch]}
                answer = read_batch(self._ask("v1/querybatch", document, until), batch)
                if answer is None:
                    raise NoAnswer("its answer is not in the form of OSV's API")
                for pin, ids in answer[0].items():
                    found.setdefault(pin, []).extend(ids)
                following += answer[1]
            left = tuple(following)
            if not left:
                break
        return found

    def _ask(self, path: str, document: Mapping[str, object] | None, until: float) -> object:
        answer = Answer(failure=f"it took longer than {_ALL_SECONDS:g} seconds")
        for _ in range(_TRIES):
            seconds = min(_SECONDS, until - self.clock())
            if seconds <= 0:
                break
            url = f"{self.url.rstrip('/')}/{path}"
            answer = exchange_json(url, document, bundle=self.bundle, seconds=seconds, largest=_LARGEST)
            if not answer.failure:
                return answer.document
        raise NoAnswer(answer.failure)
