"""BlackSheep (https://www.neoteroi.dev/blacksheep), which has no server of its own."""

from python_buildpack.decide.processes.frameworks.interface import WebFramework

BLACKSHEEP = WebFramework(
    "BlackSheep",
    ("blacksheep",),
    {"blacksheep.Application": "asgi", "blacksheep.server.Application": "asgi"},
    frozenset({"blacksheep"}),
)
