"""Requirements files by uv and by pip: the same set, the app untouched, pip's configuration obeyed."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from manager_context import install, install_context, snapshot, write_app
from python_buildpack.package_managers.failures.errors import (
    PackageHashMismatch,
    RequirementsInvalid,
    RequirementsUnsatisfiable,
)
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.tools.pip_config import read_pip_config
from tiny_index import serving

PIP = {"BP_PYTHON_INSTALLER": "pip"}
LOCAL = {
    "lib/pyproject.toml": '[project]\nname = "lib"\nversion = "1"\n[project.optional-dependencies]\nx = ["six"]\n',
    "lib/lib.py": "",
}
FILES = {
    "requirements.txt": "-r more/base.txt\n-c limits.txt\n-e ./lib[x]\nitsdangerous ; python_version > '3'\n"
    "Werkzeug[watchdog]>=3,<4  # a comment\nenum34 ; python_version < '3'\n",
    "more/base.txt": "click~=8.1\n",
    "limits.txt": "packaging<25\nclick<8.2\nunused==1\n",
    **LOCAL,
}


@pytest.mark.network
def test_uv_and_pip_install_the_same_from_a_rich_file(tmp_path: Path) -> None:
    """Includes, constraints, markers, extras, continuations and an editable path; and both leave the app alone."""
    app = write_app(tmp_path / "app", FILES)
    before = snapshot(app)
    by_uv = install("requirements.txt", app, tmp_path / "uv", tmp_path / "layers")
    by_pip = install("requirements.txt", app, tmp_path / "pip", tmp_path / "layers", PIP)
    assert by_uv.names == by_pip.names
    assert by_uv.names >= {"click", "itsdangerous", "werkzeug", "watchdog", "markupsafe", "lib", "six"}
    code = "from importlib.metadata import version; print(version('click'), version('werkzeug'))"
    assert by_uv.run(code, tmp_path) == by_pip.run(code, tmp_path)
    assert by_uv.run("import lib; print(lib.__file__)", tmp_path) == str(app / "lib/lib.py")
    assert snapshot(app) == before


@pytest.mark.network
def test_pip_says_beforehand_what_it_takes(tmp_path: Path) -> None:
    """The versions take part in the key, so that a new release makes a new layer."""
    app = write_app(tmp_path / "app", {"requirements.txt": "click<8.2\n"})
    bench = install_context(app, tmp_path / "work", tmp_path / "layers", PIP)
    assert manager_named("requirements.txt").resolve(bench).text == "pip\nclick==8.1.8\n"


@pytest.mark.network
@pytest.mark.parametrize("settings", [{}, PIP], ids=["uv", "pip"])
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("click==99\n", RequirementsUnsatisfiable),
        ("click = 8\n", RequirementsInvalid),
        (f"click==8.1.8 --hash=sha256:{'0' * 64}\n", PackageHashMismatch),
    ],
)
def test_failures_are_told_alike(tmp_path: Path, settings: dict[str, str], text: str, error: type[Exception]) -> None:
    """The same mistake is the same error, whoever installs."""
    app = write_app(tmp_path / "app", {"requirements.txt": text})
    with pytest.raises(error):
        install("requirements.txt", app, tmp_path / "work", tmp_path / "layers", settings)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """Serve a package index on loopback that has one distribution, which no other index has."""
    wheel = tmp_path / "simple" / "only-here" / "only_here-1.0-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    source = write_app(tmp_path / "source", {"only_here.py": ""})
    metadata = {
        "only_here-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: only-here\nVersion: 1.0\n",
        "only_here-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "only_here-1.0.dist-info/RECORD": "only_here.py,,\nonly_here-1.0.dist-info/METADATA,,\n"
        "only_here-1.0.dist-info/WHEEL,,\nonly_here-1.0.dist-info/RECORD,,\n",
    }
    write_app(source, metadata)
    with zipfile.ZipFile(wheel, "w") as archive:
        for path in sorted(source.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(source))
    with serving(tmp_path) as address:
        yield f"{address}/simple"


def test_uv_obeys_pips_configuration_file(tmp_path: Path, index: str) -> None:
    """A pip.conf in the build user's home is where companies name their index."""
    app = write_app(tmp_path / "app", {"requirements.txt": "only-here\n"})
    write_app(tmp_path / "work", {"home/.config/pip/pip.conf": f"[global]\nindex-url = {index}\n"})
    done = install("requirements.txt", app, tmp_path / "work", tmp_path / "layers")
    assert done.names == {"only_here"}


def test_pip_configuration_is_read_in_pips_order(tmp_path: Path) -> None:
    """The user's file before the site's, [install] before [global], lists on several lines as one."""
    home = write_app(
        tmp_path, {".config/pip/pip.conf": "[install]\nindex-url = https://b\n[global]\nindex-url = https://a\n"}
    )
    write_app(home, {"chosen.conf": "[global]\nextra-index-url =\n  https://c\n  https://d\n"})
    env = {"HOME": str(home), "PIP_CONFIG_FILE": str(home / "chosen.conf"), "XDG_CONFIG_DIRS": str(home)}
    found = read_pip_config(env)
    assert found["PIP_INDEX_URL"] == "https://b"
    assert found["PIP_EXTRA_INDEX_URL"] == "https://c https://d"
    assert read_pip_config({**env, "PIP_CONFIG_FILE": "/dev/null"}) == {}
    write_app(home, {"chosen.conf": "this is no configuration\n"})
    assert read_pip_config(env)["PIP_INDEX_URL"] == "https://b"


@pytest.mark.network
@pytest.mark.parametrize(
    "script",
    [
        "import pkg_resources\nfrom setuptools import setup\nsetup({})\n",
        "from setuptools import convert_path, setup\nsetup({})\n",
        "from setuptools import setup\nsetup({}, use_2to3=True)\n",
    ],
    ids=["pkg_resources", "convert_path", "use_2to3"],
)
def test_a_source_from_before_is_built_with_a_setuptools_that_it_knows(tmp_path: Path, script: str) -> None:
    """Sources of django-allauth 0.45, mongoengine 0.19 and others: the newest setuptools no longer builds them."""
    setup = script.format('name="old", version="1", py_modules=["old"]')
    files = {"requirements.txt": "./old\n", "old/setup.py": setup, "old/old.py": "x = 1\n"}
    app = write_app(tmp_path / "app", files)
    before = snapshot(app)
    done = install("requirements.txt", app, tmp_path / "work", tmp_path / "layers")
    assert done.names == {"old"}
    assert any("Trying again with setuptools<" in text for text in done.log.said)
    assert snapshot(app) == before


@pytest.mark.network
def test_what_a_pin_needs_of_others_gives_way_to_what_the_app_asks_for(tmp_path: Path) -> None:
    """Flask 2.0.3 cannot import Werkzeug 3; who asks for both gets both, and learns what was tried."""
    app = write_app(tmp_path / "app", {"requirements.txt": "Flask==2.0.3\nWerkzeug>=3\n"})
    done = install("requirements.txt", app, tmp_path / "work", tmp_path / "layers")
    assert "werkzeug" in done.names
    assert any("werkzeug<3 is added" in text for text in done.log.said)
    assert any("Trying again without the added constraints" in text for text in done.log.said)


@pytest.mark.network
def test_what_a_pin_imports_without_requiring_it_is_installed(tmp_path: Path) -> None:
    """Old releases of gunicorn import pkg_resources; at that time every environment had setuptools."""
    app = write_app(tmp_path / "app", {"requirements.txt": "gunicorn==19.9.0\n"})
    done = install("requirements.txt", app, tmp_path / "work", tmp_path / "layers")
    assert done.names == {"gunicorn", "setuptools"}
    assert any("setuptools<81 is added" in text for text in done.log.said)


@pytest.mark.network
def test_requirements_in_utf_16_are_installed(tmp_path: Path) -> None:
    """``pip freeze > requirements.txt`` in PowerShell: pip and uv read it, and so does the buildpack."""
    app = write_app(tmp_path / "app", {"app.py": ""})
    (app / "requirements.txt").write_bytes("-r more.txt\r\nsix==1.17.0\r\n".encode("utf-16"))
    (app / "more.txt").write_bytes("iniconfig==2.1.0\r\n".encode("utf-16"))
    done = install("requirements.txt", app, tmp_path / "work", tmp_path / "layers")
    assert done.names == {"six", "iniconfig"}
