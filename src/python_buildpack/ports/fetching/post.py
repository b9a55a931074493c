"""Sends a small document to a server, once: what a platform wants to know of a build."""

from collections.abc import Mapping

_REDIRECTION, _ERROR = 300, 400


def post_json(
    url: str, document: Mapping[str, object], headers: Mapping[str, str], *, bundle: str | None, seconds: float
) -> str | None:
    """Return None if the server took the document, else why not, in words that have nothing of the URL.

    Each step (to connect, to answer) may take so many ``seconds``; ``bundle`` is the file of trusted certificates.
    """
    # Slow to import, and asked for by few.
    from requests.exceptions import InvalidHeader  # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    from python_buildpack.ports.fetching.failures import classify  # noqa: PLC0415
    from python_buildpack.ports.fetching.session import open_session  # noqa: PLC0415

    try:
        # Of the answer, only the status counts: its body is not read, however long it is.
        with (
            open_session(0, seconds) as session,
            session.post(
                url,
                json=document,
                headers=dict(headers),
                timeout=seconds,
                verify=bundle or True,
                stream=True,
                # The headers have a login under a name that nobody else knows, so it would be sent to any host.
                allow_redirects=False,
            ) as answer,
        ):
            if _REDIRECTION <= answer.status_code < _ERROR:
                return "it redirects to another address, which is not followed; name the final one"
            return None if answer.ok else f"it answered {answer.status_code}"
    except InvalidHeader:
        return "a header is not valid"
    except (OSError, HTTPError, ValueError) as error:
        # OSError is also what requests raises where a bundle is missing; ValueError, what some URLs that are none give.
        return classify(error, bundle).reason
