"""What bin/detect and bin/build start: reads arguments and environment, and calls the runtime of ``cnb`` once."""

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
from python_buildpack.ports.reporter import TextReporter
from python_buildpack.settings.table import LOG_LEVEL
from python_buildpack.settings.values import Settings
from python_buildpack.support.stopping import STOPPED, is_stopped, stop


@frozen
class PythonBuildpack:
    """Terrarium, as the runtime sees it. Imports are made where they are needed: detect must start quickly."""

    reporter: TextReporter
    debug: bool

    def detect(self, context: DetectContext) -> Pass | Fail:
        """Say whether the app is Python."""
        from python_buildpack.detect import detect  # noqa: PLC0415

        return detect(context)

    def build(self, context: BuildContext) -> BuildResult:
        """Turn the app into layers and processes."""
        from python_buildpack.build import build  # noqa: PLC0415
        from python_buildpack.wiring import prepared  # noqa: PLC0415

        with prepared(context, self.reporter) as (prepared_context, tools):
            return build(prepared_context, tools)

    def on_error(self, error: Exception) -> None:
        """Explain an error of the user's, or own up to one of ours; say nothing of what follows from a stop."""
        if is_stopped():
            return
        from python_buildpack.secrets.credentials import credentials_in_variables  # noqa: PLC0415

        # It may have come before the build could say what to hide.
        self.reporter.hide(credentials_in_variables(os.environ))
        if isinstance(error, BuildpackError):
            self.reporter.failure(error)
            return
        import traceback  # noqa: PLC0415 - takes a tenth of detect's time, and is hardly ever needed

        self.reporter.apology(error, "".join(traceback.format_exception(error)) if self.debug else None)


def main() -> NoReturn:
    """Run the phase that the first argument names."""
    signal.signal(signal.SIGTERM, stop)
    # Somebody else runs the image: what is built must be readable, whatever the platform's own mask is.
    os.umask(0o022)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # The locale may be one that cannot say everything, and a log that ends in the middle says least.
        sys.stdout.reconfigure(errors="backslashreplace")
    reporter = TextReporter(sys.stdout)
    level = Settings(os.environ).get(LOG_LEVEL)
    debug = level is not None and level.text.upper() == "DEBUG"
    status = run(_phase(sys.argv[1:]), PythonBuildpack(reporter, debug), sys.argv[2:], os.environ, Path.cwd())
    sys.stdout.flush()
    if is_stopped():
        sys.exit(STOPPED)
    if status == os.EX_OK:
        # All is written. Taking the interpreter down in good order would be a tenth of detect and of many a rebuild.
        os._exit(status)
    sys.exit(status)


def _phase(argv: list[str]) -> Phase:
    match argv:
        case ["detect" | "build" as phase, *_]:
            return phase
        case _:
            sys.exit("usage: python -m python_buildpack detect|build, with the environment of the CNB lifecycle")
