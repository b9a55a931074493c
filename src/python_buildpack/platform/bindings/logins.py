"""Chooses the indexes and the logins. Pure. uv, pip, Poetry, PDM and our own downloads read the same netrc file."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from python_buildpack.platform.bindings.interface import Addition, GitLogin, PackageIndex
from python_buildpack.secrets.netrc import DEFAULT_MACHINE, Login, NetrcUnreadable, parse_netrc
from python_buildpack.support.small_files import read_small
from python_buildpack.tools.pip_config import read_pip_config

_CHOSEN = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL")
"""Variables by which a user chooses an index instead of the public one."""
_ORDERS = ("first", "alone")
_INDEX_VARIABLES = (*_CHOSEN, "PIP_EXTRA_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL", "PDM_PYPI_URL")


def choose_indexes(additions: tuple[Addition, ...], env: Mapping[str, str]) -> dict[str, str]:
    """Return pip's variables for the indexes of the bindings. They are translated for other tools when these run.

    The first binding that is not marked as extra replaces the public index. If a variable or a pip.conf names another
    index, bindings that are not marked as extra only provide logins. An index that is to be the only one replaces those
    of variables, too.
    """
    indexes = _indexes(additions)
    shared = _hosts_with_several_logins(indexes)
    urls = [_with_login(index) if urlsplit(index.url).hostname in shared else index.url for index in indexes]
    ordered = {
        order: [url for url, index in zip(urls, indexes, strict=True) if index.order == order] for order in _ORDERS
    }
    if alone := ordered["alone"]:
        return {
            **dict.fromkeys(_INDEX_VARIABLES, ""),
            "PIP_INDEX_URL": alone[0],
            "PIP_EXTRA_INDEX_URL": " ".join(alone[1:]),
        }
    main = [url for url, index in zip(urls, indexes, strict=True) if not index.is_extra]
    extra = [url for url, index in zip(urls, indexes, strict=True) if index.is_extra and not index.order]
    configured = read_pip_config(env)
    if any(env.get(name) for name in _CHOSEN) or "PIP_INDEX_URL" in configured:
        main = []
    given = (env.get("PIP_EXTRA_INDEX_URL") or configured.get("PIP_EXTRA_INDEX_URL", "")).split()
    chosen = {"PIP_INDEX_URL": main[0]} if main else {}
    rest = dict.fromkeys((*ordered["first"], *given, *main[1:], *extra))
    if len(rest) > len(given):
        chosen["PIP_EXTRA_INDEX_URL"] = " ".join(rest)
    if ordered["first"]:
        chosen["UV_INDEX_STRATEGY"] = "first-index"
    return chosen


def gather_logins(additions: tuple[Addition, ...], env: Mapping[str, str]) -> tuple[Login, ...]:
    """Return all logins, sources in this order: index bindings, netrc bindings, variables, netrc files.

    Empty if neither a binding nor a variable has one: then the tools read the user's own netrc file.
    """
    bound = [index.login for index in _indexes(additions) if index.login is not None]
    bound += [addition for addition in additions if isinstance(addition, Login)]
    bound += _in_variables({**read_pip_config(env), **env})
    return (*bound, *_own_netrc(env)) if bound else ()


def git_lines(additions: tuple[Addition, ...], logins: tuple[Login, ...]) -> tuple[str, ...]:
    """Return the lines of a git credential store, because git does not read the netrc file that NETRC names."""
    lines = [addition.line for addition in additions if isinstance(addition, GitLogin)]
    named = {urlsplit(line).hostname for line in lines}
    lines += [
        f"https://{_user_info(login)}@{login.host}{f':{login.port}' if login.port else ''}"
        for login in logins
        if login.host not in {*named, DEFAULT_MACHINE}
    ]
    return tuple(dict.fromkeys(lines))


def _indexes(additions: tuple[Addition, ...]) -> list[PackageIndex]:
    return [addition for addition in additions if isinstance(addition, PackageIndex)]


def _hosts_with_several_logins(indexes: list[PackageIndex]) -> frozenset[str | None]:
    pairs = {(urlsplit(index.url).hostname, index.login) for index in indexes}
    hosts = [host for host, _ in pairs]
    return frozenset(host for host in hosts if hosts.count(host) > 1)


def _user_info(login: Login) -> str:
    # A netrc file may be in another encoding than UTF-8: its bytes are passed on as they are.
    return ":".join(quote(text, safe="", errors="surrogateescape") for text in (login.username, login.password))


def _with_login(index: PackageIndex) -> str:
    if index.login is None:
        return index.url
    parts = urlsplit(index.url)
    return urlunsplit((parts.scheme, f"{_user_info(index.login)}@{parts.netloc}", parts.path, parts.query, ""))


def _in_variables(env: Mapping[str, str]) -> Iterator[Login]:
    """Yield the logins in index URLs of variables and pip.conf, and in the variables with logins for these indexes."""
    for variable in _INDEX_VARIABLES:
        for word in env.get(variable, "").split():
            name, named, url = word.partition("=") if "://" not in word.partition("=")[0] else ("", "", word)
            login = _login_of(url, f"UV_INDEX_{_shouted(name)}" if named else "", env)
            if login is not None:
                yield login
    for variable, url in env.items():
        if variable.startswith("POETRY_REPOSITORIES_") and variable.endswith("_URL"):
            name = variable.removeprefix("POETRY_REPOSITORIES_").removesuffix("_URL")
            login = _login_of(url, f"POETRY_HTTP_BASIC_{name}", env)
            if login is not None:
                yield login


def _login_of(url: str, prefix: str, env: Mapping[str, str]) -> Login | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    username = unquote(parts.username or "") or (env.get(f"{prefix}_USERNAME", "") if prefix else "")
    password = unquote(parts.password or "") or (env.get(f"{prefix}_PASSWORD", "") if prefix else "")
    return Login(host, username, password, port) if host and (username or password) else None


def _shouted(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name).upper()


def _own_netrc(env: Mapping[str, str]) -> tuple[Login, ...]:
    """Return the logins of the netrc file that the tools would read if we did not set NETRC."""
    path = Path(env["NETRC"]) if env.get("NETRC") else Path(env.get("HOME") or "/nonexistent") / ".netrc"
    try:
        return parse_netrc(read_small(path))
    except NetrcUnreadable:
        return ()
