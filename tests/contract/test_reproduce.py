"""``./dev reproduce``: the same input gives the same image, and what is not the same is explained."""

from pathlib import Path

import pytest

from devkit.interpreters import Source
from devkit.packaging.package import Packaged
from devkit.paths import SAMPLES
from devkit.reproduce.compare import Difference, compare_trees
from devkit.reproduce.twice import reproduce


@pytest.mark.network
@pytest.mark.parametrize("sample", ["django", "fastapi"])
def test_other_conditions_give_the_same_layers(sample: str, mirror: Source, packaged: Packaged) -> None:
    """Day, cores, user, time zone, hash seed and directory of the source do not show in any layer."""
    layers = reproduce(SAMPLES / sample, {}, mirror, packaged.directory, print)
    assert {layer.name for layer in layers} >= {"python", "dependencies", "runtime", "workspace", "sbom"}
    assert [layer.differences for layer in layers if not layer.is_equal] == []


@pytest.mark.network
def test_a_hook_that_asks_for_the_conditions_is_found_out(tmp_path: Path, mirror: Source, packaged: Packaged) -> None:
    """The conditions really differ, and the report names the file and what changed in it."""
    app = tmp_path / "app"
    (app / "bin").mkdir(parents=True)
    (app / "requirements.txt").write_text("", encoding="utf-8")
    hook = app / "bin" / "post_compile"
    hook.write_text("#!/bin/sh\ndate +%F > day\nid -u > user\nnproc > cores\ndate +%Z > zone\n", encoding="utf-8")
    hook.chmod(0o755)
    layers = {layer.name: layer for layer in reproduce(app, {}, mirror, packaged.directory, print)}
    named = {difference.path for difference in layers["workspace"].differences}
    assert named >= {"day", "zone"}
    assert layers["dependencies"].is_equal
    assert layers["python"].is_equal


def test_every_kind_of_difference_is_told(tmp_path: Path) -> None:
    """Presence, kind, mode, link target, text and bytes: each is shown with what it was and what it became."""
    for name in ("one", "two"):
        tree = tmp_path / name
        tree.mkdir()
        (tree / "same").write_text("equal", encoding="utf-8")
        (tree / "mode").write_text("", encoding="utf-8")
        (tree / "mode").chmod(0o600 if name == "one" else 0o644)
        (tree / "link").symlink_to(name)
        (tree / "text").write_text(f"a\n{name}\n", encoding="utf-8")
        (tree / "bytes").write_bytes(b"\0\1" + name.encode())
        (tree / f"only-{name}").mkdir()
    assert list(compare_trees(tmp_path / "one", tmp_path / "two")) == [
        Difference(
            "bytes", "5 bytes, then 5; the first difference is at byte 2: b'\\x00\\x01one', then b'\\x00\\x01two'"
        ),
        Difference("link", "link to one, then to two"),
        Difference("mode", "mode -rw-------, then -rw-r--r--"),
        Difference("only-one", "only in the first"),
        Difference("only-two", "only in the second"),
        Difference("text", "another text:\n-one\n+two"),
    ]
