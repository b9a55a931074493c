import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnb.errors import BuildpackError
from python_buildpack.app.declared_settings import declared_settings
from python_buildpack.app.project import Project, scan
from python_buildpack.decide.process_plan.decide import decide_plan, decide_processes, read_evidence
from python_buildpack.decide.process_plan.nothing_found import nothing_found
from python_buildpack.decide.process_plan.registry import KNOWN
from python_buildpack.decide.processes.interface import ProcessPlan
from python_buildpack.decide.processes.relevance import MAX_CHARACTERS, select
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.settings.values import Settings

EVERYTHING = InstalledDistributions.declared(
    {"flask", "fastapi", "django", "celery", "rq", "dramatiq", "huey", "arq", "dash", "streamlit", "gradio", "chainlit"}
    | {
        "panel",
        "bottle",
        "aiohttp",
        "tornado",
        "sanic",
        "quart",
        "litestar",
        "falcon",
        "starlette",
        "gunicorn",
        "uvicorn",
    }
)
APP = "from flask import Flask\napp = Flask(__name__)\n"


def decide(**sources: str) -> ProcessPlan:
    named = {f"{name}.py": text for name, text in sources.items()}
    return decide_processes(Project(Path("/"), files=frozenset(named), sources=named), EVERYTHING)


@pytest.mark.parametrize(
    "odd",
    [
        "def (",
        "\0",
        "(" * 5000,
        "x = " + "[" * 300 + "]" * 300,
        "-" * 20000 + "1",
        "a" + ".b" * 5000,
        "f" + "()" * 2000,
        "app = Flask(\n" * 500,
        "print 'two'",
        "\ud800",
        "x = 1\n" * 8000,
        "from . import x\nfrom .... import y\nfrom .app import app\n",
        "from app import app\napp = app\n",
        "from other import app\n",
        "import *\n",
        "from app import *\napp: int\n(a, *b), c = d\nx[0] = app.y = 3\n",
        "match x:\n    case 1:\n        app = 3\n",
        "class A(A): pass\nA = A()\n",
        "def f():\n    return f()\napp = f()\n",
        "async def app(): pass\nawait app()\n",
        "lambda: (yield)\n",
        "if __name__ == '__main__': pass\nelse: app = 1\n",
        "import Flask\nwith open('x') as f:\n    f = f.read()\n",
        "import Flask\nfor app in apps:\n    app = app.made()\n",
        "import Flask\na = b.made()\nb = c.made()\nc = a.made()\n",
        "import Flask\n" + "".join(f"a{n} = a{n + 1}.made()\n" for n in range(2000)),
    ],
)
def test_odd_sources_never_fail_and_hide_no_app(odd: str) -> None:
    """Whatever stands in a file, deciding succeeds, and the app beside it is found."""
    decide(app=odd, other="from app import app\n")
    plan = decide(odd=odd, server=APP)
    assert [process.command for process in plan.processes if process.type == "web"] == [("gunicorn", "server:app")]


@settings(deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from(
            (
                "import flask",
                "from flask import Flask",
                "app = Flask(__name__)",
                "from . import app",
                "import app as b",
                "def create_app(a=1):\n    return Flask('x')",
                "app: Flask = app",
                "app, b = b, app",
                "app = app(app)",
                "class App(Flask): pass",
                "app = App()",
                "from b import *",
                "if x:\n    app = create_app()",
                "uvicorn.run('app:app')",
                "app.mount('/', app)",
                "from app import app",
                "application = WSGI(app)",
            )
        ),
        max_size=8,
    ),
    st.text(max_size=30),
)
def test_combinations_never_fail(lines: list[str], text: str) -> None:
    """Statements in any order, and any text, give a plan."""
    plan = decide(app="\n".join(lines), b=text)
    assert isinstance(plan, ProcessPlan)


def test_the_same_project_gives_the_same_plan(tmp_path: Path) -> None:
    """The decision depends on nothing but the files: not on the order in which they are met."""
    sources = {f"{name}.py": APP for name in ("b", "a", "c")}
    plans = [
        decide_processes(Project(tmp_path, files=frozenset(order), sources=dict.fromkeys(order, APP)), EVERYTHING)
        for order in (sorted(sources), sorted(sources, reverse=True))
    ]
    assert plans[0] == plans[1]


def test_links_that_lead_in_a_circle_are_survived(tmp_path: Path) -> None:
    """A link to the app directory itself, and one to nothing, change nothing."""
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.py").symlink_to(tmp_path / "nothing.py")
    plan = decide_processes(scan(tmp_path), EVERYTHING)
    assert [process.command for process in plan.processes] == [("gunicorn", "app:app")]


def test_a_source_whose_name_is_not_utf_8_is_named_and_makes_no_process(tmp_path: Path) -> None:
    """launch.toml cannot say it; the file beside it is found as usual."""
    script = "if __name__ == '__main__':\n    print(1)\n"
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.py")).write_text(script, encoding="utf-8")
    alone = decide_processes(scan(tmp_path), InstalledDistributions({}))
    assert alone.processes == ()
    assert any("its name is not valid UTF-8" in notice.text for notice in alone.notices)
    (tmp_path / "bar.py").write_text(script, encoding="utf-8")
    both = decide_processes(scan(tmp_path), InstalledDistributions({}))
    assert [process.command for process in both.processes] == [("python", "bar.py")]


def test_broken_pyproject_is_an_error_of_the_user(tmp_path: Path) -> None:
    """TOML that cannot be read is explained, not passed over."""
    (tmp_path / "pyproject.toml").write_text("[project\n")
    with pytest.raises(BuildpackError):
        decide_processes(scan(tmp_path), InstalledDistributions({}))


def test_parsing_is_bounded() -> None:
    """No more than a million characters are parsed, the shallow files first, and tests never."""
    big = "x = 'Flask'\n" * 20000
    sources = {"test_a.py": big, "app.py": APP, **{f"pkg/m{number}.py": big for number in range(10)}}
    paths = list(select(sources, KNOWN.words)[0])
    assert paths[0] == "app.py"
    assert "test_a.py" not in paths
    assert sum(len(sources[path]) for path in paths) <= MAX_CHARACTERS


def test_files_without_a_word_of_interest_are_not_parsed() -> None:
    """Below the app directory, only files that may hold an app, a queue or a program are looked at."""
    sources = {"pkg/models.py": "class A: pass\n", "pkg/app.py": "x = 1\n", "pkg/web.py": APP}
    assert list(select(sources, KNOWN.words)[0]) == ["pkg/app.py", "pkg/web.py"]


def test_each_advice_for_a_run_command_is_taken(tmp_path: Path) -> None:
    """The lines to copy into a Procfile, into pyproject.toml and into a variable start the program that they name."""
    lines = [line.strip() for line in nothing_found(lacks_server=False).text.splitlines()]
    places: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("Procfile", next(line for line in lines if line.startswith("web: ")), {}),
        ("pyproject.toml", "\n".join(lines[(at := lines.index("[tool.terrarium]")) : at + 2]), {}),
        ("README", "", dict([next(line for line in lines if line.startswith("BP_START_COMMAND=")).split("=")])),
    )
    for name, text, env in places:
        app = tmp_path / name
        app.mkdir()
        (app / name).write_text(text, encoding="utf-8")
        given = Settings(env, declared_settings(app, app))
        (process,) = decide_plan(read_evidence(scan(app), InstalledDistributions.declared(()), given)).processes
        assert (process.type, process.line) == ("web", "python my_program.py")
