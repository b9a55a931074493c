"""Claims about layers: when they are made, kept and made again, and what is on disk then."""

import os
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnb.frozen import field, frozen, replace
from cnb.layer_env import LayerEnv
from cnb.layers import (
    Create,
    Created,
    LayerContent,
    Layers,
    LayerSpec,
    LayerTypes,
    Rebuild,
    Rebuilt,
    Reuse,
    Reused,
)
from cnb.sbom import Sbom, SbomFormat
from cnb.seal import LayerReplaced
from cnb.trees import remove

LAUNCH = LayerTypes(launch=True)
CACHE = LayerTypes(cache=True)
BUILD = LayerTypes(build=True)
LAUNCH_AND_CACHE = LayerTypes(launch=True, cache=True)
LAUNCH_BUILD_CACHE = LayerTypes(launch=True, build=True, cache=True)


def make_record(**types: type) -> Any:
    """Return a class of records with fields of these types."""
    return frozen(type("Other", (), {"__annotations__": types}))


@frozen
class Key:
    """A key with a labelled and a plain field."""

    version: str = field(default="3.13.1", metadata={"label": "the Python version"})
    base_image: str = "debian"


RECORD = '[metadata.key]\nversion = "3.13.1"\nbase_image = "debian"\n[metadata.content]\ncount = "7"\n'


def fill(layer: Path) -> LayerContent:
    """Contribute one file and one metadata entry."""
    (layer / "file").write_text("new")
    return LayerContent(metadata={"count": "8"})


def refuse(layer: Path) -> LayerContent:
    """Stand in where nothing may be contributed."""
    raise AssertionError(f"{layer} was to be kept")


def restore(root: Path, record: str | None, *, content: bool) -> Layers:
    """Leave what the lifecycle leaves before build."""
    if record is not None:
        (root / "python.toml").write_text(record)
    if content:
        (root / "python").mkdir()
        (root / "python" / "file").write_text("old")
    return Layers(root)


def spec(types: LayerTypes = LAUNCH, key: object = None) -> LayerSpec:
    """Return what is wanted of the layer ``python``."""
    return LayerSpec("python", types, key or Key())


@pytest.mark.parametrize("types", [LAUNCH, CACHE, BUILD, LAUNCH_AND_CACHE])
def test_nothing_restored_means_a_first_build(tmp_path: Path, types: LayerTypes) -> None:
    """The layer is made, with types and record, whatever it is for."""
    layers = Layers(tmp_path)

    assert layers.decide(spec(types)) == Create()
    assert layers.provide(spec(types), fill) == Created(tmp_path / "python", {"count": "8"})
    assert tomllib.loads((tmp_path / "python.toml").read_text()) == {
        "types": {"launch": types.launch, "build": types.build, "cache": types.cache},
        "metadata": {"key": {"version": "3.13.1", "base_image": "debian"}, "content": {"count": "8"}},
    }


def test_a_launch_layer_that_matches_is_left_absent(tmp_path: Path) -> None:
    """Its types are said again and its metadata comes back, but its directory is not created."""
    layers = restore(tmp_path, RECORD, content=False)

    assert layers.decide(spec()) == Reuse({"count": "7"}, present=False)
    assert layers.provide(spec(), refuse) == Reused(tmp_path / "python", {"count": "7"}, present=False)
    assert not (tmp_path / "python").exists()
    assert tomllib.loads((tmp_path / "python.toml").read_text()) == {
        "types": {"launch": True, "build": False, "cache": False}
    } | tomllib.loads(RECORD)


def test_an_empty_directory_does_not_replace_a_launch_layer_of_the_image(tmp_path: Path) -> None:
    """The lifecycle would export it as the new content."""
    (tmp_path / "python").mkdir()
    layers = restore(tmp_path, RECORD, content=False)

    layers.provide(spec(), refuse)

    assert not (tmp_path / "python").exists()


def test_a_directory_does_not_replace_a_launch_layer_of_the_image(tmp_path: Path) -> None:
    """The platform restores no content of such a layer, so a program of the build has made the directory."""
    layers = restore(tmp_path, RECORD, content=True)

    assert layers.provide(spec(), refuse) == Reused(tmp_path / "python", {"count": "7"}, present=False)
    assert not (tmp_path / "python").exists()


def test_a_launch_layer_that_this_build_made_is_kept_with_its_content(tmp_path: Path) -> None:
    """What is on disk is what will be exported."""
    layers = restore(tmp_path, None, content=False)
    layers.provide(spec(), fill)

    assert layers.provide(spec(), refuse) == Reused(tmp_path / "python", {"count": "8"}, present=True)
    assert layers.seal() == ()
    assert (tmp_path / "python" / "file").read_text() == "new"


def test_records_are_those_from_before_any_program_ran(tmp_path: Path) -> None:
    """A record that appears or changes after the first look is not what the platform restored."""
    layers = restore(tmp_path, None, content=False)
    layers.provide(LayerSpec("other", LAUNCH, Key()), fill)
    (tmp_path / "python.toml").write_text(RECORD)

    assert layers.decide(spec()) == Create()


def test_what_others_wrote_does_not_outlive_the_build(tmp_path: Path) -> None:
    """Changed records are as they were; records, bills and directories that nobody provided are gone."""
    layers = restore(tmp_path, RECORD, content=False)
    layers.provide(spec(), refuse)
    layers.provide(LayerSpec("made", LAUNCH, Key()), fill)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.toml")}
    (tmp_path / "python").mkdir()
    (tmp_path / "python" / "sitecustomize.py").touch()
    (tmp_path / "made.toml").write_text("[types]\nlaunch = true\n")
    (tmp_path / "evil.toml").write_text("[types]\nlaunch = true\n")
    (tmp_path / "evil.sbom.cdx.json").write_text("{}")
    (tmp_path / "python.toml").unlink()
    (tmp_path / "python.toml").symlink_to(tmp_path / "evil.toml")

    changed = layers.seal()

    assert changed == ("python.toml", "python", "made.toml", "evil.sbom.cdx.json", "evil.toml")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
    assert not (tmp_path / "python").exists()
    assert layers.seal() == ()


def test_a_layer_of_the_image_that_was_replaced_by_a_link_ends_the_build(tmp_path: Path) -> None:
    """The lifecycle would export the link's target; of a cache, nothing is kept."""
    layers = restore(tmp_path, None, content=False)
    for name, types in {"image": LAUNCH, "cached": CACHE}.items():
        layers.provide(LayerSpec(name, types, Key()), fill)
        (tmp_path / name).rename(tmp_path / f"{name}-elsewhere")
        (tmp_path / name).symlink_to(f"{name}-elsewhere")
    with pytest.raises(LayerReplaced, match="/image is no longer"):
        layers.seal()
    (tmp_path / "image").unlink()
    (tmp_path / "image-elsewhere").rename(tmp_path / "image")

    assert layers.seal() == ("cached",)
    assert {path.name for path in tmp_path.iterdir()} == {"image", "image.toml", "cached-elsewhere"}


def furnish(layer: Path) -> LayerContent:
    """Contribute a file, and everything that the lifecycle reads of a layer."""
    return replace(
        fill(layer),
        env=LayerEnv().default("HOME_OF_IT", str(layer)),
        exec_d={"ours": "#!/bin/sh\n"},
        exec_d_by_process={"web": {"ours": "#!/bin/sh\n"}},
        sboms=(Sbom(SbomFormat.CYCLONEDX, b"{}"),),
    )


def tree(root: Path) -> dict[str, tuple[bytes, int]]:
    """Return the content and the mode of all files below a directory."""
    files = [path for path in root.rglob("*") if path.is_file()]
    return {str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mode) for path in files}


@pytest.mark.parametrize("types", [LAUNCH, LAUNCH_BUILD_CACHE])
def test_nothing_is_added_beside_the_content_of_a_layer(tmp_path: Path, types: LayerTypes) -> None:
    """Programs that run when the image starts, variables, directories on search paths, and bills of materials.

    Neither to a layer that the build has made, nor to one that the platform restored with its content.
    """
    made = Layers(tmp_path)
    made.provide(spec(types), furnish)
    assert made.seal() == ()
    before = tree(tmp_path)
    again = Layers(tmp_path)
    for layers in (made, again) if types.cache else (made,):
        if layers is again:
            layers.provide(spec(types), refuse)
        layer = tmp_path / "python"
        (layer / "exec.d" / "ours").write_text("#!/bin/sh\nhostile\n")
        (layer / "exec.d" / "web" / "theirs").write_text("#!/bin/sh\nhostile\n")
        (layer / "env" / "LD_PRELOAD.override").symlink_to("/tmp/hostile.so")
        (layer / "env.launch").mkdir()
        (layer / "profile.d").symlink_to("/tmp")
        (layer / "bin").mkdir()
        (layer / "bin" / "python").touch()
        (tmp_path / "python.sbom.spdx.json").touch()

        changed = ("python/bin", "python/env.launch", "python/profile.d", "python/env", "python/exec.d")
        assert layers.seal() == (*changed, "python.sbom.spdx.json")
        assert tree(tmp_path) == before
    assert not (tmp_path / "python" / "env.launch").exists()


def test_nothing_is_added_by_a_program_that_runs_while_the_content_is_made(tmp_path: Path) -> None:
    """As the code of a package that is built: what it adds would stay as long as the layer is reused."""

    def attacked(path: Path) -> LayerContent:
        for name in ("exec.d", "profile.d", "env.launch", "env", "bin", "lib"):
            (path / name).mkdir()
            (path / name / "hostile").touch()
        (path / "include").symlink_to("/tmp")
        return furnish(path)

    trees = []
    for contribute in (furnish, attacked):
        layers = Layers(tmp_path / "layers")
        layers.is_content_nested = True
        layers.provide(spec(), contribute)
        assert layers.seal() == ()
        trees.append(tree(tmp_path / "layers"))
        remove(tmp_path / "layers")
    assert trees[0] == trees[1]


def test_a_layer_has_directories_on_search_paths_if_its_contributor_writes_them(tmp_path: Path) -> None:
    """As most layers of other buildpacks do: a layer's bin and lib are what the specification has them for."""

    def contribute(path: Path) -> LayerContent:
        for name in ("bin", "lib", "include", "pkgconfig", "profile.d"):
            (path / name).mkdir()
            (path / name / "own").touch()
        return LayerContent(env=LayerEnv().default("A", "1"))

    layers = Layers(tmp_path)
    layers.provide(spec(), contribute)
    assert layers.seal() == ()
    found = {path.relative_to(tmp_path / "python").as_posix() for path in (tmp_path / "python").rglob("*/own")}
    assert found == {"bin/own", "lib/own", "include/own", "pkgconfig/own", "profile.d/own"}


def test_a_program_that_may_not_be_run_any_more_is_put_back(tmp_path: Path) -> None:
    """With its mode: the launcher could not start it, as long as the layer is reused."""
    layers = Layers(tmp_path)
    layers.provide(spec(), furnish)
    before = tree(tmp_path)
    (tmp_path / "python" / "exec.d" / "ours").chmod(0o600)
    assert layers.seal() == ("python/exec.d",)
    assert tree(tmp_path) == before


def test_a_layer_that_was_needed_for_more_than_the_image_is_reused_for_the_image_alone(tmp_path: Path) -> None:
    """No other buildpack needs it any more: the platform still restores its content, which is the image's already."""
    Layers(tmp_path).provide(spec(LAUNCH_BUILD_CACHE), furnish)
    layers = Layers(tmp_path)
    assert layers.provide(spec(LAUNCH), refuse) == Reused(tmp_path / "python", {"count": "8"}, present=False)
    assert layers.seal() == ()
    assert {path.name for path in tmp_path.iterdir()} == {"python.toml", "python.sbom.cdx.json"}


def test_a_bill_of_materials_that_was_changed_is_written_again(tmp_path: Path) -> None:
    """If it is the build's own; one that the platform restored is not known in full, so the build ends."""
    layers = Layers(tmp_path)
    layers.provide(spec(), furnish)
    bill = tmp_path / "python.sbom.cdx.json"
    bill.unlink()
    bill.symlink_to("/etc/passwd")
    assert layers.seal() == (bill.name,)
    assert bill.read_bytes() == b"{}"
    shutil.rmtree(tmp_path / "python")

    layers = Layers(tmp_path)
    layers.provide(spec(), refuse)
    assert layers.seal() == ()
    bill.write_bytes(b"[]")
    with pytest.raises(LayerReplaced, match="no longer the bill of materials"):
        layers.seal()


@pytest.mark.parametrize("types", [CACHE, BUILD, LAUNCH_AND_CACHE, LayerTypes(), LayerTypes(launch=True, build=True)])
def test_a_layer_needed_during_the_build_is_kept_only_with_its_content(tmp_path: Path, types: LayerTypes) -> None:
    """A cache may lose what its record still promises; what was launch only before may be wanted for more now."""
    layers = restore(tmp_path, RECORD, content=False)
    assert layers.decide(spec(types)) == Rebuild(("its content was not restored",))
    (tmp_path / "python").mkdir()
    assert layers.decide(spec(types)) == Rebuild(("its content was not restored",))
    (tmp_path / "python" / "file").touch()
    assert layers.decide(spec(types)) == Reuse({"count": "7"}, present=True)


@pytest.mark.parametrize("record", [None, "", "[metadata]\n", '[metadata]\nkey = "x"\n', "[types]\ncache = true\n"])
def test_content_without_a_record_is_made_again(tmp_path: Path, record: str | None) -> None:
    """Nobody knows what it is; the old content is gone before the new comes."""
    layers = restore(tmp_path, record, content=True)

    state = layers.provide(spec(CACHE), fill)

    assert state == Rebuilt(tmp_path / "python", {"count": "8"}, ("nothing was recorded about its content",))
    assert (tmp_path / "python" / "file").read_text() == "new"


@pytest.mark.parametrize("record", ["not toml", "a = '\udcff'", "[metadata]\n" + "x=" + "[" * 5000])
def test_a_damaged_record_costs_a_rebuild_and_not_the_build(tmp_path: Path, record: str) -> None:
    """It says so, and is replaced by a good one."""
    (tmp_path / "python.toml").write_text(record, errors="surrogateescape")
    layers = Layers(tmp_path)

    assert layers.restored_metadata("python") == {}
    state = layers.provide(spec(), fill)

    assert state == Rebuilt(tmp_path / "python", {"count": "8"}, ("the recorded metadata could not be read",))
    assert layers.decide(spec()) == Reuse({"count": "8"}, present=True)


def test_all_differences_are_reasons(tmp_path: Path) -> None:
    """Each field is named by its label, or by its name in words, with both values."""
    layers = restore(tmp_path, RECORD, content=False)

    assert layers.decide(spec(key=Key("3.14.0", "ubuntu"))) == Rebuild(
        ("the Python version changed from 3.13.1 to 3.14.0", "base image changed from debian to ubuntu")
    )


def test_a_record_of_another_version_of_the_buildpack_gives_reasons(tmp_path: Path) -> None:
    """Fields that are new or gone take part in the comparison like all others."""
    layers = restore(tmp_path, '[metadata.key]\nversion = "3.13.1"\nold_field = "x"\n', content=False)

    assert layers.decide(spec()) == Rebuild(
        ("the last build did not record base image", "old field is no longer recorded")
    )


def test_long_values_are_not_shown(tmp_path: Path) -> None:
    """A digest means nothing to people; an empty value is shown as "nothing"."""
    layers = restore(tmp_path, f'[metadata.key]\nversion = "{"a" * 64}"\nbase_image = ""\n', content=False)

    assert layers.decide(spec(key=Key("b" * 64, "debian"))) == Rebuild(
        ("the Python version changed", "base image changed from nothing to debian")
    )


def test_values_that_are_no_strings_are_compared_as_strings(tmp_path: Path) -> None:
    """What another version stored as a number or a boolean came back through JSON."""
    kind = make_record(number=str, share=str, flag=str)
    record = "[metadata.key]\nnumber = 3.0\nshare = 1.5\nflag = true\n[metadata.content]\ncount = 7.0\n"
    layers = restore(tmp_path, record, content=False)

    assert layers.decide(spec(key=kind("3", "1.5", "true"))) == Reuse({"count": "7"}, present=False)


def test_a_key_holds_any_text(tmp_path: Path) -> None:
    """Bytes that are not UTF-8, from a user's variable, make keys differ like any other text."""
    layers = Layers(tmp_path)
    layers.provide(spec(key=Key("\udcff", "line\n\x01\"'\\")), fill)

    assert layers.decide(spec(key=Key("\udcff", "line\n\x01\"'\\"))) == Reuse({"count": "8"}, present=True)
    assert layers.decide(spec(key=Key("\udcfe", "line\n\x01\"'\\"))) != Reuse({"count": "8"}, present=True)


def test_what_is_contributed_is_written_beside_and_into_the_layer(tmp_path: Path) -> None:
    """Environment, exec.d programs for all and for one process, and bills of materials."""

    def contribute(_: Path) -> LayerContent:
        return LayerContent(
            env=LayerEnv().default("A", "1"),
            exec_d={"all": "#!/bin/sh\n"},
            exec_d_by_process={"web": {"own": b"\x7fELF"}},
            sboms=(Sbom(SbomFormat.CYCLONEDX, b"{}"),),
        )

    Layers(tmp_path).provide(spec(), contribute)

    files = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*") if path.is_file()}
    assert sorted(files) == [
        "python.sbom.cdx.json",
        "python.toml",
        "python/env/A.default",
        "python/exec.d/all",
        "python/exec.d/web/own",
    ]
    assert os.access(files["python/exec.d/all"], os.X_OK)
    assert files["python/exec.d/web/own"].read_bytes() == b"\x7fELF"


def test_nothing_of_the_old_layer_outlives_a_rebuild(tmp_path: Path) -> None:
    """Not its files, nor its bills of materials; those of other layers are left alone."""
    layers = restore(tmp_path, RECORD, content=True)
    for name in ("python.sbom.cdx.json", "python-more.sbom.cdx.json"):
        (tmp_path / name).touch()
    (tmp_path / "python" / "stale").touch()

    layers.provide(spec(key=Key("3.14.0")), fill)

    assert sorted(entry.name for entry in tmp_path.iterdir()) == [
        "python",
        "python-more.sbom.cdx.json",
        "python.toml",
    ]
    assert [entry.name for entry in (tmp_path / "python").iterdir()] == ["file"]


def test_a_layer_that_could_not_be_made_is_not_recorded(tmp_path: Path) -> None:
    """Neither the old record nor a new one is there while and after the contribution fails."""
    layers = restore(tmp_path, RECORD, content=True)

    def fail(layer: Path) -> LayerContent:
        assert list(layer.iterdir()) == []
        assert not (tmp_path / "python.toml").exists()
        raise OSError("cut off")

    with pytest.raises(OSError, match="cut off"):
        layers.provide(spec(key=Key("3.14.0")), fail)

    assert not (tmp_path / "python.toml").exists()


def test_a_killed_build_leaves_no_record_of_the_layer_it_was_making(tmp_path: Path) -> None:
    """SIGTERM ends the process at once, in the middle of a contribution; the next build makes the layer again."""
    restore(tmp_path, RECORD, content=True)
    script = (
        "import sys, time; from pathlib import Path; from cnb.frozen import frozen\n"
        "from cnb.layers import *\n"
        "@frozen\nclass Key: version: str\n"
        "def contribute(layer):\n"
        "    (layer / 'half').touch(); print('half', flush=True); time.sleep(60)\n"
        "Layers(Path(sys.argv[1])).provide(LayerSpec('python', LayerTypes(cache=True), Key('2')), contribute)\n"
    )
    with subprocess.Popen([sys.executable, "-B", "-c", script, tmp_path], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        assert process.wait(timeout=10) == -signal.SIGTERM

    assert [entry.name for entry in tmp_path.iterdir()] == ["python"]
    assert Layers(tmp_path).decide(spec(CACHE)) == Rebuild(("nothing was recorded about its content",))


def test_a_forgotten_layer_is_gone_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    """Forgetting what is not there is no error."""
    layers = restore(tmp_path, RECORD, content=True)
    (tmp_path / "python.sbom.cdx.json").touch()

    layers.forget("python")
    layers.forget("python")

    assert list(tmp_path.iterdir()) == []


def test_what_was_recorded_can_be_asked_for(tmp_path: Path) -> None:
    """Key and metadata, or nothing."""
    layers = restore(tmp_path, RECORD, content=False)

    assert layers.restored_key("python") == {"version": "3.13.1", "base_image": "debian"}
    assert layers.restored_metadata("python") == {"count": "7"}
    assert layers.restored_key("other") == layers.restored_metadata("other") == {}


@pytest.mark.parametrize("name", ["", "a.b", "a/b", "..", "launch", "build", "store", "a b", "python\n"])
def test_impossible_names_are_refused(tmp_path: Path, name: str) -> None:
    """The lifecycle would misread dots, and has uses of its own for some names."""
    uses: list[Callable[[], object]] = [
        lambda: LayerSpec(name, LAUNCH, Key()),
        lambda: Layers(tmp_path).path(name),
        lambda: Layers(tmp_path).forget(name),
        lambda: Layers(tmp_path).restored_metadata(name),
    ]
    for use in uses:
        with pytest.raises(ValueError, match="name of a layer"):
            use()


@pytest.mark.parametrize("key", ["text", Key, {"a": "b"}, make_record()(), make_record(n=int)(3)])
def test_a_key_is_a_record_of_strings(key: object) -> None:
    """Anything else could not be compared with what comes back."""
    with pytest.raises(TypeError, match="key"):
        LayerSpec("python", LAUNCH, key)


def test_metadata_is_strings(tmp_path: Path) -> None:
    """Invalid metadata is refused, and nothing is recorded."""
    with pytest.raises(TypeError, match="count"):
        Layers(tmp_path).provide(spec(), lambda _: LayerContent(metadata={"count": 3}))  # type: ignore[dict-item]

    assert not (tmp_path / "python.toml").exists()
