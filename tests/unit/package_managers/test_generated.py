"""Which of the files that a build backend writes into a project stay in the image."""

import pytest

from python_buildpack.package_managers.generated import generated, is_by_product

BEFORE = frozenset({"main.py", "src", "src/shop", "src/shop/__init__.py", "src/shop/fast.pyx", "lib", "lib/plain.py"})


@pytest.mark.parametrize(
    "path",
    [
        "src/shop/_version.py",
        "src/shop/fast.cpython-313-x86_64-linux-gnu.so",
        "src/shop/static/app.js",
        "src/shop/build/lib.py",
        "_version.py",
        "_native.abi3.so",
        "lib/_version.py",
        "lib/table.json",
        "src/single.py",
    ],
)
def test_what_an_import_can_reach_stays(path: str) -> None:
    """Files of packages, and modules in directories that were there before."""
    folders = [path[:end] for end in range(len(path)) if path[end] == "/" and path[:end] not in BEFORE]
    assert generated([*folders, path], BEFORE) >= {path}


@pytest.mark.parametrize(
    "path",
    [
        "build/lib/shop/__init__.py",
        "build/lib/shop/_version.py",
        "shop.egg-info/PKG-INFO",
        "src/shop/__pycache__/x.cpython-313.pyc",
        "src/shop/fast.c",
        "src/shop/node_modules/left/index.js",
        "_work/copy/shop/__init__.py",
        ".cache/module.py",
        "dist/shop-1.tar.gz",
        "build.log",
        "made/thing.py",
    ],
)
def test_what_a_backend_leaves_behind_goes(path: str) -> None:
    """By-products, copies of packages, what compilers write, and what is in no place that Python imports from."""
    names = path.split("/")
    folders = [folder for end in range(1, len(names)) if (folder := "/".join(names[:end])) not in BEFORE]
    copies = ["build/lib/shop/__init__.py"] if path.startswith("build/") else []
    assert path not in generated([*folders, *copies, path], BEFORE)


@pytest.mark.parametrize(("path", "expected"), [("build", True), ("rebuild", False), ("a/x.egg-info", True)])
def test_by_products_have_whole_names(path: str, *, expected: bool) -> None:
    """A name that only ends like one is not known, and its removal is said."""
    assert is_by_product(path) is expected
