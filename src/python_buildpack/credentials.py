"""Finds the credentials that a build was given, so that they can be hidden: by the names they have, and in URLs."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from cnb.platform import Platform

_SECRET_NAME = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET|CREDENTIAL|APIKEY|(?:^|[_.-])(?:KEY|PASS|PAT|AUTH|DSN)(?:$|_?\d+$)",
    re.IGNORECASE,
)
_URL_LOGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?P<login>[^/\s'\"<>]+)@", re.IGNORECASE)
_PUBLIC_USERS = frozenset({"git", "hg", "svn", "ssh", "anonymous"})
_NOT_SECRET = ("GIT_CONFIG_KEY_",)
"""git's way to give the name of an option."""
_MANIFESTS = ("*requirements*.txt", "requirements/*.txt", "constraints*.txt", "*.lock", "pyproject.toml", "Pipfile")
_CONFIGURATIONS = ("pip.conf", "pip.ini", ".netrc", ".git-credentials", "poetry.toml", "auth.toml", ".env")
_AT_HOME = (".netrc", ".config/pip/pip.conf", ".pip/pip.conf", ".git-credentials")
_LARGEST = 1 << 20
_ASSIGNMENT = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?P<name>[\w.-]+)[ \t]*[=:](?!=)[ \t]*(?P<value>\S.*)$", re.MULTILINE
)
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)\}")
_NETRC_PASSWORD = re.compile(r"\bpassword\s+(?![=:])(?P<value>\S+)")


def credentials_in_variables(variables: Mapping[str, str]) -> Iterator[str]:
    """Yield values whose names say that they are secret, and the credentials in all values that hold URLs."""
    for name, value in variables.items():
        if _SECRET_NAME.search(name) and not name.startswith(_NOT_SECRET) and not _is_path(value):
            yield value
        if name.upper().endswith("HEADERS"):
            # OpenTelemetry's way to log in: api-key=…,other=….
            yield from (part.partition("=")[2] for part in value.split(","))
        yield from credentials_in_urls(value)


def credentials_in_urls(text: str) -> Iterator[str]:
    """Yield the passwords of all URLs in a text, and user names without a password, which are tokens then."""
    for match in _URL_LOGIN.finditer(text):
        username, separator, password = match["login"].partition(":")
        if separator and password and not password.startswith("$"):
            yield password
        elif username not in _PUBLIC_USERS and not username.startswith("$"):
            yield username


def credentials_in_platform(platform: Platform) -> Iterator[str]:
    """Yield the credentials in the user's variables and in all bindings, those of types unknown here, too."""
    yield from credentials_in_variables(platform.env)
    for binding in platform.bindings:
        entries = {name: binding.secret(name) or "" for name in binding.entries}
        yield from credentials_in_variables(entries)
        for text in entries.values():
            yield from _in_configuration(text)


def credentials_in_files(app: Path, env: Mapping[str, str]) -> Iterator[str]:
    """Yield the credentials in the files of an app that usually have some, and in those that variables name."""
    for pattern in _MANIFESTS:
        for path in app.glob(pattern):
            yield from credentials_in_urls(_expanded(_read(path), env))
    paths = [app / name for name in _CONFIGURATIONS]
    paths += [Path(env[name]) for name in ("PIP_CONFIG_FILE", "NETRC") if env.get(name)]
    paths += [Path(env["HOME"]) / name for name in _AT_HOME] if env.get("HOME") else []
    for path in paths:
        yield from _in_configuration(_read(path))


def _in_configuration(text: str) -> Iterator[str]:
    yield from credentials_in_urls(text)
    yield from credentials_in_variables(
        {m["name"]: m["value"].strip().strip("'\"") for m in _ASSIGNMENT.finditer(text)}
    )
    yield from (match["value"].strip("'\"") for match in _NETRC_PASSWORD.finditer(text))


def _expanded(text: str, env: Mapping[str, str]) -> str:
    """Return a text with ${VARIABLES} replaced: pip, Pipenv and Poetry write credentials into URLs like that."""
    return _VARIABLE.sub(lambda match: env.get(match["name"], match[0]), text)


def _is_path(value: str) -> bool:
    """Say whether a value only tells where the secret is: SSL_KEY=/run/secrets/key."""
    try:
        return value.startswith("/") and Path(value).exists()
    except (OSError, ValueError):
        return False


def _read(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return ""
        return path.read_bytes().decode(errors="surrogateescape")
    except OSError:
        return ""
