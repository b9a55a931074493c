"""Other builders' rules, as docs/rivals.md compares them with ours."""

import pytest

from devkit.rivals import RIVALS, Layout, google, railpack
from devkit.rivals_page import judge, read_layouts

FLASK = {"app.py": "from flask import Flask\napp = Flask(__name__)\n"}


def layout(web: str, files: dict[str, str], *distributions: str) -> Layout:
    return Layout("", files, frozenset(distributions), web)


@pytest.mark.parametrize(
    ("expected", "command", "verdict"),
    [
        ("gunicorn app:app", ("gunicorn", "app:app"), "right"),
        ("start: waitress-serve '--listen=0.0.0.0:$PORT' app:app", ("gunicorn", "app:app"), "right"),
        ("start: hypercorn --bind '0.0.0.0:$PORT' asgi:app:app", ("uvicorn", "app:app"), "right"),
        ("gunicorn app:app", ("gunicorn", "main:app"), "wrong"),
        ("gunicorn 'app:create_app()'", ("gunicorn", "app:app"), "wrong"),
        ("gunicorn --chdir backend app:app", ("gunicorn", "app:app"), "wrong"),
        ("uvicorn app:app", ("gunicorn", "app:app"), "wrong"),
        ("gunicorn --worker-class asgi app:app", ("gunicorn", "app:app"), "wrong"),
        ("gunicorn app:app", None, "silent"),
        ("", None, "right"),
        ("", ("python", "app.py"), "wrong"),
        ("gunicorn app:app", ("python", "app.py"), "wrong"),
    ],
)
def test_a_process_is_right_if_it_serves_the_same_app(
    expected: str, command: tuple[str, ...] | None, verdict: str
) -> None:
    """Another server will do, but not one that cannot serve the app, another object, or a file that ends at once."""
    assert judge(layout(expected, FLASK), command) == verdict


def test_a_script_that_starts_a_server_itself_may_be_run() -> None:
    """In favour of the builder, wherever it listens."""
    runs = {"app.py": FLASK["app.py"] + "if __name__ == '__main__':\n    app.run()\n"}

    assert judge(layout("gunicorn app:app", runs), ("python", "app.py")) == "right"


def test_google_goes_by_the_file_and_the_server() -> None:
    """main.py before app.py; gunicorn before uvicorn, agents last; a Django project has no such file: no build."""
    both = {"main.py": "", "app.py": ""}
    agent = layout("start: adk api_server --port '$PORT' .", {"weather/agent.py": ""}, "google-adk")

    assert google(layout("", both, "gunicorn", "uvicorn")) == ("gunicorn", "main:app")
    assert google(layout("", FLASK, "uvicorn")) == ("uvicorn", "app:app")
    assert google(layout("", {"manage.py": ""}, "django", "gunicorn")) is None
    assert google(layout("", both, "google-adk", "gunicorn")) == ("gunicorn", "main:app")
    assert judge(agent, google(agent)) == "right"


def test_railpack_serves_main_from_any_file() -> None:
    """``main:app`` where the file is app.py, for FastHTML too; flask-cors is Flask; Django by its setting's text."""
    settings = {"manage.py": "", "shop/settings.py": 'WSGI_APPLICATION = "shop.wsgi.application"\n'}

    assert railpack(layout("", FLASK, "flask", "gunicorn")) == ("gunicorn", "main:app")
    assert railpack(layout("", {"main.py": ""}, "flask-cors", "gunicorn")) == ("gunicorn", "main:app")
    assert railpack(layout("", {"app.py": ""}, "python-fasthtml", "uvicorn")) == ("uvicorn", "main:app")
    assert railpack(layout("", settings, "django")) == ("gunicorn", "shop.wsgi:application")
    assert railpack(layout("", {"start.py": ""})) == ("python", "start.py")


def test_every_layout_can_be_judged() -> None:
    """The page counts every layout of the tests once for each builder."""
    layouts = read_layouts()

    assert len({item.name for item in layouts}) == len(layouts) >= 120
    for rival in RIVALS:
        assert {judge(item, rival.rule(item)) for item in layouts} <= {"right", "wrong", "silent"}
