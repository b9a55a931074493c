"""docs/size.md: what is left out of an image, and why, from the tables that do it."""

from collections.abc import Iterable, Iterator

from python_buildpack.installed.file_kinds import ALWAYS, BY_REQUEST, FileKind
from python_buildpack.interpreters.slim import PARTS as INTERPRETER_PARTS
from python_buildpack.interpreters.slim import Part
from python_buildpack.layers.packages.split import HEAVY, MOST
from python_buildpack.settings.table import SLIM, SLIM_PACKAGES, SPLIT


def size_page() -> str:
    """Return the body of the page."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "A megabyte costs time at each export, push and pull, so an image holds what its app runs on and no more.\n"
    yield "## The interpreter\n"
    yield f"Left out of every image; `{SLIM.name}=false` keeps it all.\n"
    yield from _table(INTERPRETER_PARTS)
    yield "\nHeaders, the Makefile and pkg-config files stay: packages without a wheel are compiled with them.\n"
    yield "## Packages\n"
    yield f"Left out of what is installed; the log says how much that saved. `{SLIM_PACKAGES.name}=false` keeps it.\n"
    yield from _table(ALWAYS)
    yield (
        "\nOf symbols, those stay that other libraries link to. Without the others, debuggers and profilers of native "
        "code (gdb, perf, `py-spy --native`) name fewer functions. A library in which anything is not where linkers "
        "and patchelf leave it stays as it is.\n"
    )
    yield f"With `{SLIM_PACKAGES.name}=true` this is left out as well.\n"
    yield from _table(BY_REQUEST)
    yield (
        "\nNot for apps that compile at run time against the headers of a package, as torch's C++ extensions and "
        "`torch.compile`, Triton and `pyximport` do.\n"
    )
    yield "## Heavy packages in layers of their own\n"
    yield (
        f"Packages of {HEAVY // 1_000_000} MB and more, the {MOST} largest at most, have a layer each, "
        "`package-<name>`, with a link to them in site-packages. What has to stay together is in one layer: packages "
        "that share a directory, and libraries that look for others by a path relative to themselves. When another "
        f"package changes, these layers are neither installed nor exported again. `{SPLIT.name}=false` turns it off.\n"
    )
    yield (
        "Never in an image: pip, uv, Poetry and the like, package caches, bytecode that is written a second time, "
        "bytecode of packages' test modules (it would be nearly a tenth of an image with pandas and scikit-learn).\n"
    )


def _table(parts: Iterable[FileKind | Part]) -> Iterator[str]:
    yield "| left out | because |\n|---|---|"
    for part in parts:
        yield f"| {part.name} | {part.because} |"
