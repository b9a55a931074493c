"""Sources that cannot be parsed: the build says which, where and why."""

import sys
from pathlib import Path

import pytest

from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_processes
from python_buildpack.decide.process_plan.unparsed import MAX_NAMED
from python_buildpack.installed.distributions import InstalledDistributions

APP = "from flask import Flask\napp = Flask(__name__)\n"
FLASK = InstalledDistributions.declared({"flask", "gunicorn"})
TITLE = f"Source files cannot be read as Python {sys.version_info.major}.{sys.version_info.minor}"


def said(folder: Path, **sources: str | bytes) -> str:
    """Return what is said of an app's sources; the file names have __ for a slash."""
    for name, content in sources.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    plan = decide_processes(scan(folder), FLASK)
    return "\n".join(notice.text for notice in plan.notices if notice.title == TITLE)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (APP + "\ndef broken(:\n", "app.py: line 4: invalid syntax"),
        ('import os\nprint "hello"\n', "app.py: line 2: Missing parentheses in call to 'print'"),
        ("if True:\nx = 1\n", "app.py: line 2: expected an indented block"),
        (b"x = 1\0\n", "app.py: holds NUL bytes"),
        (b"# first\nname = '\xe9'\n", "app.py: is not valid UTF-8: byte 0xe9 in line 2"),
        (APP.encode("utf-16"), "app.py: is encoded as UTF-16"),
        (b"# coding: klingon\nname = '\xe9'\n", "app.py: is not valid UTF-8"),
        ("x = " + "(" * 300 + ")" * 300, "app.py: line 1: too many nested parentheses"),
    ],
)
def test_the_file_the_line_and_the_reason_are_said(content: str | bytes, reason: str, tmp_path: Path) -> None:
    """Whatever keeps the app's file from being read, and that the reader is not the app's own Python."""
    text = said(tmp_path, app=content)
    assert text.startswith(reason)
    assert "with its own Python" in text


def test_the_encoding_that_a_file_declares_is_read(tmp_path: Path) -> None:
    """A Latin-1 source with its coding line is a source like any other, and so is one with dubious backslashes."""
    latin = "#!/usr/bin/env python\n# -*- coding: latin-1 -*-\nNAME = 'é'\nPATTERN = '\\d'\n" + APP
    assert said(tmp_path, app=latin.encode("latin-1")) == ""
    plan = decide_processes(scan(tmp_path), FLASK)
    assert [process.command for process in plan.processes] == [("gunicorn", "app:app")]


def test_only_what_may_matter_is_said_and_not_all_of_it(tmp_path: Path) -> None:
    """Deep files of other names, tests, and folders of examples are passed over; of many, a few are named."""
    broken = "from flask import :\n"
    nothing = {"tests__app": broken, "examples__app": broken, "a__b__helpers": broken, "scripts__app": broken}
    assert said(tmp_path, app=APP, **nothing) == ""
    assert said(tmp_path, a__b__app=broken).startswith("a/b/app.py: line 1: ")

    many = {f"part_{number}": broken for number in range(MAX_NAMED + 3)}
    lines = said(tmp_path, **many).splitlines()
    assert [line.partition(":")[0] for line in lines[:MAX_NAMED]] == [
        f"part_{number}.py" for number in range(MAX_NAMED)
    ]
    assert lines[MAX_NAMED] == "and 4 more"
