"""Asks a server that answers in JSON: one request, bounded in time and in size."""

import json
import time
from collections.abc import Mapping

from cnb.frozen import frozen

_CHUNK = 1 << 16


@frozen
class Answer:
    """What a server answered, or why there is no answer, in words that have nothing of the URL."""

    document: object = None
    failure: str = ""


def exchange_json(
    url: str, document: Mapping[str, object] | None, *, bundle: str | None, seconds: float, largest: int
) -> Answer:
    """Send a document (or none, by GET) and return the answer.

    Connecting and each wait for bytes may take ``seconds``, and so may all of it together; the answer may have
    ``largest`` bytes. ``bundle`` is the file of trusted certificates. Proxies and netrc are those of the environment.
    """
    # Slow to import, and asked for by few.
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    from python_buildpack.ports.fetching.failures import classify  # noqa: PLC0415
    from python_buildpack.ports.fetching.session import open_session  # noqa: PLC0415

    until = time.monotonic() + seconds
    try:
        with (
            open_session(0, seconds) as session,
            session.request(
                "GET" if document is None else "POST",
                url,
                json=document,
                timeout=seconds,
                verify=bundle or True,
                stream=True,
                allow_redirects=False,
            ) as answer,
        ):
            if answer.status_code != 200:  # noqa: PLR2004 - OK
                return Answer(failure=f"it answered {answer.status_code}")
            body = bytearray()
            while chunk := answer.raw.read1(_CHUNK):
                body += chunk
                if len(body) > largest:
                    return Answer(failure=f"its answer has more than {largest >> 20} MB")
                if time.monotonic() > until:
                    return Answer(failure=f"its answer took longer than {seconds:g} seconds")
            return Answer(json.loads(bytes(body)))
    except RecursionError:
        return Answer(failure="its answer is nested too deeply")
    except (OSError, HTTPError, ValueError) as error:
        # OSError is also what requests raises where a bundle is missing; ValueError, what no JSON is.
        if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
            return Answer(failure="its answer is not JSON")
        return Answer(failure=classify(error, bundle).reason)
