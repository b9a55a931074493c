"""The program that prepares the environment of every process when a container starts."""

from pathlib import Path

PROFILE = ".profile"


def helper_program(interpreter: str) -> str:
    """Return the text of the exec.d program (Buildpack spec, "exec.d"), to be written as an executable file.

    ``interpreter`` is the absolute path of the app's Python in the run image; the program runs with its options
    -I and -S, in one word because a shebang line takes only one.
    """
    return _program(interpreter, "exec_d_helper.py")


def profile_program(interpreter: str) -> str:
    """Return the text of the exec.d program that sources the app's .profile, for images whose app has one."""
    return _program(interpreter, "profile_exec_d_helper.py")


def _program(interpreter: str, file: str) -> str:
    source = Path(__file__).with_name(file).read_text(encoding="utf-8")
    return f"#!{interpreter} -IS\n{source}"
