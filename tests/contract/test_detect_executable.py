"""bin/detect as a platform runs it: a process, an environment, an exit status and a plan."""

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from cnb.build_plan import build_plan_document
from python_buildpack.app.known_files import KNOWN_FILES, MISSPELT, SCRIPT_METADATA, is_known
from python_buildpack.detect import ALSO_DECLARING, BARE, CHOOSING, FORCING, Python, decide
from python_buildpack.platform.build_plan import own_plan

CHECKOUT = Path(__file__).resolve().parents[2]


def detect(app: Path, scratch: Path, **env: str) -> tuple[int, str, dict[str, object]]:
    """Run bin/detect in ``app``; return its status, output and plan."""
    plan = scratch / "plan.toml"
    plan.touch()
    (scratch / "platform").mkdir(exist_ok=True)
    finished = subprocess.run(
        [CHECKOUT / "bin" / "detect"],
        cwd=app,
        env={
            "PATH": "/usr/bin:/bin",
            "CNB_BUILDPACK_DIR": str(CHECKOUT),
            "CNB_PLATFORM_DIR": str(scratch / "platform"),
            "CNB_BUILD_PLAN_PATH": str(plan),
            "CNB_TARGET_OS": "linux",
            "CNB_TARGET_ARCH": "amd64",
            **env,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return finished.returncode, finished.stdout, tomllib.loads(plan.read_text(encoding="utf-8"))


@pytest.fixture
def app(tmp_path: Path) -> Path:
    path = tmp_path / "app"
    path.mkdir()
    return path


def test_a_python_app_passes_with_both_sides_of_the_plan(app: Path, tmp_path: Path) -> None:
    """Status 0, nothing printed, and a plan that holds without any other buildpack."""
    (app / "requirements.txt").write_text("flask\n", encoding="utf-8")
    status, output, plan = detect(app, tmp_path)
    assert (status, output) == (0, "")
    assert plan["provides"] == [{"name": "python"}, {"name": "site-packages"}]
    assert [require["name"] for require in plan["requires"]] == ["python", "site-packages"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("backend/requirements.txt", True),
        ("services/web/pyproject.toml", True),
        ("node_modules/gyp/setup.py", False),
        ("tests/requirements.txt", False),
        ("a/b/c/requirements.txt", False),
    ],
)
def test_an_app_in_a_subfolder_is_named(app: Path, tmp_path: Path, path: str, *, named: bool) -> None:
    """In the one line that refuses, with what to do: most often the wrong directory was given."""
    (app / path).parent.mkdir(parents=True)
    (app / path).touch()
    status, output, _ = detect(app, tmp_path, CNB_BUILDPACK_DIR=str(tmp_path))
    assert (status, output.count("\n")) == (100, 1)
    folder = path.rpartition("/")[0]
    text = f"{path} is there: if {folder} is the app, set BP_PYTHON_SUBDIRECTORY={folder}, or build"
    assert (text in output) is named


@pytest.mark.parametrize("names", [(), ("package.json", "index.js"), ("go.mod", "main.go"), ("README.md",)])
def test_another_app_is_refused_without_an_interpreter(app: Path, tmp_path: Path, names: tuple[str, ...]) -> None:
    """Status 100 and one line, from the shell alone: there is no interpreter where this buildpack says it is."""
    for name in names:
        (app / name).touch()
    bare = tmp_path / "buildpack"
    bare.mkdir()
    status, output, plan = detect(app, tmp_path, CNB_BUILDPACK_DIR=str(bare))
    assert status == 100
    assert output.count("\n") == 1
    assert plan == {}


def test_a_helper_script_beside_another_language_is_refused_with_the_reason(app: Path, tmp_path: Path) -> None:
    """What the shell lets through, Python still refuses with 100."""
    (app / "package.json").touch()
    (app / "app.py").touch()
    status, output, _ = detect(app, tmp_path)
    assert status == 100
    assert "package.json" in output


def taken() -> tuple[str, ...]:
    """Return names of all kinds that make a Python app."""
    misspelt = [f"_{letters.upper()}" for letters, meant in MISSPELT.items() if is_known(meant)]
    known = [file.replace("*", "x") for file in KNOWN_FILES]
    return (*known, *ALSO_DECLARING, *BARE, *misspelt, "x/__main__.py", "Python-Version", "requirments.txt")


@pytest.mark.parametrize("name", taken())
def test_the_shell_lets_through_all_that_python_takes(app: Path, tmp_path: Path, name: str) -> None:
    """The two lists are held together: no name is lost in the shell, and the plan is the same."""
    path = app / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    status, _, plan = detect(app, tmp_path)
    assert (status, plan) == (0, build_plan_document(own_plan()))
    assert isinstance(decide(frozenset({name}), {}), Python)


@pytest.mark.parametrize("name", ["requirements-dev.txt", ".python-version", "uv.lock", "manage.py"])
def test_an_app_that_declares_itself_passes_without_an_interpreter(app: Path, tmp_path: Path, name: str) -> None:
    """Beside other files, too. Where the platform or a variable is unusual, the interpreter is asked."""
    (app / "app.py").touch()
    (app / "package.json").touch()
    (app / name).touch()
    bare = tmp_path / "buildpack"
    bare.mkdir()
    shutil.copy(CHECKOUT / "buildpack.toml", bare)
    assert detect(app, tmp_path, CNB_BUILDPACK_DIR=str(bare)) == (0, "", build_plan_document(own_plan()))
    # Every one of these needs what is not there.
    for unusual in ({"CNB_TARGET_ARCH": "s390x"}, {"CNB_TARGET_OS": "windows"}, {CHOOSING[0]: "backend"}):
        assert detect(app, tmp_path, CNB_BUILDPACK_DIR=str(bare), **unusual)[0] not in {0, 100}
    assert "builds for linux/amd64" in detect(app, tmp_path, CNB_TARGET_ARCH="s390x")[1]


@pytest.mark.parametrize("name", FORCING)
def test_our_variables_pass_the_shell_too(app: Path, tmp_path: Path, name: str) -> None:
    """A forced build gets to Python."""
    assert detect(app, tmp_path, **{name: "3.13"})[0] == 0


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[[[", b"\0"])
def test_broken_files_do_not_matter_to_detect(app: Path, tmp_path: Path, content: bytes) -> None:
    """Names decide; what is wrong inside is explained by build."""
    (app / "pyproject.toml").write_bytes(content)
    assert detect(app, tmp_path)[0] == 0


def test_a_plan_that_cannot_be_written_is_told_without_a_traceback(app: Path, tmp_path: Path) -> None:
    """An error of the platform's is status 1 and a message."""
    (app / "requirements.txt").touch()
    plan = tmp_path / "plan.toml"
    plan.touch()
    status, output, _ = detect(app, tmp_path, CNB_BUILD_PLAN_PATH=str(tmp_path / "missing" / "plan.toml"))
    assert status == 1
    assert "Traceback" not in output
    assert "error: " in output


@pytest.mark.parametrize("name", ["a\x1b[2Jb", "a\nb", "a\u202eb", "##[error]b", "\x9b2J"])
def test_the_name_of_a_folder_cannot_act_on_the_log(app: Path, tmp_path: Path, name: str) -> None:
    """An app below a folder with such a name is not named; beside it, one with an ordinary name is."""
    (app / name).mkdir()
    (app / name / "requirements.txt").touch()
    status, output, _ = detect(app, tmp_path)
    assert status == 100
    assert name not in output
    assert output.count("\n") == 1
    (app / "the web app").mkdir()
    (app / "the web app" / "requirements.txt").touch()
    assert "the web app/requirements.txt is there" in detect(app, tmp_path)[1]


def test_a_reason_of_detect_is_one_printable_line(app: Path, tmp_path: Path) -> None:
    """A name is a part of the reason that Python gives, too."""
    (app / "a\x1b[2J\nb").mkdir()
    (app / "a\x1b[2J\nb" / "__main__.py").touch()
    (app / "package.json").touch()
    status, output, _ = detect(app, tmp_path)
    assert status == 100
    assert "a\\x1b[2J b/__main__.py alone" in output
    assert output.count("\n") == 1


def test_a_script_with_inline_metadata_is_an_app_under_any_name(app: Path, tmp_path: Path) -> None:
    """The shell looks for the metadata; a script without it, and a link to a file without an end, say nothing."""
    (app / "plain.py").write_text("x = 1\n", encoding="utf-8")
    (app / "link.py").symlink_to("/dev/zero")
    assert detect(app, tmp_path)[0] == 100
    (app / "tool.py").write_text(f"#!/usr/bin/env python3\n{SCRIPT_METADATA}\n# ///\n", encoding="utf-8")
    status, output, plan = detect(app, tmp_path)
    assert (status, output) == (0, "")
    assert plan["provides"]
