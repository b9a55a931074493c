"""Apps that keep what they know of their users in memory: a second worker would know nothing of the first one's."""

from python_buildpack.processes.interface import Evidence
from python_buildpack.processes.relevance import is_aside

KEEPERS = {
    "gradio.mount_gradio_app": "Gradio",
    "nicegui.ui.run_with": "NiceGUI",
    "chainlit.utils.mount_chainlit": "Chainlit",
}
"""Calls that put such an app into another one → who keeps its users in memory."""
SOCKET_IO = frozenset({"socketio.AsyncServer", "socketio.Server"})
ONE_WORKER = (("WEB_CONCURRENCY", "1"),)


def keeper(evidence: Evidence) -> str:
    """Return what keeps its users in the memory of one process, or "" if any worker may answer any request.

    Socket.IO does unless it is given a client manager, which has the workers speak to each other.
    """
    for facts in evidence.index.sources:
        for call in facts.calls if not is_aside(facts.path) else ():
            if call.name in KEEPERS:
                return KEEPERS[call.name]
            if call.name in SOCKET_IO and "client_manager" not in call.keywords:
                return "Socket.IO"
    return ""
