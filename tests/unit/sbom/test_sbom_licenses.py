"""Licenses: exactly what the metadata says, and no more."""

import pytest

from python_buildpack.sbom.bill import License, LicenseExpression, LicenseName, LicenseNotStated
from python_buildpack.sbom.interpreter import LIBRARIES
from python_buildpack.sbom.licenses import EXACT, decide_license, parse_license

MIT = "License :: OSI Approved :: MIT License"
BSD = "License :: OSI Approved :: BSD License"
APACHE = "License :: OSI Approved :: Apache Software License"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({"license-expression": ["mit or apache-2.0"]}, LicenseExpression("MIT OR Apache-2.0"), id="639"),
        pytest.param({"license-expression": ["MIT"], "classifier": [BSD]}, LicenseExpression("MIT"), id="639-first"),
        pytest.param({"classifier": [MIT], "license": ["custom"]}, LicenseExpression("MIT"), id="exact-classifier"),
        pytest.param({"classifier": [BSD]}, LicenseName("BSD License"), id="vague-classifier"),
        pytest.param(
            {"classifier": [BSD], "license": ["BSD-3-Clause"]}, LicenseExpression("BSD-3-Clause"), id="text-is-exact"
        ),
        pytest.param(
            {"classifier": [APACHE], "license": ["Apache License, Version 2.0"]},
            LicenseExpression("Apache-2.0"),
            id="usual-spelling",
        ),
        pytest.param(
            {"classifier": [MIT, APACHE]}, LicenseName("Apache Software License, MIT License"), id="both-or-either"
        ),
        pytest.param({"license": ["Copyright 2020 us\nPermission is hereby"]}, LicenseNotStated(), id="whole-text"),
        pytest.param({"license": ["x" * 101]}, LicenseNotStated(), id="long-text"),
        pytest.param({"license": ["UNKNOWN"]}, LicenseNotStated(), id="unknown"),
        pytest.param({"classifier": ["License :: OSI Approved"], "license": ["ours"]}, LicenseName("ours"), id="ours"),
        pytest.param({"license-expression": ["MIT AND"]}, LicenseName("MIT AND"), id="broken-expression"),
        pytest.param({}, LicenseNotStated(), id="nothing"),
    ],
)
def test_what_is_exact_goes_first_and_the_rest_stays_a_name(headers: dict[str, list[str]], expected: License) -> None:
    """An expression only where the metadata leaves no choice between licenses."""
    assert decide_license(headers) == expected


@pytest.mark.parametrize("text", sorted(EXACT))
def test_our_tables_give_expressions_in_canonical_spelling(text: str) -> None:
    """A mistake in a table would make an invalid document."""
    assert parse_license(text) == LicenseExpression(text)


def test_the_licenses_of_libraries_are_expressions() -> None:
    """Those that we state for libraries in C are identifiers of SPDX."""
    stated = {known.license for known in LIBRARIES.values()} - {LicenseNotStated()}
    assert {parse_license(found.text) for found in stated if isinstance(found, LicenseExpression)} == stated
