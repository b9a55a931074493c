"""Apps whose packages are in a closed network: behind passwords, TLS by a private CA, and a proxy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from bills import check_bills
from built_apps import built
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
REQUIREMENTS = "hush\ndirect @ {direct}\nhushgit @ git+{git}\n"


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

    def declaration(self, template: str) -> str:
        """Return the app's own file: it knows addresses and no passwords."""
        direct = f"{self.store.origin}/files/direct-1.0-py3-none-any.whl"
        git = f"{self.store.origin}/hushgit.git"
        needs = f'"hush", "direct @ {direct}", "hushgit @ git+{git}"'
        return template.format(url=self.index.url, direct=direct, git=git, needs=needs)

    def write_bindings(self, folder: Path) -> Path:
        """Write a binding of each type that a login or trust comes from, and return their directory."""
        url = self.index.url
        write_binding(folder, "ca", "ca-certificates", company__pem=authority_pem(self.authority))
        write_binding(folder, "index", "pypi", url=url, username=DEPLOY.username, password=DEPLOY.password)
        netrc = f"machine localhost login {FILES.username} password {FILES.password}\n"
        write_binding(folder, "netrc", "netrc", __netrc=netrc)
        write_binding(folder, "git", "git-credentials", credentials=self.store.with_login(self.store.origin, GIT))
        return folder


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def network(tmp_path: Path, authority: trustme.CA) -> Iterator[Network]:
    for name in ("hush", "direct"):
        write_wheel(tmp_path / name, name)
    write_git_repository(tmp_path / "repository", tmp_path / "direct" / "hushgit.git")
    with (
        running_index(tmp_path / "hush", DEPLOY, public=index_url(), authority=authority) as index,
        running_index(tmp_path / "direct", FILES, GIT, authority=authority, host="localhost") as store,
        running_proxy(PROXY) as proxy,
    ):
        yield Network(index, store, proxy, authority)


@pytest.mark.network
@pytest.mark.usefixtures("developer")
@pytest.mark.parametrize("way", WAYS)
def test_an_app_is_built_from_a_closed_network(tmp_path: Path, attempt: Attempt, network: Network, way: str) -> None:
    """Whichever tool installs: each login of each binding opens its own door, by way of the proxy, and none is shown.

    And whichever tool installs, the bills of materials list what there is.
    """
    file, template, lock = WAYS[way]
    app = write_app(tmp_path / "app", {file: network.declaration(template), "Procfile": "web: python -m hush\n"})
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
    assert "canary" not in result.log
    check_bills(tmp_path / "state")


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
    }
    for name, value in {**trusting(str(bundle)), **variables}.items():
        monkeypatch.setenv(name, value)
