"""Takes out of an environment what installers leave there of credentials: what is in a layer, everybody can read.

That is direct_url.json, where they record the URL that a package came from (PEP 610; uv and pip leave user names and
passwords out by themselves, not every tool does, and none a token in the query), and the clones that Poetry and
``pip install -e git+https://…`` keep: .git in there has the URL with all that is in it. Besides, no two clones of one
commit are equal.
"""

import json
import shutil
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from python_buildpack.installed.dist_info import DIRECT_URL, DirectUrl, read_dist_infos

_CLONED_AS = frozenset({"git", "hg"})
"""User names that are part of an address over SSH, as the specification has it."""
_REPOSITORIES = (".git", ".hg", ".bzr", ".svn")


def scrub_credentials(venv: Path, site_packages: Path) -> None:
    """Remove what holds credentials from a virtual environment, and nothing that runs."""
    for repository in sorted(path for name in _REPOSITORIES for path in venv.glob(f"src/*/{name}")):
        if repository.is_dir():
            shutil.rmtree(repository)
        else:
            repository.unlink()
    _remove_credentials(site_packages)


def _remove_credentials(site_packages: Path) -> None:
    """Remove what may be secret from the URLs that are recorded below a site-packages directory."""
    for info in read_dist_infos(site_packages):
        match info.direct_url():
            case None:
                pass
            case DirectUrl(url=url, document=document) if (public := _public(url)) is not None:
                if public != url:
                    info.write(DIRECT_URL, json.dumps({**document, "url": public}, sort_keys=True).encode())
            case _:
                # Whatever this is, nobody can say what is in it.
                info.remove(DIRECT_URL)


def _public(url: str) -> str | None:
    try:
        return without_credentials(url) or None
    except ValueError:
        return None


def without_credentials(url: str) -> str:
    """Return a URL without user name, password and query. Raises ValueError for what is none. Pure.

    A query is where tokens and the signatures of storage services are, under names that nobody can list.
    """
    parts = urlsplit(url)
    login, separator, host = parts.netloc.rpartition("@")
    if separator and login not in _CLONED_AS:
        parts = parts._replace(netloc=host)
    return urlunsplit(parts._replace(query="") if parts.netloc else parts)
