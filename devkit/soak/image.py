"""The soak's app as files, and what the image that came of it says about itself."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from devkit.lifecycle import launch
from devkit.soak.attacks import DAMAGE
from devkit.soak.attacks import HOOK as HOSTILE_HOOK
from devkit.soak.plan import BY_HOOK, App, Attack

HOOK = "bin/post_compile"
_HOOK_TEXT = "#!/bin/sh\nset -e\npython describe.py > seen.json\n"
_DESCRIBE = """\
import importlib, importlib.metadata, json, os, sys

installed = {found.metadata["Name"]: found.version for found in importlib.metadata.distributions()}
modules = {name: importlib.import_module(name).version for name in installed}
for name, version in installed.items():
    importlib.import_module(f"{name}.part_{version.replace('.', '_')}")
foreign = "hostile" in sys.modules or "HOSTILE" in os.environ
print(
    json.dumps(
        {"python": "%d.%d" % sys.version_info[:2], "installed": installed, "modules": modules, "foreign": foreign}
    )
)
"""
_MAIN = """\
import pathlib, runpy

runpy.run_path("describe.py")
seen = pathlib.Path("seen.json")
print(seen.read_text().strip() if seen.exists() else "{}")
"""


def write_app(app: App, folder: Path) -> None:
    """Write the app's source, and nothing else, to ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files = {
        "requirements.txt": app.lines,
        ".python-version": f"{app.python}\n",
        "describe.py": _DESCRIBE,
        "main.py": _MAIN,
        "Procfile": "web: python main.py\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    is_hostile = app.attack in BY_HOOK
    if app.has_hook or is_hostile:
        (folder / "bin").mkdir()
        lines = [_HOOK_TEXT if app.has_hook else "", "exec python hostile.py\n" if is_hostile else ""]
        (folder / HOOK).write_text("".join(lines), encoding="utf-8")
        (folder / HOOK).chmod(0o755)
    if is_hostile:
        damage = DAMAGE if app.attack is Attack.DAMAGE else ""
        (folder / "hostile.py").write_text(f"{HOSTILE_HOOK}{damage}", encoding="utf-8")


def image_faults(app: App, state: Path) -> Iterator[str]:
    """Start the image in ``state``, and yield what is not as the app declares it."""
    with launch(state) as running:
        status = running.wait()
        lines = running.log.splitlines()
    if status != 0:
        yield f"the image ended with status {status}: {' '.join(lines[-5:])}"
        return
    installed = dict(app.installed)
    wanted = {"python": app.python, "installed": installed, "modules": installed, "foreign": False}
    found, seen = (json.loads(line) for line in lines[-2:])
    if app.attack is Attack.PACKAGE:
        # Its code may change the packages of its own app, in the build that installs it.
        found.pop("foreign")
        seen.pop("foreign", None)
        wanted.pop("foreign")
    if found != wanted:
        yield f"the image has {found}, not {wanted}"
    if app.has_hook and seen != wanted:
        yield f"the hook saw {seen}, not {wanted}"
