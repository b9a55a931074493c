"""The places of a file that are no servers: ``file:`` URLs (RFC 8089), for mirrors on a volume and for tests."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from python_buildpack.ports.fetching.outcome import Complete, Refused, too_large
from python_buildpack.ports.fetching.sink import Sink

_CHUNK = 1 << 20


def is_file_url(url: str) -> bool:
    """Say whether ``url`` names a file on this machine."""
    return url[:5].lower() == "file:"


def copy_file(url: str, sink: Sink, largest: int) -> Complete | Refused:
    """Copy what a ``file:`` URL names into ``sink``, if it has at most ``largest`` bytes. Raises DiskFull."""
    parts = urlsplit(url)
    if parts.netloc not in {"", "localhost"}:
        return Refused("a file: URL cannot name another host")
    try:
        with Path(unquote(parts.path)).open("rb") as file:
            while chunk := file.read(_CHUNK):
                sink.write(chunk)
                if sink.size > largest:
                    return too_large(largest)
    except FileNotFoundError:
        return Refused("there is no such file", missing=True)
    except ValueError:
        return Refused("it is not a path")
    except OSError as error:
        return Refused((error.strerror or str(error)).lower())
    return Complete()
