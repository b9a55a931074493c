"""Canaries in every place where a build is given secrets, and a search of every byte that comes out of it."""

import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

import pytest
import trustme

from built_apps import built, failed
from canaries import CANARIES, PLACES, songs
from cnb.context import BuildContext, read_build_context
from cnb.errors import BuildpackError
from collector import collecting
from company_projects import PDM, POETRY, UV
from devkit.interpreters import Source
from devkit.lifecycle import launch
from devkit.lifecycle.results import Built, Failed
from manager_context import CHECKOUT, index_url, lock_pdm, lock_pipenv, lock_poetry, lock_uv, write_app
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
from python_buildpack.platform.build_environment import build_environment
from python_buildpack.ports.certificates import combine_certificates, trusting
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command, Reporter
from python_buildpack.ports.reporter import TextReporter
from python_buildpack.telemetry.observe import observed
from tiny_index import Distribution, add_to_index

Attempt = Callable[..., Built | Failed]

ACCOUNTS = {place: Account(f"user-{place}", canary) for place, canary in CANARIES.items()}
SOURCE = {
    "SOURCE_LOGIN": f"user-source:{quote(CANARIES['source'], safe='')}",
    "SOURCE_USER": "user-source",
    "SOURCE_PASS": CANARIES["source"],
}
"""PDM puts variables into a URL as they are, Pipenv encodes them."""
PEM = f"-----BEGIN PRIVATE KEY-----\n{CANARIES['private-key']}\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n"

TALKATIVE = """\
import base64, json, os, pathlib, sys, urllib.parse
files = [*pathlib.Path(os.environ["CNB_PLATFORM_DIR"]).glob("bindings/*/*")]
files += [path for path in pathlib.Path(os.environ["NETRC"]).parent.iterdir() if path.suffix != ".pem"]
files += [path for path in map(pathlib.Path, ("requirements.txt", "uv.toml", ".env", "pip.conf")) if path.exists()]
files += pathlib.Path(os.environ["PDM_CONFIG_FILE"]).parent.rglob("*.toml")
files += pathlib.Path(os.environ["HOME"], ".config").rglob("auth.toml")
files += [pathlib.Path(os.environ[name]) for name in ("PIP_CONFIG_FILE", "UV_CONFIG_FILE") if name in os.environ]
texts = [*os.environ.values(), *(path.read_bytes().decode(errors="replace") for path in files)]
if os.path.exists("notes.txt"):
    note = pathlib.Path("notes.txt").read_text()
    quoted = urllib.parse.quote(note, safe="")
    print(f"https://me:{quoted}@host/x?a=1&access_token={quoted} Authorization: Bearer {note}")
for text in texts:
    for stream in (sys.stdout, sys.stderr):
        print("said:", text, urllib.parse.quote(text), urllib.parse.quote(text, safe=""), repr(text), file=stream)
        print("json:", json.dumps(text), urllib.parse.unquote(text), file=stream)
        print("so that the line is cut:", "x " * 35, text, file=stream)
    for word in text.replace("://", " ").replace("@", " ").split():
        print("Authorization: Basic", base64.b64encode(urllib.parse.unquote(word).encode()).decode())
        print(base64.b64encode(b"user:" + urllib.parse.unquote(word).encode()).decode())
        sys.stdout.flush()
        sys.stdout.write(word[:7]); sys.stdout.flush()
        sys.stdout.write(word[7:] + "\\n"); sys.stdout.flush()
"""


def search(state: Path, app: Path, log: str) -> list[str]:
    """Return all places in the output, the image and the cache where a canary sings.

    Left out is what was given to the build: the platform's directory, and the app's own files.
    """
    found = list(songs("log", log.encode()))
    given = {path.relative_to(app) for path in app.rglob("*") if path.is_file()}
    for path in sorted(state.rglob("*")):
        if not path.is_file() or path.is_symlink():
            continue
        if path.is_relative_to(state / "platform") or is_given(path.relative_to(state), given):
            continue
        found += songs(str(path.relative_to(state)), path.read_bytes())
    return found


def is_given(path: Path, given: set[Path]) -> bool:
    """Say whether this is a file of the app, in the working directory or in the image that is kept aside."""
    parts = path.parts[1:] if path.parts[0] == "workspace" else path.parts[2:]
    in_app = path.parts[0] == "workspace" or (path.parts[0] == "contents" and path.parts[1].startswith("workspace"))
    return in_app and Path(*parts) in given


@dataclass(frozen=True, slots=True)
class Company:
    """An internal network, and what somebody in it gives to a build."""

    index: PrivateIndex
    proxy: Proxy
    bindings: Path
    env: dict[str, str]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def company(tmp_path: Path, authority: trustme.CA) -> Iterator[Company]:
    files = tmp_path / "files"
    for name in ("hush", "direct"):
        write_wheel(files, name)
    write_git_repository(tmp_path / "repository", files / "hushgit.git")
    accounts = tuple(ACCOUNTS.values())
    with (
        running_index(files, *accounts, public=index_url(), authority=authority) as index,
        running_proxy(ACCOUNTS["proxy"]) as proxy,
    ):
        bindings = tmp_path / "bindings"
        write_bindings(bindings, index, authority)
        yield Company(index, proxy, bindings, variables(index, proxy))


def write_bindings(folder: Path, index: PrivateIndex, authority: trustme.CA) -> None:
    bound, git = ACCOUNTS["bound-index"], ACCOUNTS["bound-git"]
    write_binding(folder, "ca", "ca-certificates", company__pem=authority_pem(authority))
    write_binding(folder, "index", "pypi", url=index.url, username=bound.username, password=bound.password)
    netrc = f"machine elsewhere.invalid login me password {CANARIES['bound-netrc']}\n"
    write_binding(folder, "netrc", "netrc", __netrc=netrc)
    find_links = index.with_login(f"{index.origin}/simple/hush/", ACCOUNTS["bound-pip-conf"])
    write_binding(folder, "pip", "pip-config", pip__conf=f"[global]\nfind-links = {find_links}\n")
    write_binding(folder, "git", "git-credentials", credentials=index.with_login(index.origin, git))
    mirror = index.with_login("https://mirror.invalid", ACCOUNTS["bound-mirror"])
    write_binding(folder, "mirror", "dependency-mirror", other__invalid=mirror)
    write_binding(folder, "database", "postgresql", password=CANARIES["bound-unknown"], host="db")
    key = json.dumps({"type": "service_account", "inner": [{"private_key_token": CANARIES["cloud-key"]}]})
    write_binding(folder, "cloud", "gcp", key__json=key)


def variables(index: PrivateIndex, proxy: Proxy) -> dict[str, str]:
    return {
        "PIP_EXTRA_INDEX_URL": index.with_login(index.url, ACCOUNTS["extra-index"]),
        "UV_INDEX": f"other={index.url}",
        "UV_INDEX_OTHER_USERNAME": "user-uv-index",
        "UV_INDEX_OTHER_PASSWORD": CANARIES["uv-index"],
        "POETRY_HTTP_BASIC_COMPANY_USERNAME": "user-poetry",
        "POETRY_HTTP_BASIC_COMPANY_PASSWORD": CANARIES["poetry"],
        "HTTPS_PROXY": proxy.url.replace(CANARIES["proxy"], quote(CANARIES["proxy"], safe="")),
        "SOME_API_TOKEN": CANARIES["token"],
        "DATABASE_URL": f"postgres://me:{quote(CANARIES['database'], safe='')}@db/app",
        "SIGNING_KEY": PEM,
        "SIGNING_PASSPHRASE": CANARIES["passphrase"],
        **SOURCE,
        "OTEL_EXPORTER_OTLP_HEADERS": f"api-key={CANARIES['telemetry']}",
        "OTEL_RESOURCE_ATTRIBUTES": "team=builds",
        "REGISTRY_LOGIN": f"me:{CANARIES['login']}",
        "REQUIREMENT_LOGIN": f"user-requirement:{quote(CANARIES['requirement'], safe='')}",
    }


def write_settings(folder: Path, index: PrivateIndex) -> dict[str, str]:
    """Write the files that tools can be pointed at, outside of the app, and return the variables that do so."""
    login = f"username = 'me'\npassword = '{CANARIES['poetry-auth']}'\n"
    files = {
        "pip.conf": f"[global]\nfind-links = {index.with_login(f'{index.origin}/simple/hush/', named('pip'))}\n",
        "uv.toml": f"find-links = ['{index.with_login(f'{index.origin}/simple/hush/', named('uv'))}']\n",
        "poetry/auth.toml": f"[http-basic.elsewhere]\n{login}",
        "pdm.toml": f"[pypi.elsewhere]\nusername = 'me'\npassword = '{CANARIES['named-pdm-file']}'\n",
        "uv/credentials.toml": f"[[credential]]\nservice = 'a.invalid'\npassword = '{CANARIES['uv-login']}'\n",
    }
    write_app(folder, files)
    return {
        "PIP_CONFIG_FILE": str(folder / "pip.conf"),
        "UV_CONFIG_FILE": str(folder / "uv.toml"),
        "POETRY_CONFIG_DIR": str(folder / "poetry"),
        "PDM_CONFIG_FILE": str(folder / "pdm.toml"),
        "UV_CREDENTIALS_DIR": str(folder / "uv"),
    }


def named(tool: str) -> Account:
    """Return the account in the file that a variable of the tool names."""
    return ACCOUNTS[f"named-{tool}-file"]


def requirements_app(folder: Path, company: Company) -> Path:
    """Return an app whose requirements have credentials of their own."""
    index = company.index
    git = index.with_login(f"{index.origin}/hushgit.git", ACCOUNTS["git-requirement"])
    direct = f"{index.origin}/files/direct-1.0-py3-none-any.whl".replace("://", "://${REQUIREMENT_LOGIN}@")
    return write_app(
        folder,
        {
            "requirements.txt": f"hush\ndirect @ {direct}\nhushgit @ git+{git}\n",
            "Procfile": "web: python -m hush\n",
            "bin/post_compile": "#!/bin/sh\nexec python bin/talk.py\n",
            "bin/talk.py": TALKATIVE,
        },
    )


class Sample(BuildpackError):
    """An error that says everything."""

    code = title = "sample"


def collector(url: str) -> dict[str, str]:
    """Return the variable for a collector behind a login."""
    login = f"me:{quote(CANARIES['collector'], safe='')}"
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": url.replace("://", f"://{login}@")}


def say_everything(context: BuildContext, recording: Reporter, reporter: TextReporter) -> NoReturn:
    """Run the app's talkative program, and say that in all the ways that a build has."""
    finished = SubprocessRunner(recording.output).run(
        Command((sys.executable, "bin/talk.py"), context.env, cwd=context.app_dir)
    )
    assert finished.status == 0, finished.output
    recording.line(finished.output)
    recording.warning("sample", finished.output)
    reporter.failure(Sample(finished.output, finished.output))
    reporter.apology(ValueError(finished.output), f"Traceback\n{finished.output}", lambda _: None)
    raise Sample(finished.output, finished.output)


def test_what_the_apps_own_code_prints(tmp_path: Path, company: Company) -> None:
    """Without a whole build: all that a hook can get hold of, in all spellings, and each place in at least one."""
    app = requirements_app(tmp_path / "app", company)
    write_app(
        app,
        {
            "pip.conf": f"[global]\nindex-url = https://me:{quote(CANARIES['pip-file'], safe='')}@pip.invalid\n",
            "uv.toml": f'[[index]]\nurl = "https://me:{quote(CANARIES["uv-file"], safe="")}@uv.invalid/simple"\n',
            "notes.txt": CANARIES["printed"],
        },
    )
    (app / ".env").write_text(f"DB_PASS={CANARIES['env-file']}\n", encoding="utf-16")
    platform, plan = tmp_path / "platform", tmp_path / "plan.toml"
    shutil.copytree(company.bindings, platform / "bindings")
    plan.touch()
    (tmp_path / "layers").mkdir()
    own = tmp_path / "home" / ".netrc"
    own.parent.mkdir()
    own.write_text(f"machine home.invalid login me password {CANARIES['netrc-file']}\n")
    at_home = f"[http-basic.home]\nusername = 'me'\npassword = '{CANARIES['at-home']}'\n"
    write_app(own.parent, {".config/pypoetry/auth.toml": at_home})
    env = company.env | write_settings(tmp_path / "settings", company.index)
    env |= {
        "PATH": os.environ["PATH"],
        "HOME": str(own.parent),
        "CNB_BUILDPACK_DIR": str(CHECKOUT),
        "CNB_LAYERS_DIR": str(tmp_path / "layers"),
        "CNB_PLATFORM_DIR": str(platform),
        "CNB_BP_PLAN_PATH": str(plan),
        "CNB_TARGET_OS": "linux",
        "CNB_TARGET_ARCH": "amd64",
    }
    env["BP_PYTHON_TELEMETRY"] = str(tmp_path / "record.json")
    log = io.StringIO()
    reporter = TextReporter(log)
    with (
        collecting() as (url, spans),
        pytest.raises(Sample) as raised,
        build_environment(read_build_context(env | collector(url), [], app), reporter) as (context, _),
        observed(context, reporter) as recording,
    ):
        say_everything(context, recording, reporter)
    said = raised.value.what
    assert sorted(songs("log", log.getvalue().encode()))[:9] == []
    # The spans went to a collector that has a login of its own.
    record = (tmp_path / "record.json").read_text(encoding="utf-8")
    assert ('"error": "sample"' in record, [item["path"] for item in spans]) == (True, ["/v1/traces"])
    assert [*songs("record", record.encode()), *songs("spans", json.dumps(spans).encode())] == []
    assert [path for path in (tmp_path / "layers").rglob("*") if path.is_file()] == []
    spelled = said.replace("\0", "")
    assert [place for place in PLACES if CANARIES[place] not in spelled] == []


@pytest.mark.network
@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_requirements_with_secrets_everywhere(
    tmp_path: Path, attempt: Attempt, company: Company, installer: str
) -> None:
    """Nothing given to the build is in its output, its image or its cache; nor when it fails."""
    app = requirements_app(tmp_path / "app", company)
    env = {**company.env, "BP_PYTHON_INSTALLER": installer, "BP_LOG_LEVEL": "DEBUG"}
    env |= write_settings(tmp_path / "settings", company.index)
    if installer == "uv":
        # Else the binding's file would not be read at all.
        del env["PIP_CONFIG_FILE"]
    env["BP_PYTHON_TELEMETRY"] = str(tmp_path / "record.json")
    (app / ".profile").write_text("export SAID=profile\n", encoding="utf-8")
    with collecting() as (url, spans):
        result = built(attempt(app, env | collector(url), bindings=company.bindings))
        check_record(tmp_path / "record.json", spans)
    assert search(tmp_path / "state", app, result.log) == []
    check_launch(tmp_path / "state")
    # The claim means something: it was all given, used and said.
    assert "said:" in result.log
    assert any("/files/direct" in path for path in company.index.served)
    assert any("hushgit.git" in path for path in company.index.served)
    assert company.proxy.passed
    gone = f"gone @ {company.index.origin}/files/gone-1.0-py3-none-any.whl".replace("://", "://${REQUIREMENT_LOGIN}@")
    with (app / "requirements.txt").open("a", encoding="utf-8") as file:
        file.write(f"{gone}\n")
    with collecting() as (url, spans):
        log = failed(attempt(app, env | collector(url), bindings=company.bindings))
        check_record(tmp_path / "record.json", spans)
    assert search(tmp_path / "state", app, log) == []
    assert "gone-1.0-py3-none-any.whl" in log


def check_record(file: Path, spans: list[dict[str, object]]) -> None:
    """Assert that what a platform gets to know of a build has no canary in it."""
    assert len(spans) == 1
    assert [*songs("record", file.read_bytes()), *songs("spans", json.dumps(spans).encode())] == []


def check_launch(state: Path) -> None:
    """Assert that processes begin with what the exec.d programs say, and with no canary."""
    with launch(state, command=("env",)) as running:
        assert running.wait() == 0, running.log
        assert {"SAID=profile", "LANG=C.UTF-8"} <= set(running.log.splitlines())
        assert "WEB_CONCURRENCY" in running.log
        assert list(songs("launch", running.log.encode())) == []


@pytest.mark.parametrize("installer", ["uv", pytest.param("pip", marks=pytest.mark.network)])
def test_addresses_with_secrets(tmp_path: Path, attempt: Attempt, mirror: Source, installer: str) -> None:
    """Tokens in the queries of packages, and logins in the addresses of the app and of Python, stay in none of them."""
    add_to_index(tmp_path / "files", Distribution("ticketed"), sdists=[Distribution("compiled")])
    with running_index(tmp_path / "files") as index, running_index(mirror.inventory.parent) as pythons:
        place, source = f"{index.origin}/files", index.with_login("https://git.invalid", ACCOUNTS["label"])
        token = quote(CANARIES["query"], safe="")
        needs = [
            f"ticketed @ {place}/ticketed/ticketed-1.0-py3-none-any.whl?access_token={token}\n",
            f"compiled @ {place}/compiled/compiled-1.0.tar.gz?access_token=${{DOWNLOAD}}\n",
        ]
        urls = f'[project]\nname = "app"\n[project.urls]\nSource = "{source}"\n'
        app = write_app(tmp_path / "app", {"requirements.txt": "".join(needs), "pyproject.toml": urls})
        result = built(attempt(app, _addresses(tmp_path, mirror, pythons) | {"BP_PYTHON_INSTALLER": installer}))
    assert search(tmp_path / "state", app, result.log) == []
    assert list(songs("labels", json.dumps(dict(result.labels)).encode())) == []
    # The claim means something: they were all given and used.
    assert result.labels["org.opencontainers.image.source"].endswith("@git.invalid")
    assert "access_token=****" in result.log
    assert [path.endswith(".tar.gz") for path in pythons.served] == [True]
    assert {path.rpartition("/")[2] for path in index.served} == {
        "ticketed-1.0-py3-none-any.whl",
        "compiled-1.0.tar.gz",
    }


def _addresses(folder: Path, mirror: Source, pythons: PrivateIndex) -> dict[str, str]:
    """Return the variables for Python behind a login, and for a package behind a token."""
    place = pythons.with_login(f"{pythons.origin}/files/", ACCOUNTS["inventory"])
    text = mirror.inventory.read_text(encoding="utf-8").replace('url = "', f'url = "{place}')
    (folder / "inventory.toml").write_text(text, encoding="utf-8")
    return {"BP_PYTHON_INVENTORY": str(folder / "inventory.toml"), "DOWNLOAD": quote(CANARIES["query"], safe="")}


PIPFILE = """\
[[source]]
name = "company"
url = "{url}"
verify_ssl = true

[packages]
hush = "*"
hushgit = {{git = "{git}", ref = "main"}}
"""
LOCKED = {
    "poetry": ("pyproject.toml", POETRY, lock_poetry, ('"hush",', '"hush", "direct",')),
    "uv": ("pyproject.toml", UV, lock_uv, ('"hush",', '"hush", "direct",')),
    "pdm": ("pyproject.toml", PDM, lock_pdm, ('"hush",', '"hush", "direct",')),
    "pipenv": ("Pipfile", PIPFILE, lock_pipenv, ('hush = "*"', 'hush = "*"\ndirect = "*"')),
}


@pytest.mark.network
@pytest.mark.usefixtures("developer")
@pytest.mark.parametrize("manager", LOCKED)
def test_locked_projects_with_secrets_everywhere(
    tmp_path: Path, attempt: Attempt, company: Company, manager: str
) -> None:
    """Nor do Poetry, uv, PDM and Pipenv leave anything, even where the project or its lock has a password in a URL."""
    file, template, lock, stale = LOCKED[manager]
    index = company.index
    urls = {
        "pdm": index.url.replace("://", "://${SOURCE_LOGIN}@"),
        "pipenv": index.url.replace("://", "://${SOURCE_USER}:${SOURCE_PASS}@"),
    }
    git = index.with_login(f"{index.origin}/hushgit.git", ACCOUNTS["git-requirement"])
    text = template.format(
        url=urls.get(manager) or index.with_login(index.url, ACCOUNTS["source"]),
        git=git,
        needs=f'"hush", "hushgit @ git+{git}"',
    )
    app = write_app(tmp_path / "app", {file: text, "Procfile": "web: python -m hush\n"})
    lock(app, tmp_path / "work", tmp_path / "locking")
    result = built(attempt(app, company.env, bindings=company.bindings))
    assert search(tmp_path / "state", app, result.log) == []
    assert "hushgit" in result.log
    write_app(app, {file: text.replace(*stale)})
    log = failed(attempt(app, company.env, bindings=company.bindings))
    assert search(tmp_path / "state", app, log) == []
    assert "error: lock-out-of-date" in log


@pytest.fixture
def developer(tmp_path: Path, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be somebody who can reach the index, and locks."""
    account = ACCOUNTS["bound-index"]
    netrc, bundle = tmp_path / "netrc", tmp_path / "bundle.pem"
    netrc.write_text(f"machine 127.0.0.1 login {account.username} password {account.password}\n")
    bundle.write_text(combine_certificates({}, [authority_pem(authority)]))
    variables = {"NETRC": str(netrc), "POETRY_SYSTEM_GIT_CLIENT": "true", **SOURCE}
    for name, value in {**trusting(str(bundle)), **variables}.items():
        monkeypatch.setenv(name, value)
