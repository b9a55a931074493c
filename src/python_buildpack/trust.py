"""Which certificates TLS connections trust: what the build image trusts, in our own downloads as in every tool."""

from collections.abc import Mapping
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
