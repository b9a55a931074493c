"""The ``cache-python`` layer: the interpreter for builds in which its own layer is reused. See cache.py."""

from python_buildpack.layers.info import LayerInfo

NAME = "cache-python"

INFO = LayerInfo(
    NAME,
    "cache",
    "the interpreter, as it was installed, or its archive",
    "nothing: each build only removes the files of an interpreter that it does not use",
)
