import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.processes.launch import Start, command, python, shown

DIRECT = {
    "gunicorn app:app": ("gunicorn", "app:app"),
    "gunicorn 'app:create_app()'": ("gunicorn", "app:create_app()"),
    'python -c "print(1); print(2)"': ("python", "-c", "print(1); print(2)"),
    "gunicorn app:app # with a comment | and more": ("gunicorn", "app:app"),
    "python app.py --pattern '*.py'": ("python", "app.py", "--pattern", "*.py"),
    r"python app.py \$HOME": ("python", "app.py", "$HOME"),
    "sh -c 'a | b'": ("sh", "-c", "a | b"),
    './start.sh --name="it\'s"': ("./start.sh", "--name=it's"),
    'gunicorn ""': ("gunicorn", ""),
}
IN_SH = {
    "gunicorn app:app --bind 0.0.0.0:$PORT": "exec gunicorn app:app --bind 0.0.0.0:$PORT",
    'gunicorn --bind "0.0.0.0:${PORT:-8000}" a': 'exec gunicorn --bind "0.0.0.0:${PORT:-8000}" a',
    "cd backend && gunicorn app:app": "cd backend && exec gunicorn app:app",
    "python manage.py migrate; gunicorn app:app": "python manage.py migrate; exec gunicorn app:app",
    "DEBUG=1 NAME='a b' python app.py": "DEBUG=1 NAME='a b' exec python app.py",
    "python app.py > /dev/null 2>&1": "exec python app.py > /dev/null 2>&1",
    "python app.py | tee log": "python app.py | tee log",
    "celery worker & gunicorn app:app": "celery worker & gunicorn app:app",
    "test -f x || python app.py": "test -f x || python app.py",
    "if test -f x; then python a.py; fi": "if test -f x; then python a.py; fi",
    "exec gunicorn app:app": "exec gunicorn app:app",
    "python *.py": "exec python *.py",
    "export A=1; python app.py": "export A=1; exec python app.py",
    "(cd a; python b.py)": "(cd a; python b.py)",
}
IN_BASH = (
    "[[ -f x ]] && python app.py",
    "source .env && python app.py",
    "python app.py <(ls)",
    "python app.py {a,b}",
    "set -o pipefail; python a.py | tee b",
    "echo ${NAME^^}",
    "args=(a b); python app.py",
    "args+=(a b); python app.py",
    "cd srv && if [[ -n $PORT ]]; then exec gunicorn app:app; fi",
    "! [[ -f x ]] || python app.py",
    'if [ "$ENV" == "prod" ]; then gunicorn app:app; fi',
    "nginx & gunicorn app:app & wait -n",
    "sleep $((RANDOM % 3)) && python app.py",
    "echo $RANDOM; python app.py",
)


OWN_SHELL = {
    "sh -c 'gunicorn app:app'": ("gunicorn", "app:app"),
    'sh -c "gunicorn app:app --bind :$PORT"': ("sh", "-c", "exec gunicorn app:app --bind :$PORT"),
    "bash -c 'cd a && gunicorn app:app'": ("bash", "-c", "cd a && exec gunicorn app:app"),
    "/bin/sh -c 'a | b'": ("/bin/sh", "-c", "a | b"),
    "bash -lc 'gunicorn app:app'": ("bash", "-lc", "gunicorn app:app"),
}


@pytest.mark.parametrize(("text", "expected"), OWN_SHELL.items(), ids=OWN_SHELL.keys())
def test_a_shell_that_is_written_out_does_not_stay_before_the_server(text: str, expected: tuple[str, ...]) -> None:
    """``sh -c "…"`` is taken as what it runs: directly where no shell is needed, else with ``exec`` in that shell."""
    assert shell.wrap(text) == expected


@pytest.mark.parametrize(("text", "argv"), DIRECT.items())
def test_a_plain_command_meets_no_shell(text: str, argv: tuple[str, ...]) -> None:
    """A command that uses nothing of a shell is split at its words and run directly."""
    assert shell.wrap(text) == argv


@pytest.mark.parametrize(("text", "script"), IN_SH.items())
def test_shell_syntax_gets_sh_and_exec_where_the_last_program_can_take_over(text: str, script: str) -> None:
    """What POSIX knows runs in sh; exec is put before the last program unless the shell has to run after it."""
    assert shell.wrap(text) == ("sh", "-c", script)


@pytest.mark.parametrize("text", IN_BASH)
def test_bash_syntax_gets_bash(text: str) -> None:
    """What only bash understands is left to bash."""
    assert shell.wrap(text)[:2] == ("bash", "-c")


@pytest.mark.parametrize("text", ["gunicorn 'app", "gunicorn \\", 'a "'])
def test_unfinished_quotes_are_refused(text: str) -> None:
    """A quote that is never closed cannot be run by anything."""
    with pytest.raises(ValueError, match="No"):
        shell.wrap(text)


def test_exec_lets_signals_reach_the_program() -> None:
    """With a variable and an assignment before it, the program becomes the process that was started."""
    script = f"A=1 {sys.executable} -c 'import os; print(os.getpid(), os.environ[\"A\"])' $NOTHING"
    argv = shell.wrap(script)
    assert argv[0] == "sh"
    with subprocess.Popen([shutil.which("sh") or "sh", *argv[1:]], stdout=subprocess.PIPE, text=True) as process:
        output = process.communicate()[0]
    assert output.split() == [str(process.pid), "1"]


@settings(deadline=None, derandomize=True)
@given(st.text(alphabet=" ab'\"\\$|&;<>(){}[]*?~#=`!,.\n", max_size=40))
def test_any_text_is_wrapped_or_refused(text: str) -> None:
    """No command makes the wrapping fail with anything but ValueError, and looking for programs never fails."""
    assert all(shell.programs(text))
    shell.has_bare_call(text)
    try:
        argv = shell.wrap(text)
    except ValueError:
        return
    assert all(isinstance(word, str) for word in argv)


def test_variables_are_filled_in_without_a_shell(tmp_path: Path) -> None:
    """A command with $NAME becomes the program itself, without any sh; people are shown the program alone."""
    show = "import os,sys; print(os.getpid(), sys.argv[1:])"
    argv = command(sys.executable, "-c", show, "--port=$PORT", "$ABSENT").command
    assert argv[:4] == ("python", "-I", "-S", "-c")
    environment = {"PORT": "81", "PATH": "/nowhere"}
    process = subprocess.Popen(
        [sys.executable, *argv[1:]], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.communicate()[0].strip() == f"{process.pid} ['--port=81', '$ABSENT']"
    assert shown(command("run", "a b", "--port=$PORT").command) == "run 'a b' --port=$PORT"
    assert shown(("run", "a b", "--port=$PORT")) == "run 'a b' '--port=$PORT'"


def test_a_command_without_variables_is_left_alone() -> None:
    """Nothing is put before a command that needs nothing, nor for another directory or module path."""
    assert command("gunicorn", "app:app", chdir="in") == Start(("gunicorn", "app:app"), directory="in")
    assert python("print(1)", path="src") == Start(("python", "-c", "print(1)"), import_root="src")
