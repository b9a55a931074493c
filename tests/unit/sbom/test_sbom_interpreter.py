"""The interpreter's bill: its libraries as a real one names them, and what happens when it does not answer."""

import ast
import json
import sqlite3
import ssl
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from packaging.version import Version

from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.interpreters.smoke import InterpreterBroken
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.sbom import library_probe
from python_buildpack.sbom.bill import Component, FromArchive, LicenseExpression, LicenseNotStated
from python_buildpack.sbom.interpreter import describe_interpreter

VERSION = ".".join(map(str, sys.version_info[:3]))
SHA256 = "2dc6b5a470a1bde68946f263f1af1515a2574a150a30d6ce02c6ff742fcc0db8"


def entry(url: str = "https://ci:s3cret@example.org/python.tar.gz") -> Interpreter:
    """Return an inventory's row for the Python that runs this test."""
    return Interpreter(Version(VERSION), "20261110", "linux", "amd64", "gnu", "default", url, SHA256)


def described(executable: Path) -> dict[str, Component]:
    """Return the components by name."""
    return {part.name: part for part in describe_interpreter(entry(), executable, SubprocessRunner())}


def test_a_real_interpreter_names_its_libraries() -> None:
    """Versions are those of the libraries that run, and the interpreter depends on all of them."""
    found = described(Path(sys.executable))
    python = found.pop("python")
    assert (python.version, python.kind) == (VERSION, "platform")
    assert python.origin == FromArchive("https://example.org/python.tar.gz", {"sha256": SHA256})
    assert python.cpe == f"cpe:2.3:a:python:python:{VERSION}:*:*:*:*:*:*:*"
    assert python.depends_on == tuple(sorted(part.purl for part in found.values()))
    assert found["openssl"].version == ssl.OPENSSL_VERSION.split()[1]
    assert found["sqlite"].version == sqlite3.sqlite_version
    assert found["zlib"].version == zlib.ZLIB_RUNTIME_VERSION
    assert {"bzip2", "expat", "libffi", "mpdecimal", "xz"} <= found.keys()
    assert found["zlib"].cpe == f"cpe:2.3:a:zlib:zlib:{zlib.ZLIB_RUNTIME_VERSION}:*:*:*:*:*:*:*"


def answering(folder: Path, script: str) -> Path:
    """Return a program that stands where an interpreter should be."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_library_without_a_version_has_none_made_up(tmp_path: Path) -> None:
    """It is in the bill without version and CPE; one that we know nothing about is there as well."""
    found = described(answering(tmp_path, """echo 'warning'; echo '{"libffi": null, "new": "2"}'"""))
    assert found["libffi"] == Component(
        "libffi", None, "pkg:generic/libffi", license=LicenseExpression("MIT"), origin=found["libffi"].origin
    )
    assert (found["new"].version, found["new"].license) == ("2", LicenseNotStated())


@pytest.mark.parametrize(
    ("version", "expected"), [("1.1.1w", LicenseNotStated()), ("3.0.15", LicenseExpression("Apache-2.0"))]
)
def test_openssl_changed_its_license(version: str, expected: object, tmp_path: Path) -> None:
    """Apache-2.0 holds from 3.0 on."""
    assert described(answering(tmp_path, f"""echo '{{"openssl": "{version}"}}'"""))["openssl"].license == expected


@pytest.mark.parametrize("script", ["exit 1", "echo '{}'; exit 1", "echo not json", "echo '[]'", ":"])
def test_an_interpreter_that_does_not_answer_fails_the_build(script: str, tmp_path: Path) -> None:
    """A bill without the libraries would say that there are none."""
    with pytest.raises(InterpreterBroken):
        described(answering(tmp_path, script))


def test_the_probe_runs_on_its_own() -> None:
    """Isolated, without our packages; and prints what the function returns."""
    argv = [sys.executable, "-I", "-S", "-B", library_probe.__file__]
    output = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    assert json.loads(output) == library_probe.libraries()


def test_the_probe_is_old_python() -> None:
    """It is run by every Python that the inventory has, down to 3.8."""
    ast.parse(Path(library_probe.__file__).read_text(encoding="utf-8"), feature_version=(3, 8))
