"""Frameworks whose apps are scripts with a user interface: found, answering on PORT, and ended by SIGTERM."""

from pathlib import Path

import pytest

from built_apps import built
from devkit.free_port import find_free_port
from devkit.interpreters import Source
from devkit.lifecycle import Request, build, launch
from devkit.paths import CHECKOUT
from manager_context import write_app
from served_apps import CHAINLIT, GRADIO, PANEL, SHINY, STREAMLIT, WebApp
from shared_environment import Environment

REQUIREMENTS = "chainlit\ngradio\npanel\nshiny\nstreamlit\n"
APPS = (
    (STREAMLIT, "streamlit run dashboard.py"),
    (GRADIO, "python app.py"),
    (CHAINLIT, "chainlit run chat.py"),
    (PANEL, "panel serve app.py"),
    (SHINY, "shiny run"),
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, mirror: Source) -> Environment:
    """Return the image of a Streamlit app that has the other frameworks installed as well."""
    folder = tmp_path_factory.mktemp("faces")
    app = write_app(folder / "app", {"requirements.txt": REQUIREMENTS, **STREAMLIT.files})
    built(build(Request((CHECKOUT,), app, folder / "state", env={"BP_PYTHON_INVENTORY": str(mirror.inventory)})))
    return Environment(folder / "state")


@pytest.mark.parametrize(("app", "word"), APPS, ids=[app.name for app, _ in APPS])
def test_a_script_answers_on_port_and_ends_on_sigterm(
    app: WebApp, word: str, environment: Environment, tmp_path: Path
) -> None:
    """No server is named by the app; it listens on PORT; as process 1 it obeys SIGTERM."""
    folder = write_app(tmp_path, app.files)
    decision = environment.decide(folder, app.requirement)["web"]
    assert word in " ".join(decision.command)
    with environment.started(decision, folder, HOME=str(tmp_path)) as first:
        answer = first.running.wait_for_http(first.port, "/app" if app == PANEL else "/", timeout=120)
        first.remove_installer_files()
        assert (answer.status, first.stop()) in {(200, 0), (200, 143)}, first.log


def test_the_image_of_a_whole_build_answers(environment: Environment) -> None:
    """The default process of the Streamlit app's image, as its user starts it."""
    port = find_free_port()
    with launch(environment.state, env={"PORT": str(port)}) as running:
        assert running.wait_for_http(port, timeout=120).status == 200
