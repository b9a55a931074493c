"""The modules at the top of an environment, read from directories."""

from pathlib import Path

from devkit.module_names import DISTRIBUTIONS, TABLE, render
from manager_context import CHECKOUT, write_app
from python_buildpack.installed.imports.module_names import PROVIDERS
from python_buildpack.installed.imports.top_level import is_importable, is_namespace, top_level_modules


def test_modules_packages_and_parts_of_namespaces_are_found(tmp_path: Path) -> None:
    """As Python finds them: compiled ones too, and what a .pth file adds; no metadata, scripts or folders of data.

    A link into the layer of a heavy distribution counts, whether that layer is on disk or not.
    """
    site = write_app(
        tmp_path,
        {
            "six.py": "",
            "flask/__init__.py": "",
            "flask/views.py": "",
            "_fast.cpython-313-x86_64-linux-gnu.so": "",
            "fast/__init__.cpython-313-x86_64-linux-gnu.so": "",
            "fast/part.cpython-313-x86_64-linux-gnu.so": "",
            "google/cloud/storage/__init__.py": "",
            "google/protobuf/__init__.py": "",
            "flask-3.0.dist-info/RECORD": "",
            "share/data.json": "",
            "__pycache__/six.cpython-313.pyc": "",
            "more.pth": "# a comment\nimport os\nadded\n",
            "added/extra.py": "",
            "__editable___jobs_1_0_finder.py": "MAPPING: dict[str, str] = {'jobs': '/src/jobs', 'more.jobs': '/x'}\n",
        },
    )
    (site / "numpy").symlink_to("/layers/package-numpy/site-packages/numpy")
    assert top_level_modules(site) == {
        "numpy", "six", "flask", "_fast", "fast", "google.cloud.storage", "google.protobuf", "extra", "added.extra",
        "__editable___jobs_1_0_finder", "jobs", "more.jobs",
    }  # fmt: skip


def test_a_module_is_importable_with_all_that_is_around_it() -> None:
    """A package holds its modules; a namespace package is there because of its parts, and has nothing else."""
    modules = frozenset({"flask", "google.cloud.storage"})
    assert all(is_importable(name, modules) for name in ("flask", "flask.x", "google", "google.cloud.storage.y"))
    assert not any(is_importable(name, modules) for name in ("flas", "google.cloud.stor", "google.auth"))
    assert [is_namespace(name, modules) for name in ("google.cloud", "flask", "cv2")] == [True, False, False]


def test_the_table_of_modules_is_what_its_generator_writes() -> None:
    """Without the index: the same form, the same order, and a row for all distributions that are asked for."""
    assert (CHECKOUT / TABLE).read_text(encoding="utf-8") == render(PROVIDERS)
    assert set(DISTRIBUTIONS) <= set(PROVIDERS.values())
