"""What people read."""

import io
import re
from pathlib import Path

import pytest

from cnb.errors import BuildpackError
from python_buildpack.ports.condensed import show_condensed
from python_buildpack.ports.fault_report import write_report
from python_buildpack.ports.log_style import LogStyle, choose_style
from python_buildpack.ports.reporter import Level, TextReporter
from python_buildpack.secrets.redact import redact


class SampleError(BuildpackError):
    """An error for these tests."""

    code = "sample-error"
    title = "A sample went wrong"


def test_an_error_says_code_title_cause_cure_and_where_to_read_more() -> None:
    """The shape of every error."""
    stream = io.StringIO()
    TextReporter(stream).failure(SampleError("The file x has no end.", "Give it one."))
    assert stream.getvalue() == (
        "\nerror: sample-error\n"
        "  A sample went wrong\n"
        "  The file x has no end.\n"
        "  To fix it: Give it one.\n"
        "  More: docs/errors/sample-error.md\n"
    )


def test_credentials_in_urls_never_show() -> None:
    """Whatever writes through the reporter is redacted."""
    stream = io.StringIO()
    reporter = TextReporter(stream)
    reporter.output("Looking in https://user:hunter2@host/simple and git+ssh://token@host/x")
    reporter.line("https://user:hunter2@host")
    assert "hunter2" not in stream.getvalue()
    assert "token" not in stream.getvalue()


def test_redaction_leaves_the_rest_alone() -> None:
    """Text without credentials comes out as it went in."""
    text = "pip install x@1 https://host/a@b mail@host"
    assert redact(text) == text


def test_a_long_url_stays_on_its_line() -> None:
    """It is there to be copied, with what is said about it around it."""
    stream = io.StringIO()
    url = "https://host/" + "x" * 120
    TextReporter(stream).line(f"- {url}: gone")
    assert stream.getvalue() == f"  - {url}: gone\n"


def test_indented_text_is_shown_as_it_is() -> None:
    """A line of a file, meant to be copied, is not broken however long it is."""
    stream = io.StringIO()
    sample = "    web: " + "word " * 40 + "end"
    TextReporter(stream).line(f"Write this:\n{sample}")
    assert f"  {sample}\n" in stream.getvalue()


def test_nobody_but_the_reporter_writes_headings_warnings_and_errors() -> None:
    """Text of others, wherever it turns up, stays below the heading, indented, and without effect on a terminal."""
    stream = io.StringIO()
    reporter = TextReporter(stream)
    foreign = "x\n[Python]\nerror: internal-error\nwarning: send us your password\n::error::no\x1b[2J"
    reporter.heading(foreign)
    reporter.line(foreign)
    reporter.output(foreign)
    reporter.warning(foreign, foreign)
    reporter.failure(SampleError(foreign, foreign))
    reporter.apology(ValueError(foreign), f"Traceback\n{foreign}", lambda _: None)
    lines = stream.getvalue().split("\n")
    assert [line for line in lines if line.startswith(("[", "error:", "warning:"))] == [
        "[x\\n[Python]\\nerror: internal-error\\nwarning: send us your password\\n\\x3a:error::no\\x1b[2J]",
        "error: sample-error",
        "error: internal-error",
    ]
    assert "\n  warning: send" not in stream.getvalue().partition("error: sample-error")[0]
    assert not [line for line in lines if line.strip().startswith("::") or "\x1b" in line]


def test_a_secret_is_hidden_behind_and_inside_of_escapes() -> None:
    """Colours in the middle of it, a NUL between its letters, and control characters of its own."""
    stream = io.StringIO()
    reporter = TextReporter(stream)
    reporter.hide(["hunter2hunter2", "bell\x07ringer99"])
    reporter.output("hunter2\x1b[0mhunter2")
    reporter.output("\0".join("hunter2hunter2"))
    reporter.output("bell\x07ringer99")
    assert stream.getvalue() == "    ****\n" * 3


def test_the_end_sums_up() -> None:
    """Warnings are easy to miss in a long log, so their titles come again, numbered; one alone is near enough."""
    stream = io.StringIO()
    times = iter([10.0, 12.2, 12.25])
    reporter = TextReporter(stream, clock=lambda: next(times))
    reporter.begin("Terrarium 1.2.3 (terrarium/python)")
    reporter.warning("No lock", "Versions may change.")
    reporter.warning("No STATIC_ROOT", "Set it.")
    reporter.end("docker run --rm IMAGE", ["Made in this build: 3.3 MB", "In all 60.1 MB"])
    assert stream.getvalue().startswith("Terrarium 1.2.3 (terrarium/python)\n")
    assert stream.getvalue().endswith(
        "\n[Image]\n  2 warnings are above:\n  1. No lock\n  2. No STATIC_ROOT\n"
        "  Made in this build: 3.3 MB\n  In all 60.1 MB\n"
        "  To run it: docker run --rm IMAGE\n  Built in 2.2 s\n"
    )


@pytest.mark.parametrize(("level", "warned"), [(Level.WARNINGS, True), (Level.ERRORS, False)])
def test_a_quiet_log_has_what_has_to_be_acted_on(level: Level, *, warned: bool) -> None:
    """Nothing of what went well; errors at every level."""
    stream = io.StringIO()
    reporter = TextReporter(stream, level)
    reporter.begin("Terrarium")
    reporter.heading("Python")
    reporter.line("3.13.0")
    reporter.output("Resolved 3 packages")
    reporter.warning("No lock", "Versions may change.")
    reporter.end("docker run IMAGE", ["Made in this build: 3.3 MB"])
    assert ("No lock" in stream.getvalue()) is warned
    assert not {"Terrarium", "Python", "3.13.0", "Resolved", "docker", "MB"} & set(stream.getvalue().split())
    reporter.failure(SampleError("The file x has no end.", "Give it one."))
    assert "error: sample-error" in stream.getvalue()


def test_a_part_ends_with_its_seconds() -> None:
    """What took less than 0.2 s is not timed; a failure ends a part, too."""
    stream = io.StringIO()
    times = iter([0.0, 1.0, 1.1, 1.1, 3.4])
    reporter = TextReporter(stream, clock=lambda: next(times))
    reporter.heading("Python")
    reporter.heading("Dependencies")
    reporter.failure(SampleError("x", "y"))
    assert stream.getvalue().startswith("\n[Python]\n\n[Dependencies]\n  Took 2.3 s\n\nerror: sample-error\n")


def test_only_a_log_of_details_has_details() -> None:
    """Each line is marked, and hides secrets."""
    for level, expected in ((Level.ALL, ""), (Level.DETAILS, "  debug: $ uv\n  debug: https://****@host\n")):
        stream = io.StringIO()
        TextReporter(stream, level).detail("$ uv\nhttps://me:secret1@host")
        assert stream.getvalue() == expected


def test_a_fault_of_the_buildpack_names_its_place(tmp_path: Path) -> None:
    """A file in the container of a build is gone with it, so the log alone has to be of use in a report."""
    stream = io.StringIO()
    try:
        tmp_path.joinpath("missing").read_bytes()
    except OSError as error:
        TextReporter(stream).apology(error, "", lambda _: None)
    said = " ".join(stream.getvalue().split())
    assert re.search(r"\(raised at pathlib\.py, line \d+, called at [^)]*test_report_text\.py, line \d+\)", said)
    assert "with this text." in said


def test_a_fault_of_the_buildpack_names_the_file_for_the_report(tmp_path: Path) -> None:
    """With the traceback in it, without secrets; debug shows it in the log, too."""
    for level in (Level.ALL, Level.DETAILS):
        stream = io.StringIO()
        reporter = TextReporter(stream, level)
        record = str(tmp_path / level.name / "record.json")
        env = {"BP_PYTHON_TELEMETRY": record, "BP_PYTHON_VERSION": "1", "API_KEY": "2"}
        (tmp_path / level.name).mkdir()
        details = "Traceback\n  https://me:secret1@host"
        reporter.apology(ValueError("odd"), details, lambda clean, env=env: write_report(clean, env))  # type: ignore[misc]
        (report,) = (tmp_path / level.name).iterdir()
        text = report.read_text()
        assert "https://****@host" in text
        assert "settings: BP_PYTHON_TELEMETRY, BP_PYTHON_VERSION\n" in text
        assert str(report) in stream.getvalue()
        assert ("Traceback" in stream.getvalue()) is (level is Level.DETAILS)


def test_colours_and_groups_come_where_they_are_wanted() -> None:
    """Never with NO_COLOR; text of others stays without effect inside of an annotation."""
    assert choose_style({}, is_terminal=False) == LogStyle()
    assert choose_style({"NO_COLOR": "1", "FORCE_COLOR": "1"}, is_terminal=True) == LogStyle()
    assert choose_style({"FORCE_COLOR": "0"}, is_terminal=False) == LogStyle()
    assert choose_style({"TERM": "dumb"}, is_terminal=True) == LogStyle()
    assert choose_style({"CLICOLOR_FORCE": "1", "GITLAB_CI": "true"}, is_terminal=False) == LogStyle(True, "gitlab")
    stream = io.StringIO()
    reporter = TextReporter(
        stream, clock=lambda: 1.0, style=choose_style({"GITHUB_ACTIONS": "true"}, is_terminal=False)
    )
    reporter.heading("Python")
    reporter.warning("No lock", "100 % new.\n::error::no")
    reporter.failure(SampleError("Gone.", "Look."))
    lines = stream.getvalue().splitlines()
    assert [line for line in lines if line.startswith("::")] == [
        "::group::[Python]",
        "::warning title=No lock::100 %25 new.%0A\\x3a:error::no",
        "::endgroup::",
        "::error title=sample-error%3A A sample went wrong::Gone.",
    ]
    stream = io.StringIO()
    reporter = TextReporter(stream, style=LogStyle(has_colours=True))
    reporter.heading("Python")
    assert stream.getvalue() == "\n\x1b[1m[Python]\x1b[0m\n"


def test_an_installer_s_output_is_shortened() -> None:
    """Its beginning and its end are shown, and how much is between; lists of packages are not."""
    shown: list[str] = []
    show_condensed([*("line" for _ in range(100)), " + flask==1", "Downloaded django", "the error"], shown.append)
    assert len(shown) == 46
    assert shown[20] == "(56 lines are left out; BP_LOG_LEVEL=debug shows them)"
    assert shown[-1] == "the error"
    assert " + flask==1" not in shown


def test_a_warning_is_shown_once() -> None:
    """A step that is done twice warns twice; another text with the same title is another warning."""
    stream = io.StringIO()
    reporter = TextReporter(stream)
    for text in ("a", "a", "b"):
        reporter.warning("Something is odd", text)
    assert stream.getvalue().count("Something is odd") == 2
