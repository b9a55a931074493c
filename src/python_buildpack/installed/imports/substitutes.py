"""What brings back modules that Python, or setuptools, no longer has."""

from collections.abc import Mapping

SUBSTITUTES: Mapping[str, str] = {
    "asynchat": "pyasynchat",
    "asyncore": "pyasyncore",
    "audioop": "audioop-lts",
    "cgi": "legacy-cgi",
    "cgitb": "legacy-cgi",
    "crypt": "legacycrypt",
    "distutils": "setuptools",
    "imp": "zombie-imp",
    "pkg_resources": "setuptools<82",
    "telnetlib": "telnetlib3",
}
"""Modules → the distribution that provides them, or a substitute."""
