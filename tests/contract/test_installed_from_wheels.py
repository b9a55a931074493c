"""What was built from source is installed from its wheel, wherever the source is from, and not built again."""

import os
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from built_apps import built, one_line
from devkit.lifecycle.results import Built, Failed
from manager_context import write_app
from tiny_index import Distribution, source_files, write_sdist
from wheel_index import serve_wheels

Attempt = Callable[..., Built | Failed]
PLANT = """
import os
program = {folder!r} + "/git"
written = program + str(os.getpid())
with open(written, "w") as file:
    file.write("#!/bin/sh\\ntr '\\\\0' ' ' </proc/$PPID/cmdline >>{seen}\\nPATH={path!r} exec git \\"$@\\"\\n")
os.chmod(written, 0o755)
os.rename(written, program)
"""
"""What code of a package does: it writes a git of its own into a directory of PATH. That notes who has started it.

It is renamed when it is whole: a program that is being written cannot be run (ETXTBSY).
"""


def test_each_source_is_built_as_often_as_one_from_an_index(
    tmp_path: Path, attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is installed from wheels is got by no program that code of the packages has put on PATH.

    A file or directory of the app, a git repository, an address: uv takes the wheel of each as still right.

    How often uv runs the code of a package to build it is its own matter, so origins are compared. That uv has built
    something is read from its output, so colours are for the log alone.
    """
    seen, app, clone = tmp_path / "seen", tmp_path / "app", tmp_path / "clone"
    tools, started = tmp_path / "tools", tmp_path / "started"
    tools.mkdir()
    plant = PLANT.format(folder=str(tools), seen=started, path=os.environ["PATH"])
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")

    def counted(name: str) -> Distribution:
        return Distribution(name, on_build=f"open({str(seen)!r}, 'a').write({f'{name} '!r})\n{plant}")

    with serve_wheels(tmp_path / "index") as index:
        sdist = write_sdist(index.root / "simple" / "indexed", counted("indexed"))
        sdist.with_name("index.html").write_text(f'<a href="{sdist.name}">{sdist.name}</a>', encoding="utf-8")
        write_sdist(app / "vendor", counted("found"))
        write_sdist(app / "archives", counted("archived"))
        for folder, name in ((app / "local", "local"), (app / "linked", "linked"), (clone, "cloned")):
            write_app(folder, source_files(counted(name)))
        git = ("git", "-c", "user.name=a", "-c", "user.email=a@b.invalid")
        for words in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "one")):
            subprocess.run((*git, *words), cwd=clone, check=True)
        needs = (
            f"--index-url {index.url}\n--find-links vendor\nindexed==1.0\nfound==1.0\n./archives/archived-1.0.tar.gz\n"
            f"./local\n--editable ./linked\ncloned @ git+file://{clone}\naddressed @ {index.url}/addressed-1.0.tar.gz\n"
        )
        write_sdist(index.root / "simple", counted("addressed"))
        write_app(app, {"requirements.txt": needs, "main.py": "import indexed\n"})
        log = one_line(built(attempt(app, {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"})).log)
    assert "Installed again, from wheels only" in log
    assert "Built once more" not in log
    assert f"because code of packages changed it: {tools}" in log
    assert (tools / "git").exists()
    assert " install " not in (started.read_text(encoding="utf-8") if started.exists() else "")
    counts = Counter(seen.read_text(encoding="utf-8").split())
    assert len(counts) == 7
    assert set(counts.values()) == {counts["indexed"]}
