"""An index that does not do what indexes do ends an installation with a clear message, and gets nothing."""

import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from built_apps import failed
from devkit.lifecycle.results import Built, Failed
from manager_context import write_app
from misbehaving_server import Handler, Server, Step, running_server

WHEEL = "/files/stone-1.0-py3-none-any.whl"
PAGE = f'<!DOCTYPE html><body><a href="{WHEEL}" data-core-metadata="true">stone-1.0-py3-none-any.whl</a></body>'
HEADER = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0x21, 0, 90_000_000, 90_000_000, 1, 0) + b"x"
"""The beginning of an archive with one large file."""
METADATA = "Metadata-Version: 2.1\nName: stone\nVersion: 1.0\n"


@pytest.fixture
def server() -> Iterator[Server]:
    """Return an index that has one package."""
    with running_server() as index:
        index.steps["/simple/stone/"] = [text(PAGE, "text/html")]
        index.steps[f"{WHEEL}.metadata"] = [text(METADATA, "text/plain")]
        yield index


def text(content: str, kind: str) -> Step:
    """Answer with a text."""

    def step(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content.encode())

    return step


def drip(handler: Handler) -> None:
    """Send a byte now and then, so that no time limit on a single read is reached."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000000")
    handler.end_headers()
    with suppress(OSError):
        handler.wfile.write(HEADER)
        while True:
            handler.wfile.write(b"P")
            handler.wfile.flush()
            time.sleep(0.05)


def to_a_file(handler: Handler) -> None:
    """Lead to a file of the build image."""
    handler.send_response(302)
    handler.send_header("Location", "file:///etc/passwd")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


@pytest.mark.parametrize(
    ("step", "code", "env"),
    [
        (drip, "time-limit-reached", {"BP_PYTHON_INSTALL_TIMEOUT": "4"}),
        (to_a_file, "dependencies-not-installed", {}),
    ],
)
def test_an_index_that_does_not_do_what_it_should(
    step: Step, code: str, env: dict[str, str], server: Server, tmp_path: Path, attempt: Callable[..., Built | Failed]
) -> None:
    """It sends slowly without an end, which BP_PYTHON_INSTALL_TIMEOUT limits; or it leads to files of the build."""
    server.steps[WHEEL] = [step]
    app = write_app(tmp_path / "app", {"requirements.txt": "stone==1.0\n", "main.py": ""})
    log = failed(attempt(app, {"PIP_INDEX_URL": server.url("/simple"), **env}))
    assert f"error: {code}" in log, log
    assert "root:" not in log
    assert WHEEL in {path for path, _ in server.requests}
