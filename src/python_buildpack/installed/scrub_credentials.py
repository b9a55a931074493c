"""Removes credentials that installers write into an environment: everybody who has the image can read its layers.

They are in two places. direct_url.json contains the URL of a package (PEP 610): uv and pip leave out user names and
passwords, but not every tool does, and no tool leaves out a token in the query. Poetry and ``pip install -e
git+https://…`` keep clones, whose .git contains the full URL; besides, no two clones of a commit are equal.
"""

import json
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from python_buildpack.installed.dist_info import DIRECT_URL, DirectUrl, read_dist_infos

_CLONED_AS = frozenset({"git", "hg"})
"""User names that are not secret: they are part of addresses over SSH, and the specification allows them."""
_PARAMETERS = re.compile(r"(?:;|%3b)[^/]*", re.IGNORECASE)
"""What may follow the name in each part of a path (RFC 3986, section 3.3)."""
_OF_INSTALLERS = re.compile(r"(?:sha256|sha384|sha512|md5)=[0-9a-f]+|subdirectory=[\w./-]+|egg=[\w.\[\],-]+")
_HOST = re.compile(r"(?:[\w.-]+|\[[\w:.%]+\])(?P<port>:\d{1,5})?")
_LOGIN_IN_PATH = re.compile(r"://|(?::|%3a)[^/]*(?:@|%40)", re.IGNORECASE)
_AT = re.compile(r"[^/](?:@|%40)", re.IGNORECASE)
_REPOSITORIES = (".git", ".hg", ".bzr", ".svn")


def scrub_credentials(venv: Path, site_packages: Path) -> None:
    """Remove the repositories of clones, and credentials in recorded URLs, from a virtual environment."""
    for repository in sorted(path for name in _REPOSITORIES for path in venv.glob(f"src/*/{name}")):
        if repository.is_dir():
            shutil.rmtree(repository)
        else:
            repository.unlink()
    _remove_credentials(site_packages)


def _remove_credentials(site_packages: Path) -> None:
    """Remove what may be secret from the URLs that are recorded in a site-packages directory."""
    for info in read_dist_infos(site_packages):
        match info.direct_url():
            case None:
                pass
            case DirectUrl(url=url, document=document) if (public := _public(url)) is not None:
                if public != url:
                    info.write(DIRECT_URL, json.dumps({**document, "url": public}, sort_keys=True).encode())
            case _:
                # It cannot be parsed, so it may contain anything.
                info.remove(DIRECT_URL)


def _public(url: str) -> str | None:
    try:
        return without_credentials(url) or None
    except ValueError:
        return None


def without_parameters(path: str) -> str:
    """Return the path of a URL without the parameters of its parts, which may be tokens (``/a;token=…/b``). Pure."""
    return _PARAMETERS.sub("", path)


def shows_a_login(host: str, path: str) -> bool:
    """Return whether a login may be in what a URL seems to have as host and port, or as path. Pure.

    That is so where it is spelt in a way that nobody else reads as a login: encoded (``user%3Apw%40host``), behind
    another scheme (``https://https://user:pw@host``), or with a slash, so that its beginning looks like host and port.
    """
    place = _HOST.fullmatch(host)
    in_path = _LOGIN_IN_PATH.search(path) or (place and place["port"] and _AT.search(path))
    return in_path is not None or (host != "" and place is None)


def without_credentials(url: str) -> str:
    """Return a URL without user name, password, parameters and query. Raises ValueError if it cannot be parsed. Pure.

    They are removed as a whole: tokens and signatures of storage services have too many different names to list. Of a
    fragment only what installers write is left. A URL without a host, as ``https:/user:password@host/``, means nothing,
    nor does one that may have a login elsewhere.
    """
    parts = urlsplit(url)
    if not parts.netloc and parts.scheme != "file":
        raise ValueError(url)
    login, separator, host = parts.netloc.rpartition("@")
    if shows_a_login(host, parts.path):
        raise ValueError(url)
    return urlunsplit(
        parts._replace(
            netloc=host if separator and login not in _CLONED_AS else parts.netloc,
            path=without_parameters(parts.path),
            query="",
            fragment="&".join(filter(_OF_INSTALLERS.fullmatch, parts.fragment.split("&"))),
        )
    )
