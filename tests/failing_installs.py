"""Helpers to see installers fail: an index that misbehaves on demand, an app, and the errors."""

import ssl
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import trustme

from cnb.errors import BuildpackError
from manager_context import CHECKOUT, PYTHON, Log, install_context, share_tools
from package_index import PackageIndex, failing_sdist, running_index, wheel
from python_buildpack.interpreters.inventory import parse_inventory
from python_buildpack.package_managers.registry import manager_named

WRONG = "wr0ngpassw0rd"
NEWER = "newer-1.0-cp399-cp399-manylinux_2_17_x86_64.whl"
HELLO = wheel("hello", "1.0")
FILES = {
    "hello": [HELLO, replace(wheel("hello", "1.1"), yanked="deletes the wrong rows")],
    "onlyyanked": [replace(wheel("onlyyanked", "1.0"), yanked="all broken")],
    "newer": [wheel("newer", "1.0", tag="cp399-cp399-manylinux_2_17_x86_64")],
    "wantsnewer": [wheel("wantsnewer", "1.0", requires_python=">=3.99")],
    "left": [wheel("left", "1.0", "shared==1.0")],
    "right": [wheel("right", "1.0", "shared==2.0")],
    "shared": [wheel("shared", "1.0"), wheel("shared", "2.0")],
    "broken": [failing_sdist("broken", "1.0")],
    "garbled": [replace(wheel("garbled", "1.0"), body=b"no archive at all")],
    "older": [wheel("older", "1.0", tag="cp39-cp39-manylinux_2_17_x86_64")],
    "sourced": [failing_sdist("sourced", "1.0"), wheel("sourced", "1.0", tag="cp39-cp39-manylinux_2_17_x86_64")],
}
QUICK = {
    "UV_HTTP_TIMEOUT": "1",
    "UV_HTTP_RETRIES": "0",
    "PIP_RETRIES": "0",
    "PIP_TIMEOUT": "1",
    "PIP_CONFIG_FILE": "/dev/null",
    "PIP_FIND_LINKS": "",
    "PIP_EXTRA_INDEX_URL": "",
    "GIT_TERMINAL_PROMPT": "0",
    "NO_PROXY": "127.0.0.1",
    "no_proxy": "127.0.0.1",
    "NETRC": "/dev/null",
}
"""No second attempts, and nothing of this machine's own index."""

Env = Mapping[str, str]
Trouble = Callable[[PackageIndex], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Bed:
    """What the rows of one file share."""

    index: PackageIndex
    private: PackageIndex
    tools: Path
    venv: Path
    authority: Path
    """The certificate of who signed the private index's."""


@contextmanager
def making_bed(work: Path) -> Iterator[Bed]:
    """Yield two indexes, one of which shows a certificate that nobody knows, and an environment to fail to fill."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(work / "authority.pem"))
    subprocess.run([str(PYTHON), "-I", "-m", "venv", "--without-pip", str(work / "venv")], check=True)
    with running_index(FILES) as index, running_index(FILES, context) as private:
        yield Bed(index, private, work / "tools", work / "venv", work / "authority.pem")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an installation ended."""

    error: BuildpackError | None
    log: Log

    @property
    def said(self) -> str:
        """Return all that the user gets to see, before the reporter hides anything."""
        ending = f"{self.error.what}\n{self.error.cure}" if self.error else ""
        return "\n".join((*self.log.said, ending))


def attempt(bed: Bed, name: str, app: Path, env: Env, settings: Env | None = None) -> Outcome:
    """Resolve and install ``app`` as a build does."""
    work = app.parent / "work"
    context = share_tools(install_context(app, work, work / "layers", settings))
    pythons = parse_inventory((CHECKOUT / "inventory.toml").read_bytes(), "https://example.org/").interpreters
    context = replace(context, env={**context.env, **QUICK, **env}, pythons=pythons)
    manager = manager_named(name, context.settings)
    assert isinstance(context.reporter, Log)
    try:
        manager.install(context, manager.resolve(context), bed.venv)
    except BuildpackError as error:
        return Outcome(error, context.reporter)
    return Outcome(None, context.reporter)


def behaving(**how: object) -> Trouble:
    """Return a trouble: the index answers otherwise for as long as the context lasts."""

    @contextmanager
    def trouble(index: PackageIndex) -> Iterator[None]:
        files = index.files
        for name, value in how.items():
            setattr(index, name, value)
        try:
            yield
        finally:
            index.files = files
            index.behave()

    return trouble


def none(index: PackageIndex) -> AbstractContextManager[None]:
    """Leave the index as good as it is."""
    del index
    return nullcontext()


LOGIN, FORBIDDEN = behaving(wants_login=True), behaving(status=403)
FAILING, SLOW = behaving(status=503), behaving(delay=3)
TAMPERED = behaving(tampered=frozenset({HELLO.name}))
PROJECT = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.8"\ndependencies = ["{0}"]\n'
