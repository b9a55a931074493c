"""The driver of a database that the app names, by Django's ``ENGINE`` or by a URL (RFC 3986, with SQLAlchemy's "+")."""

import ast
import re
from collections.abc import Iterable, Iterator

from cnb.frozen import frozen
from python_buildpack.app.syntax import Unparsed, parse, text_of
from python_buildpack.installed.imports.module_names import PROVIDERS

_POSTGRESQL = ("psycopg", "psycopg2", "psycopg2cffi", "asyncpg", "pg8000", "aiopg")
_MYSQL = ("MySQLdb", "pymysql", "mysql", "aiomysql", "asyncmy", "mariadb")
_ORACLE = ("oracledb", "cx_Oracle")
_SQLITE = ("aiosqlite",)
"""Those of SQLite that are no part of Python, as pysqlite is."""
_URL = re.compile(r"(?P<scheme>[a-z]+)(?:\+(?P<driver>\w+))?://\S")
_CALLED = {"mysqldb": "MySQLdb", "mysqlconnector": "mysql", "cx_oracle": "cx_Oracle", "mariadbconnector": "mariadb"}
"""Drivers in URLs of SQLAlchemy whose modules are called otherwise."""
READERS = ("sqlalchemy", "sqlmodel", "django", "databases", "tortoise-orm", "peewee", "pony")
"""Distributions that connect to databases through a driver's module."""


@frozen
class Database:
    """A kind of database."""

    name: str
    modules: tuple[str, ...]
    """The modules of its drivers; one of them is enough."""
    of_django: tuple[str, ...]
    """Those of them that Django's own engine takes."""
    cure: str
    """The distribution to recommend."""


DATABASES = {
    "postgresql": Database("PostgreSQL", _POSTGRESQL, ("psycopg", "psycopg2"), "psycopg[binary]"),
    "mysql": Database("MySQL", _MYSQL, ("MySQLdb",), "mysqlclient"),
    "oracle": Database("Oracle", _ORACLE, _ORACLE, "oracledb"),
}
"""By the scheme of a URL, and the last part of a Django engine's name."""
_ALSO = {
    "postgres": "postgresql",
    "postgis": "postgresql",
    "mariadb": "mysql",
    "psql": "postgresql",
    "pgsql": "postgresql",
}

_PERHAPS = re.compile(rf"[\"'](?:sqlite|{'|'.join([*DATABASES, *_ALSO])})[+:]")


@frozen
class Lacking:
    """A database for which no driver is installed."""

    database: str
    cure: str
    """The distribution to add."""
    where: str = ""
    """Where the database is named, as a sentence."""


def of_engine(engine: str, modules: Iterable[str]) -> Lacking | None:
    """Return what a Django engine needs and ``modules`` does not have."""
    last = engine.rpartition(".")[2]
    database = DATABASES.get(_ALSO.get(last, last))
    if database is None or not engine.endswith(f"backends.{last}") or not set(modules).isdisjoint(database.of_django):
        return None
    return Lacking(database.name, database.cure)


def of_url(url: str, modules: Iterable[str]) -> Lacking | None:
    """Return what the database of a URL needs and ``modules`` does not have."""
    found = _URL.match(url)
    if found is None:
        return None
    scheme = _ALSO.get(found["scheme"], found["scheme"])
    database = DATABASES.get(scheme)
    driver = found["driver"]
    if driver and (database is not None or scheme == "sqlite"):
        module = _CALLED.get(driver, driver)
        name, known = (database.name, database.modules) if database else ("SQLite", _SQLITE)
        return Lacking(name, PROVIDERS.get(module, module)) if module in known and module not in modules else None
    if database is None or not set(modules).isdisjoint(database.modules):
        return None
    return Lacking(database.name, database.cure)


def _is_database(url: str) -> bool:
    """Say whether a text is the whole address of a database: ``postgresql+asyncpg://`` alone is made into one later."""
    found = _URL.match(url)
    scheme = _ALSO.get(found["scheme"], found["scheme"]) if found else ""
    is_whole = not url.endswith(("/", ":", "@")) and len(url.split()) == 1
    return is_whole and (scheme in DATABASES or scheme == "sqlite")


def urls_in(text: str) -> Iterator[tuple[str, int]]:
    """Yield the URLs of databases among the strings of a module, with their lines; no beginnings of URLs."""
    if not _PERHAPS.search(text):
        # Parsing is slow, and few modules have an address of a database.
        return
    tree = parse(text)
    for node in () if isinstance(tree, Unparsed) else ast.walk(tree):
        value = text_of(node) if isinstance(node, ast.Constant) else None
        if value and _is_database(value) and isinstance(node, ast.Constant):
            yield value, node.lineno
