"""Downloads of Python itself in a closed network: through a proxy, from mirrors, by TLS with a private authority."""

import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from built_apps import built, failed
from devkit.interpreters import Source
from devkit.lifecycle.results import Built, Failed
from manager_context import write_app
from private_network import (
    Account,
    PrivateIndex,
    authority_pem,
    running_index,
    running_proxy,
    write_binding,
    write_wheel,
)

Attempt = Callable[..., Built | Failed]
ACCOUNT = Account("deploy", "canary-Net+work/pa55")
PROXY = Account("anna", "canary-proxy-pa55")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def store(tmp_path: Path, mirror: Source, authority: trustme.CA) -> Iterator[PrivateIndex]:
    """Serve an interpreter (as releases/20990101/<file>) and a package, by TLS and to one account only."""
    row = default_row(mirror)
    archive = mirror.inventory.parent / urlsplit(row["url"]).path
    folder = tmp_path / "files"
    (folder / "releases/20990101").mkdir(parents=True)
    shutil.copy(archive, folder / "releases/20990101" / archive.name)
    write_wheel(folder, "hush")
    with running_index(folder, ACCOUNT, authority=authority) as index:
        write_binding(tmp_path / "bindings", "ca", "ca-certificates", company__pem=authority_pem(authority))
        yield index


def default_row(mirror: Source) -> dict[str, str]:
    document = tomllib.loads(mirror.inventory.read_text(encoding="utf-8"))
    rows = [row for row in document["interpreters"] if row["version"].startswith(f"{document['default']}.")]
    return {key: str(value) for key, value in rows[-1].items()}


def inventory(mirror: Source, url: str) -> str:
    """Return an inventory.toml that says the default interpreter is at this URL."""
    row = default_row(mirror) | {"url": url}
    lines = "".join(f'{key} = "{value}"\n' for key, value in row.items())
    minor = ".".join(row["version"].split(".")[:2])
    return f'default = "{minor}"\n[[interpreters]]\n{lines}'


def test_python_comes_through_a_proxy_with_a_password_and_a_private_authority(
    tmp_path: Path, attempt: Attempt, mirror: Source, store: PrivateIndex
) -> None:
    """An inventory and a netrc by binding, a proxy by variable in lower case: Python and packages take that way."""
    name = Path(urlsplit(default_row(mirror)["url"]).path).name
    url = f"{store.origin}/files/releases/20990101/{name}"
    bindings = tmp_path / "bindings"
    write_binding(bindings, "inventory", "python-inventory", inventory__toml=inventory(mirror, url))
    write_binding(bindings, "index", "pypi", url=store.url, username=ACCOUNT.username, password=ACCOUNT.password)
    app = write_app(tmp_path / "app", {"requirements.txt": "hush\n", "Procfile": "web: python -m hush\n"})
    with running_proxy(PROXY) as proxy:
        env = {"BP_LOG_LEVEL": "DEBUG", "https_proxy": proxy.url, "BP_PYTHON_INVENTORY": ""}
        result = built(attempt(app, env, bindings=bindings))
        assert set(proxy.passed) == {f"CONNECT 127.0.0.1:{store.port}"}
    assert [path for path in store.served if "releases" in path]
    assert [path for path in store.served if "hush" in path]
    assert PROXY.password not in result.log
    assert ACCOUNT.password not in result.log


def test_no_proxy_is_respected_and_mirrors_are_exclusive(
    tmp_path: Path, attempt: Attempt, mirror: Source, store: PrivateIndex
) -> None:
    """A mapping by digest has precedence over a mirror of the host; neither uses a proxy that NO_PROXY excepts."""
    row = default_row(mirror)
    name = Path(urlsplit(row["url"]).path).name
    bindings = tmp_path / "bindings"
    login = f"{ACCOUNT.username}:canary-Net%2Bwork%2Fpa55"
    base = store.origin.replace("://", f"://{login}@")
    write_binding(
        bindings,
        "inventory",
        "python-inventory",
        inventory__toml=inventory(mirror, f"https://up.invalid/releases/20990101/{name}"),
    )
    app = write_app(tmp_path / "app", {"Procfile": "web: python\n", "runtime.txt": "python-3.13\n"})
    with running_proxy() as proxy:
        env = {"HTTPS_PROXY": proxy.url, "NO_PROXY": "127.0.0.1", "BP_PYTHON_INVENTORY": ""}
        by_host = {**env, "BP_DEPENDENCY_MIRROR_UP_INVALID": f"{base}/files"}
        result = built(attempt(app, by_host, bindings=bindings))
        assert store.served == [f"/files/releases/20990101/{name}"]
        assert "canary" not in result.log
        shutil.rmtree(tmp_path / "state")
        write_binding(bindings, "map", "dependency-mapping", **{row["sha256"]: f"{base}/files/releases/none.tar.gz"})
        log = failed(attempt(app, by_host, bindings=bindings))
        assert "error: download-not-found" in log
        assert "/files/releases/none.tar.gz" in log
        assert "canary" not in log
        assert proxy.passed == []
