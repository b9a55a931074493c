"""Of what builds left in uv's cache, only the wheels that were asked for are taken into a new one."""

from pathlib import Path

from python_buildpack.package_managers.uv_builds import take_wheels


def put(cache: Path, *paths: str) -> None:
    """Write files into a cache."""
    for path in paths:
        (cache / path).parent.mkdir(parents=True, exist_ok=True)
        (cache / path).write_text(path, encoding="utf-8")


def files(cache: Path) -> set[str]:
    """Return the files of a cache."""
    return {path.relative_to(cache).as_posix() for path in cache.rglob("*") if not path.is_dir()}


HONEST = {
    "sdists-v9/index/0123/gorse/1.0/abc/gorse-1.0-py3-none-any.whl",
    "sdists-v9/index/0123/gorse/1.0/abc/metadata.msgpack",
    "sdists-v9/index/0123/gorse/1.0/revision.http",
    "sdists-v9/editable/4567/def/own-1-py3-none-any.whl",
    "sdists-v9/editable/4567/revision.rev",
}


def test_only_wheels_of_what_was_built_are_taken(tmp_path: Path) -> None:
    """With uv's files about them: no index pages, no unpacked wheels, none in a source or in the place of another.

    No link is followed.
    """
    cache = tmp_path / "cache"
    put(
        cache,
        *HONEST,
        "simple-v16/pypi/stone.rkyv",
        "archive-v0/abc/stone/__init__.py",
        "sdists-v9/index/0123/gorse/1.0/abc/src/dist/gorse-1.0-py3-none-any.whl",
        "sdists-v9/index/0123/stone/1.0/abc/stone-1.0-py3-none-any.whl",
        "sdists-v9/index/0123/stone/1.0/abc/gorse-1.0-py3-none-any.whl",
        "sdists-v9/git/0123/abc/own-1-py3-none-any.whl",
    )
    put(tmp_path / "elsewhere", "index/0123/gorse/1.0/abc/gorse-1.0-py3-none-any.whl")
    (cache / "sdists-v10").symlink_to(tmp_path / "elsewhere")
    (cache / "sdists-v9/url").mkdir()
    (cache / "sdists-v9/url/gorse-1.0-py3-none-any.whl").symlink_to("/etc/passwd")
    assert take_wheels(cache, {"gorse"}, {"own"}, tmp_path)
    assert files(cache) == HONEST


def test_nothing_changes_if_a_wheel_is_missing(tmp_path: Path) -> None:
    """It would be built again."""
    cache = tmp_path / "cache"
    put(cache, *HONEST, "simple-v16/pypi/stone.rkyv")
    before = files(cache)
    assert not take_wheels(cache, {"gorse", "heath"}, (), tmp_path)
    assert files(cache) == before


def test_what_uv_knows_of_a_commit_is_taken_with_its_wheel(tmp_path: Path) -> None:
    """Also what it has for the address without the commit: without it, uv would ask code of the package for it."""
    cache = tmp_path / "cache"
    wanted = {
        "sdists-v9/git/0123/abc/gorse-1.0-py3-none-any.whl",
        "sdists-v9/git/0123/abc/metadata.msgpack",
        "sdists-v9/git/4567/abc/metadata.msgpack",
    }
    put(cache, *wanted, "sdists-v9/git/4567/def/metadata.msgpack", "elsewhere/abc/metadata.msgpack")
    (cache / "sdists-v9/git/89ab").symlink_to(cache / "elsewhere")
    assert take_wheels(cache, {"gorse"}, (), tmp_path)
    assert files(cache) == wanted
