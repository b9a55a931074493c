"""``python -m devkit.locks --rounds N --seed S``: installs random locked projects by uv and by their own tools."""

import argparse
import tempfile
from pathlib import Path

from devkit.locks.projects import MAKERS
from devkit.locks.session import run


def main() -> int:
    """Do the rounds, and say what was wrong."""
    parser = argparse.ArgumentParser(prog="python -m devkit.locks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="how many projects (200)")
    parser.add_argument("--seed", type=int, default=1, help="equal ones do the same (1)")
    parser.add_argument(
        "--manager", action="append", default=[], choices=sorted(MAKERS), help="only this one; repeatable"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="locks-") as folder:
        seen = run(
            Path(folder),
            arguments.rounds,
            arguments.seed,
            tuple(arguments.manager),
            lambda text: print(text, flush=True),
        )
    for reason, count in seen.reasons.most_common():
        print(f"{count} by the tool itself: {reason}")
    by_manager = ", ".join(f"{manager} {count}" for manager, count in sorted(seen.rounds.items()))
    print(
        f"{seen.rounds.total()} projects ({by_manager}); {seen.by_uv} installed by uv, {seen.failed} by neither; "
        f"{len(seen.wrong)} differ"
    )
    return 1 if seen.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
