"""The state directory survives whatever happens to a build (design of devkit.lifecycle.state)."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devkit.lifecycle import Built, Failed, Request, Status, build, launch
from devkit.lifecycle.problems import StateBusy, StateUnreadable

ASSETS = Path(__file__).parent / "assets" / "lifecycle"
MAKE = """
layer a launch; content a {text}
layer b launch cache; content b {text}
layer c cache; content c {text}
if [ ! -e "$CNB_LAYERS_DIR/d.toml" ]; then content d {text}; fi; layer d launch
echo '{{}}' > "$CNB_LAYERS_DIR/launch.sbom.cdx.json"; echo '{{}}' > "$CNB_LAYERS_DIR/c.sbom.cdx.json"
process web '["sh", "-c", "cat ../layers/test_first/*/content"]' 'default = true'
"""

DRIVER = """
import signal, sys
from pathlib import Path
from devkit.lifecycle import Request, build

# A shell that starts something in the background, such as a CI, has it ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
first, app, script = sys.argv[1:]
build(Request((Path(first),), Path(app), Path(app).parent / "state", {"FIRST_BUILD": script}))
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return an app of one file."""
    path = tmp_path / "app"
    path.mkdir()
    (path / "main.py").write_text("print()")
    return path


def request_of(app: Path, script: str) -> Request:
    """Return a request to build ``app`` with the first scripted buildpack, beside it."""
    return Request((ASSETS / "first",), app, app.parent / "state", {"FIRST_BUILD": script})


def launched(state: Path) -> str:
    """Return what the image's default process prints."""
    with launch(state) as running:
        assert running.wait() == 0
        return running.log


def start(app: Path, script: str) -> subprocess.Popen[bytes]:
    """Start a build in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(ASSETS / "first"), str(app), script], stderr=subprocess.DEVNULL
    )


def wait_for_end(pid: int) -> None:
    """Wait until a process has ended, whether or not anybody has asked for its status."""
    deadline = time.monotonic() + 10
    with contextlib.suppress(OSError):
        while Path(f"/proc/{pid}/cmdline").read_bytes():
            assert time.monotonic() < deadline, f"{pid} is still running"
            time.sleep(0.01)


def test_a_build_can_die_at_any_change_of_a_file(app: Path) -> None:
    """Wherever it is killed: the old image is launched, whole, until the new one is, and the next build works."""
    state = app.parent / "state"
    assert isinstance(build(request_of(app, MAKE.format(text="old"))), Built)

    command = (sys.executable, ASSETS / "die_anywhere.py", ASSETS / "first", app, state, MAKE.format(text="new"))
    said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    # d is reused, so it stays old.
    assert set(said) == {"oldoldold", "newnewold"}
    assert said == sorted(said, reverse=True)
    assert len(said) > 40, "the build is expected to change more files than that"
    result = build(request_of(app, 'cat "$CNB_LAYERS_DIR"/[bc]/content'))
    assert isinstance(result, Built)
    assert result.log == "newnew"


def test_what_a_killed_build_left_running_is_ended_by_the_next(app: Path) -> None:
    """The process of bin/build outlives us if we are killed; it must not write into the next build."""
    started, pid = app.parent / "started", app.parent / "pid"
    script = f"echo $$ > {pid}; touch {started}; sleep 100"
    with start(app, script) as driver:
        while not started.exists():
            time.sleep(0.01)
        driver.kill()
    leftover = int(pid.read_text())
    os.kill(leftover, 0)

    assert isinstance(build(request_of(app, "true")), Built)

    wait_for_end(leftover)


def test_a_failed_build_changes_nothing_of_what_is_launched(app: Path) -> None:
    """Neither the layers nor the app nor the processes."""
    state = app.parent / "state"
    build(request_of(app, MAKE.format(text="old")))

    failed = build(request_of(app, MAKE.format(text="new") + "exit 1"))

    assert isinstance(failed, Failed)
    assert launched(state) == "oldoldold"


def test_builds_and_launched_processes_exclude_each_other(app: Path) -> None:
    """A build is refused while a process runs, for it would take the files away; a second process is welcome."""
    state = app.parent / "state"
    build(request_of(app, MAKE.format(text="old") + 'process sleep \'["sleep", "100"]\''))

    with launch(state, "sleep"):
        with pytest.raises(StateBusy):
            build(request_of(app, "true"))
        assert launched(state) == "oldoldold"
    assert isinstance(build(request_of(app, "true")), Built)


def test_a_build_excludes_another(app: Path) -> None:
    """The second one is refused at once."""
    state = app.parent / "state"
    hold = f"touch {app.parent}/started; while [ ! -e {app.parent}/go ]; do sleep 0.01; done"
    with start(app, hold) as driver:
        while not (app.parent / "started").exists():
            time.sleep(0.01)
        with pytest.raises(StateBusy):
            build(request_of(app, "true"))
        with pytest.raises(StateBusy):
            launch(state)
        (app.parent / "go").touch()
        assert driver.wait() == 0


def test_an_interrupted_build_ends_its_buildpack(app: Path) -> None:
    """Ctrl-C reaches bin/build as well, although it is in a group of its own."""
    pid = app.parent / "pid"
    with start(app, f"echo $$ > {pid}.new; mv {pid}.new {pid}; sleep 100") as driver:
        while not pid.exists():
            time.sleep(0.01)
        driver.send_signal(signal.SIGINT)
        driver.wait(20)

    wait_for_end(int(pid.read_text()))


def test_big_contents_are_moved_and_not_copied(app: Path, tmp_path: Path) -> None:
    """A layer is the same directory, by its number, from bin/build through commit and later builds to launch."""
    made = build(request_of(app, 'layer a launch; content a x; stat -c %i "$CNB_LAYERS_DIR/a/content"'))
    kept = build(request_of(app, "layer a launch"))
    build(request_of(app, "exit 1"))

    assert isinstance(made, Built)
    assert isinstance(kept, Built)
    with launch(tmp_path / "state", command=("stat", "-c", "%i", "../layers/test_first/a/content")) as running:
        running.wait()
        assert running.log == made.log


def test_directories_that_cannot_be_written_are_handled(app: Path) -> None:
    """A buildpack may make its layer read-only; it is still moved, mounted and in the end removed."""
    script = "layer a launch cache; content a x; cd $CNB_LAYERS_DIR; mkdir a/d; touch a/d/f; chmod -R a-w a"

    for text in (script, "layer a launch cache", "true"):
        assert isinstance(build(request_of(app, text)), Built)
    assert not (app.parent / "state" / "layers" / "test_first").exists()


def test_nothing_useless_is_kept(app: Path) -> None:
    """Contents and archives that no record names are swept."""
    state = app.parent / "state"
    build(request_of(app, MAKE.format(text="old")))
    build(request_of(app, "true"))

    assert [path.name for folder in ("contents", "cache", "layers") for path in (state / folder).iterdir()] == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 0}', '{"format": 1}'])
def test_a_record_that_is_not_ours_is_refused(app: Path, text: str) -> None:
    """An older or foreign state directory is not guessed at."""
    state = app.parent / "state"
    state.mkdir()
    (state / "record.json").write_text(text)

    with pytest.raises(StateUnreadable):
        build(request_of(app, "true"))


def test_status_of_a_killed_build_is_51(app: Path) -> None:
    """bin/build being killed from outside is a failed build like any other."""
    result = build(request_of(app, "kill -9 $$"))

    assert isinstance(result, Failed)
    assert (result.status, result.exit_code) == (Status.BUILDPACK_FAILED, -1)
