"""Processes start as the launcher starts them (cnb-contract §1.4 to §1.6, §1.8)."""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devkit.free_port import find_free_port
from devkit.lifecycle import Built, Container, Request, User, build, launch
from devkit.lifecycle.problems import LaunchFailed
from devkit.lifecycle.running import NoAnswer

ASSETS = Path(__file__).parent / "assets" / "lifecycle"
ECHO = """process web '["printf", "<%s>"]' 'args = ["one", "two"]' 'default = true'\n"""
SERVER = f"""
program a/serve <<"END"
#!{sys.executable}
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(203)
        self.send_header("X-Path", self.path)
        self.end_headers()
        self.wfile.write(b"hello")
print("starting", flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
END
layer a launch
process web "[\\"$CNB_LAYERS_DIR/a/serve\\"]" 'default = true'
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return the state directory of an app of one file, not built yet."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.txt").write_text("main")
    return tmp_path / "state"


def build_image(state: Path, first: str, second: str = "") -> Built:
    """Build the app beside ``state`` with the two scripted buildpacks."""
    scripts = {"FIRST_BUILD": first, "SECOND_BUILD": second}
    result = build(Request((ASSETS / "first", ASSETS / "second"), state.parent / "app", state, scripts))
    assert isinstance(result, Built), result
    return result


def said(state: Path, *arguments: Any, status: int = 0, **options: Any) -> str:
    """Launch a process, wait for its end and return what it said."""
    with launch(state, *arguments, **options) as running:
        assert running.wait() == status, running.log
        return running.log


def environment(state: Path, process_type: str = "show", **options: Any) -> dict[str, str]:
    """Return the environment that the process ``env`` of the image gets."""
    return dict(line.split("=", 1) for line in said(state, process_type, **options).splitlines())


SHOW = """process show '["/usr/bin/env"]'\n"""


def test_a_process_gets_its_command_and_arguments_without_a_shell(state: Path) -> None:
    """The default process is started unless another is named; nothing in a command is expanded."""
    build_image(state, ECHO + """process other '["echo", "$HOME *"]'""")

    assert said(state) == "<one><two>"
    assert said(state, "other") == "$HOME *\n"


def test_arguments_given_at_launch_replace_those_of_the_process(state: Path) -> None:
    """They do not replace its command, however long."""
    build_image(state, ECHO)

    assert said(state, args=("three",)) == "<three>"


def test_any_command_can_be_run_in_the_environment_of_the_image(state: Path) -> None:
    """As with the launcher as entrypoint."""
    build_image(state, "layer a launch; variable a env WHO me")

    assert said(state, command=("sh", "-c", "echo $WHO; cat main.txt")) == "me\nmain"


def test_a_process_starts_in_the_app_or_where_it_wants(state: Path) -> None:
    """working-dir may be relative to the app, or absolute."""
    build_image(
        state,
        """mkdir sub; process a '["pwd"]'; process b '["pwd"]' 'working-dir = "sub"'
process c '["pwd"]' 'working-dir = "/usr"'""",
    )

    assert [said(state, name).strip() for name in "abc"] == [f"{state}/workspace", f"{state}/workspace/sub", "/usr"]


def test_the_program_is_looked_for_in_the_path_of_the_launch_environment(state: Path) -> None:
    """A layer's bin directory comes before the run image's PATH."""
    build_image(
        state,
        """layer a launch; process web '["env"]' 'default = true'
printf '#!/bin/sh\\necho mine\\n' | program a/bin/env""",
    )

    assert said(state) == "mine\n"


def test_the_environment_is_that_of_the_container_and_the_layers(state: Path) -> None:
    """Nothing of ours leaks in, the launcher's own variables are taken out, and build layers are not there."""
    build_image(state, SHOW + "layer a build cache; content a x; variable a env NOT here; layer b launch; content b x")
    given = {"GREETING": "hi", "CNB_APP_DIR": "x", "CNB_LAYERS_DIR": "x", "CNB_PLATFORM_API": "x"}

    seen = environment(state, env=given)

    assert set(seen) == {"GREETING", "HOME", "HOSTNAME", "PATH"}
    assert [path.name for path in (state / "layers" / "test_first").iterdir()] == ["b"]


def test_layers_change_the_environment_in_the_launchers_order(state: Path) -> None:
    """Per buildpack all roots, then the files of each layer by its directory's name; later ones end up in front."""
    make = """
for layer in a b; do
    layer $layer launch; mkdir -p $CNB_LAYERS_DIR/$layer/bin $CNB_LAYERS_DIR/$layer/lib $CNB_LAYERS_DIR/$layer/include
    variable $layer env TRAIL.append $WHO$layer; variable $layer env TRAIL.delim ,
    variable $layer env.launch LAST $WHO$layer
done
"""
    build_image(state, SHOW + "WHO=1" + make, "WHO=2" + make)
    one, two = (state / "layers" / f"test_{name}" for name in ("first", "second"))

    seen = environment(state, container=Container(path="/run"))

    assert seen["PATH"] == f"{two}/b/bin:{two}/a/bin:{one}/b/bin:{one}/a/bin:/run"
    assert seen["LD_LIBRARY_PATH"] == f"{two}/b/lib:{two}/a/lib:{one}/b/lib:{one}/a/lib"
    assert (seen["TRAIL"], seen["LAST"]) == ("1a,1b,2a,2b", "2b")
    assert "CPATH" not in seen


def test_env_files_come_after_the_roots_of_all_layers_of_a_buildpack(state: Path) -> None:
    """So a prepended PATH beats every bin directory of the same buildpack."""
    build_image(state, SHOW + "layer a launch; variable a env PATH.prepend /own:; layer b launch; mkdir -p $1/b/bin")

    assert environment(state)["PATH"].startswith(f"/own:{state}/layers/test_first/b/bin:")


def test_one_process_can_have_variables_of_its_own(state: Path) -> None:
    """env, then env.launch, then env.launch/<process>, each overriding the one before."""
    build_image(
        state,
        SHOW
        + """process other '["/usr/bin/env"]'; layer a launch
variable a env A env; variable a env B env; variable a env C env
variable a env.launch B launch; variable a env.launch C launch; variable a env.launch/show C process
variable a env.build A build""",
    )

    show, other = environment(state), environment(state, "other")

    assert [show[name] for name in "ABC"] == ["env", "launch", "process"]
    assert [other[name] for name in "ABC"] == ["env", "launch", "launch"]


def test_a_default_yields_to_the_user_and_an_override_does_not(state: Path) -> None:
    """What docker run -e gives is the base that layers change."""
    build_image(state, SHOW + "layer a launch; variable a env A.default layer; variable a env B layer")

    seen = environment(state, env={"A": "user", "B": "user"})

    assert (seen["A"], seen["B"]) == ("user", "layer")


EXEC_D = """layer a launch
program a/exec.d/1 <<"END"
#!/bin/sh
echo "from $(pwd) with $GIVEN" >&2
printf 'ONE = "%s-1"\\n' "$GIVEN" >&3
END
program a/exec.d/2 <<"END"
#!/bin/sh
printf 'TWO = "%s-2"\\nGIVEN = "new"\\n' "$ONE" >&3
END
program a/exec.d/show/1 <<"END"
#!/bin/sh
printf 'THREE = "%s"' "$TWO" >&3
END
"""


def test_exec_d_programs_add_variables_one_after_the_other(state: Path) -> None:
    """They speak TOML on fd 3, start in the app, see what came before, and what they print is in the log."""
    build_image(state, EXEC_D + """process show '["sh", "-c", "echo $GIVEN $ONE $TWO $THREE"]'""")

    log = said(state, "show", env={"GIVEN": "g"})

    assert log.splitlines() == [f"from {state}/workspace with g", "new g-1 g-1-2 g-1-2"]


def test_exec_d_of_another_process_does_not_run(state: Path) -> None:
    """exec.d/<process> is only for that process."""
    build_image(state, EXEC_D + """process other '["sh", "-c", "echo ${THREE-none}"]'""")

    assert said(state, "other", env={"GIVEN": "g"}).splitlines()[-1] == "none"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("#!/bin/sh\necho oh; exit 3", "ended with status 3\noh"),
        ("#!/bin/sh\necho 'A = 1' >&3", "A must be a string"),
        ("#!/bin/sh\necho 'A' >&3", "something else than TOML"),
        ("#!/nowhere/sh\n", "cannot be run"),
    ],
)
def test_an_exec_d_program_that_fails_stops_the_launch_with_82(state: Path, text: str, problem: str) -> None:
    """The message names the program, and has what it printed."""
    build_image(state, ECHO + f'layer a launch\nprogram a/exec.d/1 <<"END"\n{text}\nEND\n')

    with pytest.raises(LaunchFailed, match=r"exec\.d/1") as caught:
        launch(state)

    assert caught.value.status == 82
    assert problem in str(caught.value)


def test_an_exec_d_program_that_leaves_fd_3_open_stops_the_launch(state: Path) -> None:
    """The real launcher reads to the end of it and would hang; what is left running is killed."""
    build_image(state, ECHO + "layer a launch; printf '#!/bin/sh\nsleep 100 &' | program a/exec.d/1")

    with pytest.raises(LaunchFailed, match="fd 3 open"):
        launch(state)


@pytest.mark.parametrize("name", ["env", "env.launch", "exec.d"])
def test_a_file_where_a_layer_has_a_directory_stops_the_launch(state: Path, name: str) -> None:
    """The launcher cannot list it."""
    build_image(state, ECHO + f"layer a launch; content a x; touch $CNB_LAYERS_DIR/a/{name}")

    with pytest.raises(LaunchFailed, match="is a file"):
        launch(state)


def test_an_exec_d_program_without_the_executable_bit_stops_the_launch(state: Path) -> None:
    """Everything in exec.d is run."""
    build_image(state, ECHO + "layer a launch; variable a exec.d note text")

    with pytest.raises(LaunchFailed, match="cannot be run"):
        launch(state)


def test_launches_that_cannot_be_are_refused(state: Path) -> None:
    """No image, no default process, an unknown type, an unknown program."""
    with pytest.raises(LaunchFailed, match="no image"):
        launch(state)
    build_image(state, """process web '["no-such-program"]'""")
    with pytest.raises(LaunchFailed, match="no default process"):
        launch(state)
    with pytest.raises(LaunchFailed, match="it has web"):
        launch(state, "worker")
    with pytest.raises(LaunchFailed, match="not an executable in PATH"):
        launch(state, "web")
    build_image(state, "true")  # a launch that failed holds nothing


def test_a_server_is_asked_and_stopped(state: Path) -> None:
    """wait_for_http returns the first answer; terminate is docker stop."""
    build_image(state, SERVER)
    port = find_free_port()

    with launch(state, env={"PORT": str(port)}) as running:
        answer = running.wait_for_http(port, "/page")
        status = running.terminate()

    assert (answer.status, answer.body, answer.headers["x-path"]) == (203, b"hello", "/page")
    assert running.log.startswith("starting\n")
    assert status == -signal.SIGTERM


def test_a_server_that_ends_or_never_answers_is_told_with_its_log(state: Path) -> None:
    """Nobody has to wait for a process that is gone."""
    build_image(state, """process bad '["sh", "-c", "echo oh no; exit 4"]'; process idle '["sleep", "100"]'""")

    with launch(state, "bad") as running, pytest.raises(NoAnswer, match="status 4\noh no"):
        running.wait_for_http(find_free_port())
    with launch(state, "idle") as running, pytest.raises(NoAnswer, match=r"within 0\.2 seconds"):
        running.wait_for_http(find_free_port(), timeout=0.2)


def test_terminate_returns_the_status_that_the_process_chose(state: Path) -> None:
    """A process may end SIGTERM with 0, or ignore it and be killed."""
    build_image(
        state,
        """process polite '["sh", "-c", "trap \\'exit 0\\' TERM; echo up; while :; do sleep 0.01; done"]'
process deaf '["sh", "-c", "trap \\'\\' TERM; echo up; while :; do sleep 0.01; done"]'""".replace("\\'", "'\\''"),
    )

    for name, expected in (("polite", 0), ("deaf", -signal.SIGKILL)):
        running = launch(state, name)
        while "up" not in running.log:
            pass
        assert running.terminate(timeout=0.3) == expected


@pytest.fixture
def open_state() -> Iterator[Path]:
    """Return a state directory that everybody can enter, which pytest's own are not."""
    root = Path(tempfile.mkdtemp(prefix="lifecycle-"))
    root.chmod(0o755)
    (root / "app").mkdir()
    yield root / "state"
    shutil.rmtree(root)


TRY_TO_WRITE = """layer a launch; content a x; mkdir sub; echo y > sub/file
chmod -R a+rwX . "$CNB_LAYERS_DIR/a"
process web '["sh", "-c", "touch new ../layers/test_first/a/new sub/new; echo >> sub/file; cat sub/file; id -u"]'
"""


def test_a_read_only_app_cannot_write_to_app_or_layers(open_state: Path) -> None:
    """Not even where all may write; root is made somebody else for it; afterwards all is as it was."""
    build_image(open_state, TRY_TO_WRITE)

    log = said(open_state, "web", container=Container(read_only=True))

    assert log.count("ermission denied") == 4
    lines = log.splitlines()
    assert "y" in lines
    assert lines[-1] != "0"
    assert (open_state / "workspace" / "sub").stat().st_mode & 0o777 == 0o777


@pytest.mark.skipif(os.getuid() != 0, reason="only root can run a process as somebody else")
def test_a_process_can_be_run_by_a_user_that_nobody_knows(open_state: Path) -> None:
    """An odd uid has no name and the home directory that a container engine gives it; exec.d runs as it, too."""
    script = """layer a launch
printf '#!/bin/sh\\nprintf "WHO = \\\\"$(id -u)\\\\"" >&3' | program a/exec.d/1
process web '["sh", "-c", "id -u; id -g; id -G; echo $HOME $WHO"]'"""
    build_image(open_state, script)

    log = said(open_state, "web", container=Container(user=User(4711, 4712)))

    assert log.split() == ["4711", "4712", "4712", "/", "4711"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can run a process as somebody else")
def test_a_state_directory_that_a_user_cannot_enter_is_named(state: Path) -> None:
    """The error names the cause, not a program that seems to be missing."""
    state.parent.chmod(0o700)
    build_image(state, ECHO)

    with pytest.raises(LaunchFailed, match="uid 4711 cannot enter"):
        launch(state, container=Container(user=User(4711, 4711)))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can build as somebody else")
def test_buildpacks_can_be_run_by_another_user(open_state: Path) -> None:
    """As in a builder, detect and build own the app and the layers, restored ones too, and are not root."""
    detect = 'test "$(id -u)" = 4711; echo > "$CNB_BUILD_PLAN_PATH"'
    script = 'id -u; touch new; rm -rf "$CNB_LAYERS_DIR/a"; layer a launch cache; content a x'
    request = Request(
        (ASSETS / "first",),
        open_state.parent / "app",
        open_state,
        {"FIRST_DETECT": detect, "FIRST_BUILD": script},
        user=User(4711, 4711),
    )

    for _ in range(2):
        result = build(request)
        assert isinstance(result, Built), result
        assert result.log == "4711\n"
