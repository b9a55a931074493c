"""``python -m devkit.soak``: a short one, and that it notices what it is there to notice."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from devkit.packaging.package import Packaged
from devkit.soak.__main__ import run
from devkit.soak.image import image_faults
from devkit.soak.plan import MAY_FAIL, Attack, Fault, plan_steps

BUILDS = 6
SEED = 148
"""Of this plan the builds are: two whole ones, SIGKILL, a file of the cache replaced, downloads cut, the image lost.

The fourth has a hostile package, the fifth a hostile hook.
"""
LIMIT = 150_000_000


def test_a_short_soak(tmp_path: Path, packaged: Packaged) -> None:
    """Every image is what is declared, every refusal is explained, and nothing is left behind."""
    seen = run(packaged.directory, tmp_path, plan_steps(BUILDS, SEED, with_attacks=True), LIMIT, lambda _: None)
    assert seen.wrong == []
    assert seen.built + seen.failed.total() == BUILDS
    assert seen.built >= BUILDS - sum(step.fault in MAY_FAIL for step in plan_steps(BUILDS, SEED))
    assert set(seen.attacked) == {Attack.HOOK, Attack.PACKAGE}
    # It would have noticed another version.
    assert seen.image is not None
    other = replace(seen.image, requirements={**seen.image.requirements, "alder": "9"})
    assert list(image_faults(other, tmp_path / "soaked" / "state")) != []


def test_a_plan_is_the_same_for_the_same_seed() -> None:
    """And has every fault, if it is long enough."""
    steps = list(plan_steps(200, SEED))
    assert steps == list(plan_steps(200, SEED))
    assert steps != list(plan_steps(200, SEED + 1))
    assert {step.fault for step in steps} == set(Fault)
    assert steps[0].fault is Fault.NONE


def test_an_app_always_needs_something() -> None:
    """Each build changes one thing at most, and none leaves the app without packages."""
    steps = list(plan_steps(300, SEED))
    assert all(step.app.requirements for step in steps)
    for before, after in pairwise(steps):
        one, other = before.app, after.app
        assert (one.python != other.python) + (one.has_hook != other.has_hook) + (one.lines != other.lines) <= 1
