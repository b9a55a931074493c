"""Takes out of an environment what installers leave there of credentials: what is in a layer, everybody can read.

That is direct_url.json, where they record the URL that a package came from (PEP 610; uv and pip leave user names and
passwords out by themselves, not every tool does, and none a token in the query), and the clones that Poetry and
``pip install -e git+https://…`` keep: .git in there has the URL with all that is in it. Besides, no two clones of one
commit are equal.
"""

import base64
import hashlib
import json
import shutil
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from python_buildpack.installed.dist_info import change_record

FILE = "direct_url.json"
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
    for path in site_packages.glob(f"*.dist-info/{FILE}"):
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            url = document["url"]
            public = without_credentials(url)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            # Whatever this is, nobody can say what is in it.
            path.unlink(missing_ok=True)
            continue
        if public != url:
            # Installers link files out of their caches: those stay as they are.
            path.unlink()
            path.write_text(json.dumps({**document, "url": public}, sort_keys=True), encoding="utf-8")
            _record(path)


def without_credentials(url: str) -> str:
    """Return a URL without user name, password and query. Raises ValueError for what is none. Pure.

    A query is where tokens and the signatures of storage services are, under names that nobody can list.
    """
    parts = urlsplit(url)
    login, separator, host = parts.netloc.rpartition("@")
    if separator and login not in _CLONED_AS:
        parts = parts._replace(netloc=host)
    return urlunsplit(parts._replace(query="") if parts.netloc else parts)


def _record(path: Path) -> None:
    """Write the file's new digest and size into RECORD."""
    content = path.read_bytes()
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode("ascii").rstrip("=")
    name = f"{path.parent.name}/{FILE}"
    ours = f"{name},sha256={digest},{len(content)}"

    def change(record: str) -> str:
        return "".join(f"{ours if line.startswith(f'{name},') else line}\n" for line in record.splitlines())

    change_record(path.parent, change)
