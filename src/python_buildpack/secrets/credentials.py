"""Finds the credentials that a build was given, so that they can be hidden: by the names they have, and in URLs."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cnb.platform import Platform
from python_buildpack.secrets.netrc import passwords_in
from python_buildpack.secrets.redact import BROKEN_LOGIN, QUERY_CREDENTIALS
from python_buildpack.support.small_files import decode, read_small
from python_buildpack.support.wildcard import fits

_SECRET_NAME = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET|CREDENTIAL|(?:API|PRIVATE)_?KEY|CONN(?:ECTION)?_?STR(?:ING)?|AUTHORI[SZ]ATION"
    r"|(?:^|[_.-])(?:(?:KEY|PASS|PWD|PAT|AUTH|DSN|COOKIE|ACCOUNT_?KEY|ACCESS_?KEY)S?(?:$|_?\d+$)|WEBHOOK_?URLS?$)"
    r"|(?:^|[_.-])JWT(?!\w*(?:ALG|EXP|ISS|AUD|HEADER|LIFE|TTL|NAME|TYPE))",
    re.IGNORECASE,
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
"""In ``privateKey``, as JSON and connection strings have names, between the two words."""
_PAIR = re.compile(r"(?P<name>[A-Za-z][\w-]{0,60})=(?P<value>[^;\s'\"]+)")
"""A part of a connection string (``AccountKey=…;``, ``password=…``)."""
_SCHEME = re.compile(r"(?:basic|bearer|token|apikey)\s+(?P<value>\S+)", re.IGNORECASE)
_LOGIN_NAME = re.compile(
    r"(?:^|[_.-])(?:LOGIN|AUTH)(?:$|[_.-])|CREDENTIAL|USER_?(?:PASS|PWD)(?:$|[_.-])", re.IGNORECASE
)
"""The value may be ``user:password``, as curl and the Basic scheme have it."""
_URL_LOGIN = re.compile(r"://(?P<login>[^/\s'\"<>]+)@")
_BARE_LOGIN = re.compile(r"[\w.%+-]+:(?P<value>[^\s/@:]{8,200})@[\w-]+(?:\.[\w-]+)*(?::\d+)?/.*")
"""An address whose scheme was forgotten."""
_WORD = re.compile(r"[^\s'\"<>`]+")
_AFTER_THE_PATH = re.compile(r"[?&;#]+")
_OF_INSTALLERS = re.compile(r"(?:sha\d+|md5|egg|subdirectory|rev|tag|branch)=|[0-9a-f]{40}$", re.IGNORECASE)
_PUBLIC_USERS = frozenset({"git", "hg", "svn", "ssh", "anonymous"})
_DISTINCT = 8
"""A shorter one of several values may be any word."""
_NOT_SECRET = ("GIT_CONFIG_KEY_",)
"""git's way to give the name of an option."""
_MANIFESTS = ("*requirements*.txt", "requirements/*.txt", "constraints*.txt", "*.lock", "*.toml")
"""Files beside those by which an app is known that may name an index."""
_CONFIGURATIONS = (
    *("pip.conf", "pip.ini", ".netrc", ".git-credentials", ".pypirc"),
    *("poetry.toml", "auth.toml", "uv.toml", "pdm.toml", ".pdm.toml"),
)
_OF_THE_APP = (".env*",)
"""Files with variables of the app itself, which no tool of a build reads. Hooks and the app's settings may."""
_PLAIN_WORD = re.compile(r"[A-Za-z]?[a-z]{1,15}|[A-Z]{1,16}")
"""What is a word and no generated secret: ``admin`` as the password of a database on a developer's machine."""
_AT_HOME = (".netrc", ".pip/pip.conf", ".git-credentials")
_AT_CONFIG_HOME = ("pip/pip.conf", "uv/uv.toml", "pypoetry/auth.toml", "pypoetry/config.toml", "pdm/config.toml")
_OF_GIT = (".gitconfig", "git/config")
_NAMED = ("PIP_CONFIG_FILE", "UV_CONFIG_FILE", "PDM_CONFIG_FILE", "NETRC", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")
_NAMED_FOLDERS = (("POETRY_CONFIG_DIR", ("auth.toml", "config.toml")), ("UV_CREDENTIALS_DIR", ("credentials.toml",)))
_ASSIGNMENT = re.compile(
    r"^[ \t]*(?:export[ \t]+)?[\"']?(?P<name>[\w.-]+)[\"']?[ \t]*[=:](?!=)[ \t]*(?P<value>\S.*)$", re.MULTILINE
)
_QUOTED = re.compile(r"""(['"])(?P<value>.*?)\1""")
_VARIABLE = re.compile(r"\$(?:\{(?P<name>\w+)\}|(?P<bare>\w+))")


def is_secret_name(name: str) -> bool:
    """Return whether a name says that what it stands for is secret."""
    return _SECRET_NAME.search(_HUMP.sub("_", name)) is not None and not name.startswith(_NOT_SECRET)


def credentials_in_variables(variables: Mapping[str, str]) -> Iterator[str]:
    """Yield values whose names say that they are secret, and the credentials in all values that hold URLs."""
    for name, value in variables.items():
        if is_secret_name(name) and not _is_path(value):
            yield from _parts(value)
        if _LOGIN_NAME.search(name) and "//" not in value:
            yield value.partition(":")[2]
        if name.upper().endswith("HEADERS"):
            # OpenTelemetry's way to log in: api-key=…,other=….
            yield from (part.partition("=")[2] for part in value.split(","))
        elif "=" in value:
            yield from (match["value"] for match in _PAIR.finditer(value) if is_secret_name(match["name"]))
        yield from credentials_in_urls(value)
        yield from _in_json(value)


def _parts(value: str) -> Iterator[str]:
    """Yield a secret value, each of several with commas between them, and what follows the scheme of a header."""
    yield value
    if "," in value:
        yield from (part.strip() for part in value.split(",") if len(part.strip()) >= _DISTINCT)
    if scheme := _SCHEME.fullmatch(value.strip()):
        yield scheme["value"]


def credentials_in_urls(text: str) -> Iterator[str]:
    """Yield the passwords of all URLs in a text, user names without a password, which are tokens then, and ?token=….

    A password that is the user's name is left out, as in ``postgres://shop:shop@db``: it is a default for development,
    and to hide it would take the app's own name out of the log. In URLs it is hidden all the same.
    """
    yield from (match["value"] for match in QUERY_CREDENTIALS.finditer(text))
    yield from _in_words(text)
    for match in _URL_LOGIN.finditer(text):
        username, separator, password = match["login"].partition(":")
        if separator and password and not _VARIABLE.fullmatch(password):
            if password != username:
                yield password
        elif username not in _PUBLIC_USERS and not _VARIABLE.fullmatch(username):
            yield username


def _in_words(text: str) -> Iterator[str]:
    """Yield what is a login in addresses that are spelt wrongly, and what may be a token after a path, by its digits.

    There are too many names for tokens and signatures to list them.
    """
    for word in _WORD.findall(text) if "@" in text or "://" in text else ():
        match = (BROKEN_LOGIN.search(word) or _BARE_LOGIN.fullmatch(word)) if "@" in word else None
        if match is not None and not _URL_LOGIN.search(word) and not _VARIABLE.fullmatch(match["value"]):
            yield match["value"].rpartition(":")[2]
        if word.lower().partition("://")[0] in {"http", "https"}:
            for part in _AFTER_THE_PATH.split(word)[1:]:
                value = part.rpartition("=")[2]
                if len(value) >= _DISTINCT and not _OF_INSTALLERS.match(part) and any(map(str.isdigit, value)):
                    yield value


def credentials_in_platform(platform: Platform) -> Iterator[str]:
    """Yield the credentials in the user's variables and in all bindings, those of types unknown here, too."""
    yield from credentials_in_variables(platform.env)
    for binding in platform.bindings:
        texts = {name: binding.secret(name) or "" for name in binding.entries}
        entries = {name: decode(text.encode(errors="surrogateescape")) for name, text in texts.items()}
        yield from credentials_in_variables(entries)
        for text in entries.values():
            yield from _in_configuration(text)


def credentials_in_files(app: Path, env: Mapping[str, str], manifests: Iterable[str] = ()) -> Iterator[str]:
    """Yield the credentials in the files of an app that usually have some, and in those that variables name.

    ``manifests`` are names and patterns of files that declare what the app needs.
    """
    beside = list(app.iterdir())
    for path in {path for pattern in (*manifests, *_MANIFESTS) for path in _matching(app, beside, pattern)}:
        yield from credentials_in_urls(_expanded(read_small(path), env))
    paths = (path for pattern in _CONFIGURATIONS for path in _matching(app, beside, pattern))
    for path in (*paths, *configured_files(app, env)):
        yield from _in_configuration(read_small(path))
    for path in (path for pattern in _OF_THE_APP for path in _matching(app, beside, pattern)):
        # They were not given to the build, and a log without the word "admin" would say less.
        yield from (value for value in _in_configuration(read_small(path)) if not _PLAIN_WORD.fullmatch(value))


def _matching(app: Path, beside: list[Path], pattern: str) -> Iterable[Path]:
    """Return the paths that fit a pattern; ``beside`` is what is in the app directory, which is read once."""
    if "/" in pattern:
        return app.glob(pattern)
    return (path for path in beside if fits(path.name, pattern))


def configured_files(app: Path, env: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files from which pip, uv, Poetry, PDM and git take their settings, besides those of the app.

    Tools run in the app's directory, so that is what relative paths begin at.
    """
    yield from (app / env[name] for name in _NAMED if env.get(name))
    for variable, names in _NAMED_FOLDERS:
        yield from (app / env[variable] / name for name in names if env.get(variable))
    yield from _configured_at_home(env)


def _configured_at_home(env: Mapping[str, str]) -> Iterator[Path]:
    home, configured = env.get("HOME"), env.get("XDG_CONFIG_HOME")
    if home:
        yield from (Path(home) / name for name in (*_AT_HOME, _OF_GIT[0]))
    if home or configured:
        folder = Path(configured or f"{home}/.config")
        yield from (folder / name for name in (*_AT_CONFIG_HOME, _OF_GIT[1]))


def _in_configuration(text: str) -> Iterator[str]:
    yield from credentials_in_urls(text)
    for match in _ASSIGNMENT.finditer(text):
        # One by one: a name may come once in each section.
        for value in _values(match["value"]):
            yield from credentials_in_variables({match["name"]: value})
    yield from _in_json(text)
    yield from passwords_in(text)


def _values(text: str) -> set[str]:
    """Return what the right side of an assignment may mean: comments begin in one way here, in another there."""
    quoted = _QUOTED.match(text)
    return {quoted["value"]} if quoted else {text.strip(), text.partition(" #")[0].strip()}


def _in_json(text: str) -> Iterator[str]:
    """Yield what a JSON text has under secret names, at any depth: the key file of a cloud, VCAP_SERVICES."""
    if not text.lstrip().startswith(("{", "[")):
        return
    try:
        todo = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            yield from credentials_in_variables({name: value for name, value in item.items() if isinstance(value, str)})
        if isinstance(item, dict | list):
            todo += [
                inner for inner in (item.values() if isinstance(item, dict) else item) if not isinstance(inner, str)
            ]


def _expanded(text: str, env: Mapping[str, str]) -> str:
    """Return a text with $VARIABLES replaced: pip, Pipenv and PDM take credentials into URLs like that."""
    return _VARIABLE.sub(lambda match: env.get(match["name"] or match["bare"], match[0]), text)


def _is_path(value: str) -> bool:
    """Say whether a value only says where the secret is: SSL_KEY=/run/secrets/key."""
    try:
        return value.startswith("/") and Path(value).exists()
    except (OSError, ValueError):
        return False
