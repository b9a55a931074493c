"""Commands that name a Python which is not in the image: ``python2``, or ``python3.11`` beside another version."""

import re
from collections.abc import Iterator

from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.started import program_words
from python_buildpack.decide.processes.interface import ProcessPlan
from python_buildpack.decide.processes.launch import shown
from python_buildpack.ports.notice import Notice

_VERSIONED = re.compile(r"(?:\S*/)?(?P<name>python|pypy|py(?=$))(?P<version>[\d.]*)")


def notice_other_python(plan: ProcessPlan, minor: str) -> Iterator[Notice]:
    """Yield a notice for each program of the processes that is a Python of another version than ``minor``."""
    for process in plan.processes:
        text = shell.unwrapped(shown((*process.command, *process.args)))
        for segment, offset in shell.segments(text):
            words = program_words(shell.words_of(segment, offset))
            found = _VERSIONED.fullmatch(words[0].value) if words else None
            is_of_image = found is not None and found["version"] in {"", "3", minor} and found["name"] == "python"
            if found is None or is_of_image:
                continue
            yield Notice(
                f"{found[0]} is not in the image",
                f"{process.because.partition(' (')[0]} starts {found[0]}, and the image has Python {minor}, as python "
                "and python3. Write python, and name the version in .python-version if it has to be another one.",
            )
