"""What explain says is what a build does: Python, manager, groups, steps, layers, settings, processes, warnings."""

import io
import json
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from built_apps import built, one_line
from devkit.generated_docs import sample_names
from devkit.interpreters import Source
from devkit.lifecycle.results import Built, Failed
from devkit.log_snapshots import FOLDER, STORIES
from devkit.machine import machine_arch
from devkit.paths import CHECKOUT, SAMPLES
from devkit.small_wheels import write_wheel
from manager_context import write_app
from python_buildpack.decide.recipe import to_json
from python_buildpack.explain import INDEX_NOT_ASKED, explain
from python_buildpack.ports.reporter import TextReporter

Attempt = Callable[..., Built | Failed]
LAYOUTS = CHECKOUT / "tests/unit/decide/processes/layouts"
AS_REQUIREMENTS, AS_PROJECT, AS_BOTH = "requirements.txt", "pyproject.toml", "[tool.terrarium] beside requirements.txt"
KNOWN_LATE = ("package-", "hook_data", "cache")
"""Layers of which only a build knows, and that of the cache."""
OURS = "[tool.terrarium]"
BEFORE = {"Service bindings", "Environment", "Image"}
"""Headings that are about the place of a build, and its sum."""


MODULES = {"python-socketio": "socketio", "discord.py": "discord"}
"""The modules of distributions that are called otherwise and that the layouts import."""
_WARNING = re.compile(r"^  warning: .*\n(?:    .*\n)*", re.MULTILINE)
_EMPTY = re.compile(r"imports .*, which is not there\n")
"""Only a build knows what a distribution has in it; those of this test have next to nothing."""
HOOK = "#!/bin/sh\nexit 0\n"
MORE: tuple[tuple[str, dict[str, str], dict[str, str]], ...] = (
    ("hooks", {"bin/pre_compile": HOOK, "bin/post_compile": HOOK, "main.py": "print(1)\n"}, {}),
    ("nothing", {"data.py": "X = 1\n", "pyproject.toml": "[tool.black]\n"}, {"BP_PYTHON_SMOKE_TEST": "true"}),
    ("a script", {"app.py": '# /// script\n# dependencies = ["flask"]\n# ///\nimport flask\n'}, {}),
    ("tested", {"main.py": "print(1)\n", "requirements.txt": "flask\n"}, {"BP_PYTHON_SMOKE_TEST": "true"}),
    ("a Procfile", {"Procfile": "web: gunicorn app:app\nclock: python -V\n", "requirements.txt": "gunicorn\n"}, {}),
    ("other files", {"runtime.txt": "python-3\n", "requirement.txt": "flask\n", "app.py": "print(1)\n"}, {}),
)


def apps() -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Yield apps of all kinds, with their files and the variables of their builds: of every sixth layout, and more."""
    yield from MORE
    for file in sorted(LAYOUTS.glob("*.toml")):
        layouts = tomllib.loads(file.read_text(encoding="utf-8"))
        for number, (name, layout) in enumerate(list(layouts.items())[::6]):
            kind = (AS_REQUIREMENTS, AS_PROJECT, AS_BOTH)[number % 3]
            if "manage.py" in str(layout["files"]) or "pyproject.toml" in layout["files"]:
                # Django's own code would run, or the layout is about the file.
                kind = AS_REQUIREMENTS
            yield f"{file.stem}: {name}", _declared(kind, layout), _variables(number)


def _declared(kind: str, layout: Mapping[str, Any]) -> dict[str, str]:
    names = layout["distributions"]
    listed = "".join(f"{name}\n" for name in names)
    settings = '[tool.terrarium]\nslim = true\nslimm = 1\nprocesses.more = "python -V"\nrun-env.A = "1"\n'
    project = f'[project]\nname = "shop"\nversion = "1"\ndependencies = {json.dumps(names)}\n'
    groups = '[dependency-groups]\nextra = ["of-extra"]\nother = []\n[tool.uv]\ndefault-groups = ["extra"]\n'
    more = {
        AS_REQUIREMENTS: {"requirements.txt": listed},
        AS_PROJECT: {"pyproject.toml": project + groups},
        AS_BOTH: {"requirements.txt": listed, "pyproject.toml": settings},
    }
    return {**more[kind], **layout["files"]}


def _variables(number: int) -> dict[str, str]:
    """Return settings, some of which have no effect in the app, or do not exist."""
    return (
        {"BP_PYTHON_GROUPS": "docs"} if number % 6 == 0 else {"UV_PYTHON": "3.9", "PORT": "5000"},
        {"BP_PYTHON_EXTRA": "x"} if number % 2 else {"BP_PYTHON_GROUPS": "other"},
        {"BPE_APPEND_A": "x", "BP_PYTHON_PROCESS_JOB": "python -V", "DISABLE_COLLECTSTATIC": "1"},
    )[number % 3]


def expected(app: Path, env: dict[str, str], mirror: Source) -> dict[str, Any]:
    """Return what explain says, in the form of ``done``."""
    recipe = explain(app, env, mirror.read(), machine_arch(), datetime.now(UTC).date())
    document = to_json(recipe)
    stream = io.StringIO()
    for one in (*recipe.notices, *(recipe.processes.notices if recipe.processes else ())):
        TextReporter(stream).warning(one.title, one.text)
    return {
        "python": document["python"]["version"],
        "manager": document["manager"]["name"],
        "steps": document["steps"],
        "layers": document["layers"],
        "processes": {one["type"]: (one["command"], one["args"], one["default"]) for one in document["processes"]},
        "groups": "extra" in document["groups"],
        "settings": [f"{one['source']}: {one['value']}" for one in document["settings"] if OURS in one["source"]],
        "warnings": set(_WARNING.findall(stream.getvalue())),
    }


def done(result: Built, record: Mapping[str, Any], state: Path) -> dict[str, Any]:
    """Return what a build did, by its record, its image in ``state``, and its log."""
    said = re.search(r"^\[Settings\]\n(?P<lines>(?:  .*\n)*)", result.log, re.MULTILINE)
    lines = said["lines"].replace("\n    ", " ").replace("\n  ", "\n").splitlines() if said else []
    return {
        "python": record["python"],
        "manager": record["manager"],
        "steps": [phase["name"] for phase in record["phases"] if phase["name"] not in BEFORE],
        "layers": sorted(one["name"] for one in record["layers"] if not one["name"].startswith(KNOWN_LATE)),
        "processes": {one.type: (list(one.command), list(one.args), one.default) for one in result.processes},
        "groups": any(state.rglob("of_extra-1.0.dist-info")),
        "settings": [line.strip() for line in lines if f"{OURS}: " in line],
        "warnings": {one for one in _WARNING.findall(result.log) if not _EMPTY.search(one)},
    }


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """Return a folder with a wheel for every distribution of the layouts, each with a module of its name."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    layouts = [one for file in LAYOUTS.glob("*.toml") for one in tomllib.loads(file.read_text("utf-8")).values()]
    for name in sorted({name for layout in layouts for name in layout["distributions"]}):
        file = name.replace("-", "_").replace(".", "_")
        write_wheel(folder, file, "1.0", {f"{MODULES.get(name, file.lower())}/__init__.py": b""})
    write_wheel(folder, "of_extra", "1.0", {"of_extra/__init__.py": b""})
    return folder


def test_a_build_does_what_explain_says(tmp_path: Path, attempt: Attempt, mirror: Source, wheels: Path) -> None:
    """Of more than sixty apps, each built by the lifecycle in the place of the one before."""
    record = tmp_path / "record.json"
    place = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "BP_PYTHON_TELEMETRY": str(record)}
    differ: dict[str, object] = {}
    tried = list(apps())
    for number, (name, files, env) in enumerate(tried):
        app, variables = write_app(tmp_path / "apps" / str(number), files), {**env, **place}
        says = expected(app, variables, mirror)
        did = done(built(attempt(app, variables)), json.loads(record.read_text(encoding="utf-8")), tmp_path / "state")
        if says != did:
            differ[name] = {key: (says[key], did[key]) for key in says if says[key] != did[key]}
    assert len(tried) > 60
    assert differ == {}


@pytest.mark.parametrize("name", sample_names())
def test_a_sample_is_built_as_explain_says(name: str, mirror: Source) -> None:
    """Its log, which is committed, has each process with its reason, and no other warnings."""
    log = (CHECKOUT / FOLDER / f"{name}-cold.txt").read_text(encoding="utf-8")
    recipe = explain(SAMPLES / name, STORIES[name].env, mirror.read(), machine_arch(), datetime.now(UTC).date())
    assert recipe.processes is not None
    notices = [one for one in (*recipe.notices, *recipe.processes.notices) if one != INDEX_NOT_ASKED]
    assert log.count("  warning: ") == len(notices)
    for process in recipe.processes.processes:
        assert f"{process.type}: {process.line}, because {process.because}" in one_line(log)
    for heading in recipe.steps:
        assert f"\n[{heading}]\n" in log


def said_of(*argv: str) -> subprocess.CompletedProcess[str]:
    """Run bin/explain, as somebody does who has the buildpack's directory."""
    return subprocess.run([CHECKOUT / "bin/explain", *argv], capture_output=True, text=True, check=False)


def test_bin_explain_takes_a_directory_and_a_repository(tmp_path: Path) -> None:
    """It prints the same of both, as lines and as JSON; what a build would refuse ends with status 1 and the cure."""
    app = write_app(tmp_path / "app", {"requirements.txt": "flask\ngunicorn\n", "app.py": "import flask\n"})
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main")
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "x")):
        argv = ["git", *identity, *command]
        subprocess.run(argv, cwd=app, check=True)
    here = said_of(str(app), "--json", "--env", "BP_PYTHON_VERSION=3.13")
    assert here.returncode == 0, here.stderr
    document = json.loads(here.stdout)
    assert document["python"]["version"].startswith("3.13.")
    assert document["settings"] == [{"name": "BP_PYTHON_VERSION", "value": "3.13", "source": "BP_PYTHON_VERSION"}]
    there = said_of(f"{app.as_uri()}#main", "--json", "--env", "BP_PYTHON_VERSION=3.13")
    assert json.loads(there.stdout) == document, there.stderr
    wrong = said_of(str(app), "--env", "BP_PYTHON_VERSION=2.7")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "To fix it" in wrong.stderr
    for url in ("https://u:hunter2@127.0.0.1:9/x.git", "ext::sh -c date", f"{app.as_uri()}#none"):
        refused = said_of(url)
        assert refused.returncode in {1, 2}
        assert "hunter2" not in refused.stderr
    assert said_of(str(tmp_path / "none")).returncode == 2
