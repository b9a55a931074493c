"""What a hook leaves in the home directory is named, because it is not in the image."""

import io
from pathlib import Path

from python_buildpack.app_code.home_watch import losses_named
from python_buildpack.ports.reporter import TextReporter


def said(home: Path, *written: str, inside: tuple[Path, ...] = ()) -> str:
    """Return the log of a hook that writes these files below ``home``."""
    output = io.StringIO()
    with losses_named("bin/post_compile", str(home), inside, TextReporter(output)):
        for name in written:
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text("", encoding="utf-8")
    return " ".join(output.getvalue().split())


def test_new_files_and_folders_are_named_once(tmp_path: Path) -> None:
    """A new folder stands for all that is in it; what was there before is not named."""
    (tmp_path / ".cache" / "old").mkdir(parents=True)
    log = said(tmp_path, ".cache/old/again", ".cache/new/a/b", "nltk_data/corpora/x", "one")
    assert "~/.cache/new, ~/nltk_data, ~/one are lost when the build ends." in log


def test_nothing_new_is_no_warning(tmp_path: Path) -> None:
    """Nor is a home directory that contains the app, as on a developer's machine."""
    assert said(tmp_path) == ""
    assert said(tmp_path, "x", inside=(tmp_path / "app",)) == ""


def test_caches_of_other_package_managers_are_no_loss(tmp_path: Path) -> None:
    """A hook that builds assets with npm has done all it should; no app looks for npm's downloads."""
    assert said(tmp_path, ".npm/_cacache/index", ".yarnrc") == ""
    assert "~/one is lost" in said(tmp_path, ".npm/_logs/1", "one")
