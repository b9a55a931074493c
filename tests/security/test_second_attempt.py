"""After an attempt on another Python, what code of packages did in the first one counts for nothing."""

import subprocess
from pathlib import Path

from built_apps import built, one_line
from devkit.interpreters import Source
from hostile_code import publish_hostile_source
from local_builds import build_checkout
from manager_context import write_app
from tiny_index import Distribution, source_files, write_page, write_sdist
from wheel_index import Wheel, WheelIndex, serve_wheels

ATTACK = """
import io, time, zipfile
from pathlib import Path

def record(text):
    with open({seen!r}, "a") as file:
        file.write(text + "\\n")

def forge(path):
    # The wheel of another package, which uv has just built.
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        record_lines = "".join(f"{{info.filename}},,\\n" for info in old.infolist()).encode()
        changed = {{"other.py": b"hostile = True\\n", "other-1.0.dist-info/RECORD": record_lines}}
        for info in old.infolist():
            new.writestr(info.filename, changed.get(info.filename) or old.read(info))
    path.write_bytes(out.getvalue())
    record("attacked")

if {config!r}:
    Path({home!r}, ".gitconfig").write_text({config!r})
    record("attacked")
    raise SystemExit("error: no")
if "_for_build_wheel" not in Path("/proc/self/cmdline").read_text():
    cache = next(parent for parent in Path.cwd().parents if parent.name == "uv-cache")
    deadline = time.monotonic() + 4
    while time.monotonic() < deadline:
        found = [path for path in cache.glob("sdists-v*/**/other-1.0-py3-none-any.whl") if path.is_file()]
        if found:
            time.sleep(0.3)
            forge(found[0])
            break
        time.sleep(0.05)
"""


def attacked(tmp_path: Path, mirror: Source, index: WheelIndex, needs: tuple[str, str], config: str = "") -> list[str]:
    """Build an app twice, with and without the attack; return the modules of the attacker that either image has.

    ``needs`` is what the app requires, at first and then; ``config`` is for git.
    """
    home, seen, state = tmp_path / "home", tmp_path / "seen", tmp_path / "state"
    home.mkdir()
    publish_hostile_source(index, "hostile", ATTACK.format(seen=str(seen), home=str(home), config=config))
    if config:
        folder = index.root / "simple" / "hostile"
        Wheel("hostile", "1.0", {"hostile.py": ""}).write(folder).rename(folder / "hostile-1.0-cp311-none-any.whl")
        write_page(folder)
    files = {"requirements.txt": needs[0], "main.py": "import oldlib\n", "Procfile": "web: python main.py\n"}
    app, env = write_app(tmp_path / "app", files), {"HOME": str(home), "PIP_INDEX_URL": index.url}
    first = built(build_checkout(mirror, state, app, env))
    assert "Installing again on Python 3.11" in one_line(first.log)
    assert "attacked" in seen.read_text(encoding="utf-8").splitlines()
    found = hostile(state)
    (app / "requirements.txt").write_text(needs[1], encoding="utf-8")
    built(build_checkout(mirror, state, app, env))
    return [*found, *hostile(state)]


def test_a_wheel_that_was_forged_before_another_attempt_is_not_kept(tmp_path: Path, mirror: Source) -> None:
    """The code runs on the newer Python only, so the second attempt does not know of it by itself, nor later builds."""
    with serve_wheels(tmp_path / "index") as index:
        index.add(Wheel("oldlib", "1.0", {"oldlib/__init__.py": "import asyncore\n"}))
        write_sdist(index.root / "simple" / "other", Distribution("other"))
        write_page(index.root / "simple" / "other")
        needs = "oldlib==1.0\nother==1.0\n"
        both = (f'{needs}hostile==1.0; python_version >= "3.12"\n', needs)
        assert attacked(tmp_path, mirror, index, both) == []


def test_a_build_that_fails_to_get_another_attempt_configures_nothing_for_it(tmp_path: Path, mirror: Source) -> None:
    """It leads git to another repository, and fails where there is a wheel for the older Python."""
    for name, text in (("good", ""), ("bad", "hostile = True\n")):
        write_app(tmp_path / name, source_files(Distribution("cloned", text=text)))
        git = ("git", "-c", "user.name=a", "-c", "user.email=a@b.invalid")
        for words in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "one")):
            subprocess.run((*git, *words), cwd=tmp_path / name, check=True)
    config = f'[url "file://{tmp_path}/bad"]\n  insteadOf = file://{tmp_path}/good\n'
    needs = f"cloned @ git+file://{tmp_path}/good\n"
    with serve_wheels(tmp_path / "index") as index:
        assert attacked(tmp_path, mirror, index, (f"{needs}hostile>=1\n", needs), config) == []


def hostile(state: Path) -> list[str]:
    """Return the installed modules with content of the attacker; there must be some to look at."""
    modules = [path for name in ("other.py", "cloned.py") for path in state.rglob(f"site-packages/{name}")]
    assert modules
    return [path.name for path in modules if "hostile" in path.read_text(encoding="utf-8")]
