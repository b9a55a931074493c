"""The app's own code, run by collectstatic, changes no layer that a later build reuses."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from built_apps import built, digests, outcomes
from devkit.interpreters import Source
from devkit.lifecycle.launch import launch
from devkit.lifecycle.results import Built
from local_builds import build_checkout
from manager_context import write_app
from wheel_index import heavy, light, serve_wheels

HONEST = "import django, feather, stone, sys\nprint('0 static files copied.', 'hostile' in sys.modules)\n"
ATTACK = r"""
import django, feather, marshal, stone, sys
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
(site / "sitecustomize.py").write_text("import sys; sys.modules['hostile'] = sys")
(site / "planted").mkdir(mode=0)
forge(feather.__file__)
forge(stone.__file__)
forge(Path(sys.base_prefix, "lib", f"python3.{sys.version_info.minor}", "this.py").as_posix())
for name in ("dependencies", "python", "package-stone"):
    folder = layers / name / "exec.d"
    folder.mkdir()
    (folder / "hostile").write_text("#!/bin/sh\necho hostile >&2\n")
    (folder / "hostile").chmod(0o755)
print("0 static files copied. attacked", layers)
"""
FILES = {
    "requirements.txt": "stone==1.0\nfeather==1.0\ndjango==5.0\n",
    "main.py": "import feather, stone, sys\nprint(feather.version, stone.version, 'hostile' in sys.modules)\n",
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
        index.add(heavy("stone", "1.0"), light("feather", "1.0"), light("django", "5.0"))
        env = {"PIP_INDEX_URL": index.url}
        app = write_app(root / "app", {**FILES, "manage.py": HONEST})
        clean = built(build_checkout(mirror, state, app, env))
        (app / "manage.py").write_text(ATTACK, encoding="utf-8")
        attacked = built(build_checkout(mirror, state, app, env, cache=False, previous_image=False))
        (app / "manage.py").write_text(HONEST, encoding="utf-8")
        after = built(build_checkout(mirror, state, app, env))
        with launch(state) as running:
            assert running.wait() == 0, running.log
            yield Attacked(clean, attacked, after, running.log.strip())


def test_the_attack_runs_where_it_may(builds: Attacked) -> None:
    """In collectstatic, with the packages on disk."""
    assert "copied. attacked /" in builds.attacked.log


def test_the_layers_are_those_of_an_honest_app(builds: Attacked) -> None:
    """Digest for digest: no new module, no forged bytecode, no program of exec.d; the log says what was undone."""
    assert digests(builds.attacked) == digests(builds.clean)
    for layer in ("python", "dependencies", "package-stone"):
        assert f"/{layer}, among them" in builds.attacked.log


def test_forged_bytecode_is_not_kept(builds: Attacked) -> None:
    """The next build runs the app's code with bytecode from the cache."""
    assert "0 static files copied. False" in builds.after.log
    assert set(outcomes(builds.after).values()) == {"by reference"}
    assert builds.said == "1.0 1.0 False"
