"""Makes an installation's text files look as upstream's do: started from anywhere, and configured for /install."""

import re
from collections.abc import Callable
from pathlib import Path

UPSTREAM_PREFIX = "/install"
"""The prefix for which upstream's interpreters are configured; an installer replaces it by the real directory."""


def rewrite_texts(tree: Path, root: Path, python: str) -> None:
    """Rewrite the scripts and build settings of ``tree``, which was copied from the prefix ``root``."""
    for script in (tree / "bin").iterdir():
        if not script.is_symlink() and script.name != python:
            _rewrite(script, lambda text: use_neighbour(text, python))
    stdlib = tree / "lib" / python
    settings = [
        *stdlib.glob("_sysconfigdata*.py"), *stdlib.glob("config-*/Makefile"), *stdlib.glob("build-details.json"),
        *stdlib.glob("config-*/python-config.py"), *(tree / "bin").glob("*-config"),
    ]  # fmt: skip
    for path in settings:
        if not path.is_symlink():
            _rewrite(path, lambda text: hide_prefix(hide_multiarch(text), root, UPSTREAM_PREFIX))
    for path in (tree / "lib" / "pkgconfig").glob("*.pc"):
        _rewrite(path, lambda text: describe_relative_to_prefix(text, root))


def use_neighbour(text: str, python: str) -> str:
    """Replace a Python script's first line by upstream's way: a shell that starts the interpreter beside the script.

    To the shell the second line is a command, to Python the two lines are a string that nobody reads.
    """
    first, _, rest = text.partition("\n")
    # env(1) is named whole: a path below .pyenv is no reason to leave the line alone.
    if not first.startswith("#!") or "python" not in first or "bin/env" in first:
        return text
    start = f'"$(dirname -- "$(realpath -- "$0")")/{python}"'
    return f"#!/bin/sh\n'''exec' {start} \"$0\" \"$@\"\n' '''\n{rest}"


def hide_prefix(text: str, root: Path, replacement: str) -> str:
    """Put ``replacement`` where the prefix stands, and drop the linker's run paths, of which upstream has none."""
    text = re.sub(rf"-Wl,-rpath,{re.escape(str(root))}/\S*?(?=['\"\s]|$)", "", text, flags=re.MULTILINE)
    return _prefix_pattern(root).sub(lambda _match: replacement, text)


def hide_multiarch(text: str) -> str:
    """Take Debian's names for its compilers and its library folder out: upstream has one architecture a build."""
    text = re.sub(r"\b(?:x86_64|aarch64)-linux-gnu-(?=gcc|g\+\+|ar\b|ranlib|nm\b|ld\b)", "", text)
    return re.sub(
        r"/usr/lib/(?:x86_64|aarch64)-linux-gnu(?=['\"\s]|$)", f"{UPSTREAM_PREFIX}/lib", text, flags=re.MULTILINE
    )


def describe_relative_to_prefix(text: str, root: Path) -> str:
    """Rewrite a pkg-config file so that only its ``prefix=`` line names a place."""
    lines = []
    for line in text.splitlines():
        is_prefix = line.startswith("prefix=")
        lines.append(hide_prefix(line, root, UPSTREAM_PREFIX if is_prefix else "${prefix}").rstrip())
    return "\n".join(lines) + "\n"


def _prefix_pattern(root: Path) -> re.Pattern[str]:
    prefix = re.escape(str(root))
    if len(root.parts) > 2:  # noqa: PLR2004 - deeper than /usr: the path means this installation and nothing else
        return re.compile(prefix + r"(?![\w.-])")
    return re.compile(rf"{prefix}(?=/(?:bin|lib|include)/(?:lib)?python|['\"\s]|$)", re.MULTILINE)


def _rewrite(path: Path, change: Callable[[str], str]) -> None:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    changed = change(text)
    if changed != text:
        path.write_text(changed, encoding="utf-8")
