"""Programs that take too long, print too much, or say nothing for a long time."""

import os
import time
from collections.abc import Mapping

import pytest

from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command
from python_buildpack.ports.limited import TimeLimitReached, limited
from python_buildpack.settings.table import APP_CODE_TIMEOUT, INSTALL_TIMEOUT
from python_buildpack.settings.values import SettingInvalid, Settings


def sh(script: str, seconds: float | None = None) -> Command:
    return Command(("sh", "-c", script), {"PATH": os.defpath}, seconds=seconds)


@pytest.mark.parametrize(
    "script", ["echo begun; exec sleep 60", "echo begun; sleep 60 & wait", "echo begun; exec >&- 2>&-; sleep 60"]
)
def test_a_program_that_takes_too_long_is_ended(script: str) -> None:
    """With what it started, also if it has closed its output; what it printed is in the result."""
    began = time.monotonic()
    finished = SubprocessRunner().run(sh(script, seconds=0.5))
    assert finished.timed_out
    assert finished.output == "begun\n"
    assert time.monotonic() - began < 30


def test_a_program_that_is_quick_enough_is_not() -> None:
    """The limit changes nothing of its result."""
    finished = SubprocessRunner().run(sh("echo done; exit 3", seconds=60))
    assert (finished.status, finished.output, finished.timed_out) == (3, "done\n", False)


def test_a_silent_program_is_named_again_and_again() -> None:
    """Here after each tenth of a second; one whose output the log shows is not silent."""
    lines: list[str] = []
    runner = SubprocessRunner(lines.append, every=0.1)
    runner.run(sh("sleep 0.5"))
    assert len(lines) > 1
    assert all(line.startswith("(still running, after ") for line in lines)
    lines.clear()
    chatty = "for i in 1 2 3 4 5 6 7 8 9 10; do echo $i; sleep 0.03; done"
    SubprocessRunner(lines.append, every=5).run(sh(chatty))
    assert lines == [str(number) for number in range(1, 11)]
    lines.clear()
    hidden = Command(("sh", "-c", chatty), {"PATH": os.defpath}, show=False)
    runner.run(hidden)
    assert lines
    assert all(line.startswith("(still running, after ") for line in lines)


def test_of_endless_output_the_end_is_kept() -> None:
    """In whole lines; and a line without an end is passed on in parts."""
    finished = SubprocessRunner().run(sh("yes 0123456789abcdef | head -c 40000000; echo; echo end"))
    assert finished.output.endswith("\nend\n")
    assert finished.output.startswith("0123456789abcdef\n")
    assert len(finished.output) < 20_000_000
    parts: list[int] = []
    SubprocessRunner(lambda line: parts.append(len(line))).run(sh("head -c 5000000 /dev/zero | tr '\\0' x"))
    assert sum(parts) == 5_000_000
    assert max(parts) < 2_000_000


def limit(env: Mapping[str, str], *, together: bool, each: float = 0.01) -> None:
    """Run two commands of ``each`` seconds."""
    setting = INSTALL_TIMEOUT if together else APP_CODE_TIMEOUT
    runner = limited(SubprocessRunner(), Settings(env), setting, "The step", together=together)
    for _ in range(2):
        assert runner.run(sh(f"sleep {each}")).status == 0


def test_the_settings_limit_one_command_or_all_of_them() -> None:
    """Without a setting there is no limit; the error names the setting."""
    limit({}, together=True)
    limit({APP_CODE_TIMEOUT.name: "60"}, together=False)
    with pytest.raises(TimeLimitReached, match=r"The step took longer than 1 s.*BP_PYTHON_INSTALL_TIMEOUT"):
        limit({INSTALL_TIMEOUT.name: "1"}, together=True, each=0.6)


@pytest.mark.parametrize("value", ["0", "-1", "10m", "nan", "1e9"])
def test_a_limit_is_a_number_of_seconds(value: str) -> None:
    """Nothing else is understood."""
    with pytest.raises(SettingInvalid, match="a number of seconds"):
        Settings({APP_CODE_TIMEOUT.name: value}).check()
