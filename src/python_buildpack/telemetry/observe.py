"""Writes and sends the record of a build, if configured. This never fails a build or delays it for long."""

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
"""The time limit in seconds for the connection to a collector, and again for its answer."""


@contextmanager
def observed(context: BuildContext, reporter: Reporter) -> Iterator[Reporter]:
    """Yield the reporter for a build; when the build ends or fails, its record is written and sent, if configured."""
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
    """Write the record to ``path`` atomically, so that a reader never finds an incomplete one."""
    try:
        write_file(path, json.dumps(report.as_document(), indent=2) + "\n")
    except FileNotWritten as problem:
        reporter.warning(
            "The record of this build was not written",
            f"{problem.what} {TELEMETRY.name} must be an absolute path in a directory that exists and that the build "
            "user may write to, such as a mounted volume.",
        )


def _send(report: BuildReport, collector: Collector, context: BuildContext, reporter: Reporter) -> None:
    from python_buildpack.ports.certificates import certificate_bundle  # noqa: PLC0415 - needed only if spans are sent
    from python_buildpack.ports.fetching.post import post_json  # noqa: PLC0415

    bundle = context.env.get("OTEL_EXPORTER_OTLP_CERTIFICATE") or certificate_bundle(context.env)
    document = otlp_document(report, collector)
    failure = post_json(collector.url, document, collector.headers, bundle=bundle, seconds=_TIMEOUT)
    if failure is not None:
        reporter.warning(
            "The spans of this build were not sent",
            f"The OpenTelemetry collector could not be reached or did not accept them: {failure}. "
            "The build is not affected.",
        )
