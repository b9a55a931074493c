"""The layer with what a hook caches, if it caches anything."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cnb.layers import Layers
from manager_context import Log
from python_buildpack.layers.hook_data import NAME, VARIABLE, with_hook_data


def write_nothing(env: Mapping[str, str]) -> None:
    """Be a hook that caches nothing."""
    assert Path(env[VARIABLE]).is_dir()


def remove_it(env: Mapping[str, str]) -> None:
    """Be a hook that ends with rm -rf "$XDG_CACHE_HOME", to keep the image small."""
    shutil.rmtree(env[VARIABLE])


def put_a_file_there(env: Mapping[str, str]) -> None:
    """Be a hook that replaces the directory."""
    remove_it(env)
    Path(env[VARIABLE]).write_text("", encoding="utf-8")


def put_a_link_there(env: Mapping[str, str]) -> None:
    """Be a hook that caches elsewhere."""
    remove_it(env)
    Path(env[VARIABLE]).symlink_to("/usr/share")


@pytest.mark.parametrize("hook", [write_nothing, remove_it, put_a_file_there, put_a_link_there])
def test_without_anything_in_the_cache_there_is_no_layer(
    hook: Callable[[Mapping[str, str]], None], tmp_path: Path
) -> None:
    """Also where the hook has removed or replaced the directory."""
    log = Log()
    with_hook_data(Layers(tmp_path), {}, log, hook)
    assert list(tmp_path.glob(f"{NAME}*")) == []
    assert log.said == []


def test_what_the_hook_caches_stays(tmp_path: Path) -> None:
    """The processes find it by the same variable."""
    log = Log()
    with_hook_data(Layers(tmp_path), {}, log, lambda env: (Path(env[VARIABLE]) / "browser").mkdir())
    assert (tmp_path / NAME / "cache" / "browser").is_dir()
    assert log.said == [f"Kept for the image, in {VARIABLE}: browser"]
