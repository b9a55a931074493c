"""Turns the record into OpenTelemetry spans: OTLP over HTTP with JSON, configured by the standard variables.

Sources: OpenTelemetry Protocol 1.x (JSON Protobuf Encoding), the SDK's environment variables, W3C Trace Context.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from cnb.frozen import frozen
from python_buildpack.telemetry.report import BuildReport, Span

# Identifiers of only zeros, and version ff, are invalid (W3C Trace Context).
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?P<trace>(?!0{32})[0-9a-f]{32})-(?P<span>(?!0{16})[0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?"
)
_SERVICE = "terrarium-python"
_OK, _ERROR, _INTERNAL_KIND = 1, 2, 1
_NANOSECONDS = 1_000_000_000

_Attributes = Mapping[str, str] | Mapping[str, str | int]

NewId = Callable[[int], str]
"""Takes a number of bytes, and returns a random identifier of that length in hexadecimal."""


@frozen
class Collector:
    """The collector that spans are sent to, and the attributes and trace that they belong to."""

    url: str
    headers: Mapping[str, str]
    resource: Mapping[str, str]
    trace: str
    """The id of the platform's trace, or of a new one."""
    parent: str
    """The id of the platform's span around this build; empty if there is none."""


def read_collector(env: Mapping[str, str], new_id: NewId = secrets.token_hex) -> Collector | None:
    """Return the collector that the standard variables name, or None if they name none or turn spans off."""
    exporters = (env.get("OTEL_TRACES_EXPORTER") or "otlp").replace(" ", "").split(",")
    if env.get("OTEL_SDK_DISABLED", "").lower() == "true" or "otlp" not in exporters:
        return None
    base, own = env.get("OTEL_EXPORTER_OTLP_ENDPOINT", ""), env.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "")
    url = own or (f"{base.rstrip('/')}/v1/traces" if base else "")
    if not url.startswith(("http://", "https://")) or _protocol(env) == "grpc":
        return None
    context = _TRACEPARENT.fullmatch(env.get("TRACEPARENT", ""))
    return Collector(
        url=url,
        headers=_pairs(env.get("OTEL_EXPORTER_OTLP_HEADERS", ""))
        | _pairs(env.get("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "")),
        resource=_resource(env),
        trace=context["trace"] if context else new_id(16),
        parent=context["span"] if context else "",
    )


def _resource(env: Mapping[str, str]) -> dict[str, str]:
    """Return the resource attributes; OTEL_SERVICE_NAME takes precedence over OTEL_RESOURCE_ATTRIBUTES."""
    named = env.get("OTEL_SERVICE_NAME")
    attributes = {"service.name": _SERVICE, **_pairs(env.get("OTEL_RESOURCE_ATTRIBUTES", ""))}
    return attributes | ({"service.name": named} if named else {})


def otlp_document(report: BuildReport, collector: Collector, new_id: NewId = secrets.token_hex) -> dict[str, object]:
    """Return the ExportTraceServiceRequest as a JSON document: a span for the build, and one for each of its phases."""
    root = new_id(8)
    attributes: dict[str, str | int] = {f"terrarium.{name}": value for name, value in report.attributes.items()}
    for layer in report.layers:
        attributes[f"terrarium.layer.{layer.name}.outcome"] = layer.outcome
        if layer.bytes is not None:
            attributes[f"terrarium.layer.{layer.name}.bytes"] = layer.bytes
    # Of lists, the length: an attribute is one value.
    attributes |= {f"terrarium.{name}": len(value) for name, value in report.facts.items() if isinstance(value, list)}
    if report.error is not None:
        attributes["error.type"] = report.error
    status = {"code": _OK} if report.error is None else {"code": _ERROR, "message": report.error}
    spans = [
        _span(report.total, collector, root, collector.parent, attributes) | {"status": status},
        *(_span(phase, collector, new_id(8), root, {}) for phase in report.phases),
    ]
    scope = {"name": report.buildpack, "version": report.version}
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(collector.resource)},
                "scopeSpans": [{"scope": scope, "spans": spans}],
            }
        ]
    }


def _span(span: Span, collector: Collector, own_id: str, parent: str, attributes: _Attributes) -> dict[str, object]:
    return {
        "traceId": collector.trace,
        "spanId": own_id,
        **({"parentSpanId": parent} if parent else {}),
        "name": span.name,
        "kind": _INTERNAL_KIND,
        "startTimeUnixNano": str(int(span.began * _NANOSECONDS)),
        "endTimeUnixNano": str(int((span.began + span.seconds) * _NANOSECONDS)),
        "attributes": _attributes(attributes),
    }


def _attributes(values: _Attributes) -> list[dict[str, object]]:
    return [{"key": key, "value": _any_value(value)} for key, value in sorted(values.items())]


def _any_value(value: str | int) -> dict[str, object]:
    # Protobuf's JSON writes integers of 64 bits as decimal strings.
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}


def _protocol(env: Mapping[str, str]) -> str:
    return env.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or env.get("OTEL_EXPORTER_OTLP_PROTOCOL") or "http/json"


def _pairs(text: str) -> dict[str, str]:
    """Return the pairs in ``key=value,key2=value2``, the format of W3C Baggage, in which values are percent-encoded."""
    pairs = (item.partition("=") for item in text.split(","))
    return {key.strip(): unquote(value.strip()) for key, equals, value in pairs if equals and key.strip()}
