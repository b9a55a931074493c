"""bin/pre_compile and bin/post_compile, nltk.txt and .profile, in whole builds."""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from built_apps import built, failed, one_line, open_to_others, outcomes
from devkit.interpreters import Source
from devkit.lifecycle.launch import Container, launch
from devkit.loopback import running
from local_builds import Attempt, BuiltOnce, build_checkout, build_once
from manager_context import write_app

UNTOUCHED = {"dependencies": "by reference", "python": "by reference", "runtime": "by reference"}

REPORT = """#!/usr/bin/env python
import importlib.metadata, json, os, sys
json.dump({
    "prefix": sys.prefix, "cwd": os.getcwd(), "word": os.environ.get("WORD"),
    "names": sorted(d.name for d in importlib.metadata.distributions()),
}, open(os.path.basename(__file__) + ".json", "w"))
"""


FILES = {
    "requirements.txt": "itsdangerous==2.1.2\n",
    "main.py": "import itsdangerous\nprint(itsdangerous.__version__)\n",
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, mirror: Source) -> BuiltOnce:
    """Return what a build of the app without hooks left."""
    return build_once(tmp_path_factory, mirror, FILES)


@pytest.fixture
def attempt(tmp_path: Path, installed: BuiltOnce) -> Attempt:
    """Return a function that builds the app after that: what hooks do is the same in a first build."""
    return installed.attempt(tmp_path)


@pytest.fixture
def first_attempt(tmp_path: Path, mirror: Source) -> Attempt:
    """Return a function that builds a directory, for the first time when it is called first."""
    return partial(build_checkout, mirror, tmp_path / "state")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return an app with one small pinned dependency."""
    folder = write_app(tmp_path / "app", FILES)
    (folder / "bin").mkdir()
    return folder


def hook(app: Path, name: str, text: str) -> None:
    """Write a hook, which is not executable: that bit is often lost."""
    (app / "bin" / name).write_text(text, encoding="utf-8")


def started(tmp_path: Path) -> str:
    """Start the image as a strict platform would, and return what it printed."""
    open_to_others(tmp_path)
    with launch(tmp_path / "state", container=Container(read_only=True)) as running:
        assert running.wait() == 0, running.log
        return running.log


def test_hooks_have_the_builds_environment(app: Path, first_attempt: Attempt, tmp_path: Path) -> None:
    """The first has the interpreter, the second the packages too; what they write into the app stays in the image."""
    hook(app, "pre_compile", REPORT)
    hook(app, "post_compile", REPORT)
    first = built(first_attempt(app, {"WORD": "from the platform"}))
    workspace = tmp_path / "state" / "workspace"
    layers = tmp_path / "state" / "layers" / "terrarium_python"
    before = json.loads((workspace / "pre_compile.json").read_text())
    after = json.loads((workspace / "post_compile.json").read_text())
    assert before["prefix"] == str(layers / "python/cpython")
    assert after["prefix"] == str(layers / "dependencies/venv")
    assert "itsdangerous" not in before["names"]
    assert "itsdangerous" in after["names"]
    assert [said["cwd"] for said in (before, after)] == [str(workspace)] * 2
    assert [said["word"] for said in (before, after)] == ["from the platform"] * 2

    again = built(first_attempt(app, {"WORD": "from the platform"}))
    assert outcomes(again) == UNTOUCHED
    assert again.app.digest == first.app.digest
    assert started(tmp_path) == "2.1.2\n"


def test_pre_compile_may_write_what_the_build_reads(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """Requirements and a Procfile that hooks generate are the ones that count."""
    hook(app, "pre_compile", "echo itsdangerous==2.2.0 > requirements.txt\n")
    prints = 'echo \'web: python -c "import os; print(os.environ[\\"VIRTUAL_ENV\\"])"\' > Procfile\n'
    hook(app, "post_compile", f"{prints}touch open own\nchmod 600 own\n")
    built(attempt(app))
    venv = (tmp_path / "state").resolve() / "layers/terrarium_python/dependencies/venv"
    assert started(tmp_path) == f"{venv}\n"
    workspace = tmp_path / "state/workspace"
    # The user of the run image shares the group, and may change what a hook wrote; keys stay the owner's.
    assert [(workspace / name).stat().st_mode & 0o777 for name in ("open", "own")] == [0o664, 0o600]
    assert (tmp_path / "state/layers/terrarium_python/dependencies/venv").exists()
    site_packages = next((tmp_path / "state/layers/terrarium_python/dependencies/venv/lib").glob("*/site-packages"))
    assert list(site_packages.glob("itsdangerous-2.2.0.dist-info"))


def test_hooks_have_pip_and_uv_and_a_cache_that_is_kept(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """Also if another script uses them; what is installed and cached is in the image, what is left at home is named."""
    (app / "Procfile").write_text("web: python main.py\n", encoding="utf-8")
    (app / "main.py").write_text(
        "import os, pathlib, importlib.util, colorama\n"
        "cache = pathlib.Path(os.environ['XDG_CACHE_HOME'])\n"
        "print(colorama.__version__, (cache / 'browsers/one').read_text(), importlib.util.find_spec('pip'))\n",
        encoding="utf-8",
    )
    hook(app, "more.sh", "set -e\npip install --quiet colorama==0.4.6\npython -m pip list\nuv pip list\n")
    hook(
        app,
        "post_compile",
        "set -e\nbash bin/more.sh\nmkdir $XDG_CACHE_HOME/browsers\nprintf chrome > $XDG_CACHE_HOME/browsers/one\n"
        "touch ~/lost ~/.old/seen\n",
    )
    home = tmp_path / "home"
    (home / ".old").mkdir(parents=True)
    result = built(attempt(app, {"HOME": str(home)}))
    log = " ".join(result.log.split())
    assert log.count("colorama 0.4.6") == 2, result.log
    assert "Kept for the image, in XDG_CACHE_HOME: browsers" in log
    assert "~/.old/seen" in log.partition("home directory is not in the image")[2]
    assert "~/lost are lost when the build ends" in log
    assert started(tmp_path) == "0.4.6 chrome None\n"
    again = built(attempt(app, {"HOME": str(home)}))
    assert outcomes(again)["hook_data"] == "reused"
    hook(app, "post_compile", "true\n")
    assert "hook_data" not in outcomes(built(attempt(app, {"HOME": str(home)})))


def test_a_hook_that_fails(app: Path, attempt: Attempt) -> None:
    """The build fails with the script's status, its output is shown, and Windows line ends are pointed out."""
    hook(app, "post_compile", "echo doing something\r\nexit 7\r\n")
    log = failed(attempt(app))
    assert "error: hook-failed" in log
    assert "bin/post_compile ended with status" in log
    assert "doing something" in log
    assert "Windows line ends" in log
    hook(app, "post_compile", "")
    hook(app, "pre_compile", "exit 3\n")
    log = failed(attempt(app))
    assert "bin/pre_compile ended with status 3" in log
    assert "[Dependencies]" not in log


def test_a_hook_that_changes_the_environment(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """What it adds is in the image, with a warning; the layer is made anew each time, and clean once it stops."""
    (app / "Procfile").write_text("web: python main.py\n", encoding="utf-8")
    hook(
        app,
        "post_compile",
        "#!/usr/bin/env python\n"
        "import pathlib, itsdangerous\n"
        "path = pathlib.Path(itsdangerous.__file__).parent.parent / 'extra.py'\n"
        "assert not path.exists()\n"
        "path.write_text('print(1234)')\n",
    )
    (app / "main.py").write_text("import extra\n", encoding="utf-8")
    first = built(attempt(app))
    assert "warning: bin/post_compile changed the virtual environment" in one_line(first.log)
    assert started(tmp_path) == "1234\n"
    again = built(attempt(app))
    assert outcomes(again) == {**UNTOUCHED, "dependencies": "reused"}
    assert "the hook whose changes it holds changed from bin/post_compile to none" in " ".join(again.log.split())

    hook(app, "post_compile", "true\n")
    (app / "main.py").write_text("import itsdangerous, importlib.util\nprint(importlib.util.find_spec('extra'))\n")
    assert outcomes(built(attempt(app))) == {**UNTOUCHED, "dependencies": "added"}
    assert started(tmp_path) == "None\n"

    # From here on the layer is reused by reference; a hook that changes it again is noticed all the same.
    assert outcomes(built(attempt(app))) == UNTOUCHED
    hook(app, "post_compile", 'cd "$VIRTUAL_ENV"/lib/python3*/site-packages && echo "print(5)" > extra.py\n')
    (app / "main.py").write_text("import extra\n", encoding="utf-8")
    assert outcomes(built(attempt(app))) == {**UNTOUCHED, "dependencies": "added"}
    assert started(tmp_path) == "5\n"


def test_a_hook_that_changes_the_interpreter(app: Path, attempt: Attempt) -> None:
    """The interpreter is what its digest says, or there is no image."""
    hook(app, "pre_compile", "#!/usr/bin/env python\nimport os\nopen(os.__file__, 'a').write('# changed')\n")
    log = failed(attempt(app))
    assert "error: hook-changed-python" in log
    assert "/os.py" in log


def test_a_hook_that_changes_the_version(app: Path, attempt: Attempt) -> None:
    """The Python version cannot be changed by what runs after Python is installed."""
    hook(app, "pre_compile", "echo 3.12 > .python-version\n")
    (app / ".python-version").write_text("3.13\n")
    assert "error: hook-changed-version" in failed(attempt(app))


def test_a_profile_is_sourced_before_each_process(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """What it exports reaches processes, which still start directly; PORT and the like follow it; -e has precedence."""
    (app / ".profile").write_text('export WORD="${WORD:-two words}" PORT=5001 PATH="$PWD/bin:$PATH"\n')
    (app / "bin" / "show").write_text("#!/bin/sh\necho $PPID $WORD $UVICORN_PORT\n")
    (app / "bin" / "show").chmod(0o755)
    (app / "Procfile").write_text("web: show\n")
    assert ".profile" not in built(attempt(app)).log
    assert started(tmp_path) == f"{os.getpid()} two words 5001\n"
    with launch(tmp_path / "state", env={"WORD": "one"}) as running:
        assert running.wait() == 0
        assert running.log.endswith(" one 5001\n")
    with launch(tmp_path / "state", command=("true",)) as running:
        assert running.environment["WORD"] == "two words"

    (app / ".profile").unlink()
    assert outcomes(built(attempt(app))) == {**UNTOUCHED, "runtime": "added"}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Print nothing."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """Serve an index of NLTK data with one package, and return its address."""
    root = tmp_path / "index"
    root.mkdir()
    archive = root / "tiny.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("tiny/words.txt", "hello corpus")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root)))
    with running(server):
        address = f"http://127.0.0.1:{server.server_port}"
        content = archive.read_bytes()
        (root / "index.xml").write_text(
            '<?xml version="1.0"?><nltk_data><packages><package id="tiny" name="Tiny" subdir="corpora" unzip="1" '
            f'size="{len(content)}" unzipped_size="12" checksum="{hashlib.md5(content).hexdigest()}" '  # noqa: S324
            f'sha256_checksum="{hashlib.sha256(content).hexdigest()}" url="{address}/tiny.zip"/>'
            "</packages><collections/></nltk_data>",
            encoding="utf-8",
        )
        yield f"{address}/index.xml"


def test_nltk_data(app: Path, attempt: Attempt, index: str, tmp_path: Path) -> None:
    """What nltk.txt names is found by NLTK at launch, by hooks and by the smoke test, and is downloaded once."""
    (app / "requirements.txt").write_text("nltk==3.10.4\n", encoding="utf-8")
    (app / "nltk.txt").write_text("# corpora\ntiny\n", encoding="utf-8")
    (app / "main.py").write_text(
        "import nltk\nWORDS = nltk.data.load('corpora/tiny/words.txt', 'raw').decode()\n"
        "if __name__ == '__main__':\n    print(WORDS)\n"
    )
    env = {"BP_PYTHON_NLTK_INDEX": index}
    built(attempt(app, env))
    assert started(tmp_path) == "hello corpus\n"
    untouched = {**UNTOUCHED, "nltk_data": "by reference", "package-nltk": "by reference"}
    assert outcomes(built(attempt(app, env))) == untouched
    # The data is needed now, and is in the image only: downloaded again, with an equal digest.
    hook(app, "post_compile", "python main.py > said.txt\n")
    assert outcomes(built(attempt(app, env)))["nltk_data"] == "reused"
    assert (tmp_path / "state/workspace/said.txt").read_text() == "hello corpus\n"
    last = built(attempt(app, {**env, "BP_PYTHON_SMOKE_TEST": "true"}))
    assert outcomes(last) == untouched
    assert "Importing main.py" in last.log
    assert (tmp_path / "state/workspace/said.txt").read_text() == "hello corpus\n"

    (app / "nltk.txt").write_text("no_such_corpus\n", encoding="utf-8")
    log = failed(attempt(app, env))
    assert "error: nltk-download-failed" in log
    assert "no_such_corpus" in log
    (app / "nltk.txt").write_text("--proxy\n", encoding="utf-8")
    assert "error: nltk-list-invalid" in failed(attempt(app, env))


def test_nltk_data_without_nltk(app: Path, attempt: Attempt) -> None:
    """A list of data for a library that is not there is a mistake, not a failure."""
    (app / "nltk.txt").write_text("stopwords\n", encoding="utf-8")
    assert "warning: nltk.txt is not used" in one_line(built(attempt(app)).log)


def test_the_app_of_a_folder_is_built_and_started_there(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """BP_PYTHON_SUBDIRECTORY: its files decide, hooks and processes begin in it, and what lies beside it is there."""
    inner = app / "services" / "shop"
    inner.mkdir(parents=True)
    (app / "main.py").replace(inner / "main.py")
    (app / "requirements.txt").replace(inner / "requirements.txt")
    (app / "package.json").write_text("{}", encoding="utf-8")
    (inner / "main.py").write_text(
        "import itsdangerous, os\nprint(os.getcwd(), os.path.exists('../../package.json'), os.listdir('.'))\n",
        encoding="utf-8",
    )
    (inner / "bin").mkdir()
    hook(inner, "post_compile", "#!/bin/sh\npwd > where\n")
    built(attempt(app, {"BP_PYTHON_SUBDIRECTORY": "services/shop"}))
    workspace = (tmp_path / "state").resolve() / "workspace" / "services" / "shop"
    assert (workspace / "where").read_text().strip() == str(workspace)
    assert started(tmp_path).startswith(f"{workspace} True")
