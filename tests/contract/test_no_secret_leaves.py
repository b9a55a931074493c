"""Canaries in every place where a build is given secrets, and a search of every byte that comes out of it."""

import base64
import gzip
import io
import json
import os
import re
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
import trustme
from backports import zstd

from built_apps import built, failed
from cnb.context import read_build_context
from cnb.errors import BuildpackError
from company_projects import PDM, POETRY, UV
from devkit.lifecycle.results import Built, Failed
from manager_bench import CHECKOUT, index_url, lock_pdm, lock_pipenv, lock_poetry, lock_uv, write_app
from private_network import (
    Account,
    Index,
    Proxy,
    authority_pem,
    running_index,
    running_proxy,
    write_binding,
    write_git_repository,
    write_wheel,
)
from python_buildpack.ports import Command
from python_buildpack.report import TextReporter
from python_buildpack.running import SubprocessRunner
from python_buildpack.surroundings import lend_surroundings
from python_buildpack.trust import combine_certificates, trusting

Attempt = Callable[..., Built | Failed]

PLACES = (
    *("bound-index", "bound-netrc", "bound-pip-conf", "bound-git", "bound-mirror", "bound-unknown"),
    *("extra-index", "uv-index", "poetry", "proxy", "token", "database", "private-key", "telemetry"),
    *("requirement", "git-requirement", "netrc-file", "source", "pip-file", "uv-file", "env-file", "cloud-key"),
    *("passphrase", "printed"),
)
CANARIES = {place: f"cAnary+{place}/Zz9" for place in PLACES} | {"passphrase": "cAnary qvex wobbl lurfi zintu mopka"}
"""With characters that are spelt in another way in URLs."""
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


def spellings(canary: str) -> Iterator[bytes]:
    """Yield in which forms a canary would still sing."""
    words = canary.split()
    pairs = {" ".join(pair) for pair in pairwise(words)}
    for song in {canary, quote(canary), quote(canary, safe=""), quote(canary, safe="").lower(), *pairs}:
        yield song.encode()
    yield canary.encode("utf-16-le")
    for before in (b"", b"u", b"us"):
        # Apart from the ends, which depend on what is around it.
        yield base64.b64encode(before + canary.encode()).rstrip(b"=")[4:-3]


SONG = re.compile(b"|".join(re.escape(song) for canary in CANARIES.values() for song in spellings(canary)))


def songs(path: str, data: bytes) -> Iterator[str]:
    """Yield where a canary sings in a file, within archives and compressed streams of any depth."""
    for match in SONG.finditer(data):
        yield f"{path}: {data[max(0, match.start() - 60) : match.end() + 20]!r}"
    for name, member in members(data):
        yield from songs(f"{path}!{name}", member)


def members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what an archive holds, by its first bytes and not by its name."""
    if data.startswith(b"\x1f\x8b"):
        yield "gz", gzip.decompress(data)
    elif data.startswith(b"\x28\xb5\x2f\xfd"):
        yield "zst", zstd.decompress(data)
    elif data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from ((name, archive.read(name)) for name in archive.namelist())
    elif data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isfile() else None
                yield member.name, file.read() if file else member.linkname.encode()


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

    index: Index
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


def write_bindings(folder: Path, index: Index, authority: trustme.CA) -> None:
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


def variables(index: Index, proxy: Proxy) -> dict[str, str]:
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
        "REQUIREMENT_LOGIN": f"user-requirement:{quote(CANARIES['requirement'], safe='')}",
    }


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
    env = company.env | {
        "PATH": os.environ["PATH"],
        "HOME": str(own.parent),
        "CNB_BUILDPACK_DIR": str(CHECKOUT),
        "CNB_LAYERS_DIR": str(tmp_path / "layers"),
        "CNB_PLATFORM_DIR": str(platform),
        "CNB_BP_PLAN_PATH": str(plan),
        "CNB_TARGET_OS": "linux",
        "CNB_TARGET_ARCH": "amd64",
    }
    log = io.StringIO()
    reporter = TextReporter(log)
    with lend_surroundings(read_build_context(env, [], app), reporter) as (context, _):
        runner = SubprocessRunner(reporter.output)
        command = Command((sys.executable, "bin/talk.py"), context.env, cwd=app)
        finished = runner.run(command)
        error = BuildpackError(finished.output, finished.output)
        error.code = error.title = "sample"  # type: ignore[misc]
        reporter.failure(error)
        reporter.apology(ValueError(finished.output), f"Traceback\n{finished.output}")
    assert finished.status == 0, finished.output
    assert sorted(songs("log", log.getvalue().encode()))[:9] == []
    assert [path for path in (tmp_path / "layers").rglob("*") if path.is_file()] == []
    spelled = finished.output.replace("\0", "")
    assert [place for place in PLACES if CANARIES[place] not in spelled] == []


@pytest.mark.network
@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_requirements_with_secrets_everywhere(
    tmp_path: Path, attempt: Attempt, company: Company, installer: str
) -> None:
    """Nothing given to the build is in its output, its image or its cache; nor when it fails."""
    app = requirements_app(tmp_path / "app", company)
    env = {**company.env, "BP_PYTHON_INSTALLER": installer, "BP_LOG_LEVEL": "DEBUG"}
    result = built(attempt(app, env, bindings=company.bindings))
    assert search(tmp_path / "state", app, result.log) == []
    # The claim means something: it was all given, used and said.
    assert "said:" in result.log
    assert any("/files/direct" in path for path in company.index.served)
    assert any("hushgit.git" in path for path in company.index.served)
    assert company.proxy.passed
    gone = f"gone @ {company.index.origin}/files/gone-1.0-py3-none-any.whl".replace("://", "://${REQUIREMENT_LOGIN}@")
    with (app / "requirements.txt").open("a", encoding="utf-8") as file:
        file.write(f"{gone}\n")
    log = failed(attempt(app, env, bindings=company.bindings))
    assert search(tmp_path / "state", app, log) == []
    assert "gone-1.0-py3-none-any.whl" in log


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
