"""Bad input, from the app or from the network: one clear message, no traceback, and nothing lost."""

import hashlib
import io
import os
import shutil
import signal
import socket
import subprocess
import tarfile
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from built_apps import one_line
from devkit.interpreters import Source
from devkit.lifecycle.results import Built, Failed
from devkit.loopback import running
from devkit.paths import CHECKOUT
from manager_context import write_app
from tiny_index import Distribution, add_to_index, serving

Attempt = Callable[..., Built | Failed]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return the smallest app: a script."""
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "main.py").write_text("print('hello')\n", encoding="utf-8")
    return folder


def refusal(result: Built | Failed) -> str:
    """Return the code of the one error that a build failed with; anything but one clear message is a failure."""
    assert isinstance(result, Failed), result.log
    assert result.exit_code == 1, result
    assert "Traceback" not in result.log
    codes = [line.removeprefix("error: ") for line in result.log.splitlines() if line.startswith("error: ")]
    assert len(codes) == 1, result.log
    assert result.log.count("To fix it:") == 1, result.log
    return codes[0]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("runtime.txt", b"\xff\xfep\0y\0", "project-file-unreadable"),
        ("runtime.txt", b"pyth\xf6n-3.12", "project-file-unreadable"),
        ("runtime.txt", b"snake-3.12", "python-version-invalid"),
        ("runtime.txt", b"python-3.99", "python-version-unknown"),
        (".python-version", b"3.12\xe2\x80\x8b", "python-version-invalid"),
        ("pyproject.toml", b"[project\n", "project-file-invalid"),
        ("requirements.txt", None, "project-file-unreadable"),
        ("requirements.txt", b"-r missing.txt\n", "requirements-include-missing"),
        ("uv.lock", b"version = 1\n", "uv-lock-alone"),
    ],
)
def test_a_file_of_the_app_that_is_wrong(
    app: Path, attempt: Attempt, name: str, content: bytes | None, code: str
) -> None:
    """Each mistake is named by its code; None stands for a directory of that name."""
    if content is None:
        (app / name).mkdir()
    else:
        (app / name).write_bytes(content)
    assert refusal(attempt(app)) == code


def test_a_file_that_may_not_be_read(app: Path, attempt: Attempt) -> None:
    """A link into nothing stands for every file that cannot be opened, for root too."""
    (app / "runtime.txt").symlink_to("nowhere")
    assert refusal(attempt(app)) == "project-file-unreadable"


def archive_with(member: tarfile.TarInfo, content: bytes = b"") -> bytes:
    """Return a tar.gz with an innocent file and ``member``."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        innocent = tarfile.TarInfo("python/README")
        tar.addfile(innocent)
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def link(name: str, target: str) -> tarfile.TarInfo:
    """Return a symbolic link."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


def inventory_of(folder: Path, archive: bytes, sha256: str | None = None, url: str | None = None) -> dict[str, str]:
    """Return the setting for an inventory whose one interpreter is ``archive``."""
    path = folder / "archive.tar.gz"
    path.write_bytes(archive)
    text = f"""default = "3.13"
[[interpreters]]
version = "3.13.0"
build = "20260101"
os = "linux"
arch = "amd64"
libc = "gnu"
variant = "default"
url = "{url or path.as_uri()}"
sha256 = "{sha256 or hashlib.sha256(archive).hexdigest()}"
"""
    (folder / "inventory.toml").write_text(text, encoding="utf-8")
    return {"BP_PYTHON_INVENTORY": str(folder / "inventory.toml")}


@pytest.mark.parametrize(
    "member",
    [
        tarfile.TarInfo("/etc/passwd-terrarium"),
        tarfile.TarInfo("python/../../escaped"),
        link("python/bin/out", "/etc"),
        link("python/lib/up", "../../../.."),
    ],
    ids=lambda member: member.name,
)
def test_a_hostile_archive(app: Path, attempt: Attempt, tmp_path: Path, member: tarfile.TarInfo) -> None:
    """Absolute paths, .. and links out are refused, and nothing is written outside."""
    assert refusal(attempt(app, inventory_of(tmp_path, archive_with(member)))) == "archive-unsafe"
    assert not (tmp_path / "escaped").exists()


def test_an_archive_of_another_digest(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """A digest that differs ends the build; no other place is tried."""
    env = inventory_of(tmp_path, b"not it", sha256="0" * 64)
    assert refusal(attempt(app, env)) == "download-digest-mismatch"


def test_a_mirror_that_is_dead(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """A refused connection is reported with the address that was tried."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    env = inventory_of(tmp_path, b"x", url=f"http://127.0.0.1:{port}/python.tar.gz")
    result = attempt(app, env)
    assert refusal(result) == "download-failed"
    assert f"127.0.0.1:{port}" in result.log


@pytest.fixture
def cutting_server() -> Iterator[str]:
    """Yield a server that promises a megabyte and closes after a few bytes, always."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            self.wfile.write(b"a few bytes")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with running(server):
        yield f"http://127.0.0.1:{server.server_port}/python.tar.gz"


def test_a_download_that_is_always_cut(app: Path, attempt: Attempt, tmp_path: Path, cutting_server: str) -> None:
    """It is tried again a few times, then given up with the reason."""
    assert refusal(attempt(app, inventory_of(tmp_path, b"x", url=cutting_server))) == "download-failed"


@pytest.mark.parametrize(
    ("content", "code"), [("default = [", "inventory-invalid"), ('default = "3.13"\n', "inventory-invalid")]
)
def test_an_inventory_that_is_none(app: Path, attempt: Attempt, tmp_path: Path, content: str, code: str) -> None:
    """The operator's file is checked like the user's."""
    (tmp_path / "inventory.toml").write_text(content, encoding="utf-8")
    assert refusal(attempt(app, {"BP_PYTHON_INVENTORY": str(tmp_path / "inventory.toml")})) == code


def test_variables_that_would_bend_the_build(app: Path, attempt: Attempt) -> None:
    """All of them are named at once."""
    result = attempt(app, {"PYTHONHOME": "/x", "PIP_TARGET": "/y"})
    assert refusal(result) == "environment-unsafe"
    assert "PIP_TARGET, PYTHONHOME" in result.log


def test_a_failed_build_costs_nobody_their_image(app: Path, attempt: Attempt) -> None:
    """After a failure the next build reuses what the last good one left."""
    assert isinstance(attempt(app), Built)
    (app / "runtime.txt").write_text("python-3.99", encoding="utf-8")
    assert refusal(attempt(app)) == "python-version-unknown"
    (app / "runtime.txt").unlink()
    again = attempt(app)
    assert isinstance(again, Built)
    assert again.log.count("Reused (nothing changed)") == 2


def test_a_syntax_error_in_what_would_be_served(app: Path, attempt: Attempt) -> None:
    """The app's own Python says it where that is newer than the buildpack's, before any package is installed.

    A file in newer syntax is no error, and the image stays.
    """
    (app / ".python-version").write_text("3.12\n", encoding="utf-8")
    (app / "main.py").write_text("type Names = list[str]\n", encoding="utf-8")
    assert isinstance(attempt(app), Built)
    (app / "main.py").write_text("type Names = list[str\n", encoding="utf-8")
    result = attempt(app)
    assert refusal(result) == "source-invalid"
    assert "main.py, line 1, column 18: '[' was never closed" in one_line(result.log)
    assert "[Dependencies]" not in result.log


def build_environment(layers: Path, scratch: Path, **env: str) -> dict[str, str]:
    """Return what bin/build gets from a platform, for a layers directory that is kept."""
    plan = scratch / "plan.toml"
    plan.write_text("", encoding="utf-8")
    (scratch / "platform").mkdir(exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(scratch),
        "CNB_BUILDPACK_DIR": str(CHECKOUT),
        "CNB_LAYERS_DIR": str(layers),
        "CNB_PLATFORM_DIR": str(scratch / "platform"),
        "CNB_BP_PLAN_PATH": str(plan),
        "CNB_TARGET_OS": "linux",
        "CNB_TARGET_ARCH": "amd64",
        **env,
    }


def run_build(layers: Path, app: Path, scratch: Path, **env: str) -> subprocess.Popen[str]:
    """Start bin/build by itself."""
    return subprocess.Popen(
        [CHECKOUT / "bin" / "build"],
        cwd=app,
        env=build_environment(layers, scratch, **env),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def end(pid: int, number: signal.Signals) -> None:
    """End a build as its container ends: SIGTERM goes to its first process, SIGKILL takes all of them at once."""
    if number is signal.SIGTERM:
        os.kill(pid, number)
        return
    # Held first, so that none is born between the look and the shot.
    os.kill(pid, signal.SIGSTOP)
    for victim in (*descendants(pid), pid):
        with suppress(ProcessLookupError):
            os.kill(victim, number)


def parent_of(process: Path) -> int | None:
    """Return the parent of a process by its directory in /proc, or None if it is gone (proc(5): fields of stat)."""
    try:
        return int((process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    except OSError:
        return None


def descendants(pid: int) -> tuple[int, ...]:
    """Return the processes that a process started, and those that they started."""
    children = [int(path.name) for path in Path("/proc").glob("[0-9]*") if parent_of(path) == pid]
    return (*children, *(grandchild for child in children for grandchild in descendants(child)))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_build_that_is_ended_leaves_nothing_that_counts_as_whole(
    app: Path, tmp_path: Path, mirror: Source, number: signal.Signals
) -> None:
    """Ended at several moments, on the same layers directory: each time the next build comes out right."""
    layers = tmp_path / "layers"
    layers.mkdir()
    for patience in (0.2, 0.5, 1.0):
        started = run_build(layers, app, tmp_path, BP_PYTHON_INVENTORY=str(mirror.inventory))
        time.sleep(patience)
        end(started.pid, number)
        output, _ = started.communicate(timeout=30)
        assert "Traceback" not in output
        if started.returncode == 0 or (layers / "dependencies.toml").exists():
            # It was quicker than that. A build after it would leave its layers to the image, which has none here.
            break
    else:
        started = run_build(layers, app, tmp_path, BP_PYTHON_INVENTORY=str(mirror.inventory))
        output, _ = started.communicate(timeout=120)
        assert started.returncode == 0, output
    python = layers / "dependencies" / "venv" / "bin" / "python"
    checked = subprocess.run(
        [python, "-c", "import ssl, sqlite3, json; print('whole')"], capture_output=True, text=True, check=True
    )
    assert checked.stdout == "whole\n"
    assert (
        sorted(path.name for path in layers.iterdir() if path.name.startswith("scratch")) == []
        or number == signal.SIGKILL
    )


PHASES = (
    *("[Python]", "bin/pre_compile speaks", "[Dependencies]", "Resolved", "Installed", "bin/post_compile speaks"),
    "[Processes]",
)
"""Parts of lines that show where a build is."""


@pytest.fixture
def whole_app(app: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Give the app all that a build has phases for, and return the variables that it needs."""
    hook = "#!/bin/sh\necho bin/{0} speaks\nsleep {1}\n"
    # Little is left to do after the second, and a busy machine may be late with the signal.
    files = {f"bin/{name}": hook.format(name, rest) for name, rest in (("pre_compile", 0.2), ("post_compile", 2))}
    write_app(app, {**files, "requirements.txt": "alpha\n"})
    add_to_index(tmp_path / "packages", Distribution("alpha"))
    with serving(tmp_path / "packages") as index:
        yield {"PIP_INDEX_URL": index, "SOME_TOKEN": "t0psecret-t0ken"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_build_that_is_ended_in_any_phase(
    app: Path, tmp_path: Path, mirror: Source, whole_app: dict[str, str], number: signal.Signals
) -> None:
    """It says nothing of it, leaves no process, and after all of them a build with what they left comes out right."""
    layers, env = tmp_path / "layers", {"BP_PYTHON_INVENTORY": str(mirror.inventory), **whole_app}
    layers.mkdir()
    for phase in PHASES:
        started = run_build(layers, app, tmp_path, **env)
        assert started.stdout is not None
        assert any(phase in line for line in started.stdout), f"no build without {phase}"
        children = descendants(started.pid)
        end(started.pid, number)
        output, _ = started.communicate(timeout=30)
        # The last phase may be over before the signal is there.
        assert started.returncode in {143, -number, *([0] if phase == PHASES[-1] else [])}
        assert "Traceback" not in output
        assert all(map(has_ended, children)), phase
        if number is signal.SIGTERM:
            assert [path.name for path in layers.iterdir() if path.name.startswith(("scratch", "private"))] == []
    # No image came of them, so the lifecycle restores no record; what is not in an image is not reused by reference.
    for record in layers.glob("*.toml"):
        record.unlink()
    finished = run_build(layers, app, tmp_path, **env)
    output, _ = finished.communicate(timeout=120)
    assert finished.returncode == 0, output
    python = layers / "dependencies" / "venv" / "bin" / "python"
    subprocess.run([python, "-c", "import ssl, sqlite3, json, alpha"], check=True)


def test_a_rebuild_that_is_ended_while_it_takes_away_what_it_lent(
    app: Path, tmp_path: Path, mirror: Source, whole_app: dict[str, str]
) -> None:
    """It takes all of it away: half an interpreter would count as the whole one, which is in the previous image."""
    write_app(app, {"bin/post_compile": "#!/bin/sh\necho bin/post_compile speaks\nsleep 0.5\n"})
    layers, env = tmp_path / "layers", {"BP_PYTHON_INVENTORY": str(mirror.inventory), **whole_app}
    layers.mkdir()
    built = run_build(layers, app, tmp_path, **env)
    output, _ = built.communicate(timeout=120)
    assert built.returncode == 0, output
    # The lifecycle does not bring back what is in an image.
    for name in ("python", "dependencies"):
        shutil.rmtree(layers / name)
    ended = run_build(layers, app, tmp_path, **env)
    assert ended.stdout is not None
    assert any("bin/post_compile speaks" in line for line in ended.stdout)
    restored = tuple((layers / "python").rglob("*.py"))[::20]
    while all(path.exists() for path in restored):
        time.sleep(0.001)
    end(ended.pid, signal.SIGTERM)
    ended.communicate(timeout=30)
    # A busy machine may be late with the signal.
    assert ended.returncode in {143, 0}
    assert sorted({"python", "dependencies", "private"} & {path.name for path in layers.iterdir()}) == []


def has_ended(pid: int) -> bool:
    """Say whether a process is gone, or a zombie that waits for whoever adopted it; on a busy machine, soon."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state in {"Z", "X"}:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_detection_that_is_ended(app: Path, tmp_path: Path, number: signal.Signals) -> None:
    """At whichever moment: not a word, and a plan that is whole or not there."""
    (app / "requirements.txt").touch()
    plan = tmp_path / "build-plan.toml"
    env = build_environment(tmp_path, tmp_path, CNB_BUILD_PLAN_PATH=str(plan))
    for moment in range(12):
        plan.write_text("", encoding="utf-8")
        started = subprocess.Popen(
            [CHECKOUT / "bin" / "detect"], cwd=app, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        time.sleep(moment / 50)
        started.send_signal(number)
        output, _ = started.communicate(timeout=30)
        assert (started.returncode in {0, 143, -number}, output) == (True, "")
        assert set(tomllib.loads(plan.read_text(encoding="utf-8"))) in (set(), {"provides", "requires"})


@pytest.mark.parametrize("megabytes", [4, 40])
def test_a_full_disk(app: Path, tmp_path: Path, mirror: Source, megabytes: int) -> None:
    """A tmpfs that fills up while downloading or unpacking: said as what it is, and nothing counts as whole."""
    layers = tmp_path / "layers"
    layers.mkdir()
    private = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"]), "sh", "-c"]
    script = 'mount -t tmpfs -o "size=$1m" none "$2" && "$3" && ls "$2"; status=$?; ls "$2"; exit $status'
    finished = subprocess.run(
        [*private, script, "sh", str(megabytes), str(layers), str(CHECKOUT / "bin" / "build")],
        cwd=app,
        env=build_environment(layers, tmp_path, BP_PYTHON_INVENTORY=str(mirror.inventory)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert finished.returncode == 1, finished.stdout
    assert "error: disk-full" in finished.stdout
    assert "Traceback" not in finished.stdout
    assert "python.toml" not in finished.stdout.splitlines()


def test_an_explanation_builds_nothing(app: Path, attempt: Attempt) -> None:
    """BP_PYTHON_EXPLAIN says what a build would do, and the next build does that."""
    (app / "requirements.txt").write_text("no-such-package==1\n", encoding="utf-8")
    explained = attempt(app, {"BP_PYTHON_EXPLAIN": "true", "BP_PYTHON_VERSION": "3.12"})
    assert refusal(explained) == "nothing-built"
    assert "Process web (default): python main.py: " in one_line(explained.log)
    (app / "requirements.txt").unlink()
    built = attempt(app, {"BP_PYTHON_EXPLAIN": "false", "BP_PYTHON_VERSION": "3.12"})
    assert isinstance(built, Built), built.log
    assert [(process.type, process.command) for process in built.processes] == [("web", ("python", "main.py"))]
    (python,) = [line for line in explained.log.splitlines() if line.startswith("  Python ")]
    assert f"  {python.split()[1].rstrip(':')}, because " in built.log
