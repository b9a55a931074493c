"""The value that says what is installed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_buildpack.installed.distributions import InstalledDistributions

NAMES = st.lists(st.text("ab09", min_size=1), min_size=1).map("-".join)
VERSIONS = st.text(st.characters(min_codepoint=ord("!"), max_codepoint=ord("~")), min_size=1)


@given(st.dictionaries(NAMES, st.none() | VERSIONS))
def test_what_is_written_is_read_back(versions: dict[str, str | None]) -> None:
    """For whatever is installed: a build in which the layer is not on disk knows what the one that made it knew."""
    installed = InstalledDistributions(versions)
    assert InstalledDistributions.parse(str(installed)) == installed


def test_the_text_does_not_depend_on_the_order() -> None:
    """Equal environments have equal metadata."""
    one, other = InstalledDistributions({"b": "2", "a": "1"}), InstalledDistributions({"a": "1", "b": "2"})
    assert str(one) == str(other) == "a==1 b==2"


def test_an_environment_is_read_by_its_metadata_directories(tmp_path: Path) -> None:
    """Names are normalised (PEP 503); of two with the same name the first one counts, as for importlib.metadata."""
    for folder in ("Flask_Login-0.6.3.dist-info", "torch-2.5.1+cu124.dist-info", "torch-2.6.0.dist-info", "torch"):
        (tmp_path / folder).mkdir()
    installed = InstalledDistributions.read(tmp_path)
    assert installed.names == {"flask-login", "torch"}
    assert installed.version("torch") == "2.5.1+cu124"
    assert installed.has("uwsgi", "flask-login")
    assert not installed.has("uwsgi", "login")
    assert not installed.has()


@pytest.mark.parametrize(
    "folder",
    ["~ip-24.0.dist-info", "two words-1.0.dist-info", "a==b-1.0.dist-info", "none.dist-info", "-1.0.dist-info"],
)
def test_what_has_no_name_and_version_is_not_installed(folder: str, tmp_path: Path) -> None:
    """Left-overs of a removal that failed, and names that no distribution may have, which would garble the text."""
    (tmp_path / folder).mkdir()
    assert InstalledDistributions.read(tmp_path) == InstalledDistributions({})


def test_what_is_declared_has_no_version_yet() -> None:
    """Before an installation names are known: nobody can say which version there will be."""
    declared = InstalledDistributions.declared(["Django", "zope.interface"])
    assert declared.has("django")
    assert declared.names == {"django", "zope-interface"}
    assert declared.version("django") is None


def test_what_changed_is_told_by_name() -> None:
    """Another version, a new one, one that went; what is equal is not named."""
    earlier = InstalledDistributions({"flask": "3.1.1", "click": "8.1.7", "six": "1.16", "app": None})
    now = InstalledDistributions({"flask": "3.1.2", "click": "8.1.7", "itsdangerous": "2.2.0", "app": None})
    assert now.changes_since(earlier) == ("~ flask 3.1.1 -> 3.1.2", "+ itsdangerous 2.2.0", "- six 1.16")
    assert now.changes_since(now) == ()
