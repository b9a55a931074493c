"""The image extension for packages of the operating system, run by the detector and generator of a real lifecycle."""

import os
import subprocess
import tomllib
from pathlib import Path

import pytest

from devkit.version import own_version
from manager_context import write_app
from real_phases import EXTENSION, RealPhases


def of(root: Path, files: dict[str, str], **variables: str) -> RealPhases:
    """Return the phases for an app with these files."""
    phases = RealPhases(root, write_app(root / "app", {"main.py": "", **files}))
    phases.add_extension()
    phases.give(variables)
    return phases


def dockerfiles(phases: RealPhases) -> dict[str, str]:
    """Return what was generated, by image."""
    found = (phases.root / "layers" / "generated").glob("*/*ockerfile")
    return {path.name.partition(".")[0]: path.read_text(encoding="utf-8") for path in found}


def test_packages_are_installed_into_both_images(tmp_path: Path) -> None:
    """The lifecycle accepts what is generated: both images are extended, and run as their own user."""
    files = {
        "Aptfile": "\ufeff# for the database\r\nlibpq5\r\n  g++ libgl1=1.2~rc-1 # of two",
        "packages.txt": "libpq5\nffmpeg",
    }
    phases = of(tmp_path, files, BP_APT_PACKAGES="curl, libc6:amd64")
    finished = phases.run("generator")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "extends the run image: true" in finished.stdout
    made = dockerfiles(phases)
    assert set(made) == {"build", "run"}
    for text in made.values():
        assert text.startswith("ARG base_image\nFROM ${base_image}\nUSER root\n")
        assert " -- curl ffmpeg g++ libc6:amd64 libgl1=1.2~rc-1 libpq5 \\\n" in text
        assert text.endswith("USER ${user_id}:${group_id}\n")


@pytest.mark.parametrize("files", [{}, {"packages.txt": "What is in this box:\nlibpq5\n"}, {"Aptfile": "# nothing\n"}])
def test_an_app_that_names_none_has_no_extension(files: dict[str, str], tmp_path: Path) -> None:
    """A packages.txt with anything but names is of another tool."""
    phases = of(tmp_path, files)
    finished = phases.run("generator")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert dockerfiles(phases) == {}


def run(program: str, app: Path, output: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run a program of the extension as the lifecycle does."""
    output.mkdir(exist_ok=True)
    given = {"PATH": os.defpath, "CNB_EXTENSION_DIR": str(EXTENSION), "CNB_OUTPUT_DIR": str(output), **env}
    return subprocess.run([EXTENSION / "bin" / program], cwd=app, env=given, check=False, capture_output=True)


@pytest.mark.parametrize(
    "name",
    ["a;touch${IFS}x", "$(touch${IFS}x)", "`touch`", "a&&b", "lib*", "lib?", "-oDPkg::Pre-Invoke::=x", "libc6-", "a\\",
     "a'b", 'a"b', "a|b", "x=~1", "x=-1", "Libpq", "a", "é5", "x/sid", "x\x1b[31m", "${base_image}", "x#y"],
)  # fmt: skip
@pytest.mark.parametrize("place", ["Aptfile", "BP_APT_PACKAGES"])
def test_what_is_no_name_of_a_package_reaches_no_command(name: str, place: str, tmp_path: Path) -> None:
    """Neither a shell nor an option of apt: it is an error that names the place, and no Dockerfile is written."""
    app = write_app(tmp_path / "app", {"Aptfile": f"libpq5\n{name}\n"} if place == "Aptfile" else {"main.py": ""})
    env = {} if place == "Aptfile" else {place: f"libpq5 {name}"}
    finished = run("generate", app, tmp_path / "out", **env)
    said = finished.stdout.decode()
    assert (finished.returncode, list((tmp_path / "out").iterdir())) == (1, []), said
    assert f"error: {place} names '" in said
    assert "\x1b" not in said
    assert sorted(path.name for path in app.iterdir()) == (["Aptfile"] if place == "Aptfile" else ["main.py"])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (":repo:deb https://host.test stable main", "adds a package repository"),
        ("https://me:secret@host.test/tool_1.deb?key=secret", "names a file (tool_1.deb)"),
        ("./tool.deb", "names a file (tool.deb)"),
    ],
)
def test_what_heroku_takes_besides_is_explained(line: str, said: str, tmp_path: Path) -> None:
    """Repositories and files are not installed: the build ends with the reason, and an address hides its password."""
    app = write_app(tmp_path / "app", {"Aptfile": f"{line}\n"})
    finished = run("generate", app, tmp_path / "out").stdout.decode()
    assert said in finished
    assert "secret" not in finished


def test_a_link_is_not_read(tmp_path: Path) -> None:
    """It may lead to a file of the build image, whose lines would be in the log."""
    (tmp_path / "secret").write_text("not for the log\n", encoding="utf-8")
    app = write_app(tmp_path / "app", {"main.py": ""})
    (app / "Aptfile").symlink_to(tmp_path / "secret")
    assert run("detect", app, tmp_path / "out").returncode == 100


@pytest.mark.parametrize(
    ("distribution", "status"), [("debian", 0), ("ubuntu", 0), ("", 0), ("rhel", 100), ("alpine", 100)]
)
def test_it_is_for_debian_and_ubuntu(distribution: str, status: int, tmp_path: Path) -> None:
    """On other systems the app is built without it, with the buildpack's advice."""
    app = write_app(tmp_path / "app", {"Aptfile": "libpq5\n"})
    assert run("detect", app, tmp_path / "out", CNB_TARGET_DISTRO_NAME=distribution).returncode == status


def test_its_version_is_that_of_the_buildpack() -> None:
    """They are released together."""
    extension = tomllib.loads((EXTENSION / "extension.toml").read_text(encoding="utf-8"))["extension"]
    assert extension["version"] == own_version()
