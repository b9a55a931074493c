"""The page that lists the layers, from what each says of itself."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

from python_buildpack import layers
from python_buildpack.layers.data.registry import DATA_LAYERS
from python_buildpack.layers.info import LayerInfo

_INTRODUCTION = """\
A layer is made again when its key, a record of strings, differs in any field from what the last build recorded; the log
gives every difference. Launch layers are left absent when they are reused: the lifecycle takes them from the previous
image by reference, at no cost. When a part of a build needs such a layer on disk, it is unpacked from the `cache` layer
to its final path and removed again (`src/python_buildpack/layers/stored.py`).

Programs of the app and of packages run while an image is built, and can write into every layer. So a file of the
`cache` or `tools` layer is read only if it has the digest that was recorded when it was written; a directory in the
place of a layer that is reused by reference is removed; and records that others changed are written again at the end
of the build (`src/cnb/seal.py`).

`python` and `dependencies` also become build and cache layers when another buildpack requires `python` or
`site-packages`. Their content is one level down, because the lifecycle puts a layer's own `lib/` on the
LD_LIBRARY_PATH of all processes. The names are in the paths of an image, so they stay as they are.

The app itself is one layer, but for big trees without code: what has no Python source in it, and 100 files or 1 MB and
more, becomes a slice, a layer of its own (`src/python_buildpack/app/slices.py`). A change of the code then does not
export Django's collected static files, a frontend's output or a model's weights again. There are at most 8 slices.
"""


def layers_page() -> str:
    """Return the page, without its title."""
    rows = [f"| `{info.name}` | {info.types} | {info.content} | {info.remade} |" for info in layer_infos()]
    table = ["| layer | types | content | what causes a rebuild |", "|---|---|---|---|", *rows]
    return _INTRODUCTION + "\n" + "\n".join(table) + "\n"


def layer_infos() -> list[LayerInfo]:
    """Return what each kind of layer says of itself, launch layers first, then by name."""
    return sorted((*_own(), *_of_data()), key=lambda info: (info.types != "launch", info.name))


def _own() -> Iterator[LayerInfo]:
    for module in walk_packages(layers.__path__, f"{layers.__name__}."):
        if not module.name.endswith("exec_d_helper"):
            info = getattr(import_module(module.name), "INFO", None)
            if isinstance(info, LayerInfo):
                yield info


def _of_data() -> Iterator[LayerInfo]:
    for kind in DATA_LAYERS:
        remade = "another request of the app, another version of the package that reads the data"
        yield LayerInfo(kind.name, "launch", kind.content, remade)
