"""Makes errors happen that no file of an app and no output of a tool shows: each by the code that raises it in a build.

A situation is a function with the code as its name. It gets an empty directory, and its docstring says on the page of
the error what is given. None needs a network, an interpreter of the inventory, or more than a moment.
"""

# ruff: noqa: D401 - the docstrings of situations are sentences of the pages

import inspect
import io
import json
import os
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cnb.buildpack_plan import parse_buildpack_plan
from cnb.context import read_detect_context
from cnb.descriptor import parse_descriptor
from cnb.files import write_file
from cnb.platform import read_platform
from cnb.sbom import check_sbom_formats
from cnb.seal import WrittenRecord, seal
from cnb.toml_files import read_toml
from devkit.install_context import Log, install_context
from devkit.loopback import running
from python_buildpack.app.hook_files import POST_COMPILE
from python_buildpack.app_code import collectstatic_failures, hooks, smoke_test
from python_buildpack.audit.audit import Audit
from python_buildpack.explain_command import app_at
from python_buildpack.installed.bytecode import compile_tree
from python_buildpack.installed.contradictory_metadata import check_metadata
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.installed.virtual_environment import create_environment
from python_buildpack.interpreters.archive import unpack
from python_buildpack.interpreters.included import Included
from python_buildpack.interpreters.inventory import Interpreter, parse_inventory
from python_buildpack.interpreters.not_downloaded import explain_download
from python_buildpack.interpreters.smoke import Installed, check_interpreter
from python_buildpack.layers.data.interface import AppPython, DataRequest
from python_buildpack.layers.data.nltk_data import NltkData
from python_buildpack.layers.watch import WatchedLayer
from python_buildpack.platform.bindings.read import read_bindings
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.fetching.http import DownloadFailed, DownloadNotFound, HttpFetcher
from python_buildpack.ports.fetching.limits import Limits
from python_buildpack.ports.interfaces import Command, Download, Finished
from python_buildpack.ports.limited import limited
from python_buildpack.settings.table import APP_CODE_TIMEOUT
from python_buildpack.settings.values import Settings
from python_buildpack.tools.pinned import PIP
from python_buildpack.tools.uv import Uv

NOBODY = "http://127.0.0.1:1/"
"""An address on which nothing listens: the port of TCPMUX (RFC 1078)."""
_LIMITS = Limits(tries=1, connect_tries=1)


def archive_corrupt(folder: Path) -> None:
    """A mirror answers with a page of HTML in place of an archive."""
    archive = folder / "cpython-3.13.1.tar.gz"
    archive.write_text("<html>Sign in to continue</html>", encoding="utf-8")
    unpack(archive, folder / "python")


def archive_unsafe(folder: Path) -> None:
    """An archive of an inventory that somebody made has an entry with `..` in its path."""
    archive = folder / "cpython-3.13.1.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        entry = tarfile.TarInfo("python/../../etc/profile.d/python.sh")
        tar.addfile(entry, io.BytesIO())
    unpack(archive, folder / "python")


def audit_not_possible(_folder: Path) -> None:
    """`BP_PYTHON_AUDIT=fail`, and `BP_PYTHON_AUDIT_URL` names a port on which nothing listens."""
    settings = Settings({"BP_PYTHON_AUDIT": "fail", "BP_PYTHON_AUDIT_URL": NOBODY})
    Audit(settings, {}, "", Log()).run(InstalledDistributions({"flask": "3.1.2"}), frozenset())


def binding_invalid(folder: Path) -> None:
    """A binding of type `pypi` has a file with the type, and none with the address."""
    binding = folder / "platform" / "bindings" / "company"
    binding.mkdir(parents=True)
    (binding / "type").write_text("pypi\n", encoding="utf-8")
    read_bindings(read_platform(folder / "platform", {}).bindings)


def buildpack_plan_invalid(_folder: Path) -> None:
    """A platform passes a plan in which `entries` is a text."""
    parse_buildpack_plan({"entries": "python"})


def bytecode_failed(folder: Path) -> None:
    """The system kills the interpreter that compiles, as it does when memory is used up."""
    (folder / "module.py").write_text("x = 1\n", encoding="utf-8")
    compile_tree(_program(folder / "bin" / "python3.13", "kill -9 $$"), folder, SubprocessRunner())


def collectstatic_failed(_folder: Path) -> None:
    """The settings of a Django project read `os.environ["PAYMENT_KEY"]`, which only containers have."""
    raise collectstatic_failures.failure("python manage.py collectstatic", 1, _key_error("shop/settings.py"))


def context_incomplete(folder: Path) -> None:
    """bin/detect is started by hand, without a platform."""
    read_detect_context({}, (), folder)


def descriptor_unusable(_folder: Path) -> None:
    """The package's buildpack.toml was changed to `api = "0.4"`."""
    parse_descriptor({"api": "0.4"})


def download_digest_mismatch(folder: Path) -> None:
    """A mirror has another file under the name of an interpreter's archive."""
    (folder / "cpython.tar.gz").write_text("another one", encoding="utf-8")
    _download(folder, (folder / "cpython.tar.gz").as_uri())


def download_failed(folder: Path) -> None:
    """The mirror that BP_PYTHON_MIRROR names does not answer."""
    _download(folder, f"{NOBODY}cpython.tar.gz")


def download_not_found(folder: Path) -> None:
    """The mirror that BP_PYTHON_MIRROR names does not have the archive of this interpreter."""
    mirror = folder / "mirror"
    try:
        _download(folder, (mirror / "cpython-3.13.1.tar.gz").as_uri())
    except DownloadNotFound as error:
        settings = Settings({"BP_PYTHON_MIRROR": mirror.as_uri()})
        raise explain_download(error, interpreter_row(), ".python-version asks for 3.13", settings) from error


def file_not_written(folder: Path) -> None:
    """There is a file where the build needs a directory of its layers."""
    (folder / "python").touch()
    write_file(folder / "python" / "env", "x")


def hook_failed(folder: Path) -> None:
    """bin/post_compile calls a program that the build image does not have; it was saved with Windows line ends."""
    script = _program(folder / POST_COMPILE, "npm run build\r")
    finished = SubprocessRunner().run(Command(hooks.command_for(script), {"PATH": "/nowhere"}, show=False))
    raise hooks.failure(script, POST_COMPILE, finished)


def hook_changed_python(folder: Path) -> None:
    """bin/post_compile installs a package into the interpreter, and not into the virtual environment."""
    with hooks.interpreter_unchanged(POST_COMPILE, folder):
        (folder / "site-packages").mkdir()


def interpreter_broken(folder: Path) -> None:
    """The image is older than any for which Python is built."""
    words = "./python3.13: /lib/libc.so.6: version GLIBC_2.17 not found"
    _program(folder / "bin" / "python3.13", f'echo "{words}" >&2; exit 1')
    check_interpreter(Installed(interpreter_row(), folder, folder), SubprocessRunner())


def inventory_invalid(_folder: Path) -> None:
    """`BP_PYTHON_INVENTORY` names a file with `default = "3.13"` and one row, of which most is missing."""
    parse_inventory(b'default = "3.13"\n[[interpreters]]\nversion = "3.13.1"\n', "file:///platform/inventory.toml")


def layer_changed(folder: Path) -> None:
    """bin/post_compile writes into the variables of a layer."""
    (folder / "python" / "env").mkdir(parents=True)
    (folder / "python" / "env" / "PATH.prepend").write_text("bin", encoding="utf-8")
    layer = WatchedLayer(folder / "python", "cpython", Log())
    layer.written()
    (folder / "python" / "env" / "PATH.prepend").write_text("/workspace", encoding="utf-8")
    layer.undo_changes("bin/post_compile", lambda: None)


def layer_replaced(folder: Path) -> None:
    """A hook replaces the directory of a layer by a link."""
    (folder / "python").symlink_to("/usr")
    seal(folder, {"python": WrittenRecord(b"", is_on_disk=True, is_in_image=True)}, (), {})


def metadata_contradictory(folder: Path) -> None:
    """The wheel of the package shop brings a second metadata directory of jinja2."""
    for name, version, files in (("jinja2", "2.11.2", ""), ("jinja2", "3.1.6", ""), ("shop", "1.0", "jinja2-3.1.6")):
        metadata = folder / f"{name}-{version}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n", encoding="utf-8")
        (metadata / "RECORD").write_text(f"{files or metadata.stem}.dist-info/METADATA,,\n", encoding="utf-8")
    check_metadata(folder)


def nltk_download_failed(folder: Path) -> None:
    """nltk.txt has the line `stopword`, which is not the name of any data."""
    words = "[nltk_data] Error loading stopword: Package 'stopword' not found in index"
    python = _program(folder / "python", f'echo "{words}"')
    (folder / "data").mkdir()
    request = DataRequest(("stopword",), "nltk.txt names them", "3.9")
    NltkData().download(request, folder / "data", AppPython(python, {}, SubprocessRunner()))


def package_damaged(folder: Path) -> None:
    """An offline package was cut off while it was copied."""
    interpreter = interpreter_row()
    (folder / f"{interpreter.sha256}.tar.gz").write_bytes(b"")
    Included(folder, (interpreter,)).archive(interpreter)


def python_not_included(folder: Path) -> None:
    """The app asks for Python 3.13, the offline package has 3.12, and the network is not reached."""
    included = Included(folder, (interpreter_row("3.12.8"),))
    try:
        _download(folder, f"{NOBODY}cpython-3.13.1.tar.gz")
    except DownloadFailed as error:
        raise included.explain(interpreter_row(), error) from error


def repository_not_cloned(folder: Path) -> None:
    """`bin/explain` with the URL of a repository that does not exist."""
    with app_at((folder / "shop.git").as_uri()):
        pass


def sbom_format_undeclared(folder: Path) -> None:
    """The package's buildpack.toml was changed: its `sbom-formats` lacks SPDX."""
    (folder / "python.sbom.spdx.json").touch()
    check_sbom_formats(folder, ["application/vnd.cyclonedx+json"])


def smoke_test_failed(folder: Path) -> None:
    """`BP_PYTHON_SMOKE_TEST=true`, and the app reads `os.environ["PAYMENT_KEY"]`, which only containers have."""
    raise smoke_test.failure("shop.wsgi", Finished(1, _key_error("shop/wsgi.py")), str(folder), {})


def time_limit_reached(_folder: Path) -> None:
    """`BP_PYTHON_APP_CODE_TIMEOUT=1`, and bin/post_compile waits for something."""
    runner = limited(SubprocessRunner(), Settings({APP_CODE_TIMEOUT.name: "1"}), APP_CODE_TIMEOUT, "bin/post_compile")
    runner.run(Command(("sh", "-c", "exec sleep 60"), {"PATH": os.defpath}, show=False))


def toml_unreadable(folder: Path) -> None:
    """The platform's file store.toml ends in the middle."""
    (folder / "store.toml").write_text("[metadata\n", encoding="utf-8")
    read_toml(folder / "store.toml")


def tool_not_installed(folder: Path) -> None:
    """An app that needs pip itself, and an index that does not answer."""
    nowhere = {"UV_DEFAULT_INDEX": NOBODY, "UV_INDEX": "", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": "", "NO_COLOR": "1"}
    context = install_context(folder, folder / "work", folder / "layers", {}, UV_HTTP_RETRIES="0", **nowhere)
    context.tools.run(PIP, ("--version",), Command((), context.env, show=False))


def uv_missing(folder: Path) -> None:
    """A package was made by hand, without uv."""
    Uv(folder, folder, Path(sys.executable)).executable()


def virtual_environment_failed(folder: Path) -> None:
    """The interpreter ends with an error when it makes the environment."""
    python = _program(folder / "python3.13", 'echo "Error: [Errno 5] Input/output error" >&2; exit 1')
    create_environment(python, folder / "venv", {}, SubprocessRunner())


def vulnerabilities_found(_folder: Path) -> None:
    """`BP_PYTHON_AUDIT=fail`, and the app has jinja2 2.11.2."""
    with _osv() as url:
        settings = Settings({"BP_PYTHON_AUDIT": "fail", "BP_PYTHON_AUDIT_URL": url})
        Audit(settings, {}, "", Log()).run(InstalledDistributions({"jinja2": "2.11.2"}), frozenset())


class _Answers(BaseHTTPRequestHandler):
    """What OSV's API knows of one version of jinja2."""

    def do_POST(self) -> None:
        """Answer v1/querybatch."""
        self._answer({"results": [{"vulns": [{"id": "GHSA-g3rq-g295-4j3m"}]}]})

    def do_GET(self) -> None:
        """Answer v1/vulns/ID."""
        ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.11.3"}]}]
        affected = [{"package": {"name": "jinja2", "ecosystem": "PyPI"}, "ranges": ranges}]
        about = {"aliases": ["CVE-2020-28493"], "summary": "Regular expression denial of service"}
        self._answer({"id": "GHSA-g3rq-g295-4j3m", **about, "affected": affected})

    def _answer(self, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def _osv() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    with running(server):
        yield f"http://127.0.0.1:{server.server_port}"


def _program(path: Path, script: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def interpreter_row(version: str = "3.13.1") -> Interpreter:
    """Return a row of an inventory."""
    url = f"https://downloads.example.org/cpython-{version}.tar.gz"
    row = (
        f'version = "{version}"\nbuild = "20250101"\nos = "linux"\narch = "amd64"\nlibc = "gnu"\nvariant = "default"\n'
    )
    text = f'default = "3.13"\n[[interpreters]]\n{row}url = "{url}"\nsha256 = "{"0" * 64}"\n'
    return parse_inventory(text.encode(), "file:///inventory.toml", None).interpreters[0]


def _download(folder: Path, url: str) -> None:
    HttpFetcher(env={}, limits=_LIMITS).fetch(Download((url,), "0" * 64), folder / "file")


def _key_error(file: str) -> str:
    return (
        "Traceback (most recent call last):\n"
        f'  File "/workspace/{file}", line 12, in <module>\n    KEY = os.environ["PAYMENT_KEY"]\n'
        "  File \"<frozen os>\", line 716, in __getitem__\nKeyError: 'PAYMENT_KEY'\n"
    )


SITUATIONS: Mapping[str, Callable[[Path], None]] = {
    name.replace("_", "-"): found
    for name, found in list(vars().items())
    if inspect.isfunction(found)
    and found.__module__ == __name__
    and not name.startswith("_")
    and found is not interpreter_row
}
"""What makes each of these errors happen, by its code."""
