"""Which certificates TLS connections trust: what the build image trusts, in our own downloads as in every tool."""

from collections.abc import Iterable, Mapping
from pathlib import Path

SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # RHEL, Fedora, UBI
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # Alpine, Wolfi
)


def system_certificates(env: Mapping[str, str]) -> dict[str, str]:
    """Return variables that make tools with a list of their own (uv, pip, requests) trust the system's instead.

    What the user set already says so and is left alone.
    """
    bundle = env.get("SSL_CERT_FILE") or env.get("REQUESTS_CA_BUNDLE") or env.get("PIP_CERT")
    bundle = bundle or next((path for path in SYSTEM_BUNDLES if Path(path).is_file()), None)
    if not bundle:
        return {}
    return {name: bundle for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT") if not env.get(name)}


def combine_certificates(env: Mapping[str, str], more: Iterable[str]) -> str:
    """Return one list of certificates: the one that would be trusted otherwise, and those in ``more``, all as PEM."""
    named = (env.get(name) for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT"))
    paths = (Path(path) for path in (*filter(None, named), *SYSTEM_BUNDLES))
    base = next((path for path in paths if path.is_file()), None)
    before = base.read_text(encoding="utf-8", errors="surrogateescape").strip() + "\n" if base else ""
    return before + "".join(more)


def trusting(bundle: str) -> dict[str, str]:
    """Return the variables that make every tool which connects by TLS trust this list and no other."""
    return dict.fromkeys(_EVERY_TOOL, bundle)


_EVERY_TOOL = (
    *("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO", "PDM_PYPI_CA_CERTS"),
)
"""OpenSSL's programs and uv; requests, which Poetry and pip stand on; curl; pip; git; PDM."""

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def proxies_in_both_cases(env: Mapping[str, str]) -> dict[str, str]:
    """Return the proxy variables in the case that the user did not write: curl and git read http_proxy only."""
    found = {}
    for name in _PROXIES:
        upper, lower = env.get(name), env.get(name.lower())
        if upper and not lower:
            found[name.lower()] = upper
        elif lower and not upper:
            found[name] = lower
    return found
