"""The record of a build names what the buildpack makes, not what the app consists of."""

from pathlib import Path

from cnb.layers import Created, Reused, State
from python_buildpack.telemetry.recording import layer_reports


def test_layers_of_single_packages_are_numbered(tmp_path: Path) -> None:
    """Their names are those of the app's packages, some of them private; the size of a reused layer is remembered."""
    (tmp_path / "file").write_bytes(b"12345")
    provided: dict[str, State] = {
        "runtime": Created(tmp_path, {}),
        "package-our-secret-product": Created(tmp_path, {}),
        "package-numpy": Reused(tmp_path / "none", {}, present=False),
        "python": Reused(tmp_path / "none", {}, present=False),
    }
    reports = [(report.name, report.outcome, report.bytes) for report in layer_reports(provided, {"python": 7})]
    assert reports == [
        ("package-1", "reused", None),
        ("package-2", "created", 5),
        ("python", "reused", 7),
        ("runtime", "created", 5),
    ]
