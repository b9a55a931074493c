"""Apps whose packages are in a private index: behind a password, TLS by a private CA, and a proxy."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from built_apps import built
from devkit.lifecycle.results import Built, Failed
from manager_bench import index_url, lock_pdm, lock_pipenv, lock_poetry, lock_uv, write_app
from private_network import Account, Index, authority_pem, running_index, write_binding, write_wheel
from python_buildpack.trust import combine_certificates, trusting

Attempt = Callable[..., Built | Failed]
ACCOUNT = Account("deploy", "canary-Index/pa55")
PROCFILE = "web: python -m hush\n"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def index(tmp_path: Path, authority: trustme.CA) -> Iterator[Index]:
    write_wheel(tmp_path / "wheels", "hush")
    with running_index(tmp_path / "wheels", ACCOUNT, public=index_url(), authority=authority) as running:
        yield running


@pytest.fixture
def bindings(tmp_path: Path, authority: trustme.CA, index: Index) -> Path:
    """Return the bindings of somebody whose company has its own index and its own certificate authority."""
    folder = tmp_path / "bindings"
    write_binding(folder, "ca", "ca-certificates", company__pem=authority_pem(authority))
    write_binding(folder, "index", "pypi", url=index.url, username=ACCOUNT.username, password=ACCOUNT.password)
    return folder


@pytest.mark.network
@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_requirements_come_from_a_bound_index(
    tmp_path: Path, attempt: Attempt, index: Index, bindings: Path, installer: str
) -> None:
    """One binding, and uv as well as pip enter with its account and trust the company's authority."""
    app = write_app(tmp_path / "app", {"requirements.txt": "hush\n", "Procfile": PROCFILE})
    result = built(attempt(app, {"BP_PYTHON_INSTALLER": installer}, bindings=bindings))
    assert any("/files/hush" in path for path in index.served)
    assert ACCOUNT.password not in result.log


POETRY = """\
[project]
name = "app"
version = "1"
requires-python = ">=3.11"
dependencies = ["hush"]

[tool.poetry]
package-mode = false

[[tool.poetry.source]]
name = "company"
url = "{url}"
"""
UV = """\
[project]
name = "app"
version = "1"
requires-python = ">=3.11"
dependencies = ["hush"]

[[tool.uv.index]]
name = "company"
url = "{url}"
default = true
"""
PDM = """\
[project]
name = "app"
version = "1"
requires-python = ">=3.11"
dependencies = ["hush"]

[tool.pdm]
distribution = false

[[tool.pdm.source]]
name = "pypi"
url = "{url}"
"""
PIPFILE = """\
[[source]]
name = "company"
url = "{url}"
verify_ssl = true

[packages]
hush = "*"
"""
LOCKED = {
    "poetry": ("pyproject.toml", POETRY, lock_poetry),
    "pdm": ("pyproject.toml", PDM, lock_pdm),
    "uv": ("pyproject.toml", UV, lock_uv),
    "pipenv": ("Pipfile", PIPFILE, lock_pipenv),
}


@pytest.mark.network
@pytest.mark.usefixtures("developer")
@pytest.mark.parametrize("manager", LOCKED)
def test_locked_apps_come_from_a_bound_index(
    tmp_path: Path, attempt: Attempt, index: Index, bindings: Path, manager: str
) -> None:
    """The lock says where the packages are, and the binding how to enter, whichever tool installs."""
    file, text, lock = LOCKED[manager]
    app = write_app(tmp_path / "app", {file: text.format(url=index.url), "Procfile": PROCFILE})
    lock(app, tmp_path / "developer", tmp_path / "developer-layers")
    index.served.clear()
    result = built(attempt(app, bindings=bindings))
    assert any("/files/hush" in path for path in index.served)
    assert ACCOUNT.password not in result.log


@pytest.fixture
def developer(tmp_path: Path, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be somebody who can reach the index, and locks."""
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login {ACCOUNT.username} password {ACCOUNT.password}\n")
    monkeypatch.setenv("NETRC", str(netrc))
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(combine_certificates({}, [authority_pem(authority)]))
    for name, value in trusting(str(bundle)).items():
        monkeypatch.setenv(name, value)
