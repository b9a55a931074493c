"""Opens connections. requests is imported late: a build that reuses all saves its 90 ms."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests


def open_session(max_redirects: int) -> "requests.Session":
    """Return a session that takes proxies and netrc from the environment, as requests does."""
    import requests  # noqa: PLC0415 # see the top

    session = requests.Session()
    session.max_redirects = max_redirects
    # What is hashed are the bytes as they lie on the server; and .tar.gz must not be unpacked on the way.
    session.headers.update({"Accept-Encoding": "identity", "User-Agent": "terrarium-python"})
    return session
