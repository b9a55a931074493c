"""The documentation as a site: the pages of docs/, README.md and the other pages beside it."""

import re
import shutil
import subprocess
from pathlib import Path

from devkit.errors import DevkitError
from devkit.paths import CHECKOUT

_CONFIGURATION = CHECKOUT / "tools" / "site" / "zensical.toml"
_STYLE = _CONFIGURATION.with_name("site.css")
_BESIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE")
"""Files of the checkout's top that pages link to."""
_NAMED_BY_FILE = re.compile(r"\[(?P<name>[\w./-]+\.md)\](?=\((?P<target>[\w./-]+\.md)[#)])")
"""A link whose text is the name of a file, which is what readers of the sources look for."""
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


def write_site(workplace: Path, checkout: Path = CHECKOUT) -> Path:
    """Make the site below ``workplace``, an empty directory, and return its directory.

    Raises DevkitError if a page links to a page or a heading that is not there.
    """
    pages = workplace / "docs"
    shutil.copytree(checkout / "docs", pages)
    (pages / "index.md").write_text(_moved(checkout / "README.md", r"docs/"), encoding="utf-8")
    for name in _BESIDE:
        (pages / name).write_text(_moved(checkout / name, r"docs/"), encoding="utf-8")
    for page in (checkout / "docs").glob("*.md"):
        (pages / page.name).write_text(_moved(page, r"\.\./"), encoding="utf-8")
    for page in pages.rglob("*.md"):
        page.write_text(_with_titles(page), encoding="utf-8")
    shutil.copyfile(_CONFIGURATION, workplace / _CONFIGURATION.name)
    shutil.copyfile(_STYLE, pages / _STYLE.name)
    argv = [str(CHECKOUT / ".venv" / "bin" / "zensical"), "build", "--strict"]
    finished = subprocess.run(argv, cwd=workplace, check=False, capture_output=True, text=True, env={"NO_COLOR": "1"})
    if finished.returncode != 0:
        raise DevkitError(f"the site could not be made:\n{finished.stdout}{finished.stderr}")
    return workplace / "site"


def _moved(page: Path, prefix: str) -> str:
    """Return the text of a page, with the targets of its links as they are from the site's top: without ``prefix``."""
    return re.sub(rf"(\]\(|^\[[^\]]+\]: ){prefix}", r"\1", page.read_text(encoding="utf-8"), flags=re.MULTILINE)


def _with_titles(page: Path) -> str:
    """Return the text of a page of the site, in which links have the titles of pages: a site shows no files."""

    def titled(link: "re.Match[str]") -> str:
        target = page.parent / link["target"]
        title = _TITLE.search(target.read_text(encoding="utf-8")) if target.is_file() else None
        return f"[{title[1].partition(':')[0]}]" if title else link[0]

    return _NAMED_BY_FILE.sub(titled, page.read_text(encoding="utf-8"))
