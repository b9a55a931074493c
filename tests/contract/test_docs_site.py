"""The documentation: its links lead somewhere, all pages can be reached, and the tutorial does what it says."""

import re
import shutil
from pathlib import Path

import pytest

from built_apps import built, outcomes
from devkit.demo import TEXT
from devkit.errors import DevkitError
from devkit.free_port import find_free_port
from devkit.interpreters import Source
from devkit.lifecycle import Request, build, launch
from devkit.paths import CHECKOUT
from devkit.site import write_site

PAGES = sorted(path.relative_to(CHECKOUT / "docs") for path in (CHECKOUT / "docs").rglob("*.md"))
FILE = re.compile(r"^`([^`]+)`(?: now)?:\n\n```\w*\n(.*?)```$", re.MULTILINE | re.DOTALL)


def test_every_page_is_in_the_site_and_reached_from_the_first_one(tmp_path: Path) -> None:
    """Strict: a link to a page or a heading that is not there fails; and each page of docs/ is in the navigation.

    The pages of single errors are reached from their index, which is in the navigation. Links have the titles of
    pages, where the sources have the names of files.
    """
    site = write_site(tmp_path)
    first = (site / "index.html").read_text(encoding="utf-8")
    errors = (site / "errors" / "index.html").read_text(encoding="utf-8")
    assert 'href="tutorial/">Ten minutes</a>' in first
    for page in site.rglob("index.html"):
        assert not re.findall(r">[\w./-]+\.md</a>", page.read_text(encoding="utf-8")), page
    for page in PAGES:
        folder = page.parent if page.name == "README.md" else page.with_suffix("")
        assert (site / folder / "index.html").is_file(), page
        if folder.parent.name == "errors":
            assert f"{folder.name}/" in errors, page
        else:
            assert f'href="./{folder}/"' in first, page


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    """By the page, its line and the target, whether the page or the heading is missing."""
    checkout = tmp_path / "checkout"
    shutil.copytree(CHECKOUT / "docs", checkout / "docs")
    for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"):
        shutil.copyfile(CHECKOUT / name, checkout / name)
    with (checkout / "docs" / "tutorial.md").open("a", encoding="utf-8") as page:
        page.write("\n[away](away.md)\n")
    with pytest.raises(DevkitError, match=r"tutorial\.md"):
        write_site(tmp_path / "site", checkout)


def demo_of_rebuild() -> str:
    """Return what README's picture shows of a build after a change of the code, without the command."""
    text = (CHECKOUT / TEXT).read_text(encoding="utf-8")
    return text.rpartition("\n$ ")[2].partition("\n")[2]


def without_numbers(log: str) -> set[str]:
    """Return the lines of a log without versions, sizes and times, of which short ones are left out."""
    lines = (re.sub(r"\d+(?:\.\d+)*", "N", line) for line in log.splitlines())
    return {line for line in lines if not line.startswith("  Took")}


@pytest.mark.network
def test_the_tutorial_does_what_it_says(tmp_path: Path, mirror: Source) -> None:
    """Its files are built in the order of the page: the answer, what is reused, what changed, Python, the processes."""
    text = (CHECKOUT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    files = [(found[1], found[2]) for found in FILE.finditer(text)]
    assert [name for name, _ in files] == ["app.py", "requirements.txt", "requirements.txt", "Procfile"]
    app = tmp_path / "app"
    app.mkdir()
    request = Request((CHECKOUT,), app, tmp_path / "state", env={"BP_PYTHON_INVENTORY": str(mirror.inventory)})

    def write(name: str, content: str) -> None:
        (app / name).write_text(content, encoding="utf-8")

    write(*files[0])
    write(*files[1])
    log = built(build(request)).log
    assert "web: gunicorn app:app" in log
    assert "To run it: docker run --rm -p 8080:8080 -e PORT=8080 IMAGE" in log
    port = find_free_port()
    with launch(tmp_path / "state", env={"PORT": str(port)}) as running:
        assert running.wait_for_http(port).body == b"Hello"

    write(files[0][0], files[0][1].replace("Hello", "Good morning"))
    rebuilt = built(build(request))
    assert outcomes(rebuilt) == dict.fromkeys(("python", "dependencies", "runtime"), "by reference")
    assert without_numbers(demo_of_rebuild()) <= without_numbers(rebuilt.log)

    write(*files[2])
    (app / ".python-version").write_text("3.13\n", encoding="utf-8")
    write(*files[3])
    log = built(build(request)).log
    assert re.search(r"\n    \+ python-slugify \S+\n    \+ text-unidecode \S+\n", log), log
    assert ".python-version, line 1 asks for 3.13" in log
    with launch(tmp_path / "state", "jobs") as running:
        assert running.wait() == 0
        assert "nothing to do" in running.log
