"""Opens connections. requests is imported late: a build that reuses all saves its 90 ms."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests


def open_session(max_redirects: int, seconds: float) -> "requests.Session":
    """Return a session that takes proxies and netrc from the environment, as requests does.

    A connection may take ``seconds``, and so may the head of an answer, however it arrives.
    """
    import requests  # noqa: PLC0415 # see the top

    from python_buildpack.ports.fetching.bounded import (  # noqa: PLC0415 - it imports requests, too
        BoundedAdapter,
        drop_body_of_redirection,
    )

    session = requests.Session()
    session.max_redirects = max_redirects
    session.hooks["response"].append(drop_body_of_redirection)
    for scheme in ("http://", "https://"):
        session.mount(scheme, BoundedAdapter(seconds))
    # What is hashed are the bytes as they lie on the server; and .tar.gz must not be unpacked on the way.
    session.headers.update({"Accept-Encoding": "identity", "User-Agent": "terrarium-python"})
    return session
