"""The documentation in a real browser: on a telephone and on a wide screen, light and dark."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from devkit.loopback import running
from devkit.pack.commands import PlatformUnavailable
from devkit.pack.debian import install_missing
from devkit.site import write_site

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
"""GitHub's runners have the last one."""
PAGES = ("", "how-to/", "migration/", "configuration/", "rivals/")
WIDTHS = (390, 1400)
DARK = "--blink-settings=preferredColorScheme=0"
FRAMES = """<!doctype html><meta charset="utf-8"><pre id="seen"></pre><script>
const seen = {}, wanted = WANTED;
for (const [page, width] of wanted) {
  const frame = document.createElement("iframe");
  frame.style = `border: 0; height: 900px; width: ${width}px`;
  frame.src = "/" + page;
  frame.onload = () => setTimeout(() => {
    const inside = frame.contentDocument, top = inside.documentElement;
    const shown = frame.contentWindow.getComputedStyle(inside.body);
    const menu = inside.querySelector(".md-sidebar--primary").getBoundingClientRect();
    seen[`${page} ${width}`] = {
      wide: top.scrollWidth, title: inside.querySelector("h1").getBoundingClientRect().height,
      background: shown.backgroundColor, text: shown.color, menu: menu.left >= 0 && menu.width > 0,
    };
    document.getElementById("seen").textContent = JSON.stringify(seen);
  }, 500);
  document.body.append(frame);
}
</script>"""
"""Frames of the same origin, since a browser's own window cannot be as narrow as a telephone."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the standard library
        """Print nothing."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Serve the site, with the page of frames, on loopback."""
    site = write_site(tmp_path / "work")
    wanted = [(page, width) for page in PAGES for width in WIDTHS]
    (site / "frames.html").write_text(FRAMES.replace("WANTED", json.dumps(wanted)), encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    with running(server):
        yield f"http://127.0.0.1:{server.server_address[1]}/frames.html"


def brightness(colour: str) -> float:
    """Return how bright a colour is, such as ``rgb(1, 2, 3)``, from 0 to 255."""
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 3


@pytest.fixture
def browser() -> str:
    """Return a browser that is there, or Debian's Chromium, which is installed."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        try:
            install_missing({"chromium": "chromium"})
        except PlatformUnavailable as unavailable:
            pytest.skip(str(unavailable))
    return found or "chromium"


def test_pages_are_readable_at_each_width_and_in_both_schemes(address: str, browser: str, tmp_path: Path) -> None:
    """Nothing makes a page wider than its window; the menu stands beside the text only where there is room.

    The scheme is that which the reader's system asks for, and text stands out from its background in both.
    """
    for is_dark in (False, True):
        folder = f"--user-data-dir={tmp_path}/profile-{is_dark}"
        argv = [browser, "--headless", "--no-sandbox", "--disable-gpu", folder, "--virtual-time-budget=9000"]
        argv += [*([DARK] if is_dark else []), "--dump-dom", address]
        printed = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=120).stdout
        found = re.search(r'id="seen">([^<]*)<', printed)
        assert found is not None, printed
        seen = json.loads(unescape(found[1]))
        assert len(seen) == len(PAGES) * len(WIDTHS)
        for name, page in seen.items():
            width = int(name.rpartition(" ")[2])
            assert page["wide"] <= width, name
            assert page["title"] > 0, name
            assert page["menu"] == (width == max(WIDTHS)), name
            assert (brightness(page["background"]) < 100) == is_dark, (name, page)
            assert abs(brightness(page["background"]) - brightness(page["text"])) > 100, (name, page)
