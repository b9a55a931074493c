"""Beside other buildpacks: one before that provides libraries, one after that requires Python, one with a Procfile."""

import shutil
import subprocess
from pathlib import Path

from devkit.pack.build import PackBuild
from devkit.pack.containers import ContainerOptions, run_container, run_once
from devkit.pack.prepare import Platform
from devkit.pack.remove import Names
from devkit.packaging.package import Packaged

LIBRARIES = {
    "bin/detect": "#!/bin/sh\nexit 0\n",
    # A layer's lib/ and include/ reach the later buildpacks and the launched app, as with an Aptfile buildpack.
    "bin/build": """#!/bin/sh
set -eu
mkdir -p "$CNB_LAYERS_DIR/apt/lib"
cp "$CNB_BUILDPACK_DIR/libgreeting.so" "$CNB_LAYERS_DIR/apt/lib/"
printf '[types]\\nlaunch = true\\nbuild = true\\n' > "$CNB_LAYERS_DIR/apt.toml"
""",
}
MODEL = {
    "bin/detect": """#!/bin/sh
cat > "$CNB_BUILD_PLAN_PATH" <<'END'
[[requires]]
name = "python"
[requires.metadata]
build = true
[[requires]]
name = "site-packages"
[requires.metadata]
build = true
END
""",
    # Uses the app's interpreter and packages while the image is built, and leaves what it computed.
    "bin/build": """#!/bin/sh
set -eu
mkdir -p "$CNB_LAYERS_DIR/model"
python -c 'import flask, sys; print(flask.__name__, "on", sys.version.split()[0])' > "$CNB_LAYERS_DIR/model/card"
cat "$CNB_LAYERS_DIR/model/card"
printf '[types]\\nlaunch = true\\n' > "$CNB_LAYERS_DIR/model.toml"
""",
}
PROCFILE = {
    "bin/detect": "#!/bin/sh\ntest -f Procfile.other\n",
    "bin/build": """#!/bin/sh
set -eu
command=$(sed -n 's/^admin: //p' Procfile.other)
printf '[[processes]]\\ntype = "admin"\\ncommand = ["sh", "-c", "%s"]\\n' "$command" > "$CNB_LAYERS_DIR/launch.toml"
""",
}
APP = """\
import ctypes
from flask import Flask
app = Flask(__name__)
@app.get("/")
def root():
    return str(ctypes.CDLL("libgreeting.so").greeting())
"""


def write_buildpack(folder: Path, name: str, files: dict[str, str]) -> Path:
    """Write a small sh buildpack."""
    (folder / name / "bin").mkdir(parents=True)
    for path, text in files.items():
        (folder / name / path).write_text(text, encoding="utf-8")
        (folder / name / path).chmod(0o755)
    identity = f'[buildpack]\nid = "test/{name}"\nversion = "1.0.0"\nname = "{name}"\n'
    descriptor = f'api = "0.10"\n{identity}[[targets]]\nos = "linux"\n'
    (folder / name / "buildpack.toml").write_text(descriptor, encoding="utf-8")
    return folder / name


def test_three_neighbours_get_what_they_need(
    platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names, tmp_path: Path
) -> None:
    """The app loads a library of the one before; the one after imports its packages at build; a process is added.

    In the rebuild, where nothing changed, the later buildpack still gets interpreter and packages.
    """
    libraries = write_buildpack(tmp_path, "libraries", LIBRARIES)
    (tmp_path / "greeting.c").write_text("int greeting(void) { return 4711; }\n", encoding="utf-8")
    library = str(libraries / "libgreeting.so")
    compiler = shutil.which("cc")
    assert compiler, "the machine needs a C compiler for the library of this test"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, str(tmp_path / "greeting.c")], check=True)
    model = write_buildpack(tmp_path, "model", MODEL)
    procfile = write_buildpack(tmp_path, "procfile", PROCFILE)
    app = tmp_path / "app"
    app.mkdir()
    (app / "requirements.txt").write_text("flask\ngunicorn\n", encoding="utf-8")
    (app / "app.py").write_text(APP, encoding="utf-8")
    (app / "Procfile.other").write_text("admin: python -V\n", encoding="utf-8")

    builder = platform.create_builder(
        names.image("neighbours-builder"), (libraries, packaged.directory, model, procfile)
    )
    image = names.image("neighbours")
    for _ in range(2):
        result = platform.build(PackBuild(app, image, builder, (), inventory))
        assert result.status == 0, result.output
        assert "flask on 3." in result.output
    with run_container(image) as container:
        assert container.wait_for_http().text == "4711"
    admin = run_once(image, options=ContainerOptions(entrypoint="admin"))
    assert (admin.status, admin.output.startswith("Python 3.")) == (0, True), admin.output
