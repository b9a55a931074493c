"""What Conda's and pixi's files declare, as requirements to propose."""

import tomllib
from pathlib import Path

import pytest

from manager_context import install_context, write_app
from python_buildpack.package_managers.conda_files import propose_from_pixi, propose_from_yaml
from python_buildpack.package_managers.environment_yml import CondaNotSupported, EnvironmentYml

ENVIRONMENT = """\
name: shop
channels: [conda-forge]
dependencies:  # what it needs
  - python=3.11
  - pip
  # a comment
  - conda-forge::numpy=1.26
  - 'pandas==2.2.1=py311h320fe9a_0'
  - scipy>=1.11,<1.14  # for fft
  - xarray 2024.1.*
  - pytorch
  - cudatoolkit=11.8
  - pip:
    - flask==3.1.2
    - git+https://git.example.com/a.git
variables:
  - not=1
"""


def test_what_conda_declares_is_translated() -> None:
    """Its notation of versions, its own names, and the lines for pip; programs and the Python version are apart."""
    found = propose_from_yaml(ENVIRONMENT)
    assert found.requirements == (
        "numpy==1.26.*",
        "pandas==2.2.1",
        "scipy>=1.11,<1.14",
        "xarray==2024.1.*",
        "torch",
        "flask==3.1.2",
        "git+https://git.example.com/a.git",
    )
    assert (found.python, found.others) == ("3.11", ("cudatoolkit",))
    assert "in .python-version, the line 3.11" in found.text


@pytest.mark.parametrize(
    ("text", "requirements"),
    [
        ("dependencies: [numpy, 'python>=3.9']\n", ("numpy",)),
        ("dependencies:\n- numpy=1\n- pip:\n  - flask\n- scipy\n", ("numpy==1.*", "scipy", "flask")),
        ("dependencies:\r\n- numpy 1.26.4\r\n", ("numpy==1.26.4",)),
        ("dependencies:\n- numpy 1.8|1.9\n- a>=2.*\n", ("numpy", "a>=2")),
        ("dependencies:\n  - pip: [flask]\n", ("flask",)),
        ("name: x\n", ()),
        ("", ()),
        ("dependencies: {a: b}\n", ()),
    ],
)
def test_other_ways_to_write_it(text: str, requirements: tuple[str, ...]) -> None:
    """Lists in one line, without indentation, with the ends of lines of Windows; and files that say nothing."""
    assert propose_from_yaml(text).requirements == requirements


def test_what_pixi_declares_is_translated() -> None:
    """Of both its tables."""
    text = """\
[dependencies]
python = "3.12.*"
numpy = ">=1.26,<2"
scipy = { version = "1.14.*", channel = "conda-forge" }
xarray = "*"
[pypi-dependencies]
flask = { version = "==3.1.2", extras = ["async"] }
own = { path = "./own", editable = true }
tool = { git = "https://git.example.com/tool.git" }
"""
    found = propose_from_pixi(tomllib.loads(text))
    assert found.python == "3.12"
    assert found.requirements == (
        "numpy>=1.26,<2",
        "scipy==1.14.*",
        "xarray",
        "flask[async]==3.1.2",
        "-e ./own",
        "tool @ git+https://git.example.com/tool.git",
    )


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"environment.yml": ENVIRONMENT}, "  numpy==1.26.*\n"),
        ({"pixi.toml": '[dependencies]\nnumpy = "*"\n', "pixi.lock": "version: 6\n"}, "\n  numpy"),
        ({"pixi.lock": "version: 6\n"}, "List the packages that the app imports in a requirements.txt"),
    ],
)
def test_the_error_has_what_to_write(tmp_path: Path, files: dict[str, str], named: str) -> None:
    """As lines that can be copied."""
    app = write_app(tmp_path / "app", files)
    with pytest.raises(CondaNotSupported) as caught:
        EnvironmentYml().resolve(install_context(app, tmp_path / "work", tmp_path / "layers"))
    assert named in caught.value.cure
    assert "Conda's channels" in caught.value.what
