"""Which version an installer's output blames, so that the index can be asked which Pythons it has wheels for."""

import pytest
from packaging.version import Version

from python_buildpack.package_managers.explain_failure import find_blamed

OUTPUTS = {
    "uv, to be built": "Failed to build `numpy==1.19.5`\n",
    "uv, only wheels": "hint: we only found wheels for `numpy` (v1.19.5) with the following",
    "uv, nothing usable": "Because numpy==1.19.5 has no wheels with a matching Python version tag",
    "pip, a wheel for another": "ERROR: … satisfies the requirement numpy==1.19.5 (from versions: none)\n",
    "pip, being built": "  Downloading numpy-1.19.5.zip (7.3 MB)\nBuilding wheel for numpy (pyproject.toml): started\n",
    "pip, after another": "  Downloading ok-1.0.zip (1 MB)\n  Downloading numpy-1.19.5.zip\n"
    "Building wheel for ok (setup.py): finished with status 'done'\nBuilding wheel for numpy (setup.py): started\n",
    "pip, metadata": "  Downloading /files/numpy-1.19.5.tar.gz (7.3 MB)\nGetting requirements to build wheel",
    "Poetry, no candidate": "Unable to find installation candidates for numpy (1.19.5)\n",
    "Poetry, being built": "  - Installing numpy (1.19.5): Failed\n",
    "PDM": "  ✖ Install numpy 1.19.5 failed\n",
}


@pytest.mark.parametrize("said", OUTPUTS)
def test_the_version_that_failed_is_found(said: str) -> None:
    """In the words of each tool."""
    assert find_blamed(OUTPUTS[said]) == ("numpy", Version("1.19.5"))


@pytest.mark.parametrize("output", ["", "Downloading a-1.zip\nBuilding wheel for b (setup.py)", "x==z failed"])
def test_where_no_version_is_named_none_is_guessed(output: str) -> None:
    """Better no advice than one about another package."""
    assert find_blamed(output) is None
