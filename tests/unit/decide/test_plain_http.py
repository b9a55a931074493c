"""Downloads of the buildpack itself without encryption."""

import pytest

from python_buildpack.decide.plain_http import notice_plain_http
from python_buildpack.settings.values import Settings


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("BP_PYTHON_INVENTORY", "decides what is run"),
        ("BP_PYTHON_MIRROR", "checked by their digests"),
        ("UV_PYTHON_INSTALL_MIRROR", "checked by their digests"),
        ("BP_PYTHON_NLTK_INDEX", "what the same index says"),
        ("BP_PYTHON_AUDIT_URL", "can hide a vulnerability"),
        ("BP_DEPENDENCY_MIRROR", "checked by their digests"),
        ("BP_DEPENDENCY_MIRROR_FILES_EXAMPLE", "checked by their digests"),
    ],
)
def test_an_address_without_encryption_is_warned_about(name: str, why: str) -> None:
    """With what that means for each kind of download, and what to write."""
    (notice,) = notice_plain_http(Settings({name: "HTTP://mirror.example/"}))
    assert notice.text.startswith(f"{name}: ")
    assert why in notice.text
    assert f"write https:// in {name}" in notice.text


def test_other_addresses_need_no_word() -> None:
    """Encrypted ones, files, and none."""
    env = {"BP_PYTHON_INVENTORY": "/platform/inventory.toml", "BP_PYTHON_MIRROR": "https://mirror.example/"}
    assert notice_plain_http(Settings(env)) == ()
    assert notice_plain_http(Settings({})) == ()
