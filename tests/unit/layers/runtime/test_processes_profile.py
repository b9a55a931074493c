"""The exec.d program that sources the app's .profile, run as the launcher runs it."""

import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from python_buildpack.layers.runtime.launch_environment import profile_program

ENVIRONMENT = {"PATH": os.environ["PATH"], "KEPT": "as it is", "CHANGED": "before"}


def run_profile(folder: Path, env: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
    """Return the program's status, the variables it sets and what it says, for the .profile in ``folder``."""
    program = folder / "program"
    program.write_text(profile_program(sys.executable), encoding="utf-8")
    program.chmod(0o755)
    output = folder / "output.toml"
    finished = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" 3>"$1"', str(program), str(output)],
        cwd=folder,
        env=ENVIRONMENT if env is None else env,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert finished.stdout == ""
    return finished.returncode, tomllib.loads(output.read_text(encoding="utf-8")), finished.stderr


def write_profile(folder: Path, text: str) -> None:
    """Write the app's .profile."""
    (folder / ".profile").write_text(text, encoding="utf-8")


def test_what_a_profile_sets_is_passed_on(tmp_path: Path) -> None:
    """Exported variables that changed or are new, whatever characters are in them; nothing else."""
    write_profile(
        tmp_path,
        "echo to the log\n"
        "export CHANGED=\"$KEPT, and $(printf 'two\\nlines\\t\\001\\177')\"\n"
        "export NEW='\"quoted\" \\ \u00e4'\n"
        "export EMPTY=\n"
        "helper() { echo; }; export -f helper; . ./lib.sh\n"
        "ours=not-exported\n"
        "words=(an array); [[ ${words[1]} == array ]] && export BASH_ONLY=yes\n"
        "false\n",
    )
    (tmp_path / "lib.sh").write_text("export FROM_FILE=1\n")
    status, found, said = run_profile(tmp_path)
    assert (status, found) == (
        0,
        {
            "CHANGED": "as it is, and two\nlines\t\x01\x7f",
            "NEW": '"quoted" \\ \u00e4',
            "EMPTY": "",
            "FROM_FILE": "1",
            "BASH_ONLY": "yes",
        },
    )
    assert "to the log" in said


def test_what_cannot_be_passed_on_is_said(tmp_path: Path) -> None:
    """exec.d can set variables and not take them away, and only text."""
    write_profile(tmp_path, "unset KEPT\nexport BYTES=$'\\xff'\nexport FINE=1\n")
    status, found, said = run_profile(tmp_path)
    assert (status, found) == (0, {"FINE": "1"})
    assert ".profile: unset KEPT has no effect" in said
    assert ".profile: the value of 'BYTES' is not UTF-8" in said


@pytest.mark.parametrize("end", ["exit 3", "set -e; false; export A=1", "exec sh -c 'exit 3'"])
def test_a_profile_that_ends_its_shell_ends_the_container(tmp_path: Path, end: str) -> None:
    """As in a shell that sources it before the process: the process is not started, and the log says why."""
    write_profile(tmp_path, f"export A=1\n{end}\n")
    status, found, said = run_profile(tmp_path)
    assert (status, found) == (1, {})
    assert ".profile: ended the shell with status" in said


def test_background_jobs_do_not_hold_up_the_start(tmp_path: Path) -> None:
    """A tunnel that .profile starts lives on; neither the launcher's descriptor nor ours is open in it."""
    write_profile(tmp_path, "sleep 20 >/dev/null 2>&1 &\necho $! > pid\nexport A=1\n")
    started = time.monotonic()
    status, found, _ = run_profile(tmp_path)
    job = int((tmp_path / "pid").read_text())
    try:
        assert (status, found) == (0, {"A": "1"})
        assert time.monotonic() - started < 10
        opened = {str(link.readlink()) for link in Path(f"/proc/{job}/fd").iterdir()}
        assert not [name for name in opened if name.startswith("pipe:") or name.endswith("output.toml")]
    finally:
        os.kill(job, 9)


def test_a_profile_that_takes_too_long_ends_the_container(tmp_path: Path) -> None:
    """At the end of its time, it is killed with all that it started; the container ends with a line that says so."""
    write_profile(tmp_path, "sleep 60 &\necho $! > pid\nwait\n")
    program = tmp_path / "program.py"
    program.write_text(profile_program(sys.executable), encoding="utf-8")
    code = f"import runpy; runpy.run_path({str(program)!r})['main'](0.5)"
    finished = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert (finished.returncode, finished.stderr) == (1, ".profile: did not end within 0.5 seconds\n")
    pid = int((tmp_path / "pid").read_text(encoding="ascii"))
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
        assert time.monotonic() < deadline, "it still runs"
        time.sleep(0.02)


def test_a_large_environment_fits(tmp_path: Path) -> None:
    """More than a pipe takes at once."""
    write_profile(tmp_path, "for i in 1 2 3; do export BIG$i=$(printf '%0100000d' $i); done\n")
    _, found, _ = run_profile(tmp_path)
    assert [len(found[f"BIG{i}"]) for i in (1, 2, 3)] == [100_000] * 3


def test_no_bash_means_no_profile(tmp_path: Path) -> None:
    """Where the run image has no bash, processes start without .profile, and the log says so."""
    write_profile(tmp_path, "export A=1\n")
    found = run_profile(tmp_path, {"PATH": str(tmp_path)})
    assert found == (0, {}, ".profile: is not read, because the run image has no bash\n")


def test_no_profile_means_nothing(tmp_path: Path) -> None:
    """One that is gone at launch, or is a directory, is no reason to say anything."""
    assert run_profile(tmp_path) == (0, {}, "")
    (tmp_path / ".profile").mkdir()
    assert run_profile(tmp_path) == (0, {}, "")
