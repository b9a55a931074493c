"""The list of builds, and where each can be had."""

import time
import tomllib
from pathlib import Path

import pytest

from misbehaving_server import running_server, serve
from python_buildpack.interpreters.inventory import Interpreter, InventoryInvalid, parse_inventory, read_inventory
from python_buildpack.interpreters.mirrors import candidate_urls, download_for
from python_buildpack.ports.fetching.http import DownloadNotFound, HttpFetcher
from python_buildpack.ports.interfaces import Download

ROW = {
    "version": "3.13.2",
    "build": "20260101",
    "os": "linux",
    "arch": "amd64",
    "libc": "gnu",
    "variant": "default",
    "url": "cpython-3.13.2%2B20260101.tar.gz",
    "sha256": "ab" * 32,
}


def document(default: str = '"3.13"', **changes: str | None) -> bytes:
    row = {name: value for name, value in {**ROW, **changes}.items() if value is not None}
    lines = [f"default = {default}", "[[interpreters]]", *(f"{name} = '{value}'" for name, value in row.items())]
    return "\n".join(lines).encode()


def read_one(raw: bytes, location: str = "file:///mirror/inventory.toml") -> Interpreter:
    (interpreter,) = parse_inventory(raw, location).interpreters
    return interpreter


def problems_of(raw: bytes) -> str:
    with pytest.raises(InventoryInvalid) as caught:
        parse_inventory(raw, "https://me:hunter2@host/inventory.toml")
    assert "hunter2" not in caught.value.what
    return caught.value.what


def test_reads_a_row() -> None:
    """Every field of a row is there, and what follows from them."""
    interpreter = read_one(document())

    assert (str(interpreter.version), interpreter.build, interpreter.arch) == ("3.13.2", "20260101", "amd64")
    assert (interpreter.minor, interpreter.executable_name) == ("3.13", "python3.13")
    assert read_one(document(variant="freethreaded")).executable_name == "python3.13t"


@pytest.mark.parametrize(
    ("location", "url", "expected"),
    [
        ("file:///mirror/inventory.toml", "x.tar.gz", "file:///mirror/x.tar.gz"),
        ("file:///mirror/inventory.toml", "sub/x%2B1.tar.gz", "file:///mirror/sub/x%2B1.tar.gz"),
        ("https://host/a/inventory.toml", "../b/x.tar.gz", "https://host/b/x.tar.gz"),
        ("https://host/a/inventory.toml", "https://other/x.tar.gz", "https://other/x.tar.gz"),
    ],
)
def test_a_relative_url_starts_from_the_inventory(location: str, url: str, expected: str) -> None:
    """A mirror can be moved as a whole: its inventory names its files beside it."""
    assert read_one(document(url=url), location).url == expected


def test_reads_from_a_path_a_file_url_and_a_server(tmp_path: Path) -> None:
    """BP_PYTHON_INVENTORY may be a path, a file URL or an address."""
    path = tmp_path / "with space+plus" / "inventory.toml"
    path.parent.mkdir()
    path.write_bytes(document())
    with running_server() as server:
        url = server.url("/inventory.toml", serve(body=document()))
        fetcher = HttpFetcher(env={})
        found = [read_inventory(location, fetcher).default for location in (str(path), path.as_uri(), url)]

    assert found == ["3.13", "3.13", "3.13"]


def test_an_inventory_beside_its_archives_can_be_fetched_from(tmp_path: Path) -> None:
    """What the relative URL of a file with a plus sign becomes is where the file is."""
    (tmp_path / "a b").mkdir()
    archive = tmp_path / "a b" / "cpython-3.13.2+20260101.tar.gz"
    archive.write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    path = tmp_path / "a b" / "inventory.toml"
    path.write_bytes(document(url=archive.name, sha256=empty))

    (interpreter,) = read_inventory(str(path), HttpFetcher()).interpreters
    HttpFetcher().fetch(download_for(interpreter, None), tmp_path / "fetched")

    assert (tmp_path / "fetched").exists()


def test_an_inventory_that_is_not_there(tmp_path: Path) -> None:
    """A path or URL that leads nowhere is named."""
    with pytest.raises(InventoryInvalid, match=r"none\.toml cannot be read: No such file"):
        read_inventory(str(tmp_path / "none.toml"), HttpFetcher())
    with pytest.raises(DownloadNotFound, match=r"none\.toml"):
        read_inventory((tmp_path / "none.toml").as_uri(), HttpFetcher())


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"default = ", "it is not TOML"),
        (b"\xff\xfe", "it is not TOML"),
        (b"", "interpreters is missing"),
        (b'default = "3.13"\ninterpreters = []', "interpreters is empty"),
        (b'default = "3.13"\ninterpreters = [1]', "interpreters 1 is a number, but has to be a table"),
        (document(default="3.13"), "default is a number, but has to be a string"),
        (document(default='"3.13.2"'), 'default is "3.13.2", but has to be a minor version such as "3.14"'),
        (document(default='"3.1"'), "default is 3.1, but no interpreter is of that version"),
        (b"extra = 1\n" + document(), "extra is not a key that belongs there"),
        (document(extra="x"), "interpreters 1: extra is not a key that belongs there"),
        (document(sha256=None, build=None), "interpreters 1: build is missing\n- interpreters 1: sha256 is missing"),
        (
            document(sha256="AB" * 32),
            f'interpreters 1: sha256 is "{"AB" * 30}", but has to be 64 hexadecimal digits in lower case',
        ),
        (document(arch="x86_64"), 'interpreters 1: arch is "x86_64", but has to be amd64 or arm64'),
        (document(libc="uclibc"), 'interpreters 1: libc is "uclibc", but has to be gnu or musl'),
        (document(version="3.13"), 'interpreters 1: version is "3.13", but has to be a full version such as 3.13.2'),
        (document(version="new"), 'interpreters 1: version is "new", but has to be a full version'),
        (document(build="../.."), 'interpreters 1: build is "../..", but has to be letters, digits, dots and dashes'),
        (document(url=" "), "interpreters 1: url is empty, but has to be an address"),
    ],
)
def test_says_what_is_wrong_with_an_inventory(raw: bytes, problem: str) -> None:
    """Each mistake is named, with the row that it is in."""
    assert f"\n- {problem}" in problems_of(raw)


def test_lists_only_the_first_problems() -> None:
    """Where everything is wrong, five examples are enough."""
    raw = b'default = "3.13"\n' + b"[[interpreters]]\nextra = 1\n" * 20

    assert problems_of(raw).endswith("\n- and 175 more")


def test_what_an_earlier_build_has_checked_is_trusted() -> None:
    """By its digest: another document is checked again; the buildpack's own is checked only if it cannot be read."""
    good, bad = document(), document(arch="x86_64")
    checked = parse_inventory(good, "file:///i.toml").checked
    assert parse_inventory(good, "file:///i.toml", checked).checked == checked
    with pytest.raises(InventoryInvalid):
        parse_inventory(bad, "file:///i.toml", checked)
    assert parse_inventory(bad, "file:///i.toml", None).checked == ""
    with pytest.raises(InventoryInvalid, match="version is missing"):
        parse_inventory(document(version=None), "file:///i.toml", None)


def test_our_own_inventory_fits_the_model() -> None:
    """A build trusts it without looking."""
    path = Path(__file__).parents[3] / "inventory.toml"
    assert parse_inventory(path.read_bytes(), path.as_uri(), "").checked


def test_our_own_inventory_is_read_quickly() -> None:
    """Every build reads the list: that takes no longer than three times the standard library for the TOML alone."""
    path = Path(__file__).parents[3] / "inventory.toml"
    times: list[list[float]] = []
    for _ in range(3):
        begun = time.process_time()
        inventory = read_inventory(str(path), HttpFetcher(), trusted=None)
        middle = time.process_time()
        tomllib.loads(path.read_text(encoding="utf-8"))
        times.append([middle - begun, time.process_time() - middle])
        assert len(inventory.interpreters) > 100
    ours, theirs = (min(column) for column in zip(*times, strict=True))
    assert ours < 3 * theirs


UPSTREAM = (
    "https://github.com/astral-sh/python-build-standalone/releases/download/20260101/cpython-3.13.2%2B20260101.tar.gz"
)


@pytest.mark.parametrize(
    ("url", "mirror", "expected"),
    [
        (UPSTREAM, None, (UPSTREAM.replace("github.com/astral-sh", "releases.astral.sh/github"), UPSTREAM)),
        (UPSTREAM, "https://mirror/pbs/", ("https://mirror/pbs/20260101/cpython-3.13.2%2B20260101.tar.gz",)),
        (UPSTREAM, "file:///mnt", ("file:///mnt/20260101/cpython-3.13.2%2B20260101.tar.gz",)),
        ("https://own/x.tar.gz?sig=1", None, ("https://own/x.tar.gz?sig=1",)),
        ("https://own/x.tar.gz?sig=1", "https://mirror", ("https://mirror/20260101/x.tar.gz",)),
    ],
)
def test_candidates(url: str, mirror: str | None, expected: tuple[str, ...]) -> None:
    """Upstream's mirror first, then GitHub; a mirror of one's own instead of both, laid out as uv wants it."""
    interpreter = read_one(document(url=url))

    assert candidate_urls(interpreter, mirror) == expected
    assert download_for(interpreter, mirror) == Download(expected, "ab" * 32)
