"""Connections with the build image's trust. requests is imported late: a build that reuses all saves its 90 ms."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from python_buildpack.ports.certificates import SYSTEM_BUNDLES

if TYPE_CHECKING:
    import requests

_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def certificate_bundle(env: Mapping[str, str]) -> str | None:
    """Return the file of trusted certificates: the one that is set, else the system's, or None for requests' own list.

    A variable that names a file which is not there is passed over: images set it for their run image.
    """
    named = (env[name] for name in _VARIABLES if env.get(name))
    return next((path for path in (*named, *SYSTEM_BUNDLES) if Path(path).exists()), None)


def open_session(max_redirects: int) -> "requests.Session":
    """Return a session that takes proxies and netrc from the environment, as requests does."""
    import requests  # noqa: PLC0415 # see the top

    session = requests.Session()
    session.max_redirects = max_redirects
    # What is hashed are the bytes as they lie on the server; and .tar.gz must not be unpacked on the way.
    session.headers.update({"Accept-Encoding": "identity", "User-Agent": "terrarium-python"})
    return session
