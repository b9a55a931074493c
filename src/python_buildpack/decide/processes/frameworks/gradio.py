"""Gradio (https://www.gradio.app): scripts that launch an interface."""

from collections.abc import Iterator

from python_buildpack.decide.processes.frameworks.interface import WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence
from python_buildpack.decide.processes.module_info import ModuleInfo
from python_buildpack.decide.processes.scripting import LOOPBACK, own_port, rank_script, run_file, script, scripts
from python_buildpack.decide.processes.server import ANY_HOST, PORT
from python_buildpack.ports.notice import Notice

MOUNT = "gradio.mount_gradio_app"


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield every script that launches an interface; the helper derives GRADIO_SERVER_PORT at start."""
    for info in scripts(evidence, using="gradio"):
        launches = [call for call in info.calls if call.name.rpartition(".")[2] == "launch"]
        if launches:
            fixed = any("server_port" in call.keywords for call in launches) and not info.reads_port
            closed = any(call.keywords.get("server_name") in LOOPBACK for call in launches)
            notices: tuple[Notice, ...] = (_fixed_port(info),) if fixed else ()
            notices += (_closed(info),) if closed else ()
            start = run_file(info, evidence)
            yield script(f"Gradio script {info.path}", rank_script(info, evidence), start, *notices)


GRADIO = WebFramework(
    "Gradio",
    ("gradio",),
    words=frozenset({"gradio"}),
    search=_find,
    in_memory={MOUNT: ""},
    programs={"gradio": "gradio"},
    launch_variables={"GRADIO_SERVER_NAME": ANY_HOST, "GRADIO_SERVER_PORT": PORT},
)


def _closed(info: ModuleInfo) -> Notice:
    return Notice(
        "The app can be reached from inside its container only",
        f"{info.path} passes server_name to launch(), with an address that other machines cannot reach. Leave it out: "
        "Gradio then listens on 0.0.0.0.",
    )


def _fixed_port(info: ModuleInfo) -> Notice:
    hint = own_port("Gradio", info)
    return Notice(hint.title, f"{info.path} passes server_port to launch(). Leave it out: Gradio then takes PORT.")
