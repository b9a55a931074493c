"""What happens in a soak: pure, and the same for the same seed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

from devkit.soak.attacks import PACKAGE
from devkit.soak.attacks import VERSION as OF_PACKAGE

NAMES = ("alder", "birch", "cedar", "dogwood", "elm", "fir")
HEAVY = "cedar"
"""Big enough for a layer of its own."""
VERSIONS = ("1.0", "1.1", "2.0")
PYTHONS = ("3.12", "3.13")
_LONGEST = 4.0
"""Seconds until the latest kill: most builds are over by then."""


class Attack(StrEnum):
    """Whose code attacks a build, besides what is done to it."""

    NONE = "none"
    HOOK = "a hostile hook"
    DAMAGE = "a hostile hook that damages the copies in the cache"
    PACKAGE = "a hostile package"


BY_HOOK = frozenset({Attack.HOOK, Attack.DAMAGE})
REFUSED = frozenset({"layer-changed", "layer-replaced"})
"""The codes with which a build may end whose hook damages copies, too."""


class Fault(StrEnum):
    """What is done to a build."""

    NONE = "none"
    KILLED = "the whole build killed (SIGKILL)"
    STEP_KILLED = "bin/build and its children killed (SIGKILL)"
    TERMINATED = "bin/build ended (SIGTERM)"
    INSTALLER_KILLED = "the installer killed (SIGKILL)"
    CUT = "downloads cut"
    UNAVAILABLE = "downloads answered with 503"
    EMPTIED = "a file of the cache emptied"
    TRUNCATED = "a file of the cache truncated"
    FOREIGN = "a file of the cache replaced"
    IMAGE_LOST = "the previous image lost"
    CACHE_LOST = "the cache lost"


INTERRUPTING = frozenset({Fault.KILLED, Fault.STEP_KILLED, Fault.TERMINATED, Fault.INSTALLER_KILLED})
NETWORK = frozenset({Fault.CUT, Fault.UNAVAILABLE})
DAMAGING = frozenset({Fault.EMPTIED, Fault.TRUNCATED, Fault.FOREIGN})
MAY_FAIL = INTERRUPTING | NETWORK
"""After any other fault a build must succeed."""


@dataclass(frozen=True, slots=True)
class App:
    """What the app declares."""

    requirements: Mapping[str, str]
    python: str
    has_hook: bool = False
    """Whether it has a bin/post_compile, which needs all packages in place on every build."""
    attack: Attack = Attack.NONE

    @property
    def installed(self) -> Mapping[str, str]:
        """Return what has to be installed."""
        return {**self.requirements, **({PACKAGE: OF_PACKAGE} if self.attack is Attack.PACKAGE else {})}

    @property
    def lines(self) -> str:
        """Return its requirements.txt."""
        return "".join(f"{name}=={version}\n" for name, version in sorted(self.installed.items()))

    def on(self, python: str) -> "App":
        """Return the same app for another Python."""
        return replace(self, python=python)


@dataclass(frozen=True, slots=True)
class Step:
    """One build."""

    number: int
    app: App
    fault: Fault
    delay: float
    """Seconds until a kill."""
    count: int
    """How many downloads go wrong, or which file of the cache is damaged."""


EVERYTHING = App(dict.fromkeys(NAMES, VERSIONS[-1]), PYTHONS[-1], has_hook=True, attack=Attack.PACKAGE)
"""The largest app that a plan can have."""


def plan_steps(builds: int, seed: int, *, with_faults: bool = True, with_attacks: bool = False) -> Iterator[Step]:
    """Yield so many builds; the first has no fault, and about half of the others have one, unless nobody is to.

    With attacks, one in four has a hostile hook or a hostile package.
    """
    random = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    attacks = Random(f"code of {seed}")  # noqa: S311 - as above
    app = App({"alder": "1.0", HEAVY: "1.0"}, PYTHONS[-1])
    kinds = [fault for fault in Fault if fault is not Fault.NONE]
    for number in range(1, builds + 1):
        faulty = number > 1 and random.random() < 0.6 and with_faults  # noqa: PLR2004
        fault = random.choice(kinds) if faulty else Fault.NONE
        attack = attacks.choice([*Attack, *[Attack.NONE] * 5]) if with_attacks else Attack.NONE
        attacked = replace(app, attack=attack)
        yield Step(number, attacked, fault, random.uniform(0.05, _LONGEST), random.randint(1, 6))
        app = _changed(app, random)


def _changed(app: App, random: Random) -> App:
    chance = random.random()
    if chance < 0.06:  # noqa: PLR2004
        return app.on(random.choice([other for other in PYTHONS if other != app.python]))
    if chance < 0.16:  # noqa: PLR2004
        return replace(app, has_hook=not app.has_hook)
    if chance < 0.7:  # noqa: PLR2004
        return replace(app, requirements=_other_requirements(app.requirements, random))
    return app


def _other_requirements(before: Mapping[str, str], random: Random) -> Mapping[str, str]:
    """Return the requirements with one that is new, gone or at another version."""
    name = random.choice(NAMES)
    if name in before and len(before) > 1 and random.random() < 0.4:  # noqa: PLR2004
        return {other: version for other, version in before.items() if other != name}
    return {**before, name: random.choice([version for version in VERSIONS if version != before.get(name)])}
