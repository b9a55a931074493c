"""What was built from source, as tools say it, and what it pins."""

import pytest

from python_buildpack.package_managers.source_builds import changed_names, listing, merged_listing, pins_of, read_built

UV = """Resolved 4 packages in 12ms
   Building gem==1.0
      Built gem==1.0
      Built Opal_x @ git+https://example.org/opal@abc
      Built ruby @ file:///workspace/ruby-1.0.tar.gz
      Built app @ file:///workspace
Installed 4 packages in 1ms
"""
PIP = "  Building wheel for jade (pyproject.toml): started\n  Building wheel for jade (pyproject.toml): finished\n"
TEXT = "gem==1.0\nopal-x @ git+https://example.org/opal@abc\n"


@pytest.mark.parametrize(("output", "names"), [(UV, {"gem", "opal-x", "ruby"}), (PIP, {"jade"}), ("Built it\n", set())])
def test_names_of_what_was_built(output: str, names: set[str]) -> None:
    """The app's own directories do not count: their code runs in all builds of the app."""
    assert read_built(output) == names


def test_a_listing_fits_the_same_pins_only() -> None:
    """Also for what is no version but an address; what nobody pins never fits."""
    listed = listing(pins_of({"gem", "opal-x"}, TEXT))
    assert changed_names(listed, f"other==3\n{TEXT}") == ()
    assert changed_names(listed, TEXT.replace("abc", "abd")) == ("opal-x",)
    assert changed_names(listed, "opal-x==1\n") == ("gem", "opal-x")
    unknown = listing(pins_of({"who"}, TEXT))
    assert changed_names(merged_listing(listed, unknown), TEXT) == ("who",)
