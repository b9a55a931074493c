"""Digests from locks: only where the lock leaves no doubt which archive was installed."""

import pytest

from python_buildpack.sbom.bill import FromArchive, FromDirectory, FromIndex, LicenseNotStated, Origin
from python_buildpack.sbom.distributions import Distribution
from python_buildpack.sbom.locks import locked_hashes, parse_lock

RIGHT, OTHER, SDIST = "1" * 64, "2" * 64, "3" * 64
FAST = "fast_thing-1.0+x-cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"
SLOW = "fast_thing-1.0+x-py3-none-any.whl"
OLD = "fast_thing-0.9-cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"
TAGS = ("cp313-cp313-manylinux_2_17_x86_64", "cp313-cp313-manylinux2014_x86_64")

UV = f"""
sdist = {{ url = "https://host/fast_thing-1.0+x.tar.gz", hash = "sha256:{SDIST}", size = 1 }}
wheels = [
    {{ url = "https://host/{FAST.replace("+", "%2B")}", hash = "sha256:{RIGHT}", size = 1, upload-time = "2026" }},
    {{ url = "https://host/{SLOW.replace("+", "%2B")}", hash = "sha256:{OTHER}", size = 1 }},
    {{ url = "https://host/{OLD}", hash = "sha256:{OTHER}", size = 1 }},
]
"""
POETRY = f"""
files = [
    {{file = "{SLOW}", hash = "sha256:{OTHER}"}},
    {{file = "{FAST}", hash = "sha256:{RIGHT}"}},
    {{file = "fast_thing-1.0+x.tar.gz", hash = "sha256:{SDIST}"}},
]
"""
PDM = f"""
files = [
    {{url = "https://host/{SLOW}", hash = "sha256:{OTHER}"}},
    {{url = "https://host/{FAST}", hash = "sha256:{RIGHT}"}},
]
"""
PYLOCK = f"""
wheels = [
    {{ name = "{SLOW}", url = "https://host/x", hashes = {{ sha256 = "{OTHER}" }} }},
    {{ url = "https://host/{FAST}", size = 3, hashes = {{sha256 = "{RIGHT}"}} }},
]
"""
REQUIREMENTS = f"""
fast-thing[all] == 1.0+x ; python_version > "3" \\
    --hash=sha256:{RIGHT}
other==2 --hash=sha256:{OTHER}
"""


def thing(version: str = "1.0+x", tags: tuple[str, ...] = TAGS, origin: Origin | None = None) -> Distribution:
    """Return an installed distribution."""
    return Distribution("Fast.Thing", version, LicenseNotStated(), (), (), origin or FromIndex(), None, tags)


@pytest.mark.parametrize("text", [UV, POETRY, PDM, PYLOCK, REQUIREMENTS], ids=["uv", "poetry", "pdm", "pylock", "pip"])
def test_the_archive_is_found_in_every_lock(text: str) -> None:
    """By its tags among the wheels, or as the only one there is."""
    assert locked_hashes(parse_lock(text), thing()) == {"sha256": RIGHT}


@pytest.mark.parametrize(
    ("text", "distribution"),
    [
        pytest.param(UV, thing(tags=()), id="no-wheel"),
        pytest.param(UV, thing(tags=("cp312-cp312-linux_x86_64",)), id="built-here"),
        pytest.param(UV, thing(tags=TAGS[:1]), id="other-tags"),
        pytest.param(UV, thing(version="1.1"), id="another-version"),
        pytest.param(UV, thing(version="odd version"), id="no-version"),
        pytest.param(UV, thing(origin=FromDirectory()), id="not-from-an-index"),
        pytest.param(UV, thing(origin=FromArchive(None)), id="from-another-archive"),
        pytest.param(f"fast-thing==1.0+x --hash=sha256:{RIGHT} --hash=sha256:{OTHER}", thing(), id="several-hashes"),
        pytest.param(f"fast-thing==1.0+x --hash=sha512:{RIGHT}", thing(), id="another-algorithm"),
        pytest.param(f"fast-thing>=1.0 --hash=sha256:{RIGHT}", thing(), id="a-range"),
        pytest.param(UV + POETRY.replace(RIGHT, SDIST), thing(), id="contradiction"),
        pytest.param(f'{{file = "odd.whl", hash = "sha256:{RIGHT}"}}', thing(), id="odd-name"),
        pytest.param("", thing(), id="no-lock"),
    ],
)
def test_in_doubt_there_is_no_digest(text: str, distribution: Distribution) -> None:
    """A wrong digest is worse than none."""
    assert locked_hashes(parse_lock(text), distribution) == {}


def test_both_kinds_of_entry_in_one_line() -> None:
    """A digest belongs to the file before it, also where a tool writes a list on one line."""
    line = f'wheels = [{{file = "{SLOW}", hash = "sha256:{OTHER}"}}, {{file = "{FAST}", hash = "sha256:{RIGHT}"}}]'
    assert locked_hashes(parse_lock(line), thing()) == {"sha256": RIGHT}
