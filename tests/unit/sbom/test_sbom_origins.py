"""Where a distribution came from, and that no credential comes with it."""

import json

import pytest
from packageurl import PackageURL

from python_buildpack.installed.dist_info import parse_direct_url
from python_buildpack.sbom.bill import Embedded, FromArchive, FromDirectory, FromIndex, FromRepository, Origin
from python_buildpack.sbom.origins import parse_origin, public_url
from python_buildpack.sbom.purls import distribution_purl, generic_purl

COMMIT = "7921be1537eac1e97bc40179a57f0349c2aee67d"
SHA256 = "2dc6b5a470a1bde68946f263f1af1515a2574a150a30d6ce02c6ff742fcc0db8"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param(None, FromIndex(), id="no-file"),
        pytest.param("{", FromIndex(), id="broken-json"),
        pytest.param("[1]", FromIndex(), id="no-object"),
        pytest.param({"url": "file:///workspace", "dir_info": {"editable": True}}, FromDirectory(), id="directory"),
        pytest.param(
            {"url": "https://ci:s3cret@host/r.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            FromRepository("git", "https://host/r.git", COMMIT),
            id="repository",
        ),
        pytest.param(
            {"url": "file:///srv/r", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}, FromDirectory(), id="local-vcs"
        ),
        pytest.param(
            {"url": "https://host/a.whl?token=s3cret", "archive_info": {"hashes": {"sha256": SHA256.upper()}}},
            FromArchive("https://host/a.whl", {"sha256": SHA256}),
            id="archive",
        ),
        pytest.param(
            {"url": "file:///workspace/a.whl", "archive_info": {"hash": f"sha256={SHA256}"}},
            FromArchive(None, {"sha256": SHA256}),
            id="vendored-wheel-old-form",
        ),
        pytest.param(
            {"url": "https://host/a.whl", "archive_info": {"hashes": {"sha256": "s3cret", "crc32": "0"}}},
            FromArchive("https://host/a.whl"),
            id="no-digest",
        ),
    ],
)
def test_direct_url_is_read_and_cleaned(document: object, expected: Origin) -> None:
    """PEP 610's three forms, older spellings and rubbish."""
    if document is None:
        assert parse_origin(None) == expected
        return
    text = document if isinstance(document, str) else json.dumps(document)
    assert parse_origin(parse_direct_url(text.encode())) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:s3cret@host:8443/a%20b/c.git", "https://host:8443/a%20b/c.git"),
        ("https://s3cret@host/a", "https://host/a"),
        ("https://host/a?access_token=s3cret", "https://host/a"),
        ("https://host/a#s3cret", "https://host/a"),
        ("https://host/a;token=s3cret/b%3bs3cret", "https://host/a/b"),
        ("https://us:er:s3cret@evil@host/a", "https://host/a"),
        ("ssh://git:s3cret@host/a.git", "ssh://host/a.git"),
        ("s3cret@github.com:owner/name.git", "ssh://github.com/owner/name.git"),
        ("https://[::1]:80/a", "https://[::1]:80/a"),
        ("file:///home/s3cret/a", None),
        ("https://", None),
        ("https://host:s3cret/a", None),
        ("https://ho st/s3cret", None),
        ("https:/user:s3cret@host/a", None),
        ("https:user:s3cret@host/a", None),
        ("user:s3cret@host/a", None),
        (r"https:\\user:s3cret@host\a", None),
        ("https://https://user:s3cret@host/a", None),
        ("https://user:80/s3cret@host/a", None),
        ("https://host/@scope/a@1", "https://host/@scope/a@1"),
        ("s3cret", None),
        ("", None),
    ],
)
def test_no_credential_is_left_in_an_address(url: str, expected: str | None) -> None:
    """User, password, query and fragment are gone; what means nothing to others is no address."""
    assert public_url(url) == expected


@pytest.mark.parametrize(
    ("purl", "expected"),
    [
        (distribution_purl("Zope_x.Y", "1!2.0+local.1", FromIndex()), "pkg:pypi/zope-x.y@1%212.0%2Blocal.1"),
        (distribution_purl("app", "1", FromDirectory()), "pkg:generic/app@1"),
        (generic_purl("xz", None, Embedded()), "pkg:generic/xz"),
        (
            distribution_purl("a", "1", FromRepository("git", "https://host/r.git", COMMIT)),
            f"pkg:pypi/a@1?vcs_url=git%2Bhttps://host/r.git%40{COMMIT}",
        ),
        (
            distribution_purl("a", "1", FromArchive("https://host/a%2B1.whl", {"sha256": SHA256})),
            f"pkg:pypi/a@1?checksum=sha256:{SHA256}&download_url=https://host/a%252B1.whl",
        ),
    ],
)  # fmt: skip
def test_purls_are_canonical(purl: str, expected: str) -> None:
    """The reference implementation reads them, and would write the same."""
    assert purl == expected
    assert PackageURL.from_string(purl).to_string() == expected
