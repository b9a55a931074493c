"""Imports once, if a setting asks for it, what the web process will load: an image that cannot start is not made.

The app's module is imported by the app's Python, where the process will start, with the build's variables, those of the
process and the data of nltk.txt. What the platform adds when a container starts is not known, so an app that needs such
a variable needs it in the build, too. A program without ``if __name__ == "__main__"`` cannot be imported without being
run.
"""

from collections.abc import Mapping
from functools import partial

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from cnb.trees import remove
from python_buildpack.app.snapshot import changes, take_snapshot
from python_buildpack.app_code.build_time_environment import BuildTimeEnvironment
from python_buildpack.app_code.program_failures import explain_failure
from python_buildpack.decide.startup.smoke import Smoke
from python_buildpack.layers.dependencies.layer import DependenciesLayer
from python_buildpack.ports.interfaces import Command, Finished
from python_buildpack.settings.table import SMOKE_TEST

SECONDS = 60.0
"""How long an import may take, unless BP_PYTHON_APP_CODE_TIMEOUT says otherwise."""
_CODE = """import importlib, sys
sys.path[:0] = sys.argv[3:]
if sys.argv[1] == "module":
    importlib.import_module(sys.argv[2])
else:
    import runpy
    runpy.run_path(sys.argv[2], run_name="smoke_test")
"""
"""Imports a module, or runs a file under another name than that of a program."""


class SmokeTestFailed(BuildpackError):
    """The module that the web process starts with cannot be imported, so a container would end at once.

    ``BP_PYTHON_SMOKE_TEST=true`` asked for this test. It has the variables of the build.
    """

    code = "smoke-test-failed"
    title = "The web process cannot start"
    remedies = ("variable",)


@frozen
class SmokeTest:
    """The test of one process."""

    smoke: Smoke
    build_time: BuildTimeEnvironment
    dependencies: DependenciesLayer

    def run(self) -> None:
        """Import what the process loads. Raises SmokeTestFailed and BuildpackError."""
        reporter, smoke = self.build_time.reporter, self.smoke
        reporter.heading("Smoke test")
        if smoke.reason:
            reporter.line(f"Not tested, because {smoke.reason}")
            return
        reporter.line(f"Importing {smoke.what}, with which the process {smoke.process} starts")
        app = self.build_time.app
        env = {**self.build_time.with_packages(self.dependencies), "PORT": "8080"}
        env |= {name: value for name, value in smoke.environment if name not in env}
        roots = [str(app / root) for root in smoke.roots]
        kind = "script" if smoke.what.endswith(".py") else "module"
        what = str(app / smoke.what) if kind == "script" else smoke.what
        argv = (str(self.dependencies.venv / "bin" / "python"), "-c", _CODE, kind, what, *roots)
        before = take_snapshot(app)
        with self.build_time.unchanged("the smoke test", self.dependencies):
            finished = self.build_time.runner.run(
                Command(argv, env, cwd=app / smoke.directory, show=False, seconds=SECONDS)
            )
        for path in reversed([path for path in changes(before, take_snapshot(app)).written if path not in before]):
            # Such as the file of a database that a container is to make itself.
            remove(app / path)
        if finished.timed_out or finished.status != 0:
            for line in finished.output.splitlines():
                reporter.output(line)
            raise failure(smoke.what, finished, str(app), env)


def failure(what: str, finished: Finished, app: str, env: Mapping[str, str]) -> SmokeTestFailed:
    """Return the error for an import of ``what`` that failed or took too long. ``app`` is the app's directory."""
    if finished.timed_out:
        return SmokeTestFailed(
            f"Importing {what} took longer than {SECONDS:g} seconds.",
            "Let the module define the app, and work when the app runs: what serves or waits belongs in a function "
            f'or below if __name__ == "__main__". {_SWITCH}',
        )
    from python_buildpack.decide.startup.needed_variables import lacking_in  # noqa: PLC0415 - on failure only

    known = explain_failure(finished.output, app, lacking=partial(lacking_in, env))
    return SmokeTestFailed(f"Importing {what} {finished.ending}. {known.what}", f"{known.cure} {_SWITCH}")


_SWITCH = f"Without {SMOKE_TEST.name} the image is built untested."
