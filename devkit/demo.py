"""The picture of a log in README.md: what two real builds of a sample print, the second after a change of its code."""

import re
import shutil
import tempfile
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape

from devkit.build_locally import with_inventory
from devkit.errors import DevkitError
from devkit.lifecycle import Built, Request, build
from devkit.paths import CHECKOUT, SAMPLES

TEXT = "docs/demo.txt"
PICTURE = "docs/demo.svg"
_COMMAND = "$ pack build my-app --builder BUILDER --buildpack terrarium-python.cnb"
_CHANGED = "$ pack build my-app --builder BUILDER --buildpack terrarium-python.cnb    # app.py changed"
_LINE, _CHARACTER, _MARGIN = 18, 7.9, 16
_COLOURS = (
    (re.compile(r"\$ .*"), "#e6edf3"),
    (re.compile(r"\[.*\]"), "#79c0ff"),
    (re.compile(r"Terrarium .*"), "#7ee787"),
    (re.compile(r"  (?:Reused|All large layers|Built in|web:|To run it:).*"), "#d2e7c8"),
)
_STYLE = (
    "text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre}.p1{opacity:0}"
    "@keyframes first{0%{opacity:1}50%{opacity:0}}@keyframes second{0%{opacity:0}50%{opacity:1}}"
    "@media(prefers-reduced-motion:no-preference){"
    ".p0{animation:first 12s steps(1) infinite}.p1{animation:second 12s steps(1) infinite}}"
)
_OTHERS = "#9da7b3"


def take_demo() -> str:
    """Build samples/flask, change a line of it, build it again, and return what both builds printed.

    Raises DevkitError if a build fails.
    """
    with tempfile.TemporaryDirectory() as scratch:
        app = Path(scratch) / "app"
        shutil.copytree(SAMPLES / "flask", app)
        request = Request((CHECKOUT,), app, Path(scratch) / "state", env=with_inventory({}))
        first = _log(request)
        with (app / "app.py").open("a", encoding="utf-8") as file:
            file.write("# changed\n")
        return f"{_COMMAND}\n{first}\n{_CHANGED}\n{_log(request)}"


def _log(request: Request) -> str:
    result = build(request)
    if not isinstance(result, Built):
        raise DevkitError(f"the sample could not be built:\n{result.log}")
    return result.log.strip("\n") + "\n"


def demo_picture() -> dict[str, str]:
    """Return the picture of the committed text, by its path."""
    return {PICTURE: picture((CHECKOUT / TEXT).read_text(encoding="utf-8"))}


def picture(text: str) -> str:
    """Return an SVG that shows a text as a terminal does: one command after the other, each for six seconds.

    Where nothing moves (a printed page, a reader who asked for that), it is the first.
    """
    starts = [found.start() for found in re.finditer(r"^\$ ", text, re.MULTILINE)]
    panels = [text[start:end].rstrip("\n").split("\n") for start, end in pairwise([*starts, len(text)])]
    width = round(max(len(line) for lines in panels for line in lines) * _CHARACTER + 2 * _MARGIN)
    height = max(map(len, panels)) * _LINE + 2 * _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" '
        'role="img" aria-label="The log of a first build, and of one after a change of the code">\n'
        f"<style>{_STYLE}</style>\n"
        f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>\n'
        + "".join(f'<g class="p{number}">\n{_panel(lines)}\n</g>\n' for number, lines in enumerate(panels))
        + "</svg>\n"
    )


def _panel(lines: list[str]) -> str:
    return "\n".join(
        f'<text x="{_MARGIN}" y="{_MARGIN + (number + 1) * _LINE - 5}" fill="{_colour(line)}">{escape(line)}</text>'
        for number, line in enumerate(lines)
        if line
    )


def _colour(line: str) -> str:
    return next((colour for pattern, colour in _COLOURS if pattern.fullmatch(line)), _OTHERS)
