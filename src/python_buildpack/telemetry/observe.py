"""Sends the record of a build to whoever asked for it. Nothing here can fail a build or hold it up for long."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnb.context import BuildContext
from cnb.files import FileNotWritten, write_file
from python_buildpack.ports.interfaces import Reporter
from python_buildpack.settings.table import TELEMETRY
from python_buildpack.settings.values import Settings
from python_buildpack.telemetry.otlp import Collector, otlp_document, read_collector
from python_buildpack.telemetry.recording import RecordingReporter
from python_buildpack.telemetry.report import BuildReport

_TIMEOUT = 3.0
"""Seconds for a collector to be connected to, and again for its answer; a build does not wait longer."""


@contextmanager
def observed(context: BuildContext, reporter: Reporter) -> Iterator[Reporter]:
    """Yield the reporter to use for a build; when it ends, in whatever way, its record is sent to who asked for it."""
    file, collector = Settings(context.env).get(TELEMETRY), read_collector(context.env)
    if file is None and collector is None:
        yield reporter
        return
    recording = RecordingReporter(reporter, time.time)
    error: BaseException | None = None
    try:
        yield recording
    except BaseException as raised:
        error = raised
        raise
    finally:
        report = recording.report(context, error)
        if file is not None:
            _write(report, Path(file.text), reporter)
        if collector is not None:
            _send(report, collector, context, reporter)


def _write(report: BuildReport, path: Path, reporter: Reporter) -> None:
    """Put the record at ``path`` in one step: whoever reads it while a build runs finds the last one or none."""
    try:
        write_file(path, json.dumps(report.as_document(), indent=2) + "\n")
    except FileNotWritten as problem:
        reporter.warning(
            "The record of this build was not written",
            f"{problem.what} {TELEMETRY.name} must be an absolute path in a directory that exists and that the build "
            "user may write to, such as a mounted volume.",
        )


def _send(report: BuildReport, collector: Collector, context: BuildContext, reporter: Reporter) -> None:
    from python_buildpack.ports.certificates import certificate_bundle  # noqa: PLC0415 - only for who asks for spans
    from python_buildpack.ports.fetching.post import post_json  # noqa: PLC0415

    bundle = context.env.get("OTEL_EXPORTER_OTLP_CERTIFICATE") or certificate_bundle(context.env)
    document = otlp_document(report, collector)
    failure = post_json(collector.url, document, collector.headers, bundle=bundle, seconds=_TIMEOUT)
    if failure is not None:
        reporter.warning(
            "The spans of this build were not sent",
            f"The OpenTelemetry collector could not be reached or did not take them: {failure}. "
            "The build is not affected.",
        )
