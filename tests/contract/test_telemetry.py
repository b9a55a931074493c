"""What platforms can learn from a build: a JSON file, and spans sent to a collector."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from built_apps import one_line
from collector import collecting
from devkit.lifecycle.results import Built, Failed

Attempt = Callable[..., Built | Failed]
SECRET = "kept-to-itself"  # noqa: S105 - no password: a word that may not leave the build


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return an app without dependencies, whose names would be noticed anywhere."""
    path = tmp_path / f"{SECRET}-app"
    path.mkdir()
    (path / "requirements.txt").write_text(f"# {SECRET}\n", encoding="utf-8")
    (path / "main.py").write_text(f"print('{SECRET}')\n", encoding="utf-8")
    return path


def test_a_platform_reads_what_a_build_did(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """Phases with durations, layers with what became of them and their size; then all reused; nothing of the app."""
    file = tmp_path / "record.json"
    env = {"BP_PYTHON_TELEMETRY": str(file)}
    assert isinstance(attempt(app, env), Built)
    first = json.loads(file.read_text(encoding="utf-8"))
    assert (first["outcome"], first["error"], first["manager"]) == ("success", None, "requirements.txt")
    assert [phase["name"] for phase in first["phases"]] == ["Python", "Dependencies", "Processes"]
    assert 0 < sum(phase["seconds"] for phase in first["phases"]) <= first["seconds"] + 0.01
    layers = {layer["name"]: layer for layer in first["layers"]}
    assert layers["python"]["outcome"] == layers["dependencies"]["outcome"] == "created"
    assert layers["python"]["bytes"] > 10_000_000
    assert isinstance(attempt(app, env), Built)
    second = {layer["name"]: layer for layer in json.loads(file.read_text(encoding="utf-8"))["layers"]}
    assert second["python"] == {**layers["python"], "outcome": "reused"}
    assert SECRET not in file.read_text(encoding="utf-8")


def test_a_failure_is_recorded_by_its_code_alone(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """The code of the error, which documentation explains, and not its text, which names files of the app."""
    (app / ".python-version").write_text(f"{SECRET}\n", encoding="utf-8")
    file = tmp_path / "record.json"
    with collecting() as (url, got):
        env = {
            "BP_PYTHON_TELEMETRY": str(file),
            "OTEL_EXPORTER_OTLP_ENDPOINT": url,
            "OTEL_EXPORTER_OTLP_HEADERS": "x-team=builds",
        }
        result = attempt(app, env)
    assert isinstance(result, Failed)
    record = json.loads(file.read_text(encoding="utf-8"))
    assert record["outcome"] == "failure"
    assert f"error: {record['error']}" in result.log
    assert SECRET not in file.read_text(encoding="utf-8")
    assert [(item["path"], item["team"]) for item in got] == [("/v1/traces", "builds")]
    assert record["error"] in json.dumps(got)
    assert SECRET not in json.dumps(got)


def test_a_build_that_ends_before_its_first_heading_is_recorded(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """The environment is refused before anything else is said."""
    file = tmp_path / "record.json"
    result = attempt(app, {"BP_PYTHON_TELEMETRY": str(file), "PYTHONHOME": "/usr"})
    record = json.loads(file.read_text(encoding="utf-8"))
    assert isinstance(result, Failed)
    assert "error: environment-unsafe" in result.log
    assert (record["error"], record["phases"]) == ("environment-unsafe", [])


def test_a_platform_that_cannot_take_the_record_gets_its_image(app: Path, attempt: Attempt) -> None:
    """A path that cannot be written and a collector that answers 503 are warned about, and no more."""
    with collecting(status=503) as (url, _):
        env = {"BP_PYTHON_TELEMETRY": "/nowhere/record.json", "OTEL_EXPORTER_OTLP_ENDPOINT": url}
        result = attempt(app, env)
    assert isinstance(result, Built), result.log
    assert "The record of this build was not written" in one_line(result.log)
    assert "it answered 503" in one_line(result.log)
