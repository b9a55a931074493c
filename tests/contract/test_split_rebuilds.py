"""A rebuild that leaves heavy packages where they are gives, digest for digest, what a clean build gives."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from built_apps import built, digests, one_line, outcomes
from devkit.lifecycle.results import Built, Failed
from manager_context import lock_poetry, lock_uv
from wheel_index import WheelIndex, heavy, light, serve_wheels

Attempt = Callable[..., Built | Failed]
Step = tuple[str, dict[str, str], set[str]]
"""Dependencies, variables, and the heavy packages that are kept."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WheelIndex]:
    """Return an index with two heavy packages and some small ones, each in two versions."""
    with serve_wheels(tmp_path / "index") as index:
        for version in ("1.0", "2.0"):
            index.add(
                heavy("big", version, requires=("tiny",)), heavy("huge", version), light("tiny", version),
                light("small", version), light("other", version),
            )  # fmt: skip
        yield index


@dataclass(frozen=True, slots=True)
class Project:
    """An app under change, built in one place, so that all paths are equal."""

    app: Path
    attempt: Attempt
    env: dict[str, str]

    def build(self) -> Built:
        """Build with all memory of the previous build."""
        return built(self.attempt(self.app, self.env))

    def build_clean(self) -> Built:
        """Build with none."""
        return built(self.attempt(self.app, self.env, previous_image=False, cache=False))


@pytest.fixture
def project(tmp_path: Path, index: WheelIndex, attempt: Attempt) -> Project:
    """Return an app without dependencies."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text("import huge\nprint(huge.version)\n", encoding="utf-8")
    return Project(tmp_path / "app", attempt, {"UV_DEFAULT_INDEX": index.url})


REQUIREMENTS = (
    ("small ones upgraded and added", "huge==1.0\nbig==1.0\nsmall==2.0\nother\n", {"huge", "big"}, "tiny small other"),
    ("a heavy one upgraded", "huge==2.0\nbig==1.0\nsmall==2.0\n", {"big"}, "huge"),
    ("a heavy one and a small one removed", "huge==2.0\n", {"huge"}, ""),
)


def test_every_change_of_requirements_gives_what_a_clean_build_gives(project: Project, index: WheelIndex) -> None:
    """Whatever was added, removed or upgraded; of the wheels, those that are new are downloaded, and no others."""
    file = project.app / "requirements.txt"
    file.write_text("huge==1.0\nbig==1.0\ntiny==1.0\nsmall==1.0\n", encoding="utf-8")
    assert {"package-huge", "package-big"} <= outcomes(project.build()).keys()
    for what, text, kept, new in REQUIREMENTS:
        file.write_text(text, encoding="utf-8")
        index.downloads.clear()
        rebuilt = project.build()
        assert sorted(name.partition("-")[0] for name in index.downloads) == sorted(new.split()), what
        assert "is not there" not in rebuilt.log, what
        by_reference = {name for name, outcome in outcomes(rebuilt).items() if outcome == "by reference"}
        assert by_reference >= {f"package-{name}" for name in kept}, what
        assert "do not fit" not in rebuilt.log, what
        assert digests(rebuilt) == digests(project.build_clean()), what


PROJECT = """
[project]
name = "thing"
version = "1"
requires-python = ">=3.11"
dependencies = [{0}]
[project.optional-dependencies]
more = ["big==1.0"]
"""
UV = (
    PROJECT
    + """[[tool.uv.index]]
url = "{1}"
default = true
[tool.uv]
package = false
"""
)


def test_every_change_of_a_uv_lock_gives_what_a_clean_build_gives(
    project: Project, index: WheelIndex, tmp_path: Path
) -> None:
    """Also where an extra is chosen and given up again, which the lock does not show."""
    steps: tuple[Step, ...] = (
        ('"huge==1.0", "small==1.0"', {"BP_PYTHON_EXTRAS": "more"}, set()),
        ('"huge==1.0", "small==2.0"', {}, {"huge"}),
        ('"huge==1.0", "big==1.0"', {}, {"huge"}),
    )
    for number, (dependencies, env, kept) in enumerate(steps):
        (project.app / "pyproject.toml").write_text(UV.format(dependencies, index.url), encoding="utf-8")
        lock_uv(project.app, tmp_path / f"lock{number}", tmp_path / "locking")
        index.downloads.clear()
        step = Project(project.app, project.attempt, project.env | env)
        rebuilt = step.build()
        assert not {name.partition("-")[0] for name in index.downloads} & kept, number
        assert not kept or "reused, not installed again" in one_line(rebuilt.log), number
        assert number == 0 or digests(rebuilt) == digests(step.build_clean()), number


POETRY = (
    PROJECT
    + """[tool.poetry]
package-mode = false
[[tool.poetry.source]]
name = "here"
url = "{1}"
"""
)


@pytest.mark.network
def test_every_change_of_a_poetry_lock_gives_what_a_clean_build_gives(
    project: Project, index: WheelIndex, tmp_path: Path
) -> None:
    """Poetry too takes for installed what has metadata, and removes what is no longer wanted."""
    steps: tuple[Step, ...] = (
        ('"huge==1.0", "small==1.0"', {"BP_PYTHON_EXTRAS": "more"}, set()),
        ('"huge==1.0", "small==2.0"', {}, {"huge"}),
        ('"huge==2.0", "big==1.0"', {}, set()),
    )
    for number, (dependencies, env, kept) in enumerate(steps):
        (project.app / "pyproject.toml").write_text(POETRY.format(dependencies, index.url), encoding="utf-8")
        lock_poetry(project.app, tmp_path / f"lock{number}", tmp_path / "locking")
        index.downloads.clear()
        # Poetry itself comes from the usual index.
        step = Project(project.app, project.attempt, env)
        rebuilt = step.build()
        assert not {name.partition("-")[0] for name in index.downloads} & kept, number
        assert "do not fit" not in rebuilt.log, number
        assert not kept or "reused, not installed again" in one_line(rebuilt.log), number
        assert number == 0 or digests(rebuilt) == digests(step.build_clean()), number


def test_a_lost_cache_costs_an_installation_and_nothing_else(project: Project) -> None:
    """The heavy package is installed again, found to be what it was, and left to the previous image."""
    file = project.app / "requirements.txt"
    file.write_text("huge==1.0\nsmall==1.0\n", encoding="utf-8")
    project.build()
    file.write_text("huge==1.0\nsmall==2.0\n", encoding="utf-8")
    rebuilt = built(project.attempt(project.app, project.env, cache=False))
    assert outcomes(rebuilt)["package-huge"] == "by reference"
    assert "huge==1.0 (reused)" in rebuilt.log
    assert digests(rebuilt) == digests(project.build_clean())


def test_two_apps_share_the_layer_of_a_heavy_package(project: Project) -> None:
    """Its digest follows from the wheel, not from what else is installed."""
    (project.app / "requirements.txt").write_text("huge==1.0\nsmall==1.0\n", encoding="utf-8")
    one = digests(project.build())
    (project.app / "requirements.txt").write_text("huge==1.0\nbig==2.0\nother==1.0\n", encoding="utf-8")
    two = digests(project.build_clean())
    assert one["package-huge"] == two["package-huge"]
    assert one["dependencies"] != two["dependencies"]


def test_the_split_can_be_turned_off(project: Project) -> None:
    """BP_PYTHON_SPLIT=false keeps all packages in one layer."""
    (project.app / "requirements.txt").write_text("huge==1.0\nsmall==1.0\n", encoding="utf-8")
    assert "package-huge" in outcomes(project.build())
    project.env["BP_PYTHON_SPLIT"] = "false"
    together = project.build()
    assert "package-huge" not in outcomes(together)
    assert "the split into layers changed from on to off" in " ".join(together.log.split())
