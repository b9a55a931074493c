"""What the next build finds of the last one: the restore matrix and its corners (cnb-contract §1.7)."""

from pathlib import Path
from typing import Any

import pytest

from devkit.lifecycle import Built, Failed, Outcome, Request, Status, build
from devkit.lifecycle.records import BuildpackRecord, LayerRecord, Types
from devkit.lifecycle.restore import Restoration, decide_restoration

ASSETS = Path(__file__).parent / "assets" / "lifecycle"
LOOK = """
cd "$CNB_LAYERS_DIR"
for name in a.toml store.toml a.sbom.cdx.json launch.sbom.cdx.json; do if [ -e $name ]; then echo "$name"; fi; done
if [ -d a ]; then echo "a: $(cat a/content)"; fi
"""


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Return a function that builds an empty app with the first scripted buildpack."""
    app = tmp_path / "app"
    app.mkdir()

    def build_with(script: str, **changes: Any) -> Built | Failed:
        env = {"FIRST_BUILD": script}
        return build(Request((ASSETS / "first",), app, tmp_path / "state", env, **changes))

    return build_with


def found(result: Built | Failed) -> list[str]:
    """Return what LOOK saw, the last thing that a build printed."""
    assert isinstance(result, Built), result
    return result.log.splitlines()


TOML, CONTENT = "a.toml", "a: one"


@pytest.mark.parametrize(
    ("types", "as_it_was", "without_cache", "without_image"),
    [
        ("", [], [], []),
        ("build", [], [], []),
        ("launch", [TOML], [TOML], []),
        ("launch build", [], [], []),
        ("cache", [TOML, CONTENT], [], [TOML, CONTENT]),
        ("build cache", [TOML, CONTENT], [], [TOML, CONTENT]),
        ("launch cache", [TOML, CONTENT], [], [TOML, CONTENT]),
        ("launch build cache", [TOML, CONTENT], [], [TOML, CONTENT]),
    ],
)
def test_types_decide_what_comes_back(
    run: Any, types: str, as_it_was: list[str], without_cache: list[str], without_image: list[str]
) -> None:
    """Contents only ever come from the cache; metadata of launch-only layers from the image; the rest is gone."""
    make = f"layer a {types}; content a one"

    for expected, lost in (
        (as_it_was, {}),
        (without_cache, {"cache": False}),
        (without_image, {"previous_image": False}),
    ):
        run(make)
        assert found(run(LOOK, **lost)) == expected


def test_both_lost_is_a_first_build(run: Any) -> None:
    """Nothing comes back at all."""
    run("layer a launch cache; content a one; printf '[metadata]' > $CNB_LAYERS_DIR/store.toml")

    assert found(run(LOOK, cache=False, previous_image=False)) == []


def test_the_cache_of_another_image_is_not_mixed_in() -> None:
    """When image and cache hold different contents of one layer, neither its metadata nor its contents come back."""
    types = Types(launch=True, cache=True)
    image = BuildpackRecord("b", "1.0.0", {name: LayerRecord(types, {"from": "image"}, "sha256:1", 1) for name in "ab"})
    cache = {"a": LayerRecord(types, {}, "sha256:1", 1), "b": LayerRecord(types, {}, "sha256:2", 1)}

    assert decide_restoration(image, cache) == [Restoration("a", {"from": "image"}, "sha256:1")]


def test_a_layer_that_stops_being_cached_leaves_the_cache(run: Any) -> None:
    """Its metadata then comes from the image, and no contents."""
    run("layer a launch cache; content a one")
    run("layer a launch; content a two")

    assert found(run(LOOK)) == [TOML]


def test_metadata_comes_back_as_json_would_have_it_and_without_types(run: Any) -> None:
    """Numbers are floats and dates are strings; what a layer was must be declared anew."""
    metadata = """[metadata]\\ntext = "é"\\nyes = true\\nnumber = 3\\nwhen = 1979-05-27T07:32:00Z\\nlist = [1, "a"]
[metadata.table]\\nx = 1.5"""
    run(f"layer a launch; content a one; printf '{metadata}' >> $CNB_LAYERS_DIR/a.toml")

    result = run('cat "$CNB_LAYERS_DIR/a.toml"')

    assert found(result) == [
        "[metadata]", 'list = [1.0, "a"]', "number = 3.0", 'text = "é"', 'when = "1979-05-27T07:32:00Z"', "yes = true",
        "", "[metadata.table]", "x = 1.5",
    ]  # fmt: skip


def test_a_layer_that_is_not_declared_again_is_gone(run: Any) -> None:
    """Its restored TOML alone does not keep it, in the image or in the cache."""
    run("layer a launch cache; content a one")
    second = run("true")

    assert isinstance(second, Built)
    assert second.layers == ()
    assert found(run(LOOK)) == []


def test_restored_files_have_arbitrary_times(run: Any) -> None:
    """Nothing can be concluded from them: two files made together differ by years."""
    run("layer a cache; content a one; touch $CNB_LAYERS_DIR/a/other")

    times = found(run('stat -c %Y "$CNB_LAYERS_DIR"/a/content "$CNB_LAYERS_DIR"/a/other'))

    assert abs(int(times[0]) - int(times[1])) > 86_400


def test_links_and_modes_come_back_as_they_were(run: Any) -> None:
    """Symbolic links are kept verbatim, dangling and absolute ones too; hard links have become copies."""
    run("""
layer a cache; content a one; cd "$CNB_LAYERS_DIR/a"
chmod 751 content; ln -s /nowhere absolute; ln -s content relative; ln content hard; mkdir -m 700 private
""")

    lines = found(run('cd "$CNB_LAYERS_DIR/a"; stat -c "%N %a %h" *'))

    assert lines == [
        "'absolute' -> '/nowhere' 777 1",
        "'content' 751 1",
        "'hard' 751 1",
        "'private' 700 2",
        "'relative' -> 'content' 777 1",
    ]


def test_a_damaged_cache_is_skipped_but_its_metadata_stays(run: Any, tmp_path: Path) -> None:
    """Metadata is no proof of contents: the lifecycle only warns."""
    run("layer a cache; content a one")
    (archive,) = (tmp_path / "state" / "cache").iterdir()
    archive.write_bytes(archive.read_bytes().replace(b"one", b"two"))

    result = run(LOOK)

    assert found(result) == [TOML]
    assert result.notices == (f"layer a is not restored: {archive.name} is damaged",)


def test_the_store_comes_back_from_the_image_even_without_layers(run: Any) -> None:
    """It is lost with the image, not with the cache."""
    run("printf '[metadata]\\nx = 1' > $CNB_LAYERS_DIR/store.toml")
    assert found(run(LOOK + 'cat "$CNB_LAYERS_DIR/store.toml"', cache=False)) == ["store.toml", "[metadata]", "x = 1.0"]
    assert found(run(LOOK, previous_image=False)) == []


@pytest.mark.parametrize("types", ["launch", "cache", "launch cache"])
def test_the_sbom_of_a_layer_comes_back_with_it_and_those_of_image_and_build_do_not(run: Any, types: str) -> None:
    """launch.sbom and build.sbom must be written by every build."""
    run(f"""
layer a {types}; content a one
for name in a launch build; do echo '{{}}' > $CNB_LAYERS_DIR/$name.sbom.cdx.json; done
""")

    assert "a.sbom.cdx.json" in (seen := found(run(LOOK)))
    assert "launch.sbom.cdx.json" not in seen


def test_a_launch_layer_is_reused_by_reference_when_it_is_left_absent(run: Any, tmp_path: Path) -> None:
    """It stays in the image as it was, with the new metadata, build after build."""
    first = run("layer a launch; content a one")
    keep = "layer a launch; printf '[metadata]\\nn = \"2\"' >> $CNB_LAYERS_DIR/a.toml; test ! -e $CNB_LAYERS_DIR/a"
    second = run(keep)
    third = run("cat $CNB_LAYERS_DIR/a.toml; " + keep)

    for result in (second, third):
        (layer,) = result.layers
        assert (layer.outcome, layer.by_reference, layer.digest) == (Outcome.REUSED, True, first.layers[0].digest)
    assert third.log == '[metadata]\nn = "2"\n'
    assert (tmp_path / "state" / "layers" / "test_first" / "a" / "content").read_text() == "one"


def test_an_empty_directory_replaces_the_layer(run: Any, tmp_path: Path) -> None:
    """To create the directory of a layer that was to be reused is to empty it."""
    run("layer a launch; content a one")
    result = run("layer a launch; mkdir $CNB_LAYERS_DIR/a")

    assert result.outcomes("a") == (Outcome.ADDED,)
    assert list((tmp_path / "state" / "layers" / "test_first" / "a").iterdir()) == []


def test_the_same_contents_made_anew_are_not_exported_again(run: Any) -> None:
    """Digests compare contents, not times."""
    run("layer a launch; content a one")

    assert run("layer a launch; content a one; touch -d 2001-01-01 $CNB_LAYERS_DIR/a/content").outcomes("a") == (
        Outcome.REUSED,
    )
    assert run("layer a launch; content a two").outcomes("a") == (Outcome.ADDED,)


def test_a_cached_launch_layer_is_in_the_image_and_in_the_cache(run: Any) -> None:
    """It has one outcome for each; a layer for later buildpacks only has none."""
    result = run("layer a launch cache; content a one; layer b build; content b one; layer c cache; content c one")

    assert result.outcomes("a") == (Outcome.ADDED, Outcome.CACHED)
    assert (result.outcomes("b"), result.outcomes("c")) == ((), (Outcome.CACHED,))


REFUSED = [
    ("true", "layer a launch", "cannot reuse layer a"),
    ("layer a cache; content a one", "layer a launch; rm -r $CNB_LAYERS_DIR/a", "cannot reuse layer a"),
    ("layer a launch; content a one", "layer a launch cache", "cache=true but has no contents"),
    ("true", "layer a launch; content a one; mkfifo $CNB_LAYERS_DIR/a/pipe", "cannot be restored"),
]


@pytest.mark.parametrize(("before", "script", "problem"), REFUSED)
def test_what_cannot_be_exported_fails_and_changes_nothing(run: Any, before: str, script: str, problem: str) -> None:
    """The export ends with status 62, and the next build finds what there was before."""
    run(before)
    expected = found(run(LOOK + before))

    result = run(script)

    assert isinstance(result, Failed)
    assert (result.status, result.buildpack) == (Status.EXPORT_ERROR, "test/first")
    assert problem in result.reason
    assert found(run(LOOK)) == expected


def test_a_number_that_json_does_not_have_cannot_be_metadata(run: Any) -> None:
    """Metadata is kept in a label of the image."""
    result = run("layer a launch; content a one; printf '[metadata]\\nx = nan' >> $CNB_LAYERS_DIR/a.toml")

    assert isinstance(result, Failed)
    assert (result.status, result.reason) == (Status.EXPORT_ERROR, "a.toml: nan cannot be kept in an image label")


def test_an_absent_cache_layer_is_only_noticed(run: Any) -> None:
    """The lifecycle warns, and does not cache it."""
    assert run("layer a cache").notices == ("layer a has no contents and is not cached",)


def test_a_failed_build_keeps_the_image_and_the_cache_and_loses_what_it_made(run: Any) -> None:
    """The next build finds what the last good one left."""
    run("layer a launch cache; content a one; layer b launch; content b one")

    failed = run(
        "layer a launch cache; content a two; rm -r $CNB_LAYERS_DIR/b.toml; layer c cache; content c x; exit 1"
    )

    assert isinstance(failed, Failed)
    assert found(run(LOOK + "ls")) == [TOML, CONTENT, "a", "a.toml", "b.toml"]


def test_an_app_is_built_as_it_is_now(run: Any, tmp_path: Path) -> None:
    """Files are copied anew with the time that a platform's upload gives them; the source is not changed."""
    app = tmp_path / "app"
    (app / "main.py").write_text("one")
    first = run("cat main.py; stat -c %Y main.py; echo more > main.py")
    assert (app / "main.py").read_text() == "one"
    (app / "main.py").unlink()
    second = run("ls")

    assert first.log == "one315532801\n"
    assert (first.app.outcome, second.app.outcome, second.log) == (Outcome.ADDED, Outcome.ADDED, "")
    assert run("ls").app.outcome == Outcome.REUSED


def test_files_in_the_image_have_the_time_that_images_have(run: Any, tmp_path: Path) -> None:
    """1980, in layers and app, so that bytecode that trusts times is as stale as it would be."""
    run("layer a launch; content a one; touch made")

    state = tmp_path / "state"
    for path in (state / "workspace" / "made", state / "layers" / "test_first" / "a" / "content"):
        assert path.stat().st_mtime == 315_532_801
