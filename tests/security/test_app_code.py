"""The app's own code, and the code of its packages, change no layer that a later build reuses."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from built_apps import built, digests, one_line, outcomes
from devkit.interpreters import Source
from devkit.lifecycle.launch import launch
from devkit.lifecycle.results import Built
from local_builds import build_checkout
from manager_context import write_app
from wheel_index import Wheel, heavy, light, serve_wheels

HONEST = "import django, feather, stone, sys\nprint('0 static files copied.', 'hostile' in sys.modules)\n"
FORGERY = r"""
import django, feather, marshal, os, stone, sys
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path

def forge(source):
    # Bytecode that is not compared with its source (PEP 552).
    code = compile("import sys; version = 'forged'; sys.modules['hostile'] = sys", source, "exec")
    path = Path(cache_from_source(source))
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + marshal.dumps(code))

site = Path(feather.__file__).parents[1]
layers = site.parents[4]
forge(feather.__file__)
forge(stone.__file__)
"""
ATTACK = (
    FORGERY
    + r"""
(site / "sitecustomize.py").write_text("import sys; sys.modules['hostile'] = sys")
(site / "planted").mkdir(mode=0)
forge(Path(sys.base_prefix, "lib", f"python3.{sys.version_info.minor}", "this.py").as_posix())
for name in ("dependencies", "python", "package-stone"):
    folder = layers / name / "exec.d"
    folder.mkdir(exist_ok=True)
    (folder / "hostile").write_text("#!/bin/sh\necho hostile >&2\n")
    (folder / "hostile").chmod(0o755)
for path in (layers / "nltk_data" / "data").glob("*"):
    path.write_text("hostile")
print("0 static files copied. attacked", layers)
"""
)
HOOK = (
    FORGERY
    + r"""
for name in ("dependencies", "package-stone", "nltk_data"):
    for below in ("exec.d", "profile.d", "env.launch", "bin", "lib"):
        folder = layers / name / below
        folder.mkdir(exist_ok=True)
        for file in ("hostile", "LD_PRELOAD.override"):
            (folder / file).write_text("#!/bin/sh\necho hostile >&2\n")
            (folder / file).chmod(0o755)
    (layers / f"{name}.sbom.cdx.json").write_text("{}")
(layers / "nltk_data" / "data" / "words").write_text("hostile")
(layers / "nltk_data" / "data" / "more").mkdir()
print("hook attacked", os.environ["NLTK_DATA"])
"""
)
DOWNLOADER = r"""
import os, sys
from pathlib import Path

folder = Path(sys.argv[sys.argv.index("-d") + 1])
(folder / "words").write_text("honest")
if "HOSTILE" in os.environ:
    site = Path(__file__).parents[1]
    (site / "sitecustomize.py").write_text("import sys; sys.modules['hostile'] = sys")
    (site / "feather" / "__init__.py").write_text("version = 'hostile'")
    print("downloader attacked")
"""
NLTK = Wheel("nltk", "3.9", {"nltk/__init__.py": "", "nltk/downloader.py": DOWNLOADER})
FILES = {
    "requirements.txt": "stone==1.0\nfeather==1.0\ndjango==5.0\nnltk==3.9\n",
    "nltk.txt": "words\n",
    "main.py": "import feather, os, stone, sys\n"
    "words = open(os.environ['NLTK_DATA'] + '/words').read()\n"
    "print(feather.version, stone.version, words, 'hostile' in sys.modules)\n",
    "Procfile": "web: python main.py\n",
}


@dataclass(frozen=True, slots=True)
class Attacked:
    """A build of an honest app, one of the hostile app on an empty platform, and one after the attack is gone."""

    clean: Built
    attacked: Built
    after: Built
    said: str


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory, mirror: Source) -> Iterator[Attacked]:
    """Build in the same places, so that digests can be compared."""
    root = tmp_path_factory.mktemp("app_code")
    state = root / "state"
    with serve_wheels(root / "index") as index:
        index.add(heavy("stone", "1.0"), light("feather", "1.0"), light("django", "5.0"), NLTK)
        env = {"PIP_INDEX_URL": index.url}
        app = write_app(root / "app", {**FILES, "manage.py": HONEST})
        clean = built(build_checkout(mirror, state, app, env))
        (app / "manage.py").write_text(ATTACK, encoding="utf-8")
        (app / "hook.py").write_text(HOOK, encoding="utf-8")
        (app / "bin").mkdir()
        (app / "bin" / "post_compile").write_text("#!/bin/sh\nexec python hook.py\n", encoding="utf-8")
        attacked = built(
            build_checkout(mirror, state, app, {**env, "HOSTILE": "yes"}, cache=False, previous_image=False)
        )
        shutil.rmtree(app / "bin")
        (app / "manage.py").write_text(HONEST, encoding="utf-8")
        after = built(build_checkout(mirror, state, app, env))
        with launch(state) as running:
            assert running.wait() == 0, running.log
            yield Attacked(clean, attacked, after, running.log.strip())


def test_the_attack_runs_where_it_may(builds: Attacked) -> None:
    """In the download of data, in collectstatic and in a hook, with the packages and the data on disk."""
    assert "downloader attacked" in builds.attacked.log
    assert "copied. attacked /" in builds.attacked.log
    assert "hook attacked /" in builds.attacked.log


def test_the_layers_are_those_of_an_honest_app(builds: Attacked) -> None:
    """Digest for digest: no new module, no forged bytecode, no program of exec.d, no changed bill of materials.

    The log says what was undone, and after which step.
    """
    assert digests(builds.attacked) == digests(builds.clean)
    log = " ".join(builds.attacked.log.split())
    for step, layers in {
        "NLTK data": ["dependencies"],
        "collectstatic": ["python", "dependencies", "package-stone", "nltk_data"],
        "bin/post_compile": ["dependencies", "package-stone", "nltk_data"],
    }.items():
        for layer in layers:
            assert re.search(rf"Undone: {step} changed \d+ entries in \S+/{layer}, among them", log), (step, layer)
    assert "changed the virtual environment" not in one_line(builds.attacked.log)


def test_forged_bytecode_is_not_kept(builds: Attacked) -> None:
    """The next build runs the app's code with bytecode from the cache."""
    assert "0 static files copied. False" in one_line(builds.after.log)
    assert set(outcomes(builds.after).values()) == {"by reference"}
    assert builds.said == "1.0 1.0 honest False"
