"""What is said of an interpreter that is not where it should be."""

import pytest

from devkit.error_situations import interpreter_row
from python_buildpack.interpreters.not_downloaded import explain_download
from python_buildpack.ports.fetching.http import DownloadFailed, DownloadNotFound
from python_buildpack.settings.values import Settings


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({}, "the app is not at fault"),
        ({"BP_PYTHON_MIRROR": "https://m.example.org"}, "the one that BP_PYTHON_MIRROR names"),
        ({"BP_PYTHON_INVENTORY": "https://m.example.org/i.toml"}, "the one that BP_PYTHON_INVENTORY names"),
    ],
)
def test_who_named_the_address_and_the_version_is_said(env: dict[str, str], words: str) -> None:
    """The version with the reason for it: the user's, or a choice of the buildpack's."""
    error = DownloadNotFound("None of these addresses has the file:\n- https://x.example.org/a", "Check the address.")
    found = explain_download(error, interpreter_row(), ".python-version asks for 3.13", Settings(env))
    assert isinstance(found, DownloadNotFound)
    assert "It is Python 3.13.1, because .python-version asks for 3.13." in found.what
    assert words in found.what


def test_a_server_that_does_not_answer_keeps_its_advice() -> None:
    """The network is at fault, whoever named the version."""
    error = DownloadFailed("These addresses were tried:", "Check that the build can reach them.")
    found = explain_download(error, interpreter_row(), "x", Settings({}))
    assert isinstance(found, DownloadFailed)
    assert found.cure == error.cure
