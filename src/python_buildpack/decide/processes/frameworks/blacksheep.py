"""BlackSheep (https://www.neoteroi.dev/blacksheep), which has no server of its own."""

from python_buildpack.decide.processes.apps import AppFramework

BLACKSHEEP = AppFramework(
    "BlackSheep",
    ("blacksheep",),
    {"blacksheep.Application": "asgi", "blacksheep.server.Application": "asgi"},
)

find = BLACKSHEEP.find
