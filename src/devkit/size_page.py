"""docs/size.md: what is left out of an image, and why, from the tables that do it."""

from collections.abc import Iterator

from python_buildpack.environment.slim import PARTS as PACKAGE_PARTS
from python_buildpack.environment.split import HEAVY, MOST
from python_buildpack.interpreter.slim import PARTS as INTERPRETER_PARTS
from python_buildpack.settings import SLIM, SLIM_PACKAGES, SPLIT


def size_page() -> str:
    """Return the body of the page."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "A megabyte costs time at each export, push and pull, so an image holds what its app runs on and no more.\n"
    yield "## The interpreter\n"
    yield f"Left out of every image; `{SLIM.name}=false` keeps it all.\n"
    yield "| left out | because |\n|---|---|"
    for part in INTERPRETER_PARTS:
        yield f"| {part.name} | {part.because} |"
    yield "\nHeaders, the Makefile and pkg-config files stay: packages without a wheel are compiled with them.\n"
    yield "## Packages, by request\n"
    yield f"`{SLIM_PACKAGES.name}=true` takes this out of what is installed, and says how much that saved.\n"
    yield "| taken out | because |\n|---|---|"
    for kind in PACKAGE_PARTS:
        yield f"| {kind.name} | {kind.because} |"
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
