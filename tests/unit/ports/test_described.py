"""What BP_LOG_LEVEL=debug says of the programs that a build runs."""

import io
import sys

from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.described import DescribingRunner
from python_buildpack.ports.interfaces import Command
from python_buildpack.ports.reporter import Level, TextReporter

PROGRAM = '"""Print the arguments.\n\nIs a part of the buildpack."""\nimport sys\nprint(sys.argv[1])\n'


def test_a_program_text_is_shown_by_its_first_line() -> None:
    """The text is in the source of the buildpack, and hundreds of its lines would hide the command's arguments."""
    stream = io.StringIO()
    runner = DescribingRunner(SubprocessRunner(lambda _: None), TextReporter(stream, Level.DETAILS))
    assert runner.run(Command((sys.executable, "-I", "-c", PROGRAM, "a b"), {}, show=False)).output == "a b\n"
    log = stream.getvalue()
    assert "-I -c 'Print the arguments. …' 'a b'" in log
    assert "Is a part of the buildpack" not in log
    assert "with the variables (none)" in log
    assert "| a b" in log
    assert "status 0 after" in log
