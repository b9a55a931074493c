"""A wheel is downloaded once: a rebuild takes what it had from the cache, and gives what a clean build gives."""

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from built_apps import built, cached_digests, digests
from devkit.lifecycle.results import Built, Failed
from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.package_managers.pdm_packages import pdm_digest
from python_buildpack.package_managers.pipfile_lock import pipfile_digest
from python_buildpack.package_managers.poetry_lock import content_hash
from tiny_index import PYPROJECT, Distribution, source_files
from wheel_index import Wheel, WheelIndex, filler, light, serve_wheels

Attempt = Callable[..., Built | Failed]
NAMES = ("ant", "bee", "cat")
LARGE = "hen"
"""Has most of the bytes, but no layer of its own."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WheelIndex]:
    """Return an index with small packages, each in two versions."""
    with serve_wheels(tmp_path / "index") as index:
        index.add(*(light(name, version) for name in NAMES for version in ("1.0", "2.0")))
        index.add(Wheel(LARGE, "1.0", {"hen/__init__.py": "", "hen/data.bin": filler(LARGE)[:2_000_000]}))
        yield index


def wheel(index: WheelIndex, name: str, version: str) -> tuple[str, str]:
    """Return the name of a wheel on the index, and its digest."""
    path = index.root / "simple" / name / f"{name}-{version}-py3-none-any.whl"
    return path.name, hashlib.sha256(path.read_bytes()).hexdigest()


def requirements(app: Path, index: WheelIndex, pins: dict[str, str]) -> None:
    """Write requirements.txt, which names no hashes, and an index that pip itself does not come from.

    pip caches what comes from hosts that are secure or trusted.
    """
    lines = (f"{name}=={version}\n" for name, version in pins.items())
    head = f"--index-url {index.url}\n--trusted-host 127.0.0.1\n"
    write_app(app, {"requirements.txt": f"{head}{''.join(lines)}"})


def pylock(app: Path, index: WheelIndex, pins: dict[str, str]) -> None:
    """Write a lock of PEP 751."""
    packages = "".join(
        f'[[packages]]\nname = "{name}"\nversion = "{version}"\nindex = "{index.url}"\n'
        f'wheels = [{{url = "{index.url}/{name}/{file}", hashes = {{sha256 = "{digest}"}}}}]\n'
        for name, version in pins.items()
        for file, digest in [wheel(index, name, version)]
    )
    write_app(app, {"pylock.toml": f'lock-version = "1.0"\ncreated-by = "test"\n{packages}'})


def pdm(app: Path, index: WheelIndex, pins: dict[str, str]) -> None:
    """Write a project and its lock, as PDM does."""
    needs = ", ".join(f'"{name}"' for name in pins)
    source = f'[[tool.pdm.source]]\nname = "pypi"\nurl = "{index.url}"\nverify_ssl = true\n'
    project = f'[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = [{needs}]\n'
    write_app(app, {"pyproject.toml": f"{project}[tool.pdm]\ndistribution = false\n{source}"})
    packages = "".join(
        f'[[package]]\nname = "{name}"\nversion = "{version}"\nrequires_python = ">=3.8"\nsummary = ""\n'
        f'groups = ["default"]\nfiles = [{{file = "{file}", hash = "sha256:{digest}"}}]\n'
        for name, version in pins.items()
        for file, digest in [wheel(index, name, version)]
    )
    head = (
        '[metadata]\ngroups = ["default"]\nstrategy = ["inherit_metadata"]\nlock_version = "4.5.0"\n'
        f'content_hash = "sha256:{pdm_digest(scan(app))}"\n[[metadata.targets]]\nrequires_python = ">=3.9"\n'
    )
    write_app(app, {"pdm.lock": head + packages})


def pipenv(app: Path, index: WheelIndex, pins: dict[str, str]) -> None:
    """Write a Pipfile and its lock, as Pipenv does."""
    source = f'[[source]]\nname = "here"\nurl = "{index.url}"\nverify_ssl = true\n'
    pipfile = source + "[packages]\n" + "".join(f'{name} = "*"\n' for name in pins)
    found = {name: wheel(index, name, version)[1] for name, version in pins.items()}
    meta = {
        "hash": {"sha256": pipfile_digest(tomllib.loads(pipfile))},
        "pipfile-spec": 6,
        "requires": {},
        "sources": [{"name": "here", "url": index.url, "verify_ssl": True}],
    }
    packages = {
        name: {"version": f"=={version}", "hashes": [f"sha256:{found[name]}"], "index": "here"}
        for name, version in pins.items()
    }
    write_app(
        app, {"Pipfile": pipfile, "Pipfile.lock": json.dumps({"_meta": meta, "default": packages, "develop": {}})}
    )


def poetry(app: Path, index: WheelIndex, pins: dict[str, str]) -> None:
    """Write a project and its lock, as Poetry does."""
    needs = "".join(f'{name} = "{version}"\n' for name, version in pins.items())
    project = (
        '[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = ">=3.9"\n'
        f'{needs}[[tool.poetry.source]]\nname = "here"\nurl = "{index.url}"\npriority = "primary"\n'
    )
    packages = "".join(
        f'[[package]]\nname = "{name}"\nversion = "{version}"\ndescription = ""\noptional = false\n'
        f'python-versions = ">=3.8"\ngroups = ["main"]\nfiles = [{{file = "{file}", hash = "sha256:{digest}"}}]\n'
        f'[package.source]\ntype = "legacy"\nurl = "{index.url}"\nreference = "here"\n'
        for name, version in pins.items()
        for file, digest in [wheel(index, name, version)]
    )
    digest = content_hash(tomllib.loads(project))
    end = f'[metadata]\nlock-version = "2.1"\npython-versions = ">=3.9"\ncontent-hash = "{digest}"\n'
    write_app(app, {"pyproject.toml": project, "poetry.lock": packages + end})


def unlocked(app: Path, index: WheelIndex, pins: dict[str, str]) -> None:
    """Write a project without a lock, which is not installed itself."""
    needs = ", ".join(f'"{name}=={version}"' for name, version in pins.items())
    head = f'[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = [{needs}]\n'
    write_app(app, {"pyproject.toml": f'{head}[[tool.uv.index]]\nurl = "{index.url}"\ndefault = true\n'})


def packaged(app: Path, index: WheelIndex, pins: dict[str, str]) -> None:
    """Write a uv project that is installed itself, and its lock."""
    needs = ", ".join(f'"{name}"' for name in pins)
    head = f'[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = [{needs}]\n'
    source = f'[[tool.uv.index]]\nurl = "{index.url}"\ndefault = true\n'
    write_app(app, {**source_files(Distribution("shop")), "pyproject.toml": f"{head}{PYPROJECT}{source}"})
    packages = "".join(
        f'[[package]]\nname = "{name}"\nversion = "{version}"\nsource = {{ registry = "{index.url}" }}\n'
        f'wheels = [{{ url = "{index.url}/{name}/{file}", hash = "sha256:{digest}" }}]\n'
        for name, version in pins.items()
        for file, digest in [wheel(index, name, version)]
    )
    wanted = "".join(f'{{ name = "{name}" }},' for name in pins)
    own = (
        f'[[package]]\nname = "shop"\nversion = "1"\nsource = {{ editable = "." }}\ndependencies = [{wanted}]\n'
        f"[package.metadata]\nrequires-dist = [{wanted}]\n"
    )
    write_app(app, {"uv.lock": f'version = 1\nrevision = 3\nrequires-python = ">=3.9"\n{packages}{own}'})


def test_another_python_downloads_only_what_is_new(tmp_path: Path, attempt: Attempt, index: WheelIndex) -> None:
    """All is installed anew, from the wheels of the cache, and what is new is downloaded beside the interpreter."""
    app = write_app(tmp_path / "app", {"main.py": "import ant\n"})
    requirements(app, index, {"ant": "1.0", "bee": "1.0"})
    built(attempt(app))
    index.downloads.clear()
    requirements(app, index, {"ant": "1.0", "bee": "1.0", "cat": "1.0"})
    changed = built(attempt(app, {"BP_PYTHON_VERSION": "3.12"}))
    assert index.downloads == ["cat-1.0-py3-none-any.whl"]
    assert "Downloaded while Python was installed: 1 package\n" in changed.log
    assert digests(changed) == digests(
        built(attempt(app, {"BP_PYTHON_VERSION": "3.12"}, previous_image=False, cache=False))
    )


MANAGERS = {
    "requirements.txt": (requirements, {}),
    "pip": (requirements, {"BP_PYTHON_INSTALLER": "pip"}),
    "pylock.toml": (pylock, {}),
    "pdm": (pdm, {}),
    "uv": (packaged, {}),
    "pipenv": (pipenv, {}),
    "poetry": (poetry, {}),
    "pyproject.toml": (unlocked, {}),
}


@pytest.mark.parametrize(
    "manager", [pytest.param(name, marks=pytest.mark.network if name == "pip" else ()) for name in MANAGERS]
)
def test_a_changed_dependency_downloads_the_new_wheels_and_no_others(
    tmp_path: Path, attempt: Attempt, index: WheelIndex, manager: str
) -> None:
    """With every manager; what the lock pins is not even looked up where it has the address; the image is the same.

    The interpreter and most wheels are in cache layers that are the same as before: a registry gets nothing of it.
    """
    write, settings = MANAGERS[manager]
    app, env = write_app(tmp_path / "app", {"main.py": "import ant, bee\n"}), settings
    write(app, index, {"ant": "1.0", "bee": "1.0", LARGE: "1.0"})
    first = built(attempt(app, env))
    assert sorted(index.downloads) == sorted(f"{name}-1.0-py3-none-any.whl" for name in ("ant", "bee", LARGE))
    assert ("Downloaded while Python was installed: 3 packages" in first.log) == (manager != "pip")
    assert manager not in {"pylock.toml", "uv"} or index.looked_up == []
    index.downloads.clear()
    index.looked_up.clear()
    write(app, index, {"ant": "1.0", "bee": "2.0", "cat": "1.0", LARGE: "1.0"})
    changed = built(attempt(app, env))
    assert sorted(index.downloads) == ["bee-2.0-py3-none-any.whl", "cat-1.0-py3-none-any.whl"]
    assert manager not in {"pylock.toml", "uv"} or index.looked_up == []
    for layer in ("cache-python", "cache-base"):
        assert cached_digests(changed)[layer] == cached_digests(first)[layer]
    assert digests(changed) == digests(built(attempt(app, env, previous_image=False, cache=False)))
