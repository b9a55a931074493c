"""``python -m devkit.edits --rounds N --seed S``: edits of random apps; ends with 1 if any rebuild was wrong."""

import argparse
import tempfile
from pathlib import Path

from devkit.edits.apps import MAKERS
from devkit.edits.place import Place
from devkit.edits.session import run
from devkit.interpreters import find_source
from devkit.machine import machine_arch
from devkit.paths import CHECKOUT


def main() -> int:
    """Do the rounds, and say what was wrong."""
    parser = argparse.ArgumentParser(prog="python -m devkit.edits", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="how many (100)")
    parser.add_argument("--seed", type=int, default=1, help="equal ones do the same (1)")
    parser.add_argument(
        "--manager", action="append", default=[], choices=sorted(MAKERS), help="only this one; repeatable"
    )
    arguments = parser.parse_args()
    source = find_source(machine_arch())
    with tempfile.TemporaryDirectory(prefix="edits-") as folder:
        place = Place(Path(folder), CHECKOUT, {"BP_PYTHON_INVENTORY": str(source.inventory)})
        seen = run(
            place, arguments.rounds, arguments.seed, tuple(arguments.manager), lambda text: print(text, flush=True)
        )
    by_manager, by_kind = (
        ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) for counts in (seen.rounds, seen.kinds)
    )
    print(f"{seen.rounds.total()} rounds ({by_manager})")
    print(f"{seen.idle} edits must not matter; {seen.reused} reused the packages; {len(seen.wrong)} were wrong")
    print(f"edits: {by_kind}")
    return 1 if seen.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
