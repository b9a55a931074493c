"""Commands that name a Python which is not in the image."""

import pytest

from python_buildpack.decide.process_plan.other_python import notice_other_python
from python_buildpack.decide.processes.interface import ProcessDecision, ProcessPlan


def titles(*command: str) -> list[str]:
    plan = ProcessPlan((ProcessDecision("web", command, because="Procfile, line 3 (needs sh)"),))
    found = list(notice_other_python(plan, "3.12"))
    assert all(notice.text.startswith("Procfile, line 3 starts ") for notice in found)
    return [notice.title for notice in found]


NAMES = ("python2", "python3.11", "/usr/bin/python3.9", "/opt/x/bin/python3.8", "pypy3", "python3.12.1", "py")


@pytest.mark.parametrize("program", NAMES)
def test_a_python_of_another_version_is_named(program: str) -> None:
    """Alone, in a shell, and behind env and assignments."""
    assert titles(program, "app.py") == [f"{program} is not in the image"]
    assert titles("sh", "-c", f"cd src && A=b exec env C=d {program} app.py") == [f"{program} is not in the image"]


@pytest.mark.parametrize("program", ["python", "python3", "python3.12", "pythonic", "gunicorn"])
def test_the_python_of_the_image_has_three_names(program: str) -> None:
    """And other programs may begin like it."""
    assert titles(program, "-m", "python2") == []
