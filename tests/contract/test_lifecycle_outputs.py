"""What a buildpack writes is held against the contract, file by file (cnb-contract §1.4, §6)."""

from pathlib import Path
from typing import Any

import pytest

from devkit.lifecycle import Built, Failed, Request, Status, build
from devkit.lifecycle.descriptor import read_descriptor
from devkit.lifecycle.problems import RequestInvalid, Violation

ASSETS = Path(__file__).parent / "assets" / "lifecycle"
TO_LAUNCH = 'cat > "$CNB_LAYERS_DIR/launch.toml" <<"END"\n'
PROVIDES = "printf \"provides = [{name = 'x'}]\\nrequires = [{name = 'x'}]\" > \"$CNB_BUILD_PLAN_PATH\""


@pytest.fixture
def request_of(tmp_path: Path) -> Any:
    """Return a maker of requests to build an empty app with the first scripted buildpack, or both."""
    app = tmp_path / "app"
    app.mkdir()

    def make(first: str = "", second: str | None = None, **changes: Any) -> Request:
        names = ("first",) if second is None else ("first", "second")
        scripts = {"FIRST_BUILD": first, "SECOND_BUILD": second or "", "FIRST_DETECT": PROVIDES}
        given = {"buildpacks": tuple(ASSETS / name for name in names), "env": scripts} | changes
        return Request(app=app, state=tmp_path / "state", **given)

    return make


def launch_toml(text: str) -> str:
    """Return the script that writes ``text`` as launch.toml."""
    return f"{TO_LAUNCH}{text}\nEND\n"


def layer_toml(text: str) -> str:
    """Return the script that writes ``text`` as a.toml."""
    return launch_toml(text).replace("launch.toml", "a.toml")


PROCESS = '[[processes]]\ntype = "web"\ncommand = ["a"]\n'

LAYERS = [
    (layer_toml("launch = true"), "launch must be in [types]"),
    (layer_toml("[types]\nrun = true"), "unknown key 'run'"),
    (layer_toml('[types]\nlaunch = "true"'), "launch must be true or false"),
    (layer_toml("[layer]\nx = 1"), "unknown key 'layer'"),
    (layer_toml("metadata = 1"), "metadata must be a table"),
    (layer_toml("[types"), "a.toml cannot be read"),
    (r"printf '[metadata]\nx = \"\377\"\n' > $CNB_LAYERS_DIR/a.toml", "a.toml cannot be read"),
    ("layer a.b launch; content a.b x", "must not have a dot"),
    ("touch $CNB_LAYERS_DIR/.toml", "must not have a dot"),
    ("layer launch launch", "unknown key 'types'"),
    ("mkdir $CNB_LAYERS_DIR/store; touch $CNB_LAYERS_DIR/store.toml", "store is a reserved name"),
    ("layer a launch; touch $CNB_LAYERS_DIR/a", "a is a file"),
    ("layer a build; mkdir $CNB_LAYERS_DIR/a; touch $CNB_LAYERS_DIR/a/env", "is a file"),
]
LAUNCH = [
    (launch_toml(PROCESS + "direct = true"), "direct is gone"),
    (launch_toml(PROCESS + "shell = true"), "unknown key 'shell'"),
    (launch_toml(PROCESS + PROCESS), "defined twice"),
    (launch_toml(PROCESS + "default = true\n" + PROCESS.replace("web", "b") + "default = true"), "more than one"),
    (launch_toml(PROCESS.replace("web", "a/b")), "letters, digits"),
    (launch_toml(PROCESS.replace('["a"]', '"a"')), "command must be an array of strings"),
    (launch_toml(PROCESS.replace('["a"]', "[]")), "at least the program"),
    (launch_toml(PROCESS + 'args = "x"'), "args must be an array of strings"),
    (launch_toml(PROCESS + "working-dir = 1"), "working-dir must be a string"),
    (launch_toml('[[bom]]\nname = "x"'), "unknown key 'bom'"),
    (launch_toml('[[labels]]\nkey = "x"\nvalue = 1'), "value must be a string"),
    (launch_toml('[[slices]]\npath = "x"'), "unknown key 'path'"),
    (launch_toml("[[processes]"), "launch.toml cannot be read"),
]
OTHERS = [
    ("printf '[[unmet]]\\nname = \"y\"' > $CNB_LAYERS_DIR/build.toml", "unmet y is not in the buildpack's plan"),
    ("printf '[[unmet]]\\nnome = \"x\"' > $CNB_LAYERS_DIR/build.toml", "unknown key 'nome'"),
    ("printf 'x = 1' > $CNB_LAYERS_DIR/build.toml", "unknown key 'x'"),
    ("printf 'x = 1' > $CNB_LAYERS_DIR/store.toml", "unknown key 'x'"),
    ("touch $CNB_LAYERS_DIR/launch.sbom.xml.json", "the formats are"),
    ("touch $CNB_LAYERS_DIR/launch.sbom.spdx.json", "application/spdx+json is not in sbom-formats"),
]


@pytest.mark.parametrize(("script", "problem"), LAYERS + LAUNCH + OTHERS)
def test_output_that_breaks_the_contract_fails_the_build(request_of: Any, script: str, problem: str) -> None:
    """The build fails after bin/build, and the reason names the file, the place or the rule."""
    result = build(request_of(script))

    assert isinstance(result, Failed), result
    assert problem in result.reason
    assert (result.status, result.buildpack) == (Status.BUILD_ERROR, "test/first")


@pytest.mark.parametrize("script", ["exit 7", "kill -9 $$"])
def test_a_build_that_does_not_end_with_0_is_status_51(request_of: Any, script: str) -> None:
    """The log has all that was printed on standard output and standard error; a later buildpack does not run."""
    result = build(request_of(f"echo one; echo two >&2; {script}", "echo three"))

    assert isinstance(result, Failed)
    assert (result.status, result.buildpack, result.log) == (Status.BUILDPACK_FAILED, "test/first", "one\ntwo\n")
    assert result.exit_code == (7 if "7" in script else -1)


def test_a_nul_in_a_users_variable_stops_every_program(request_of: Any) -> None:
    """No program can be given such a variable, so nothing can be run."""
    result = build(request_of(env={"BP_X": "a\0b"}))

    assert isinstance(result, Failed)
    assert result.status == Status.DETECT_ERROR
    assert "cannot be run" in result.log


def test_output_is_heard_while_the_build_goes_on(request_of: Any) -> None:
    """A listener gets the lines in order, and the log is the same."""
    heard: list[str] = []

    result = build(request_of("echo one; echo two", output=heard.append))

    assert isinstance(result, Built)
    assert (heard, result.log) == (["one\n", "two\n"], "one\ntwo\n")


def test_what_a_build_leaves_running_is_killed(request_of: Any, tmp_path: Path) -> None:
    """As in a container, nothing outlives bin/build, and the log does not wait for it."""
    result = build(request_of(f"(sleep 1; touch {tmp_path}/late) & sleep 100 & echo done"))

    assert isinstance(result, Built)
    assert result.log == "done\n"
    assert not (tmp_path / "late").exists()


def test_a_layer_without_types_is_hidden_from_later_buildpacks(request_of: Any) -> None:
    """Its directory is renamed, and it is in neither image nor cache."""
    result = build(request_of("layer a; content a x", 'ls -d "$CNB_LAYERS_DIR"/../test_first/a*'))

    assert isinstance(result, Built)
    assert [Path(line).name for line in result.log.splitlines()] == ["a.ignore", "a.toml"]
    assert result.layers == ()


def test_what_the_lifecycle_silently_ignores_is_noticed(request_of: Any) -> None:
    """A directory without TOML and an SBOM of no layer are left out; here one is reported."""
    result = build(request_of("content a x; touch $CNB_LAYERS_DIR/b.sbom.cdx.json"))

    assert isinstance(result, Built)
    assert result.notices == ("a/ has no a.toml and is ignored", "b.sbom.cdx.json is about no layer and is ignored")


def test_processes_of_later_buildpacks_replace_earlier_ones(request_of: Any) -> None:
    """The last definition of a type wins, and the last default; replacing the default by another process removes it."""
    first = """process web '["one"]' 'default = true'; process worker '["one"]'"""

    other = build(request_of(first, """process worker '["two"]' 'default = true'"""))
    same = build(request_of(first, """process web '["two"]'"""))

    assert isinstance(other, Built)
    assert [(process.type, process.command) for process in other.processes] == [("web", ("one",)), ("worker", ("two",))]
    assert other.default_process == "worker"
    assert isinstance(same, Built)
    assert same.default_process == ""


def test_the_last_label_wins(request_of: Any) -> None:
    """Labels of all buildpacks end up on one image."""
    label = '[[labels]]\nkey = "k"\nvalue = "{}"'

    result = build(request_of(launch_toml(label.format("one")), launch_toml(label.format("two"))))

    assert isinstance(result, Built)
    assert result.labels == {"k": "two"}


DESCRIPTORS = [
    ('api = "0.13"', "not one that this lifecycle knows"),
    ('api = "0.10"\n[[order]]', "composite"),
    ('api = "0.10"\n[buildpack]\nid = "app"\nversion = "1.0.0"', "'app' is not allowed"),
    ('api = "0.10"\n[buildpack]\nid = "a b"\nversion = "1.0.0"', "'a b' is not allowed"),
    ('api = "0.10"\n[buildpack]\nid = "a"\nversion = "1.0"', "not of the form X.Y.Z"),
    ('api = "0.10"\n[buildpack]\nid = "a"\nversion = "01.0.0"', "leading zeros"),
    ('api = "0.10"\n[buildpack]\nid = "a"\nversion = "1.0.0"\nexec-env = []', "unknown key 'exec-env'"),
    ('api = "0.10"\n[buildpack]\nid = "a"\nversion = "1.0.0"\n[own]', "unknown key 'own'"),
    ('api = "0.10"\n[buildpack]\nid = "a"\nversion = "1.0.0"\n', "bin/detect is missing or not executable"),
]


@pytest.mark.parametrize(("text", "problem"), DESCRIPTORS)
def test_a_buildpack_toml_that_a_platform_would_refuse_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    """Before anything runs."""
    (tmp_path / "buildpack.toml").write_text(text)

    with pytest.raises(Violation) as caught:
        read_descriptor(tmp_path)

    assert problem in str(caught.value)


def test_requests_that_make_no_sense_are_refused(request_of: Any, tmp_path: Path) -> None:
    """No app, a state directory within the app, a buildpack twice, an unknown optional one, an impossible variable."""
    first = ASSETS / "first"
    wrong: list[dict[str, Any]] = [
        {"buildpacks": ()},
        {"buildpacks": (first, first)},
        {"optional": frozenset({"test/other"})},
        {"env": {"A/B": "x"}},
    ]
    requests = [request_of(**changes) for changes in wrong]
    requests.append(Request(buildpacks=(first,), app=tmp_path / "none", state=tmp_path / "state"))
    requests.append(Request(buildpacks=(first,), app=tmp_path / "app", state=tmp_path / "app" / "state"))

    for request in requests:
        with pytest.raises(RequestInvalid):
            build(request)
