"""What a hook of one build writes into layers and the cache is not used by the next build, nor is it in its image."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from built_apps import built, digests, one_line
from devkit.interpreters import Source
from devkit.lifecycle.launch import launch
from devkit.lifecycle.results import Built
from hostile_code import hook
from local_builds import build_checkout
from manager_context import write_app
from wheel_index import heavy, light, serve_wheels

FILES = {
    "requirements.txt": "stone==1.0\nfeather==1.0\n",
    "main.py": "import stone, feather, sys\nprint(stone.version, feather.version, 'hostile' in sys.modules)\n",
}
HONEST = r"""
import subprocess
print("honest", end=" ", flush=True)
subprocess.run(["python", "-c", "import stone, sys; print(f'hostile={\'hostile\' in sys.modules}')"], check=True)
"""
ATTACK = r"""
import io, os, tarfile
from pathlib import Path
from python_buildpack.support.zstandard import open_to_read, open_to_write

LAYERS = Path({layers!r})
PLACES = ("lib/python3.13/site-packages/sitecustomize.py", "../forged")

def forge(archive):
    # As it was, and with hostile modules wherever they might be imported from; some of the names lead out.
    stream = io.BytesIO()
    with (
        open_to_read(archive) as whole,
        tarfile.open(fileobj=whole, mode="r|") as before,
        tarfile.open(fileobj=stream, mode="w|", format=tarfile.GNU_FORMAT) as tar,
    ):
        for entry in before:
            tar.addfile(entry, before.extractfile(entry) if entry.isfile() else None)
        for name in PLACES if archive.name.startswith("dependencies") else PLACES[1:]:
            text = b"import sys; sys.modules['hostile'] = sys"
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
    with open_to_write(archive.with_name("forged"), level=3) as file:
        file.write(stream.getvalue())
    archive.with_name("forged").replace(archive)

forged = sorted(LAYERS.glob("cache*/*.tar.zst"))
for archive in forged:
    forge(archive)
print("forged", len(forged))

site = LAYERS / "package-stone" / "site-packages" / "stone"
if not site.exists():
    # The layer is to be taken from the previous image.
    site.mkdir(parents=True)
    (site / "__init__.py").write_text("import sys; version = 'hostile'; sys.modules['hostile'] = sys")
    print("planted", site)
(LAYERS / "evil").mkdir()
(LAYERS / "evil.toml").write_text("[types]\nlaunch = true\n")
(LAYERS / "runtime.toml").write_text("[types]\nlaunch = false\n")
"""


@dataclass(frozen=True, slots=True)
class Attacked:
    """Three builds of one app: a clean one, one with a hostile hook, and one without it in which a package changes."""

    clean: Built
    attacked: Built
    after: Built
    said: tuple[str, str]
    """What the images of the second and the third build print."""


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory, mirror: Source) -> Iterator[Attacked]:
    """Build the app three times, on a platform that keeps everything."""
    root = tmp_path_factory.mktemp("attacked")
    app, state = write_app(root / "app", FILES), root / "state"
    with serve_wheels(root / "index") as index:
        index.add(heavy("stone", "1.0"), light("feather", "1.0"), light("feather", "2.0"))
        env = {"PIP_INDEX_URL": index.url}
        hook(app, "post_compile", HONEST)
        clean = built(build_checkout(mirror, state, app, env))
        hook(app, "pre_compile", ATTACK.format(layers=str(state / "layers" / "terrarium_python")))
        attacked = built(build_checkout(mirror, state, app, env))
        said = printed(state)
        (app / "bin" / "pre_compile").unlink()
        (app / "requirements.txt").write_text("stone==1.0\nfeather==2.0\n", encoding="utf-8")
        after = built(build_checkout(mirror, state, app, env))
        yield Attacked(clean, attacked, after, (said, printed(state)))


def printed(state: Path) -> str:
    """Start the image, and return what it prints."""
    with launch(state) as running:
        assert running.wait() == 0, running.log
        return running.log.strip()


def test_the_attack_runs_where_it_may(builds: Attacked) -> None:
    """The hook found archives to forge, and the directory of a layer that was to be taken from the previous image."""
    assert int(re.search(r"forged (\d+)", builds.attacked.log)[1]) >= 3  # type: ignore[index]
    assert "planted" in builds.attacked.log


def test_a_layer_that_is_reused_by_reference_is_that_of_the_previous_image(builds: Attacked) -> None:
    """Also if something is in its directory; and a layer that nobody declared is not in the image."""
    assert digests(builds.attacked) == digests(builds.clean)
    assert builds.said == ("1.0 1.0 False", "1.0 2.0 False")


def test_forged_archives_are_thrown_away_and_not_unpacked(builds: Attacked) -> None:
    """Neither by the build that forged them nor by the next one; the log has a line for each that was needed."""
    assert "Removed from the cache: package-stone-" in one_line(builds.attacked.log)
    assert "honest hostile=False" in builds.attacked.log
    assert "honest hostile=False" in builds.after.log
    assert digests(builds.after)["package-stone"] == digests(builds.clean)["package-stone"]


def test_records_of_layers_are_those_of_the_buildpack(builds: Attacked) -> None:
    """A hook that writes a record does not change what is exported; the log names what was undone."""
    undone = re.search(r"Undone in the layers directory[^\n]*: (.*)", builds.attacked.log)
    assert undone is not None
    assert "evil.toml" in undone[1]
