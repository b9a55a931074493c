"""NiceGUI (https://nicegui.io): programs with a server of their own, or pages that are added to a FastAPI app."""

from python_buildpack.decide.processes.frameworks.interface import WebFramework

NICEGUI = WebFramework(
    "NiceGUI",
    ("nicegui",),
    words=frozenset({"nicegui"}),
    in_memory={"nicegui.ui.run_with": ""},
    port_calls=frozenset({"nicegui.ui.run"}),
)
