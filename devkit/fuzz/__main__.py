"""``python -m devkit.fuzz --seconds N``: damaged input for every parser; ends with 1 if one crashed or hung."""

import argparse
import sys
from pathlib import Path

from devkit.fuzz.session import Session, run_session
from devkit.fuzz.target import write_files
from devkit.fuzz.targets import TARGETS


def main() -> int:
    """Fuzz, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m devkit.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to go on (60)")
    parser.add_argument("--seed", type=int, default=1, help="the number of the first round; equal ones try the same")
    parser.add_argument("--only", default="", help="only the targets whose name contains this")
    parser.add_argument("--keep", type=Path, help="a directory to write the findings to, input and traceback")
    arguments = parser.parse_args()
    targets = [target for target in TARGETS if arguments.only in target.name]
    session = run_session(targets, arguments.seconds, arguments.seed, lambda text: print(text, flush=True))
    _tell(session)
    if arguments.keep:
        _keep(session, arguments.keep)
    return 1 if session.findings else 0


def _tell(session: Session) -> None:
    for name in sorted({*session.values, *session.refusals}):
        print(f"{name}: {session.values[name]} read, {session.refusals[name]} refused")
    print(f"{len(session.codes)} kinds of refusal: {', '.join(sorted(session.codes))}")
    for finding in session.findings.values():
        print(f"FOUND in {finding.target}: {finding.where}\n  {finding.trace.rstrip().splitlines()[-1][:300]}")
        for name, content in finding.files.items():
            print(f"  {name}: {content[:200]!r}")
    print(f"{session.cases} cases, {len(session.findings)} findings")


def _keep(session: Session, folder: Path) -> None:
    for number, finding in enumerate(session.findings.values(), start=1):
        write_files(finding.files, folder / str(number) / "input")
        (folder / str(number) / "traceback").write_text(finding.trace, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
