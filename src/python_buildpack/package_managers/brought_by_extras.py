"""What the extras of a requirement bring, as far as it is known without a lock and without asking an index.

Extras with which a server, a kind of worker or a driver is chosen are called like it: ``gunicorn[gevent]``,
``celery[redis]``, ``channels[daphne]``. A few are not; of these, the ones with a server or with the program that starts
it are in a table. All of it is for decisions before the installation only: afterwards it is known what is there.
"""

from collections.abc import Iterator, Mapping

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from python_buildpack.package_managers.requirement_files import requirement_name, without_options

_FASTAPI = ("fastapi-cli", "uvicorn")
BROUGHT: Mapping[str, tuple[str, ...]] = {
    "fastapi[standard]": _FASTAPI,
    "fastapi[standard-no-fastapi-cloud-cli]": _FASTAPI,
    "fastapi[all]": _FASTAPI,
    "fastapi-cli[standard]": ("uvicorn",),
    "litestar[standard]": ("uvicorn",),
    "litestar[full]": ("uvicorn",),
    "psycopg[binary]": ("psycopg-binary",),
    "psycopg[c]": ("psycopg-c",),
}
"""A distribution with an extra → the distributions that its metadata lists for that."""

NAMED_ALIKE = frozenset(
    {
        *(
            "daphne",
            "gunicorn",
            "granian",
            "hypercorn",
            "uvicorn",
            "waitress",
            "eventlet",
            "gevent",
            "tornado",
            "redis",
        ),
        *("aiomysql", "aiosqlite", "asyncpg", "mysqlclient", "oracledb", "psycopg", "psycopg2", "pymongo", "pymysql"),
    }
)
"""Servers, workers and drivers that extras of other distributions are called like, and bring."""


def names_with_extras(text: str) -> Iterator[str]:
    """Yield the normalised name in a requirement line, and the names of what its extras are known to bring."""
    name = requirement_name(text)
    if name is None:
        return
    yield name
    for extra in _extras(text):
        yield from BROUGHT.get(f"{name}[{extra}]", (extra,) if extra in NAMED_ALIKE else ())


def _extras(text: str) -> list[str]:
    if "[" not in text:
        return []
    try:
        return sorted(canonicalize_name(extra) for extra in Requirement(without_options(text)).extras)
    except (ValueError, RecursionError):
        return []
