"""The record of a build as OpenTelemetry spans, read by OpenTelemetry's own message types."""

import json

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from cnb.frozen import replace
from python_buildpack.telemetry.otlp import Collector, otlp_document, read_collector
from python_buildpack.telemetry.report import BuildReport, LayerReport, Span

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318/"}
REPORT = BuildReport(
    "terrarium/python",
    "1.2.3",
    Span("build", 100.0, 103.5),
    (Span("Python", 100.5, 101.0), Span("Dependencies", 101.0, 103.5)),
    (LayerReport("python", "reused", None), LayerReport("dependencies", "created", 4711)),
    {"python": "3.13.2"},
    "lock-out-of-date",
)


def collector(env: dict[str, str]) -> Collector:
    """Return the collector of an environment that names one."""
    found = read_collector({**ENDPOINT, **env})
    assert found is not None
    return found


@pytest.mark.parametrize(
    "env",
    [
        {},
        {**ENDPOINT, "OTEL_SDK_DISABLED": "true"},
        {**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"},
        {**ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "127.0.0.1:4317"},
    ],
)
def test_nothing_is_sent_unless_a_collector_is_named(env: dict[str, str]) -> None:
    """No endpoint, an SDK that is off, another exporter, gRPC or something that is no URL: no spans."""
    assert read_collector(env) is None


def test_the_signals_own_variables_go_first() -> None:
    """An endpoint for traces is used as it is; the general one gets /v1/traces; headers of both are sent."""
    assert collector({}).url == "http://127.0.0.1:4318/v1/traces"
    both = collector(
        {
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1/spans",
            "OTEL_EXPORTER_OTLP_HEADERS": "x-team=a%20b, x-both=1",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "x-both=2",
        }
    )
    assert both.url == "http://127.0.0.1:1/spans"
    assert both.headers == {"x-team": "a b", "x-both": "2"}


def test_the_build_joins_the_platforms_trace() -> None:
    """TRACEPARENT gives the trace and the span above; one that is malformed is passed over."""
    trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    joined = collector({"TRACEPARENT": f"00-{trace}-{span}-01"})
    assert (joined.trace, joined.parent) == (trace, span)
    own = collector({"TRACEPARENT": "00-nonsense"})
    assert len(own.trace) == 32
    assert own.parent == ""
    for invalid in (f"ff-{trace}-{span}-01", f"00-{'0' * 32}-{span}-01", f"00-{trace}-{'0' * 16}-01"):
        assert collector({"TRACEPARENT": invalid}).parent == ""


def test_the_name_of_the_service_goes_before_the_attributes() -> None:
    """As SDKs have it; the list alone has precedence over the buildpack's own name; empty variables say nothing."""
    attributes = {"OTEL_RESOURCE_ATTRIBUTES": "service.name=listed,team=a%2Cb"}
    assert collector(attributes).resource == {"service.name": "listed", "team": "a,b"}
    assert collector({**attributes, "OTEL_SERVICE_NAME": "named"}).resource["service.name"] == "named"
    empty = {"OTEL_SERVICE_NAME": "", "OTEL_TRACES_EXPORTER": "", "OTEL_EXPORTER_OTLP_PROTOCOL": ""}
    assert collector(empty).resource == {"service.name": "terrarium-python"}
    assert collector({"OTEL_TRACES_EXPORTER": "console, otlp"}).url


def test_the_document_is_what_collectors_read() -> None:
    """OpenTelemetry's own types accept it; a phase is a child of the build; an error is a status and an attribute."""
    document = otlp_document(REPORT, collector({"OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=ci"}))
    # In OTLP's JSON the ids are hexadecimal, which the types of Protobuf alone would read as base64.
    request = json_format.Parse(json.dumps(document), ExportTraceServiceRequest())
    resource = {item.key: item.value.string_value for item in request.resource_spans[0].resource.attributes}
    assert resource == {"service.name": "terrarium-python", "deployment.environment": "ci"}
    build, python, dependencies = request.resource_spans[0].scope_spans[0].spans
    assert [build.name, python.name, dependencies.name] == ["build", "Python", "Dependencies"]
    assert python.parent_span_id == dependencies.parent_span_id == build.span_id
    assert len({build.span_id, python.span_id, dependencies.span_id}) == 3
    assert build.end_time_unix_nano - build.start_time_unix_nano == 3_500_000_000
    assert (build.status.code, build.status.message) == (2, "lock-out-of-date")
    attributes = {item.key: item.value.string_value or item.value.int_value for item in build.attributes}
    assert attributes == {
        "error.type": "lock-out-of-date",
        "terrarium.python": "3.13.2",
        "terrarium.layer.python.outcome": "reused",
        "terrarium.layer.dependencies.outcome": "created",
        "terrarium.layer.dependencies.bytes": 4711,
    }


def test_what_an_audit_found_is_counted() -> None:
    """The identifiers are in the JSON record; a span has their number."""
    report = replace(REPORT, facts={"vulnerabilities": [{"ids": ["CVE-1"], "fixed": ""}] * 3})
    text = json.dumps(otlp_document(report, collector({})))
    assert '{"key": "terrarium.vulnerabilities", "value": {"intValue": "3"}}' in text
    assert "CVE-1" not in text
    assert report.as_document()["vulnerabilities"] == report.facts["vulnerabilities"]
