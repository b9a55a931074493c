"""Translates bindings and variables about networks into the variables and files that the tools of a build read.

Secrets are written into one private directory only, outside of the app and the layers. It is removed when the build
ends.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from python_buildpack.platform.bindings.dependency_mirror import mirrors_in
from python_buildpack.platform.bindings.interface import (
    Addition,
    Certificates,
    DigestMirror,
    GitSshKey,
    HostMirror,
    Variable,
)
from python_buildpack.platform.bindings.logins import choose_indexes, gather_logins, git_lines
from python_buildpack.platform.bindings.read import Found
from python_buildpack.ports.certificates import combine_certificates, trusting
from python_buildpack.ports.fetching.mirrored import Mirrors
from python_buildpack.secrets.netrc import write_netrc
from python_buildpack.secrets.private_files import FOLDER
from python_buildpack.support.stopping import cleanup_after
from python_buildpack.tools.pip_config import read_pip_config

_SSH_CONFIG = "ssh_config"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@contextmanager
def applied_bindings(
    found: tuple[Found, ...], env: Mapping[str, str], layers: Path
) -> Iterator[tuple[Mapping[str, str], Mirrors]]:
    """Yield ``env`` with what the bindings add to it, and the mirrors for downloads.

    The files that are written for it are removed after the block.
    """
    additions = tuple(addition for binding in found for addition in binding.additions)
    folder = layers / FOLDER
    # A build that was killed may have left it.
    shutil.rmtree(folder, ignore_errors=True)
    with cleanup_after(lambda: shutil.rmtree(folder, ignore_errors=True)):
        yield _environment(additions, env, folder), _mirrors(additions, env)


def for_app_code(env: Mapping[str, str], layers: Path) -> Mapping[str, str]:
    """Return the environment for the app's own code, which does not get what is for the installation only."""
    own = _ssh_command(layers / FOLDER)
    return {name: value for name, value in env.items() if (name, value) != ("GIT_SSH_COMMAND", own)}


def _environment(additions: tuple[Addition, ...], env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the whole environment. The user's variables have precedence over bindings."""
    added = _variables(additions)
    whole = {**added, **{name: value for name, value in env.items() if value or name not in added}}
    whole = {**_from_pip_config(read_pip_config(whole), whole), **whole}
    whole = {**_proxies_in_both_cases(whole), **whole}
    logins = gather_logins(additions, whole)
    whole |= choose_indexes(additions, whole)
    if logins:
        whole["NETRC"] = _write(folder, "netrc", write_netrc(logins))
    if lines := git_lines(additions, logins):
        whole |= _git(whole, _write(folder, "git-credentials", "".join(f"{line}\n" for line in lines)))
    keys = [addition for addition in additions if isinstance(addition, GitSshKey)]
    if keys and not whole.get("GIT_SSH"):
        whole = {**_git_ssh(keys, folder), **whole}
    certificates = [addition.pem for addition in additions if isinstance(addition, Certificates)]
    if certificates:
        whole |= trusting(_write(folder, "certificates.pem", combine_certificates(whole, certificates)))
    return whole


def _variables(additions: tuple[Addition, ...]) -> dict[str, str]:
    """Return the variables that bindings set; the first of several with the same name counts."""
    return {each.name: each.value for each in reversed(additions) if isinstance(each, Variable)}


def _from_pip_config(configured: Mapping[str, str], env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by which other tools get what pip's own settings say about the network."""
    said = {**configured, **{name: value for name, value in env.items() if name.startswith("PIP_")}}
    proxy, certificates = said.get("PIP_PROXY"), said.get("PIP_CERT")
    found = {}
    if proxy and not any(env.get(name) for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")):
        found = {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy}
    return {**found, "PIP_CERT": certificates} if certificates else found


def _proxies_in_both_cases(env: Mapping[str, str]) -> dict[str, str]:
    """Return the proxy variables in the other case than the user wrote: curl and git read http_proxy only."""
    found = {}
    for name in _PROXIES:
        upper, lower = env.get(name), env.get(name.lower())
        if upper and not lower:
            found[name.lower()] = upper
        elif lower and not upper:
            found[name] = lower
    return found


def _git(env: Mapping[str, str], path: str) -> dict[str, str]:
    """Return the variables that make git read its credential store, added to those that are set already."""
    text = env.get("GIT_CONFIG_COUNT", "")
    number = int(text) if text.isdecimal() else 0
    # Only ``get``: the store itself would also save credentials from elsewhere, and erase those that a server refuses.
    helper = f'!f() {{ test "$1" != get || git credential-store --file={quote(path)} get; }}; f'
    return {
        "GIT_CONFIG_COUNT": str(number + 1),
        f"GIT_CONFIG_KEY_{number}": "credential.helper",
        f"GIT_CONFIG_VALUE_{number}": helper,
        "GIT_TERMINAL_PROMPT": "0",
        # Poetry's own implementation of git, dulwich, does not support credential helpers.
        "POETRY_SYSTEM_GIT_CLIENT": env.get("POETRY_SYSTEM_GIT_CLIENT", "true"),
    }


def _git_ssh(keys: list[GitSshKey], folder: Path) -> dict[str, str]:
    """Write what ssh needs, and return the variables that make git use it. ssh's other configuration is not read."""
    files = [_write(folder, f"ssh-key-{number}", key.private_key) for number, key in enumerate(keys)]
    hosts = _write(folder, "known_hosts", "".join(key.known_hosts for key in keys))
    lines = (
        # Never a question, and never a server whose key is not in the binding.
        *("BatchMode yes", "StrictHostKeyChecking yes", "UpdateHostKeys no", "GlobalKnownHostsFile /dev/null"),
        f"UserKnownHostsFile {_in_config(hosts)}",
        # Not the keys of an agent, nor those in the home directory.
        "IdentitiesOnly yes",
        *(f"IdentityFile {_in_config(file)}" for file in files),
    )
    _write(folder, _SSH_CONFIG, "".join(f"{line}\n" for line in lines))
    # Poetry's own implementation of git has options of its own for keys.
    return {"GIT_SSH_COMMAND": _ssh_command(folder), "POETRY_SYSTEM_GIT_CLIENT": "true"}


def _ssh_command(folder: Path) -> str:
    return f"ssh -F {quote(str(folder / _SSH_CONFIG))}"


def _in_config(path: str) -> str:
    """Return a path as ssh_config has it, where % begins a token."""
    return f'"{path.replace("%", "%%")}"'


def _mirrors(additions: tuple[Addition, ...], env: Mapping[str, str]) -> Mirrors:
    files = {addition.sha256: addition.url for addition in additions if isinstance(addition, DigestMirror)}
    by_binding = {addition.host: addition.url for addition in additions if isinstance(addition, HostMirror)}
    by_variable = {mirror.host: mirror.url for mirror in mirrors_in(env)}
    return Mirrors(files, {**by_binding, **by_variable})


def _write(folder: Path, name: str, text: str) -> str:
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / name
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    return str(path)
