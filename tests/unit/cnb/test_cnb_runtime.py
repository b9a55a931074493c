"""Claims about running a phase: what a buildpack is given, what becomes of its answer, and the exit status."""

import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cnb.build_plan import BuildPlan, Provide
from cnb.buildpack import BuildResult, Fail, Pass
from cnb.buildpack_plan import PlanEntry
from cnb.context import BuildContext, ContextIncomplete, DetectContext
from cnb.descriptor import DescriptorUnusable
from cnb.errors import BuildpackError
from cnb.launch import Launch, Process
from cnb.runtime import run
from cnb.sbom import Sbom, SbomFormat, SbomFormatUndeclared
from cnb.target import Target
from cnb.toml_files import TomlUnreadable

DESCRIPTOR = """
api = "0.10"
[buildpack]
id = "acme/shell"
version = "1.2.3"
sbom-formats = ["application/vnd.cyclonedx+json"]
"""


def never(context: DetectContext | BuildContext) -> Pass:
    """Stand in for a phase that is not to be reached."""
    raise AssertionError(f"not to be reached: {context}")


@dataclass
class Probe:
    """A buildpack that gives the prepared answers and keeps its inputs."""

    on_detect: Callable[[DetectContext], Pass | Fail] = never
    answer: BuildResult = field(default_factory=BuildResult)
    given: list[DetectContext | BuildContext] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def detect(self, context: DetectContext) -> Pass | Fail:
        """Give the prepared answer."""
        self.given.append(context)
        return self.on_detect(context)

    def build(self, context: BuildContext) -> BuildResult:
        """Give the prepared answer."""
        self.given.append(context)
        return self.answer

    def on_error(self, error: Exception) -> None:
        """Keep the error."""
        self.errors.append(error)


@dataclass(frozen=True)
class Site:
    """The directories that a platform prepares."""

    root: Path

    @property
    def env(self) -> dict[str, str]:
        """The environment that the lifecycle gives to both phases together."""
        return {
            "CNB_BUILDPACK_DIR": str(self.root / "buildpack"),
            "CNB_PLATFORM_DIR": str(self.root / "platform"),
            "CNB_BUILD_PLAN_PATH": str(self.root / "plan.toml"),
            "CNB_BP_PLAN_PATH": str(self.root / "bp-plan.toml"),
            "CNB_LAYERS_DIR": str(self.layers),
            "CNB_TARGET_OS": "linux",
            "CNB_TARGET_ARCH": "arm64",
            "BP_MERGED": "1",
        }

    @property
    def layers(self) -> Path:
        """CNB_LAYERS_DIR."""
        return self.root / "layers"

    def detect(self, probe: Probe, **changes: str) -> int:
        """Run detect."""
        return run("detect", probe, (), self.env | changes, self.root / "workspace")

    def build(self, answer: BuildResult, **changes: str) -> tuple[int, Probe]:
        """Run a build that answers so."""
        probe = Probe(answer=answer)
        return run("build", probe, (), self.env | changes, self.root / "workspace"), probe


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    for folder in ("buildpack", "platform/env", "workspace", "layers"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "buildpack" / "buildpack.toml").write_text(DESCRIPTOR)
    (tmp_path / "platform" / "env" / "BP_OWN").write_text("2")
    (tmp_path / "plan.toml").touch()
    (tmp_path / "bp-plan.toml").write_text('[[entries]]\nname = "shell"\n')
    return site


def test_detect_is_told_what_the_platform_says(site: Site) -> None:
    """The user's own variables and the merged environment are kept apart."""
    probe = Probe(lambda _: Pass())

    assert site.detect(probe) == 0

    (context,) = probe.given
    assert isinstance(context, DetectContext)
    assert (context.app_dir, context.buildpack_dir) == (site.root / "workspace", site.root / "buildpack")
    assert context.platform.env == {"BP_OWN": "2"}
    assert context.env["BP_MERGED"] == "1"
    assert context.target == Target("linux", "arm64")
    assert (context.exec_env, context.descriptor.id) == ("production", "acme/shell")


def test_build_is_told_the_plan_the_store_and_the_layers_besides(site: Site) -> None:
    """And the execution environment, if the platform names one."""
    (site.layers / "store.toml").write_text('[metadata]\nminor = "3.13"\n')

    status, probe = site.build(BuildResult(), CNB_EXEC_ENV="test")

    (context,) = probe.given
    assert isinstance(context, BuildContext)
    assert (status, context.exec_env) == (0, "test")
    assert context.plan.entries == (PlanEntry("shell"),)
    assert context.store == {"minor": "3.13"}
    assert context.layers.root == site.layers


def test_the_environment_goes_before_the_arguments(site: Site) -> None:
    """Arguments are the older way, and serve only where a variable is missing."""
    probe = Probe(lambda _: Pass(BuildPlan((Provide("a"),))))
    env = {name: value for name, value in site.env.items() if name != "CNB_BUILD_PLAN_PATH"}

    status = run("detect", probe, ("/nowhere", str(site.root / "other.toml")), env, site.root)

    assert status == 0
    assert probe.given[0].platform.env == {"BP_OWN": "2"}
    assert tomllib.loads((site.root / "other.toml").read_text()) == {"provides": [{"name": "a"}]}


def test_passing_without_a_plan_leaves_the_file_empty(site: Site) -> None:
    """A buildpack that nobody depends on and that depends on nobody writes nothing."""
    assert site.detect(Probe(lambda _: Pass())) == 0
    assert (site.root / "plan.toml").read_bytes() == b""


def test_failing_is_100_and_one_line(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """However the reason is laid out, it is one line for the user."""
    assert site.detect(Probe(lambda _: Fail("Not a\n  shell app."))) == 100
    assert capsys.readouterr() == ("Not a shell app.\n", "")


def test_a_reason_is_printed_in_any_locale(site: Site) -> None:
    """What the locale cannot say is escaped, not a crash that would look like an error of the app."""
    script = (
        "import os, sys; from pathlib import Path; from cnb.runtime import run; from cnb.buildpack import Fail\n"
        "class No:\n"
        "    def detect(self, context): return Fail('caf\\xe9 \\udcff')\n"
        "sys.exit(run('detect', No(), (), os.environ, Path.cwd()))\n"
    )
    env = os.environ | site.env | {"PYTHONIOENCODING": "ascii"}
    finished = subprocess.run([sys.executable, "-B", "-c", script], env=env, stdout=subprocess.PIPE, check=False)

    assert (finished.returncode, finished.stdout) == (100, b"caf\\xe9 \\udcff\n")


@pytest.mark.parametrize("api", ['"0.9"', '"0.13"', "0.10"])
def test_another_api_is_refused_in_both_phases(site: Site, api: str) -> None:
    """Nothing of the buildpack runs except the report of the error."""
    (site.root / "buildpack" / "buildpack.toml").write_text(f"api = {api}\n")
    probe = Probe()

    statuses = {run(phase, probe, (), site.env, site.root) for phase in ("detect", "build")}

    assert statuses == {1}
    assert probe.given == []
    assert [type(error) for error in probe.errors] == [DescriptorUnusable, DescriptorUnusable]


@pytest.mark.parametrize("name", ["CNB_BUILDPACK_DIR", "CNB_PLATFORM_DIR", "CNB_BUILD_PLAN_PATH"])
def test_a_missing_variable_is_named(site: Site, name: str) -> None:
    """A buildpack that is run by hand says what it lacks."""
    probe = Probe()

    assert site.detect(probe, **{name: ""}) == 1
    (error,) = probe.errors
    assert isinstance(error, ContextIncomplete)
    assert error.what == f"{name} is not set."


def test_a_package_without_buildpack_toml_is_explained(site: Site) -> None:
    """It is reported like any other error."""
    (site.root / "buildpack" / "buildpack.toml").unlink()
    probe = Probe()

    assert site.detect(probe) == 1
    assert [type(error) for error in probe.errors] == [TomlUnreadable]


class Explained(BuildpackError):
    """An error of a test."""

    code = "explained"
    title = "Explained"


@pytest.mark.parametrize("error", [Explained("what", "cure"), ZeroDivisionError("bug"), RecursionError()])
def test_an_error_is_told_by_the_buildpack_and_is_never_100(
    site: Site, capfd: pytest.CaptureFixture[str], error: Exception
) -> None:
    """Explained or not, the library itself prints nothing: no traceback."""

    def fail(_: DetectContext) -> Pass:
        raise error

    probe = Probe(fail)

    assert site.detect(probe) == 1
    assert probe.errors == [error]
    assert capfd.readouterr() == ("", "")


def test_an_error_while_reporting_an_error_hides_neither(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """Both are named in one line, without their texts, which may hold secrets; the status is that of an error."""

    class Clumsy:
        def detect(self, context: DetectContext) -> Pass:
            raise ZeroDivisionError(context.exec_env)

        def build(self, context: BuildContext) -> BuildResult:
            raise NotImplementedError(context.exec_env)

        def on_error(self, error: Exception) -> None:
            raise LookupError("reporting") from error

    assert run("detect", Clumsy(), (), site.env, site.root) == 1
    out = capsys.readouterr().out
    assert out == "error: ZeroDivisionError (and reporting it failed: LookupError)\n"


def test_an_empty_answer_writes_no_file_and_removes_older_answers(site: Site) -> None:
    """What was restored for this buildpack to remember stays; what an earlier build answered does not."""
    for name in ("launch.toml", "build.toml", "launch.sbom.cdx.json", "build.sbom.cdx.json"):
        (site.layers / name).touch()
    (site.layers / "store.toml").write_text('[metadata]\na = "1"\n')

    status, _ = site.build(BuildResult())

    assert status == 0
    assert [path.name for path in site.layers.iterdir()] == ["store.toml"]


def test_a_full_answer_is_written_for_the_lifecycle(site: Site) -> None:
    """Each part in its own file."""
    status, _ = site.build(
        BuildResult(
            launch=Launch((Process("web", ("run",)),)),
            store={"minor": "3.13"},
            unmet=("shell",),
            launch_sboms=(Sbom(SbomFormat.CYCLONEDX, b"launch"),),
            build_sboms=(Sbom(SbomFormat.CYCLONEDX, b"build"),),
        )
    )

    written = {path.name: path.read_bytes() for path in site.layers.iterdir()}
    assert (status, {written.pop(f"{subject}.sbom.cdx.json") for subject in ("launch", "build")}) == (
        0,
        {b"launch", b"build"},
    )
    assert {name: tomllib.loads(content.decode()) for name, content in written.items()} == {
        "launch.toml": {"processes": [{"type": "web", "command": ["run"]}]},
        "build.toml": {"unmet": [{"name": "shell"}]},
        "store.toml": {"metadata": {"minor": "3.13"}},
    }


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (BuildResult(launch_sboms=(Sbom(SbomFormat.SPDX, b"{}"),)), SbomFormatUndeclared),
        (BuildResult(unmet=("other",)), ValueError),
        (BuildResult(store={"number": 1}), TypeError),
    ],
    ids=["undeclared-sbom", "unmet-that-nobody-required", "number-in-store"],
)
def test_an_answer_that_the_lifecycle_would_refuse_is_an_error_here(
    site: Site, answer: BuildResult, error: type[Exception]
) -> None:
    """The message then names the cause, and no launch.toml suggests a finished build."""
    status, probe = site.build(answer)

    assert (status, [type(raised) for raised in probe.errors]) == (1, [error])
    assert not (site.layers / "launch.toml").exists()


def test_detect_loads_nothing_that_only_build_needs() -> None:
    """Detect is run for every app on a platform: what it loads is what it takes."""
    script = "import sys, cnb.runtime; print(*sorted(sys.modules))"
    printed = subprocess.run([sys.executable, "-B", "-c", script], stdout=subprocess.PIPE, text=True, check=True).stdout

    unwanted = {
        "cnb.toml_text",
        "shutil",
        "tempfile",
        "cnb.layers",
        "cnb.launch",
        "cnb.sbom",
        "cnb.results",
        "cnb.store",
    }
    assert unwanted & set(printed.split()) == set()


def test_sigterm_ends_a_build_at_once(site: Site) -> None:
    """A platform that cancels a build does not have to wait or to kill, and finds no file cut off."""
    script = (
        "import os, sys, time; from pathlib import Path; from cnb.runtime import run\n"
        "class Slow:\n"
        "    def build(self, context):\n"
        "        print('building', flush=True); time.sleep(60)\n"
        "sys.exit(run('build', Slow(), (), os.environ, Path.cwd()))\n"
    )
    command = [sys.executable, "-B", "-c", script]
    with subprocess.Popen(command, env=os.environ | site.env, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        assert process.wait(timeout=10) == -signal.SIGTERM

    assert list(site.layers.iterdir()) == []
