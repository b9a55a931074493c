"""``python -m devkit.soak --builds N``: builds in a row with random faults; ends with 1 if any image was wrong."""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from devkit.bench.index import Downloads
from devkit.errors import DevkitError
from devkit.interpreters import find_source
from devkit.machine import machine_arch
from devkit.mirror.make import make_mirror
from devkit.packaging.package import package
from devkit.paths import kept
from devkit.soak.index import serve
from devkit.soak.plan import EVERYTHING, PYTHONS, Fault, Step, plan_steps
from devkit.soak.session import Site, Soak, size_of, soak, take
from devkit.soak.wheels import write_wheels

_SLACK = 1.1
"""Over what a clean build of the largest app needs; the other Python may be as much larger."""


def main() -> int:
    """Soak, and say what was seen."""
    parser = argparse.ArgumentParser(prog="python -m devkit.soak", description=__doc__)
    parser.add_argument("--builds", type=int, default=200, help="how many (200)")
    parser.add_argument("--seed", type=int, default=1, help="equal ones do the same (1)")
    parser.add_argument("--no-faults", action="store_true", help="only change the app, to see how the cache grows")
    parser.add_argument("--no-attacks", action="store_true", help="no hostile hooks and packages")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        faults, attacks = not arguments.no_faults, not arguments.no_attacks
        steps = plan_steps(arguments.builds, arguments.seed, with_faults=faults, with_attacks=attacks)
        packaged = package(machine_arch(), Path(folder), find_source(machine_arch()))
        seen = run(packaged.directory, Path(folder), steps, 0, lambda text: print(text, flush=True))
    print_summary(seen)
    return 1 if seen.wrong else 0


def run(buildpack: Path, folder: Path, steps: Iterable[Step], limit: int, say: Callable[[str], object]) -> Soak:
    """Take the steps below ``folder``. ``limit`` is how many bytes the state directory may have; 0: a clean build's."""
    with _sites(buildpack, folder) as (clean, site):
        return soak(site, steps, limit or _measured_limit(clean, say), say)


def _measured_limit(clean: Site, say: Callable[[str], object]) -> int:
    """Return what clean builds of the largest app leave, with some allowance: nothing may grow beyond that."""
    sizes = []
    for python in PYTHONS:
        if not take(clean, Step(0, EVERYTHING.on(python), Fault.CACHE_LOST, 0, 0)).is_built:
            raise DevkitError("the largest app cannot be built")
        sizes.append(size_of(clean.state))
    say(f"a clean build of the largest app leaves {max(sizes) / 1e6:.1f} MB")
    return int(max(sizes) * _SLACK)


@contextmanager
def _sites(buildpack: Path, folder: Path) -> Iterator[tuple[Site, Site]]:
    """Serve the packages and the interpreters, and yield two places to build in."""
    write_wheels(folder / "wheels")
    mirror = make_mirror(kept() / "mirror", versions=PYTHONS)
    with serve(Downloads((folder / "wheels",), mirror.directory)) as index:
        inventory = folder / "inventory.toml"
        text = mirror.inventory.read_text(encoding="utf-8")
        inventory.write_text(text.replace('url = "', f'url = "{index.url}/python/'), encoding="utf-8")
        sites = [Site(folder / name, buildpack, inventory, index) for name in ("clean", "soaked")]
        for site in sites:
            for name in ("home", "tmp"):
                (site.root / name).mkdir(parents=True)
        yield sites[0], sites[1]


def print_summary(seen: Soak) -> None:
    """Print the summary."""
    failures = ", ".join(f"{code} {count}" for code, count in sorted(seen.failed.items())) or "none"
    print(f"{seen.built} builds with an image, {seen.failed.total()} without: {failures}")
    for fault, count in [*sorted(seen.struck.items()), *sorted(seen.attacked.items())]:
        print(f"  {fault}: {count}")
    if seen.sizes:
        tenth = max(1, len(seen.sizes) // 10)
        first, last = (statistics.mean(part) / 1e6 for part in (seen.sizes[:tenth], seen.sizes[-tenth:]))
        print(
            f"state: {first:.1f} MB in the first tenth, {last:.1f} MB in the last, {max(seen.sizes) / 1e6:.1f} at most"
        )
        print(f"a build that succeeds takes {statistics.median(seen.seconds):.1f} s in the median")
    print(f"wrong: {len(seen.wrong)}")
    for what in seen.wrong:
        print(f"  {what}")


if __name__ == "__main__":
    sys.exit(main())
