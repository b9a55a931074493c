"""Detection: exit statuses, plans, and that the app is left alone (cnb-contract §1.1, §1.3)."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from devkit.lifecycle import Built, Detected, Failed, NotDetected, Request, Status, build, detect
from devkit.lifecycle.target import Target

ASSETS = Path(__file__).parent / "assets" / "lifecycle"
BOTH = (ASSETS / "first", ASSETS / "second")


@pytest.fixture
def request_of(tmp_path: Path) -> Any:
    """Return a maker of requests for an app of one file with the two scripted buildpacks."""
    app = tmp_path / "app"
    app.mkdir()
    (app / "main.py").write_text("print('hello')\n")

    def make(scripts: dict[str, str], **changes: Any) -> Request:
        given = {"buildpacks": BOTH} | changes
        return Request(app=app, state=tmp_path / "state", env=scripts, **given)

    return make


def plan(text: str) -> str:
    """Return the script that writes ``text`` as the build plan."""
    return f'cat > "$CNB_BUILD_PLAN_PATH" <<"END"\n{text}\nEND\n'


def test_a_buildpack_that_writes_no_plan_passes(request_of: Any) -> None:
    """Exit status 0 and nothing provided or required is all that a standalone buildpack needs."""
    result = detect(request_of({}))

    assert isinstance(result, Detected)
    assert (result.group, result.plan) == (("test/first", "test/second"), ())


def test_status_100_of_a_needed_buildpack_is_status_20_with_its_output(request_of: Any) -> None:
    """Not detected is no error; the user sees what each buildpack had to say."""
    result = detect(request_of({"FIRST_DETECT": "echo not mine; exit 100"}))

    assert isinstance(result, NotDetected)
    assert result.status == Status.NOT_DETECTED
    assert result.outputs["test/first"] == "not mine\n"


@pytest.mark.parametrize("script", ["exit 1", "exit 99", "kill -9 $$"])
def test_any_other_end_of_detect_is_status_21(request_of: Any, script: str) -> None:
    """A crash, an odd status or a signal is an error, not a no."""
    result = detect(request_of({"SECOND_DETECT": script}))

    assert isinstance(result, NotDetected)
    assert result.status == Status.DETECT_ERROR
    assert "test/second" in result.reasons[0]


def test_an_optional_buildpack_may_fail(request_of: Any) -> None:
    """The rest of the group goes on without it."""
    result = detect(request_of({"FIRST_DETECT": "exit 100"}, optional=frozenset({"test/first"})))

    assert isinstance(result, Detected)
    assert result.group == ("test/second",)


def test_a_group_of_which_nobody_is_left_does_not_detect(request_of: Any) -> None:
    """All being optional does not make an empty group an image."""
    scripts = {"FIRST_DETECT": "exit 100", "SECOND_DETECT": "exit 100"}

    result = detect(request_of(scripts, optional=frozenset({"test/first", "test/second"})))

    assert isinstance(result, NotDetected)
    assert result.status == Status.NOT_DETECTED


@pytest.mark.parametrize(
    "script", ["echo x > new", "echo x >> main.py", "rm main.py", "chmod +x main.py", "touch main.py", "mkdir d"]
)
def test_a_detect_that_touches_the_app_is_an_error(request_of: Any, script: str) -> None:
    """The app is read-only while buildpacks look at it."""
    result = detect(request_of({"FIRST_DETECT": script}))

    assert isinstance(result, NotDetected)
    assert result.status == Status.DETECT_ERROR
    assert "changed the app" in result.reasons[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("provides = [", "cannot be read"),
        ('[[provides]]\nname = "\udcff"', "cannot be read"),
        ('[[requires]]\nname = "python"\nversion = "3.13"', "version is not allowed"),
        ('[[provide]]\nname = "python"', "unknown key 'provide'"),
        ('[[provides]]\nname = "python"\nversion = "3"', "unknown key 'version'"),
        ("[[requires]]\n[requires.metadata]\nx = 1", "name must be a string"),
        ('[[or]]\n[[or.or]]\n[[or.or.provides]]\nname = "x"', "unknown key 'or'"),
        ('provides = ["python"]', "array of tables"),
    ],
)
def test_a_plan_that_is_not_as_the_contract_has_it_is_an_error(request_of: Any, text: str, problem: str) -> None:
    """Whatever the contract does not name is refused, with the place where it stands."""
    result = detect(request_of({"FIRST_DETECT": plan(text)}))

    assert isinstance(result, NotDetected)
    assert result.status == Status.DETECT_ERROR
    assert problem in result.reasons[0]


def test_requirements_reach_the_provider_as_entries_in_order(request_of: Any) -> None:
    """CNB_BP_PLAN_PATH holds every requirement for what a buildpack provides, metadata and all, and only those."""
    provides = plan('[[provides]]\nname = "python"\n[[requires]]\nname = "python"')
    requires = plan('[[requires]]\nname = "python"\n[requires.metadata]\nversion = "3.13"\nbuild = true\nlevel = 3')
    scripts = {"FIRST_DETECT": provides, "SECOND_DETECT": requires}
    show = 'cat "$CNB_BP_PLAN_PATH"'

    result = build(request_of(scripts | {"FIRST_BUILD": show, "SECOND_BUILD": "echo second:; " + show}))

    assert isinstance(result, Built)
    first, _, second = result.log.partition("second:\n")
    assert tomllib.loads(first)["entries"] == [
        {"name": "python"},
        {"name": "python", "metadata": {"version": "3.13", "build": True, "level": 3}},
    ]
    assert second == ""


def test_an_alternative_is_taken_when_the_first_choice_does_not_fit(request_of: Any) -> None:
    """[[or]] lets a buildpack stand alone where nobody requires what it could provide."""
    either = plan('[[provides]]\nname = "python"\n[[or]]\n[[or.provides]]\nname = "x"\n[[or.requires]]\nname = "x"')

    result = detect(request_of({"FIRST_DETECT": either}))

    assert isinstance(result, Detected)
    assert [entry.name for entry in result.plan] == ["x"]


def test_plans_that_cannot_be_met_are_status_20_with_the_reason(request_of: Any) -> None:
    """What is required must be provided before, and what is provided must be required after."""
    result = build(request_of({"FIRST_DETECT": plan('[[requires]]\nname = "node"')}))

    assert isinstance(result, Failed)
    assert result.status == Status.NOT_DETECTED
    assert result.reason == "test/first requires 'node', which nothing before it provides"


def test_an_unmet_entry_goes_to_the_next_provider(request_of: Any) -> None:
    """What the first provider leaves unmet is in the plan of the second; what it meets is not."""
    scripts = {
        "FIRST_DETECT": plan('provides = [{name = "a"}, {name = "b"}]'),
        "SECOND_DETECT": plan('provides = [{name = "a"}, {name = "b"}]\nrequires = [{name = "a"}, {name = "b"}]'),
        "FIRST_BUILD": """printf '[[unmet]]\\nname = "b"\\n' > "$CNB_LAYERS_DIR/build.toml" """,
        "SECOND_BUILD": 'cat "$CNB_BP_PLAN_PATH"',
    }

    result = build(request_of(scripts))

    assert isinstance(result, Built)
    assert result.log.split() == ["[[entries]]", "name", "=", '"b"']


def test_a_buildpack_without_the_target_is_an_error_unless_it_is_optional(request_of: Any, tmp_path: Path) -> None:
    """A needed buildpack for another architecture stops its group; an optional one has to look for itself."""
    only_arm = tmp_path / "arm"
    (only_arm / "bin").mkdir(parents=True)
    for name in ("detect", "build"):
        (only_arm / "bin" / name).write_text("#!/bin/sh\n")
        (only_arm / "bin" / name).chmod(0o755)
    (only_arm / "buildpack.toml").write_text(
        'api = "0.10"\n[buildpack]\nid = "test/arm"\nversion = "1.0.0"\n[[targets]]\nos = "linux"\narch = "arm64"\n'
    )
    amd = Target(arch="amd64")

    needed = detect(request_of({}, buildpacks=(only_arm,), target=amd))
    optional = detect(request_of({}, buildpacks=(only_arm,), target=amd, optional=frozenset({"test/arm"})))
    right = detect(request_of({}, buildpacks=(only_arm,), target=Target(arch="arm64")))

    assert isinstance(needed, NotDetected)
    assert needed.status == Status.DETECT_ERROR
    assert isinstance(optional, Detected)
    assert isinstance(right, Detected)
