"""What each type of binding adds, and what is said of those that are wrong."""

import shutil
import subprocess
from pathlib import Path

import pytest
import trustme

from cnb.platform import read_platform
from private_network import authority_pem, write_binding
from python_buildpack.platform.bindings.apply import applied_bindings, for_app_code
from python_buildpack.platform.bindings.interface import BindingInvalid, PackageIndex
from python_buildpack.platform.bindings.read import Found, read_bindings
from python_buildpack.ports.fetching.mirrored import Mirrors
from python_buildpack.ports.interfaces import Download
from python_buildpack.secrets.netrc import Login, parse_netrc, write_netrc
from random_stops import stopped
from ssh_server import write_key

SHA = "ab" * 32
PEM = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
LOCKED = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAA\n-----END RSA PRIVATE KEY-----\n"
HOST = "git.company ssh-ed25519 AAAA"
NEEDS_SSH = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen on PATH")


def read(folder: Path) -> tuple[Found, ...]:
    return read_bindings(read_platform(folder, {}).bindings)


def bind(folder: Path, name: str, kind: str, **entries: str) -> None:
    write_binding(folder / "platform" / "bindings", name, kind, **entries)


def environment(folder: Path, env: dict[str, str]) -> dict[str, str]:
    """Return what the bindings add to ``env``, with files replaced by what is in them."""
    # This machine's own /etc/pip.conf is no part of the claims.
    env = {"PIP_CONFIG_FILE": "/dev/null", **env}
    found = read(folder / "platform")
    layers = folder / "layers"
    layers.mkdir(exist_ok=True)
    with applied_bindings(found, env, layers) as (whole, _):
        added = {name: value for name, value in whole.items() if env.get(name) != value}
        contents = {
            name: Path(value).read_text() if value.startswith(str(layers)) else value for name, value in added.items()
        }
        assert all(path.stat().st_mode & 0o077 == 0 for path in (layers / "private").rglob("*"))
    assert list(layers.iterdir()) == []
    return contents


@pytest.mark.parametrize(
    ("kind", "entries", "entry"),
    [
        ("pypi", {"username": "me"}, "url"),
        ("pypi", {"url": "pypi.company"}, "url"),
        ("pypi", {"url": "https://pypi.company", "password": "sEcret"}, "username"),
        ("pypi", {"url": "https://pypi.company", "username": "sEcret"}, "password"),
        ("pypi", {"url": "https://pypi.company", "extra": "sEcret"}, "extra"),
        ("pypi", {"url": "https://pypi.company", "order": "sEcret"}, "order"),
        ("pypi", {"url": "https://pypi.company", "order": "alone", "extra": "true"}, "order"),
        ("pip-config", {}, "pip.conf"),
        ("pip-config", {"pip__conf": "sEcret without a section"}, "pip.conf"),
        ("netrc", {"netrc": "machine a login b password c"}, ".netrc"),
        ("netrc", {"__netrc": "password sEcret"}, ".netrc"),
        ("git-ssh", {"known_hosts": HOST}, "ssh-privatekey"),
        ("git-ssh", {"ssh-privatekey": "ssh-ed25519 sEcret me", "known_hosts": HOST}, "ssh-privatekey"),
        ("git-ssh", {"ssh-privatekey": LOCKED, "known_hosts": HOST}, "ssh-privatekey"),
        ("git-ssh", {"ssh-privatekey": PEM}, "known_hosts"),
        ("git-ssh", {"ssh-privatekey": PEM, "known_hosts": "# sEcret\ngit.company\n"}, "known_hosts"),
        ("netrc", {"__netrc": "machine a login me password"}, ".netrc"),
        ("ca-certificates", {}, "*.pem"),
        ("ca-certificates", {"a__pem": "sEcret"}, "a.pem"),
        ("ca-certificates", {"a__pem": "-----BEGIN PRIVATE KEY-----\nsEcret"}, "a.pem"),
        ("git-credentials", {"credentials": "sEcret"}, "credentials"),
        ("git-credentials", {"credentials": "https://sEcret@git.company"}, "credentials"),
        ("git-credentials", {"credentials": "username=me\npassword=sEcret"}, "credentials"),
        ("dependency-mapping", {"notadigest": "https://a.company/sEcret"}, "notadigest"),
        ("dependency-mapping", {SHA: "sEcret"}, SHA),
        ("dependency-mirror", {"default": "sEcret"}, "default"),
        ("python-inventory", {"list__toml": "sEcret"}, "inventory.toml"),
        ("python-inventory", {"inventory__toml": " "}, "inventory.toml"),
    ],
)
def test_a_wrong_binding_is_named_with_its_entry_and_without_its_value(
    tmp_path: Path, kind: str, entries: dict[str, str], entry: str
) -> None:
    """Whoever wrote it finds the place; whoever reads the log learns nothing."""
    bind(tmp_path, "mine", kind, **entries)
    with pytest.raises(BindingInvalid) as caught:
        read(tmp_path / "platform")
    assert f"The binding mine is of type {kind}, but its entry {entry} " in caught.value.what
    assert "sEcret" not in f"{caught.value.what} {caught.value.cure}"


def test_unknown_entries_are_warned_of_and_unknown_types_are_left_alone(tmp_path: Path) -> None:
    """A misspelt entry does nothing, which has to be said; a database's binding is none of our business."""
    bind(tmp_path, "index", "PyPI", url="https://pypi.company/simple", user="me")
    bind(tmp_path, "database", "postgresql", password="x")  # noqa: S106 - it opens nothing
    (found,) = read(tmp_path / "platform")
    assert found.summary == "binding index, pypi: the package index https://pypi.company/simple"
    assert [notice.text for notice in found.notices] == [
        "The binding index is of type pypi, which has the entries extra, order, password, url, username. "
        "Not read: user."
    ]


def test_credentials_in_an_index_url_become_a_login(tmp_path: Path) -> None:
    """The URL is shown and handed on without them."""
    bind(tmp_path, "index", "pypi", url="https://me:a%2Fb@pypi.company:8443/simple/?x=1")
    (found,) = read(tmp_path / "platform")
    login = Login("pypi.company", "me", "a/b", 8443)
    assert found.additions == (PackageIndex("https://pypi.company:8443/simple/?x=1", login, is_extra=False),)


def test_several_indexes(tmp_path: Path) -> None:
    """The first replaces the public index, all others are added; two logins for one host are kept apart by the URL."""
    bind(tmp_path, "a", "pypi", url="https://x.company/one", username="one", password="p1")  # noqa: S106 - it opens nothing
    bind(tmp_path, "b", "pypi", url="https://x.company/two", username="two", password="p/2")  # noqa: S106 - it opens nothing
    bind(tmp_path, "c", "pypi", url="https://y.company/three", extra="true")
    assert environment(tmp_path, {"PIP_EXTRA_INDEX_URL": "https://z.company"}) == {
        "PIP_INDEX_URL": "https://one:p1@x.company/one",
        "PIP_EXTRA_INDEX_URL": "https://z.company https://two:p%2F2@x.company/two https://y.company/three",
        "NETRC": "machine x.company login one password p1\n",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "credential.helper",
        "GIT_CONFIG_VALUE_0": helper(tmp_path),
        "GIT_TERMINAL_PROMPT": "0",
        "POETRY_SYSTEM_GIT_CLIENT": "true",
    }


def test_an_index_that_is_searched_first(tmp_path: Path) -> None:
    """It is an extra one, before those of variables, and what it has is not looked for elsewhere."""
    bind(tmp_path, "a", "pypi", url="https://x.company/one", order="first")
    assert environment(tmp_path, {"PIP_EXTRA_INDEX_URL": "https://z.company"}) == {
        "PIP_EXTRA_INDEX_URL": "https://x.company/one https://z.company",
        "UV_INDEX_STRATEGY": "first-index",
    }


def test_an_index_that_is_the_only_one(tmp_path: Path) -> None:
    """Neither variables nor other bindings add one."""
    bind(tmp_path, "a", "pypi", url="https://x.company/one", order="alone")
    bind(tmp_path, "b", "pypi", url="https://y.company/two", extra="true")
    given = {
        "PIP_EXTRA_INDEX_URL": "https://z.company",
        "UV_DEFAULT_INDEX": "https://z.company",
        "UV_INDEX": "https://q",
    }
    added = environment(tmp_path, given)
    assert added["PIP_INDEX_URL"] == "https://x.company/one"
    assert {name for name in (*given, "UV_INDEX_URL") if added.get(name)} == set()


def helper(folder: Path) -> str:
    path = folder / "layers/private/git-credentials"
    return f'!f() {{ test "$1" != get || git credential-store --file={path} get; }}; f'


@pytest.mark.parametrize("chosen", ["PIP_INDEX_URL", "UV_DEFAULT_INDEX"])
def test_the_users_own_variable_goes_before_a_binding(tmp_path: Path, chosen: str) -> None:
    """Then the binding gives the login only."""
    bind(tmp_path, "a", "pypi", url="https://x.company/one", username="one", password="p1")  # noqa: S106 - it opens nothing
    added = environment(tmp_path, {chosen: "https://x.company/other"})
    assert "PIP_INDEX_URL" not in added
    assert added["NETRC"] == "machine x.company login one password p1\n"


def test_logins_of_all_tools_variables_are_there_for_every_tool(tmp_path: Path) -> None:
    """What is set for uv or Poetry serves pip as well, and the user's own netrc is still read."""
    (tmp_path / ".netrc").write_text("machine home.company login h password ph\n")
    added = environment(
        tmp_path,
        {
            "HOME": str(tmp_path),
            "UV_INDEX": "my-index=https://uv.company/simple",
            "UV_INDEX_MY_INDEX_USERNAME": "u",
            "UV_INDEX_MY_INDEX_PASSWORD": "pu",
            "POETRY_REPOSITORIES_CORP_URL": "https://poetry.company/simple",
            "POETRY_HTTP_BASIC_CORP_USERNAME": "p",
            "POETRY_HTTP_BASIC_CORP_PASSWORD": "pp",
            "PIP_EXTRA_INDEX_URL": "https://i:p%20i@pip.company/simple",
        },
    )
    assert added["NETRC"] == (
        "machine home.company login h password ph\n"
        'machine pip.company login i password "p i"\n'
        "machine poetry.company login p password pp\n"
        "machine uv.company login u password pu\n"
    )


def test_certificates_are_added_to_what_is_trusted_anyway(tmp_path: Path) -> None:
    """Every tool gets one list: the system's, or the user's own, and the binding's."""
    authority = trustme.CA()
    bind(tmp_path, "ca", "ca-certificates", one=authority_pem(authority))
    own = tmp_path / "own.pem"
    own.write_text("# own\n")
    added = environment(tmp_path, {"SSL_CERT_FILE": str(own)})
    assert set(added.values()) == {f"# own\n{authority_pem(authority)}"}
    assert added.keys() >= {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE"}


def test_proxies_are_set_in_both_cases(tmp_path: Path) -> None:
    """Programs like curl and git read http_proxy in lower case only, some tools the other one only."""
    (tmp_path / "platform").mkdir()
    added = environment(tmp_path, {"HTTP_PROXY": "http://p", "no_proxy": "a"})
    assert added == {"http_proxy": "http://p", "NO_PROXY": "a"}


def test_what_a_pip_conf_says_about_the_network_is_told_to_every_tool(tmp_path: Path) -> None:
    """Tools like uv and git do not read the file; what the user's variables say has precedence over it."""
    own = tmp_path / "own.pem"
    own.write_text("# own\n")
    text = f"[global]\nproxy = http://p:1\ncert = {own}\nindex-url = https://me:pw@x.company/simple\n"
    bind(tmp_path, "pip", "pip-config", pip__conf=text)
    added = environment(tmp_path, {"PIP_CONFIG_FILE": ""})
    assert (added["HTTPS_PROXY"], added["http_proxy"]) == ("http://p:1", "http://p:1")
    assert added["PIP_CERT"] == str(own)
    assert added["PIP_CONFIG_FILE"].endswith("/bindings/pip/pip.conf")
    assert added["NETRC"] == "machine x.company login me password pw\n"
    assert "NETRC" not in environment(tmp_path, {"https_proxy": "http://q", "PIP_CONFIG_FILE": "/dev/null"})


def test_nothing_is_added_where_nothing_is_given(tmp_path: Path) -> None:
    """The usual build sees no difference, and no directory is made."""
    (tmp_path / "platform").mkdir()
    assert environment(tmp_path, {"HOME": "/home/x"}) == {}


def test_git_credentials_in_both_formats(tmp_path: Path) -> None:
    """The helper of git itself helper is asked, and writes nothing."""
    bind(tmp_path, "a", "git-credentials", credentials="https://me:p%2F1@git.company\n")
    bind(tmp_path, "b", "git-credentials", credentials="url=https://b.company/x\nusername=you\npassword=p/2\n")
    found = read(tmp_path / "platform")
    (tmp_path / "layers").mkdir()
    with applied_bindings(found, {"GIT_CONFIG_COUNT": "1"}, tmp_path / "layers") as (env, _):
        path = tmp_path / "layers/private/git-credentials"
        assert path.read_text() == "https://me:p%2F1@git.company\nhttps://you:p%2F2@b.company/x\n"
        assert env["GIT_CONFIG_COUNT"] == "2"
        assert env["GIT_CONFIG_KEY_1"] == "credential.helper"


# It may come between the opening of a file and the block that closes it.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_stop_at_any_moment_leaves_no_secret(tmp_path: Path) -> None:
    """What was written for the build is gone, also when SIGTERM came while it was being written or removed."""
    bind(tmp_path, "a", "netrc", __netrc="machine a login me password sEcret")
    bind(tmp_path, "b", "git-credentials", credentials="url=https://b.company/x\nusername=you\npassword=p/2\n")
    found, layers = read(tmp_path / "platform"), tmp_path / "layers"
    layers.mkdir()
    env = {"PIP_CONFIG_FILE": "/dev/null"}

    def apply() -> None:
        with applied_bindings(found, env, layers):
            pass

    for number in stopped(apply, apply, 200):
        assert list(layers.iterdir()) == [], number


def test_netrc_is_read_and_written_as_the_tools_do() -> None:
    """Comments, macros, quotes, several words to a line, default at the end."""
    text = (
        '# all\nmachine a login me password "x \\"y"\nmacdef init\ncd /\n\n'
        "machine b\n  login you\tpassword z account q\ndefault login any password w\n"
    )
    logins = (Login("a", "me", 'x "y'), Login("b", "you", "z"), Login("default", "any", "w"))
    assert parse_netrc(text) == logins
    assert parse_netrc(write_netrc(logins[::-1])) == logins


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://a.company/x/y?z=1", "https://m.company/base/x/y?z=1"),
        ("https://other.company/x", "https://all.company/other.company/x"),
        ("file:///x", "file:///x"),
    ],
)
def test_mirrors_keep_the_path(url: str, place: str) -> None:
    """A host's own mirror has precedence over the default one, whose {originalHost} is the host."""
    hosts = {"a.company": "https://m.company/base/", "default": "https://all.company/{originalHost}"}
    assert Mirrors(hosts=hosts).address(url) == place


def test_a_file_that_is_mapped_is_had_from_there_only() -> None:
    """By digest, in whichever case it is written."""
    mirrors = Mirrors({SHA: "https://m.company/f"}, {"default": "https://all.company"})
    assert mirrors.place(Download(("https://a/1", "https://a/2"), SHA.upper())).urls == ("https://m.company/f",)
    assert mirrors.place(Download(("https://a/1", "https://b/1"), "0" * 64)).urls == ("https://all.company/1",)


@NEEDS_SSH
def test_a_key_for_git_over_ssh(tmp_path: Path) -> None:
    """Ssh gets the key as it reads keys, of one or several bindings, and no other key, server or question."""
    for name in ("a", "b"):
        key = PEM.replace("AAAA", name).replace("\n", "\r\n").strip()
        bind(tmp_path, name, "git-ssh", known_hosts=f"{name}.company ssh-ed25519 AAAA", **{"ssh-privatekey": key})
    layers = tmp_path / "layers"
    layers.mkdir()
    with applied_bindings(read(tmp_path / "platform"), {"PIP_CONFIG_FILE": "/dev/null"}, layers) as (env, _):
        private = layers / "private"
        assert env["GIT_SSH_COMMAND"] == f"ssh -F {private}/ssh_config"
        assert (private / "ssh-key-0").read_text() == PEM.replace("AAAA", "a")
        assert (private / "known_hosts").read_text().count(" ssh-ed25519 AAAA\n") == 2
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in private.iterdir())
        asked = ["ssh", "-G", "-F", str(private / "ssh_config"), "a.company"]
        said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
        assert {"stricthostkeychecking true", "batchmode yes", "identitiesonly yes"} <= set(said)
        assert [line for line in said if line.startswith("identityfile")] == [
            f"identityfile {private}/ssh-key-{number}" for number in (0, 1)
        ]
        assert "GIT_SSH_COMMAND" not in for_app_code(env, layers)
        assert for_app_code({"GIT_SSH_COMMAND": "ssh -v"}, layers) == {"GIT_SSH_COMMAND": "ssh -v"}
    assert list(layers.iterdir()) == []


@NEEDS_SSH
def test_a_key_with_a_passphrase_is_refused(tmp_path: Path) -> None:
    """In OpenSSH's own format that can be seen only inside."""
    for name, word in (("plain", ""), ("locked", "sEcret")):
        write_key(tmp_path / name, word)
        bind(tmp_path / name[0], name, "git-ssh", known_hosts=HOST, **{"ssh-privatekey": (tmp_path / name).read_text()})
    assert read(tmp_path / "p" / "platform")
    with pytest.raises(BindingInvalid, match="passphrase"):
        read(tmp_path / "l" / "platform")


def test_the_users_own_way_to_use_ssh_has_precedence(tmp_path: Path) -> None:
    """As all variables have over bindings."""
    bind(tmp_path, "a", "git-ssh", known_hosts=HOST, **{"ssh-privatekey": PEM})
    for name in ("GIT_SSH_COMMAND", "GIT_SSH"):
        assert "GIT_SSH_COMMAND" not in environment(tmp_path, {name: "mine"})
