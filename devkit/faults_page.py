"""The table of faults as a page, from the rows that tests/contract/test_faults.py holds."""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from devkit.paths import CHECKOUT

_TABLE = CHECKOUT / "tests" / "contract" / "faults.toml"
_NEXT = {
    "reused": "with the app as before: everything is reused",
    "built": "builds, once the fault is gone",
}


def faults_page() -> str:
    """Return what the page says below its title."""
    document = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    rows = [*map(_fault, document["fault"]), *map(_elsewhere, document["elsewhere"])]
    head = ["", "| what | the user sees | status | the next build |", "|---|---|---|---|"]
    return "\n".join([*_introduction(), *head, *(f"| {' | '.join(row)} |" for row in rows), ""])


def _introduction() -> Iterator[str]:
    yield "What can fail in or around a build, and what follows. In no case is the previous image changed."
    yield "Each is a test, with real servers and real processes; those without a link to another test are rows of"
    yield "[faults.toml](../tests/contract/faults.toml). `python -m devkit.soak --builds 200` causes them at"
    yield "random, and `python -m devkit.fuzz --seconds 3600` damages the input of every parser."


def _fault(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    phrases = "; ".join(f"“{phrase}”" for phrase in row["says"])
    if "code" not in row:
        return row["what"], f"a build: {phrases}", "0", _NEXT[row["next"]]
    code = f"[`{row['code']}`](errors/{row['code']}.md)"
    return row["what"], f"{code}{': ' if phrases else ''}{phrases}", "1", _NEXT[row["next"]]


def _elsewhere(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    path, _, _ = row["test"].partition("::")
    return row["what"], f"{row['sees']} ([test](../{path}))", str(row["status"]), row["next"]
