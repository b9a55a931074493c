"""Wheels that lie, that overwrite and that lead out: nothing is written outside of the environment, no code runs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from built_apps import built
from devkit.interpreters import Source
from devkit.lifecycle.launch import launch
from local_builds import build_checkout
from manager_context import write_app
from wheel_index import Wheel, serve_wheels

ODD = "\x1b[31m"
MARK = "import pathlib; open(pathlib.Path({seen!r}), 'a').write({name!r} + '\\n')\n"
LIES = (
    "liar/absent.py,sha256=AAAA,3\n/etc/shadow,,\n../../../../../../etc/passwd,,\n../../../bin/python,,\n"
    '"liar/new\nline.py",,\n"liar/\x1b[31mred",,\n../../../../python/cpython/bin/python3.13,,\n'
)


@dataclass(frozen=True, slots=True)
class _Liar(Wheel):
    """A wheel with another RECORD than its files have."""

    def _members(self) -> dict[str, bytes]:
        members = Wheel._members(self)  # noqa: SLF001 - the one thing that differs
        return {name: LIES.encode() if name.endswith("/RECORD") else content for name, content in members.items()}


@dataclass(frozen=True, slots=True)
class Seen:
    """What one build with all of the wheels has left."""

    root: Path
    venv: Path
    log: str
    ran_in_build: str
    ran_in_image: str


def wheels(root: Path) -> Iterator[Wheel]:
    """Yield the wheels, each with another attack."""

    def mark(name: str) -> str:
        return MARK.format(seen=str(root / "seen"), name=name)

    yield _Liar("liar", "1.0", {"liar/__init__.py": ""})
    tools = ("pip", "git", "sh", "uv", "tar", "ssh", "poetry", f"{ODD}red")
    scripts = dict.fromkeys(tools, "scripts:main")
    yield replace(Wheel("scripts", "1.0", {"scripts.py": f"def main():\n    {mark('script')}"}), scripts=scripts)
    sh = f"#!/bin/sh\necho script >> {root}/seen\n"
    yield Wheel(
        "bare", "1.0", {"bare.py": "", "bare-1.0.data/scripts/curl": sh, "bare-1.0.data/scripts/../../evil": sh}
    )
    inside = "lib/python3.13/site-packages"
    data = {"pyvenv.cfg": "home = /tmp\n", "../../evil": "", f"{inside}/usercustomize.py": mark("usercustomize")}
    yield Wheel("data", "1.0", {"data.py": "", **{f"data-1.0.data/data/{name}": text for name, text in data.items()}})
    up = "../../../../python/cpython/include"
    yield Wheel("headers", "1.0", {"headers.py": "", f"headers-1.0.data/headers/{up}/evil.h": "#error\n"})
    yield Wheel("leading", "1.0", {"leading.py": "", "../../../../evil.py": "", f"{root}/evil.py": ""})
    starting = {"start.pth": "pth", "sitecustomize.py": "sitecustomize", "venv.py": "venv", "encodings.py": "encodings"}
    yield Wheel("starting", "1.0", {name: mark(text) for name, text in starting.items()})


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, mirror: Source) -> Seen:
    """Build an app that requires all of them, and start it."""
    root = tmp_path_factory.mktemp("odd")
    state = root / "state"
    with serve_wheels(root / "index") as index:
        made = list(wheels(root))
        index.add(*made)
        needs = "".join(f"{wheel.name}==1.0\n" for wheel in made)
        app = write_app(
            root / "app", {"requirements.txt": needs, "main.py": "print('started')\n", ".python-version": "3.13\n"}
        )
        result = built(build_checkout(mirror, state, app, {"PIP_INDEX_URL": index.url}))
    ran_in_build = (root / "seen").read_text(encoding="utf-8") if (root / "seen").exists() else ""
    venv = state / "layers" / "terrarium_python" / "dependencies" / "venv"
    with launch(state) as running:
        assert running.wait() == 0, running.log
    return Seen(root, venv, result.log, ran_in_build, (root / "seen").read_text(encoding="utf-8"))


def test_no_code_of_wheels_runs_while_they_are_installed(seen: Seen) -> None:
    """Modules and files that Python reads at its start run in the image, and not in the build."""
    assert {"pth", "sitecustomize"} <= set(seen.ran_in_image.split())
    assert seen.ran_in_build == ""


def test_nothing_is_written_outside_of_the_environment(seen: Seen) -> None:
    """Neither where ``..`` leads to, nor where an absolute path does; no file of another layer is changed."""
    evil = [path for path in seen.root.rglob("evil*") if not path.is_relative_to(seen.venv)]
    assert evil == []
    assert not (seen.root / "state" / "layers" / "terrarium_python" / "evil").exists()


def test_the_environment_is_that_of_its_interpreter(seen: Seen) -> None:
    """A package brings a pyvenv.cfg of its own; another one lists the interpreter among its files."""
    cpython = seen.venv.parents[1] / "python" / "cpython"
    assert f"home = {cpython}/bin" in (seen.venv / "pyvenv.cfg").read_text(encoding="utf-8")
    assert (seen.venv / "bin" / "python").resolve() == cpython / "bin" / "python3.13"
    assert (cpython / "bin" / "python3.13").is_file()


def test_names_of_packages_files_do_not_write_to_the_terminal(seen: Seen) -> None:
    """One of the scripts has a terminal sequence in its name."""
    assert (seen.venv / "bin" / f"{ODD}red").exists()
    assert "\x1b" not in seen.log
