"""Which distributions get layers of their own: a pure function of what is installed."""

import pytest

from python_buildpack.layers.packages.description import (
    Description,
    Distribution,
    distribution_document,
    parse_distribution,
)
from python_buildpack.layers.packages.split import HEAVY, MOST, decide_split
from python_buildpack.package_managers.lock_pins import read_pins


def distribution(name: str, **tops: int) -> Distribution:
    """Return a distribution with these entries in site-packages."""
    return Distribution(name, "1.0", tops)


def split(
    *distributions: Distribution, libraries: tuple[str, ...] = (), unowned: tuple[str, ...] = ()
) -> dict[str, list[str]]:
    """Return the layers of these distributions, and who is in each."""
    decided = decide_split(Description(distributions, frozenset(libraries), frozenset(unowned)))
    return {group.layer: [member.name for member in group.members] for group in decided.groups}


def test_only_heavy_ones_move_and_the_largest_come_first() -> None:
    """All directories of a distribution count together; what is lighter than the limit stays."""
    distributions = (
        distribution("light", light=HEAVY - 1),
        distribution("two", two=HEAVY - 5, two_libs=5),
        distribution("big", big=2 * HEAVY),
    )
    assert split(*distributions) == {"package-big": ["big"], "package-two": ["two"]}
    assert list(split(*distributions)) == ["package-big", "package-two"]


def test_no_more_than_the_most_move() -> None:
    """The largest ones do; equal ones by their names, so that every build decides alike."""
    distributions = [distribution(f"p{number:02}", **{f"t{number}": HEAVY}) for number in range(MOST + 3)]
    assert list(split(*reversed(distributions))) == [f"package-p{number:02}" for number in range(MOST)]


def test_a_shared_directory_keeps_distributions_together() -> None:
    """A namespace package, or PyQt5 with its Qt: one layer, named after the largest, even if each alone is light."""
    google = (
        distribution("google-auth", google=HEAVY // 2),
        distribution("google-cloud-storage", google=HEAVY // 2 + 1),
    )
    assert split(*google) == {"package-google-cloud-storage": ["google-auth", "google-cloud-storage"]}


def test_a_library_that_looks_elsewhere_keeps_distributions_together() -> None:
    """RUNPATH starts from where a file really is: torch and the nvidia packages; what is not there ties nothing."""
    torch = Distribution("torch", "1.0", {"torch": HEAVY}, reaches=frozenset({"nvidia", "torch", "absent"}))
    nvidia = (distribution("nvidia-cublas", nvidia=3 * HEAVY), distribution("nvidia-nccl", nvidia=HEAVY))
    assert split(torch, *nvidia) == {"package-nvidia-cublas": ["nvidia-cublas", "nvidia-nccl", "torch"]}
    assert split(torch) == {"package-torch": ["torch"]}


def test_ties_reach_across_others() -> None:
    """One that shares with two others brings all three together."""
    a, b, c = distribution("a", x=HEAVY), distribution("b", x=1, y=1), distribution("c", y=1)
    assert split(c, b, a) == {"package-a": ["a", "b", "c"]}


@pytest.mark.parametrize("reason", ["editable", ".pth"])
def test_one_that_has_to_stay_keeps_the_others_with_it(reason: str) -> None:
    """A link cannot be for one half of a directory."""
    fixed = Distribution("fixed", "1.0", {"google": 1}, fixed=reason)
    assert split(fixed, distribution("heavy", google=HEAVY), distribution("other", other=HEAVY)) == {
        "package-other": ["other"]
    }


def test_libraries_beside_site_packages_are_found_from_there_only() -> None:
    """A wheel may put libraries into the environment's lib; whose RUNPATH leads there stays. Else it means nothing."""
    tied = Distribution("tied", "1.0", {"tied": HEAVY}, outside=frozenset({"lib"}))
    assert split(tied) == {"package-tied": ["tied"]}
    assert split(tied, libraries=("lib",)) == {}


def test_files_that_are_nobodys_stay() -> None:
    """They would move with a layer that is known by its distributions."""
    assert split(distribution("heavy", heavy=HEAVY), unowned=("heavy",)) == {}


def test_a_description_survives_being_written_down() -> None:
    """The next build decides from what this one knew."""
    whole = Distribution("a", "1.0", {"a": 1}, frozenset({"b"}), frozenset({"lib"}), "because")
    assert parse_distribution(distribution_document(whole)) == whole


LOCKS = {
    "requirements": "big==1.0\nsmall==1.0\n",
    "hashed": "r.txt:Big==1.0 --hash=sha256:aa --hash=sha256:bb\nr.txt:small==1 --hash=sha256:c\n",
    "continued": "big[extra]==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nsmall==1.0\n",
    "uv": '[[package]]\nname = "big"\nversion = "1.0"\n[[package]]\nname = "small"\n',
    "pylock": '[[packages]]\nname = "big"\nversion = "1.0"\n[[packages]]\nname = "small"\n',
    "pipenv": '{\n "default": {\n  "big": {\n   "version": "==1.0"\n  },\n  "small": {\n   "x": 1\n  }\n }\n}\n',
}


@pytest.mark.parametrize("kind", LOCKS)
def test_a_pin_is_all_that_is_said_about_one_distribution(kind: str) -> None:
    """It changes with what is said about that one, and with nothing else."""
    text = LOCKS[kind]
    pin = read_pins(text)["big"]
    assert read_pins(text.replace("small", "other"))["big"] == pin
    for detail in ("1.0", "sha256:bb"):
        if f"{detail}" in pin:
            assert read_pins(text.replace(detail, "9"))["big"] != pin
    assert "1.0" in pin
    assert ("bb" in pin) == (kind in {"hashed", "continued"})


def test_a_lock_whose_digests_are_apart_has_no_pins() -> None:
    """Poetry's old locks: a block without its digests would be half the truth."""
    assert read_pins('[[package]]\nname = "big"\n[metadata.files]\nbig = []\n') == {}
