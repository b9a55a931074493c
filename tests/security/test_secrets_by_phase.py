"""Which secrets the code of packages and of the app can see, phase by phase: seen by code that runs there."""

import json
import os

import pytest

from built_apps import built
from devkit.interpreters import Source
from hostile_code import hook, publish_hostile_source
from local_builds import build_checkout
from manager_context import write_app
from private_network import write_binding
from tiny_index import Distribution, source_files
from wheel_index import Wheel, light, serve_wheels

PROBE = r"""
def probe(phase):
    # What a thief would look at: variables, files that they name, files at home, the programs above, in that order.
    import json, os, pathlib, sys
    def text(path):
        try:
            return path.read_bytes().decode(errors="replace")
        except OSError:
            return ""
    named = [pathlib.Path(value) for value in os.environ.values() if value.startswith("/") and os.path.isfile(value)]
    commands, above, pid = [], [], os.getpid()
    while pid > 1:
        process = pathlib.Path("/proc", str(pid))
        if pid == TEST:
            break
        commands.append(text(process / "cmdline"))
        # Nothing is closed to root.
        if os.geteuid() and pid != os.getpid():
            above.append(text(process / "environ"))
        pid = int(text(process / "stat").rpartition(")")[2].split()[1])
    seen = {
        "variables": "\n".join(f"{name}={value}" for name, value in os.environ.items()),
        "named files": "\n".join(map(text, named)),
        "home": "\n".join(text(path) for path in pathlib.Path(os.path.expanduser("~")).iterdir() if path.is_file()),
        "commands": "\n".join(commands),
        "programs above": "\n".join(above),
    }
    with open(SEEN + "/" + phase + ".jsonl", "a") as file:
        file.write(json.dumps(seen) + "\n")
"""
SECRETS = {
    "database": "tok-database",
    "api key": "tok-api-key",
    "jwt": "tok-jwt",
    "index in an address": "tok-in-address",
    "index by uv's variable": "tok-by-uv",
    "index by binding": "tok-by-binding",
    "netrc": "tok-netrc",
    "git": "tok-git",
    "ssh key": "tok-ssh",
    "another binding": "tok-postgres",
    "proxy": "tok-proxy",
    "named for builds": "tok-for-builds",
}
FOR_INSTALLERS = {"index in an address", "index by uv's variable", "proxy", "named for builds"}
FOR_THE_APP = {"database", "api key", "jwt"}
IN_FILES = {"index by binding", "netrc"}
"""By the variable NETRC. What git's helper and ssh read is named in commands and in ssh's configuration only."""
PACKAGES = ("package", "own")
APP = ("pre_compile", "nltk", "collectstatic", "post_compile", "smoke")
CALL = "\nprobe({phase!r})\n"
NLTK = """
import sys
from pathlib import Path
Path(sys.argv[sys.argv.index("-d") + 1], "words").write_text("words")
"""
PEM = "-----BEGIN PRIVATE KEY-----\ntok-ssh\n-----END PRIVATE KEY-----\n"
Seen = dict[str, list[dict[str, str]]]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, mirror: Source) -> Seen:
    """Build once with every kind of secret, and return what each step's code saw, each time it ran."""
    root = tmp_path_factory.mktemp("secrets")
    records, home = root / "records", root / "home"
    records.mkdir()
    home.mkdir()
    probe = f"SEEN, TEST = {str(records)!r}, {os.getpid()}\n{PROBE}"
    own = source_files(Distribution("own", on_build=probe + CALL.format(phase="own")))
    files = {
        "requirements.txt": "nosy==1.0\ndjango==5.0\nnltk==3.9\n./own\n",
        "nltk.txt": "words\n",
        "manage.py": "import django\n"
        + probe
        + CALL.format(phase="collectstatic")
        + "print('0 static files copied.')\n",
        "main.py": probe + CALL.format(phase="smoke"),
        "Procfile": "web: python -m main\n",
        **{f"own/{name}": text for name, text in own.items()},
    }
    app = write_app(root / "app", files)
    for name in ("pre_compile", "post_compile"):
        hook(app, name, probe + CALL.format(phase=name))
    bindings = root / "bindings"
    write_binding(bindings, "logins", "netrc", __netrc="machine internal.invalid login u password tok-netrc\n")
    write_binding(bindings, "git", "git-credentials", credentials="https://u:tok-git@git.invalid\n")
    hosts = {"known_hosts": "git.invalid ssh-ed25519 AAAA\n"}
    write_binding(bindings, "ssh", "git-ssh", **{"ssh-privatekey": PEM, **hosts})
    write_binding(bindings, "db", "postgresql", uri="postgres://u:tok-postgres@db.invalid/x")
    with serve_wheels(root / "index") as index:
        extra = {"username": "u", "password": "tok-by-binding", "extra": "true"}
        write_binding(bindings, "index", "pypi", url=f"{index.url}/", **extra)
        downloader = probe + CALL.format(phase="nltk") + NLTK
        index.add(
            light("django", "5.0"), Wheel("nltk", "3.9", {"nltk/__init__.py": "", "nltk/downloader.py": downloader})
        )
        publish_hostile_source(index, "nosy", probe + CALL.format(phase="package"))
        env = {
            "DATABASE_URL": "postgres://u:tok-database@db.invalid/x",
            "PAYMENT_API_KEY": "tok-api-key",
            "AUTH_CONFIG": "jwt:tok-jwt",
            "PIP_INDEX_URL": index.url.replace("://", "://u:tok-in-address@"),
            "UV_INDEX_CORP_PASSWORD": "tok-by-uv",
            "HTTPS_PROXY": "http://u:tok-proxy@proxy.invalid:1",
            "NO_PROXY": "127.0.0.1",
            "BUILD_LICENSE": "tok-for-builds",
            "BP_PYTHON_BUILD_ENV": "BUILD_LICENSE",
            "BP_PYTHON_SMOKE_TEST": "true",
            "HOME": str(home),
        }
        built(build_checkout(mirror, root / "state", app, env, bindings=bindings))
    return {
        path.stem: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in records.glob("*.jsonl")
    }


def places(runs: list[dict[str, str]]) -> dict[str, set[str]]:
    """Return where each secret was seen, for those that were seen at all."""
    found = {
        name: {place for run in runs for place, text in run.items() if token in text} for name, token in SECRETS.items()
    }
    return {name: where for name, where in found.items() if where}


def expected(in_variables: set[str]) -> dict[str, set[str]]:
    """Return what ``places`` has to return, with these secrets in variables."""
    return {name: {"variables"} for name in in_variables} | {name: {"named files"} for name in IN_FILES}


@pytest.mark.parametrize("step", PACKAGES)
def test_what_builds_packages_sees_logins_for_installers_and_nothing_of_the_app(step: str, seen: Seen) -> None:
    """A package from an index and the app's own project, each time that their backends run below uv."""
    assert all("uv\0" in run["commands"] for run in seen[step])
    assert places(seen[step]) == expected(FOR_INSTALLERS)


@pytest.mark.parametrize("step", APP)
def test_the_apps_own_steps_see_its_variables(step: str, seen: Seen) -> None:
    """And logins where installers find them, but no program's arguments and no variable has what a binding brought."""
    assert places(seen[step]) == expected(FOR_INSTALLERS | FOR_THE_APP)
