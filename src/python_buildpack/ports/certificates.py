"""Which certificates TLS connections trust: what the build image trusts, in our own downloads as in every tool."""

from collections.abc import Iterable, Mapping
from pathlib import Path

SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # RHEL, Fedora, UBI
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # Alpine, Wolfi
)

_OF_TOOLS = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT")
"""By these, the tools with a list of their own (uv, pip, requests) use another one."""
_FOR_DOWNLOADS = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_EVERY_TOOL = (
    *("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO", "PDM_PYPI_CA_CERTS"),
)
"""OpenSSL's programs and uv; requests, which Poetry and pip stand on; curl; pip; git; PDM."""


def certificate_bundle(env: Mapping[str, str]) -> str | None:
    """Return the file of trusted certificates: the one that is set, else the system's, or None for requests' own list.

    A variable that names a file which is not there is passed over: images set it for their run image.
    """
    named = (env[name] for name in _FOR_DOWNLOADS if env.get(name))
    return next((path for path in (*named, *SYSTEM_BUNDLES) if Path(path).exists()), None)


def system_certificates(env: Mapping[str, str]) -> dict[str, str]:
    """Return variables that make tools with a list of their own (uv, pip, requests) trust the system's instead.

    What the user set already says so and is left alone.
    """
    named = (env[name] for name in _OF_TOOLS if env.get(name))
    bundle = next(named, None) or next((path for path in SYSTEM_BUNDLES if Path(path).is_file()), None)
    if not bundle:
        return {}
    return {name: bundle for name in _OF_TOOLS if not env.get(name)}


def combine_certificates(env: Mapping[str, str], more: Iterable[str]) -> str:
    """Return one list of certificates: the one that would be trusted otherwise, and those in ``more``, all as PEM."""
    named = (env.get(name) for name in _OF_TOOLS)
    paths = (Path(path) for path in (*filter(None, named), *SYSTEM_BUNDLES))
    base = next((path for path in paths if path.is_file()), None)
    before = base.read_text(encoding="utf-8", errors="surrogateescape").strip() + "\n" if base else ""
    return before + "".join(more)


def trusting(bundle: str) -> dict[str, str]:
    """Return the variables that make every tool which connects by TLS trust this list and no other."""
    return dict.fromkeys(_EVERY_TOOL, bundle)
