"""uv's list of builds, read out of a package index by the real pip."""

import pytest

from devkit.inventory.builds import parse_feed
from devkit.inventory.document import read_inventory
from devkit.inventory.policy import describe_changes
from devkit.inventory.uv_index import UvIndexUnavailable, read_uv_index
from devkit.paths import CHECKOUT

INVENTORY = CHECKOUT / "inventory.toml"


@pytest.mark.network
def test_uv_s_source_distribution_has_all_that_is_committed() -> None:
    """The list can be refreshed from a package index alone: it only adds builds, or has newer ones."""
    new = parse_feed(read_uv_index(), "uv's list")
    assert [line for line in describe_changes(read_inventory(INVENTORY)[1], new) if line.startswith("gone")] == []


def test_a_package_index_without_uv_is_an_error_that_repeats_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words of pip say what was wrong with the index, the proxy or the certificate."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(UvIndexUnavailable, match="No matching distribution found for uv"):
        read_uv_index()
