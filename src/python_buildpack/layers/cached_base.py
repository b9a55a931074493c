"""The ``cache-base`` layer: what a small change of the dependencies leaves as it is. See cache.py."""

from python_buildpack.layers.info import LayerInfo

NAME = "cache-base"

INFO = LayerInfo(
    NAME,
    "cache",
    "most of the small wheels that were downloaded, and of the bytecode of packages; what came later is in `cache`",
    "changes of the dependencies that come to a third of it",
)
