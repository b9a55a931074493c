"""Apps whose packages are in a closed network: behind passwords, TLS by a private CA, and a proxy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from bills import check_bills
from built_apps import built, failed, one_line
from company_projects import PDM, POETRY, UV
from devkit.lifecycle.results import Built, Failed
from manager_context import index_url, lock_pdm, lock_pipenv, lock_poetry, lock_uv, write_app
from private_network import (
    Account,
    PrivateIndex,
    Proxy,
    authority_pem,
    running_index,
    running_proxy,
    write_binding,
    write_git_repository,
    write_wheel,
)
from python_buildpack.ports.certificates import combine_certificates, trusting
from ssh_server import SshServer, running_ssh_server

Attempt = Callable[..., Built | Failed]

DEPLOY = Account("deploy", "canary-Index/pa55")
FILES = Account("files", "canary-Files+pa55")
GIT = Account("git-reader", "canary-Git/pa55")
PROXY = Account("anna", "canary-proxy-pa55")

PIPFILE = """\
[[source]]
name = "company"
url = "{url}"
verify_ssl = true

[packages]
hush = "*"
direct = {{file = "{direct}"}}
hushgit = {{git = "{git}", ref = "main"}}
"""
REQUIREMENTS = "hush\ndirect @ {direct}\nhushgit @ git+{git}\nhushssh @ git+{ssh}\n"


def no_lock(app: Path, work: Path, layers: Path) -> None:
    """Leave it: requirements have no lock."""


WAYS = {
    "uv-pip": ("requirements.txt", REQUIREMENTS, no_lock),
    "pip": ("requirements.txt", REQUIREMENTS, no_lock),
    "poetry": ("pyproject.toml", POETRY, lock_poetry),
    "pdm": ("pyproject.toml", PDM, lock_pdm),
    "uv": ("pyproject.toml", UV, lock_uv),
    "pipenv": ("Pipfile", PIPFILE, lock_pipenv),
}


@dataclass(frozen=True, slots=True)
class Network:
    """What a company has: an index, a server of files and repositories under another name, and a proxy."""

    index: PrivateIndex
    store: PrivateIndex
    proxy: Proxy
    authority: trustme.CA
    ssh: SshServer
    repository: Path
    """What it serves."""

    def declaration(self, template: str) -> str:
        """Return the app's own file: it knows addresses and no passwords."""
        direct = f"{self.store.origin}/files/direct-1.0-py3-none-any.whl"
        git = f"{self.store.origin}/hushgit.git"
        ssh = self.ssh.address(self.repository)
        needs = f'"hush", "direct @ {direct}", "hushgit @ git+{git}", "hushssh @ git+{ssh}"'
        return template.format(url=self.index.url, direct=direct, git=git, ssh=ssh, needs=needs)

    def write_bindings(self, folder: Path) -> Path:
        """Write a binding of each type that a login or trust comes from, and return their directory."""
        url = self.index.url
        write_binding(folder, "ca", "ca-certificates", company__pem=authority_pem(self.authority))
        write_binding(folder, "index", "pypi", url=url, username=DEPLOY.username, password=DEPLOY.password)
        netrc = f"machine localhost login {FILES.username} password {FILES.password}\n"
        write_binding(folder, "netrc", "netrc", __netrc=netrc)
        write_binding(folder, "git", "git-credentials", credentials=self.store.with_login(self.store.origin, GIT))
        write_binding(
            folder, "ssh", "git-ssh", known_hosts=self.ssh.known_hosts, **{"ssh-privatekey": self.ssh.private_key}
        )
        return folder


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def network(tmp_path: Path, authority: trustme.CA) -> Iterator[Network]:
    for name in ("hush", "direct"):
        write_wheel(tmp_path / name, name)
    write_git_repository(tmp_path / "repository", tmp_path / "direct" / "hushgit.git")
    repository = tmp_path / "hushssh.git"
    write_git_repository(tmp_path / "other", repository, "hushssh")
    with (
        running_ssh_server(tmp_path / "ssh") as ssh,
        running_index(tmp_path / "hush", DEPLOY, public=index_url(), authority=authority) as index,
        running_index(tmp_path / "direct", FILES, GIT, authority=authority, host="localhost") as store,
        running_proxy(PROXY) as proxy,
    ):
        yield Network(index, store, proxy, authority, ssh, repository)


@pytest.mark.network
@pytest.mark.usefixtures("developer")
@pytest.mark.parametrize("way", WAYS)
def test_an_app_is_built_from_a_closed_network(tmp_path: Path, attempt: Attempt, network: Network, way: str) -> None:
    """Whichever tool installs: each login of each binding opens its own door, by way of the proxy, and none is shown.

    And whichever tool installs, the bills of materials list what there is.
    """
    file, template, lock = WAYS[way]
    hook = "#!/bin/sh\necho a hook knows ${GIT_SSH_COMMAND:-no key}\n"
    files = {file: network.declaration(template), "Procfile": "web: python -m hush\n", "bin/post_compile": hook}
    app = write_app(tmp_path / "app", files)
    lock(app, tmp_path / "developer", tmp_path / "developer-layers")
    network.index.visitors.clear()
    network.store.visitors.clear()
    env = {"HTTPS_PROXY": network.proxy.url, **({"BP_PYTHON_INSTALLER": way} if way == "pip" else {})}
    result = built(attempt(app, env, bindings=network.write_bindings(tmp_path / "bindings")))
    assert ("deploy", "hush-1.0-py3-none-any.whl") in network.index.visitors
    assert ("files", "direct-1.0-py3-none-any.whl") in network.store.visitors
    assert ("git-reader", "refs") in network.store.visitors
    doors = {f"CONNECT 127.0.0.1:{network.index.port}", f"CONNECT localhost:{network.store.port}"}
    assert doors <= set(network.proxy.passed)
    # Pipenv's locks are installed by uv.
    assert "git hushssh.git" in network.ssh.served or way == "pipenv"
    assert "a hook knows no key" in one_line(result.log)
    assert "canary" not in result.log
    assert not list(files_with(tmp_path / "state", network.ssh.private_key.splitlines()[2]))
    check_bills(tmp_path / "state")


def files_with(folder: Path, text: str) -> Iterator[Path]:
    """Yield the files that contain a text."""
    for path in folder.rglob("*"):
        if path.is_file() and text.encode() in path.read_bytes():
            yield path


@pytest.mark.network
def test_ssh_without_a_key_and_with_another_server(tmp_path: Path, attempt: Attempt, network: Network) -> None:
    """The error names the binding; a server with a key that is not in known_hosts is never given the app's key."""
    app = write_app(
        tmp_path / "app", {"requirements.txt": f"hushssh @ git+{network.ssh.address(network.repository)}\n"}
    )
    log = failed(attempt(app, {"HOME": str(tmp_path)}))
    assert "error: git-access-denied" in log
    assert "a service binding of type git-ssh, with ssh-privatekey" in log
    assert "write git+https://" in log
    entries = {"known_hosts": f"[127.0.0.1]:{network.ssh.port} {(tmp_path / 'ssh/client.pub').read_text()}"}
    write_binding(tmp_path / "bindings", "ssh", "git-ssh", **{"ssh-privatekey": network.ssh.private_key}, **entries)
    log = failed(attempt(app, bindings=tmp_path / "bindings"))
    assert "binding ssh, git-ssh: a key for git over SSH" in log
    assert "whose server shows a key that the build does not know" in log
    assert network.ssh.served == []


@pytest.fixture
def developer(tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be somebody who can reach everything without a proxy, and locks."""
    netrc, bundle, git = tmp_path / "netrc", tmp_path / "bundle.pem", tmp_path / "git"
    machines = {"127.0.0.1": DEPLOY, "localhost": FILES}
    netrc.write_text("".join(f"machine {m} login {a.username} password {a.password}\n" for m, a in machines.items()))
    bundle.write_text(combine_certificates({}, [authority_pem(network.authority)]))
    git.write_text(f"{network.store.with_login(network.store.origin, GIT)}\n")
    variables = {
        "NETRC": str(netrc),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "credential.helper",
        "GIT_CONFIG_VALUE_0": f"store --file={git}",
        "POETRY_SYSTEM_GIT_CLIENT": "true",
        "GIT_SSH_COMMAND": f"ssh -F none -i {tmp_path / 'ssh/client'} -o StrictHostKeyChecking=no",
    }
    for name, value in {**trusting(str(bundle)), **variables}.items():
        monkeypatch.setenv(name, value)
