"""Wheels that the app brings along, and what each change of the input builds again: an index and files made here."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from built_apps import built, one_line, open_to_others, outcomes
from devkit.lifecycle.launch import Container, launch
from devkit.lifecycle.results import Built, Failed
from tiny_index import Distribution, add_to_index, serving, write_wheel

Attempt = Callable[..., Built | Failed]
MAIN = (
    "import importlib.metadata, json\n"
    "print(json.dumps({d.name: d.version for d in importlib.metadata.distributions()}))\n"
)
UNTOUCHED = {"dependencies": "by reference", "python": "by reference", "runtime": "by reference"}
REBUILT = {**UNTOUCHED, "dependencies": "added"}
CLOSED = "http://127.0.0.1:9"
NO_NETWORK = {
    "HTTPS_PROXY": CLOSED, "HTTP_PROXY": CLOSED, "UV_HTTP_RETRIES": "0",
    "PIP_CONFIG_FILE": "/dev/null", "PIP_FIND_LINKS": "",
}  # fmt: skip


@dataclass(slots=True)
class App:
    """An app under change, and the index that it is built against."""

    folder: Path
    index: Path
    attempt: Attempt
    env: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, text: str) -> None:
        """Write one of its files."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def build(self, **env: str) -> Built:
        """Build it as it is now."""
        return built(self.attempt(self.folder, {**self.env, **env}))


@pytest.fixture
def app(tmp_path: Path, attempt: Attempt) -> Iterator[App]:
    """Yield an app without requirements, whose index has alpha 1.0 and 1.1, beta and gamma."""
    index, folder = tmp_path / "index", tmp_path / "app"
    releases = (Distribution("alpha"), Distribution("alpha", "1.1"), Distribution("beta"), Distribution("gamma"))
    add_to_index(index, *releases)
    folder.mkdir()
    with serving(index) as address:
        env = {"PIP_INDEX_URL": address, "PIP_CONFIG_FILE": "/dev/null", "PIP_FIND_LINKS": ""}
        app = App(folder, index, attempt, env)
        app.write("main.py", MAIN)
        yield app


def installed(tmp_path: Path) -> dict[str, str]:
    """Start the image and return what it has, by name."""
    open_to_others(tmp_path)
    with launch(tmp_path / "state", container=Container(read_only=True)) as running:
        assert running.wait() == 0, running.log
        found: dict[str, str] = json.loads(running.log)
        return found


def digest(result: Built) -> str:
    (layer,) = [layer for layer in result.layers if layer.name == "dependencies"]
    return str(layer.digest)


@pytest.mark.parametrize(
    ("files", "env"),
    [
        ({"requirements.txt": "--no-index\n--find-links vendor\nalpha\n"}, {}),
        ({"requirements.txt": "-r more/base.txt\n", "more/base.txt": "--no-index\n-f ../vendor\nalpha\n"}, {}),
        ({"requirements.txt": "alpha\n"}, {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "vendor"}),
        ({"requirements.txt": "./vendor/alpha-1.0-py3-none-any.whl\n"}, {}),
        (
            {
                "pyproject.toml": '[project]\nname = "app"\nversion = "1"\ndependencies = ["alpha"]\n'
                '[tool.uv]\nno-index = true\nfind-links = ["vendor"]\n'
            },
            {},
        ),
        (
            {
                "pyproject.toml": '[project]\nname = "app"\nversion = "1"\ndependencies = ["alpha"]\n',
                "uv.toml": 'no-index = true\nfind-links = ["vendor"]\n',
            },
            {},
        ),
    ],
    ids=["find-links", "nested", "variables", "path", "tool.uv", "uv.toml"],
)
def test_vendored_wheels_need_no_network_and_are_part_of_the_key(
    tmp_path: Path, attempt: Attempt, files: dict[str, str], env: dict[str, str]
) -> None:
    """The same file reuses the layer; another wheel under the same name makes it anew."""
    app = App(tmp_path / "app", tmp_path, attempt, {**NO_NETWORK, **env})
    for name, text in {"main.py": MAIN, **files}.items():
        app.write(name, text)
    write_wheel(app.folder / "vendor", Distribution("alpha"))
    first = app.build()
    assert installed(tmp_path) == {"alpha": "1.0"}
    # uv warns of files without content, also of our own.
    assert "warning" not in first.log
    assert outcomes(app.build()) == UNTOUCHED
    write_wheel(app.folder / "vendor", Distribution("alpha", text="changed = True\n"))
    again = app.build()
    assert outcomes(again) == REBUILT
    assert digest(again) != digest(first)


def test_each_change_builds_again_what_it_should(app: App, tmp_path: Path) -> None:
    """One app through a life of changes: after each, the reason in the log and exactly the packages in the image."""
    app.write("requirements.txt", "-r more/base.txt\n-c limits.txt\nalpha<2\n")
    app.write("more/base.txt", "beta\n")
    app.write("limits.txt", "alpha<1.1\n")
    app.build()
    assert installed(tmp_path) == {"alpha": "1.0", "beta": "1.0"}
    assert outcomes(app.build()) == UNTOUCHED

    app.write("requirements.txt", "# a remark\n-r more/base.txt\n-c limits.txt\nalpha<2  # another\n")
    assert outcomes(app.build()) == UNTOUCHED

    app.write("limits.txt", "alpha<1.2\n")
    limits = app.build()
    assert outcomes(limits) == REBUILT
    assert "what the app declares changed" in one_line(limits.log)
    assert "the resolved versions changed" in one_line(limits.log)
    assert installed(tmp_path) == {"alpha": "1.1", "beta": "1.0"}

    app.write("more/base.txt", "gamma\n")
    nested = app.build()
    assert outcomes(nested) == REBUILT
    assert installed(tmp_path) == {"alpha": "1.1", "gamma": "1.0"}

    add_to_index(app.index, Distribution("gamma", "2.0"))
    released = app.build()
    assert outcomes(released) == REBUILT
    assert "the resolved versions changed" in one_line(released.log)
    assert "what the app declares changed" not in one_line(released.log)
    assert installed(tmp_path) == {"alpha": "1.1", "gamma": "2.0"}
    assert outcomes(app.build(BP_PYTHON_REFRESH="never")) == UNTOUCHED
    clean = built(app.attempt(app.folder, app.env, previous_image=False, cache=False))
    assert digest(clean) == digest(released)


def test_another_manager_and_another_group(app: App, tmp_path: Path) -> None:
    """The manager and the chosen groups are part of the key; what else stands in pyproject.toml is not."""
    project = '[project]\nname = "app"\nversion = "1"\ndependencies = ["alpha"]\n[dependency-groups]\nmore = ["beta"]\n'
    app.write("requirements.txt", "alpha\n")
    app.build()
    shutil.move(app.folder / "requirements.txt", tmp_path / "requirements.txt")
    app.write("pyproject.toml", project)
    manager = app.build()
    # Made again, and found to be equal: nothing is pushed.
    assert outcomes(manager) == {**UNTOUCHED, "dependencies": "reused"}
    assert "the package manager changed from requirements.txt to pyproject.toml" in one_line(manager.log)
    group = app.build(BP_PYTHON_GROUPS="more")
    assert outcomes(group) == REBUILT
    assert "the chosen groups and extras changed" in one_line(group.log)
    assert installed(tmp_path) == {"alpha": "1.1", "beta": "1.0"}
    app.write("pyproject.toml", project + "[tool.ruff]\nline-length = 100\n")
    assert outcomes(app.build(BP_PYTHON_GROUPS="more")) == UNTOUCHED
