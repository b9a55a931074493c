"""The entry point of bin/detect and bin/build: reads arguments and environment, and calls ``cnb.runtime.run``."""

import io
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from cnb.buildpack import BuildResult, Fail, Pass
from cnb.context import BuildContext, DetectContext
from cnb.errors import BuildpackError
from cnb.frozen import frozen
from cnb.runtime import Phase, run
from python_buildpack.ports.log_style import choose_style
from python_buildpack.ports.reporter import Level, TextReporter
from python_buildpack.settings.table import EXPLAIN, LOG_LEVEL
from python_buildpack.settings.values import Settings
from python_buildpack.support.stopping import STOPPED, is_stopped, stop


@frozen
class PythonBuildpack:
    """Implements the buildpack for ``cnb.runtime``. Methods import what they need, so that detect starts quickly."""

    reporter: TextReporter

    def detect(self, context: DetectContext) -> Pass | Fail:
        """Return Pass if the app is a Python app, else Fail."""
        from python_buildpack.detect import detect  # noqa: PLC0415

        self._set_places(context)
        return detect(context)

    def build(self, context: BuildContext) -> BuildResult:
        """Make the layers and return the processes. Raises BuildpackErrors for what the user has to correct."""
        from python_buildpack.build import build  # noqa: PLC0415
        from python_buildpack.decide.process_plan.how_to_run import how_to_run  # noqa: PLC0415
        from python_buildpack.wiring import prepared  # noqa: PLC0415

        self._set_places(context)
        self.reporter.begin(f"Terrarium {context.descriptor.version} ({context.descriptor.id})")
        with prepared(context, self.reporter) as (prepared_context, tools):
            self._set_places(prepared_context)
            if tools.settings.is_on(EXPLAIN, default=False):
                from python_buildpack.explain import explain_instead  # noqa: PLC0415

                explain_instead(prepared_context, tools)
            result, sizes = build(prepared_context, tools)
        self.reporter.end(how_to_run(result.launch.processes), sizes)
        return result

    def _set_places(self, context: DetectContext | BuildContext) -> None:
        self.reporter.set_places(context.app_dir, context.descriptor.homepage, context.descriptor.version)

    def on_error(self, error: Exception) -> None:
        """Report an error, either the user's or an internal one. After a stop, report nothing."""
        if is_stopped():
            return
        from python_buildpack.secrets.credentials import credentials_in_variables  # noqa: PLC0415

        # The error may have been raised before the reporter got the credentials to hide.
        self.reporter.hide(credentials_in_variables(os.environ))
        if isinstance(error, BuildpackError):
            self.reporter.failure(error)
            return
        import traceback  # noqa: PLC0415 - takes a tenth of detect's time, and is rarely needed

        from python_buildpack.ports.fault_report import write_report  # noqa: PLC0415 - as above

        details = "".join(traceback.format_exception(error))
        self.reporter.apology(error, details, lambda clean: write_report(clean, os.environ))


def main() -> NoReturn:
    """Run the phase that the first argument names, or explain, and exit with its status."""
    if sys.argv[1:2] == ["explain"]:
        from python_buildpack.explain_command import main as explain  # noqa: PLC0415 - no part of a build

        sys.exit(explain(sys.argv[2:], Path(os.environ["CNB_BUILDPACK_DIR"]), sys.stdout, sys.stderr))
    if sys.argv[1:2] == ["mirror"]:
        from python_buildpack.mirror_command import main as mirror  # noqa: PLC0415 - as above

        sys.exit(mirror(sys.argv[2:], Path(os.environ["CNB_BUILDPACK_DIR"]), sys.stdout, sys.stderr))
    signal.signal(signal.SIGTERM, stop)
    # The image runs as another user, so files must be readable by others, whatever the platform's umask is.
    os.umask(0o022)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # The locale's encoding may lack characters, and an encoding error would end the log.
        sys.stdout.reconfigure(errors="backslashreplace")
    setting = Settings(os.environ).get(LOG_LEVEL)
    level = Level.named(setting.text if setting is not None else "")
    style = choose_style(os.environ, is_terminal=sys.stdout.isatty())
    reporter = TextReporter(sys.stdout, level, style=style)
    status = run(_phase(sys.argv[1:]), PythonBuildpack(reporter), sys.argv[2:], os.environ, Path.cwd())
    sys.stdout.flush()
    if is_stopped():
        sys.exit(STOPPED)
    if status == os.EX_OK:
        # Everything is written. A regular exit of the interpreter takes a tenth of the time of detect.
        os._exit(status)
    sys.exit(status)


def _phase(argv: list[str]) -> Phase:
    match argv:
        case ["detect" | "build" as phase, *_]:
            return phase
        case _:
            sys.exit("usage: python -m python_buildpack detect|build, with the environment of the CNB lifecycle")
