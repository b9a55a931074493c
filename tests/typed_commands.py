"""What README.md and the pages say to type: each page is read as a script of files and of commands."""

import re
from dataclasses import dataclass
from pathlib import Path

from devkit.paths import CHECKOUT

PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "library/README.md", *sorted(
    path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / "docs").rglob("*.md")
))  # fmt: skip

ELSEWHERE = {
    "./dev test": "They are the tests.",
    "./dev lint --fix": "It changes the checkout; it is run for each change, without --fix.",
    "./dev refresh docs": "It changes the checkout; tests/unit/devkit/test_generated_docs.py compares what it writes.",
    "./dev package --offline": "tests/acceptance/test_pack_offline.py makes one, of a Python that this machine has.",
    "bin/terrarium-mirror ": "tests/contract/test_mirror_command.py runs it, with a mirror of this machine's Pythons.",
    "dokku ": "It needs a server with Dokku; its page says that it was not tried.",
    "pack builder create": "tests/acceptance/test_pack_builder_file.py does it, with images that are here.",
    "pack build my-app --builder BUILDER --buildpack registry.example.com/": (
        "tests/acceptance/test_pack_release.py does it, with a registry on this machine."
    ),
}
"""Commands that no test types as the page has them, by how they begin, and why."""

IN_CHECKOUT = ("./dev build ", "./dev explain ", "./dev refresh inventory ")
"""How commands begin that need neither Docker nor a copy of the checkout."""
_ONCE = ("./dev package", "README.md")
"""A command of several pages that takes long, and the page for which it is run."""

_STEP = re.compile(
    r"^`(?P<name>[^`\n]+)`(?: now)?:\n\n```\w*\n(?P<text>.*?)^```$|^ *```console\n(?P<block>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class WriteFile:
    """A file that the reader is to write."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class TypeCommand:
    """A command, and the lines that the page shows below it."""

    command: str
    shown: tuple[str, ...] = ()

    @property
    def is_elsewhere(self) -> bool:
        """Say whether ELSEWHERE has it."""
        return any(self.command.startswith(beginning) for beginning in ELSEWHERE)

    @property
    def is_in_checkout(self) -> bool:
        """Say whether it is run in the checkout itself."""
        return self.command.startswith(IN_CHECKOUT) and not self.is_elsewhere

    def is_typed_on(self, page: str) -> bool:
        """Say whether the acceptance test of that page types it."""
        if self.is_elsewhere or self.is_in_checkout:
            return False
        return self.command != _ONCE[0] or page == _ONCE[1]


def steps(page: str) -> list[WriteFile | TypeCommand]:
    """Return what a page, named as from the checkout's top, says to write and to type, in its order."""
    found: list[WriteFile | TypeCommand] = []
    for match in _STEP.finditer((CHECKOUT / page).read_text(encoding="utf-8")):
        if match["block"] is None:
            found.append(WriteFile(match["name"], match["text"]))
            continue
        for part in re.split(r"^ *\$ ", match["block"], flags=re.MULTILINE)[1:]:
            command, *shown = part.splitlines()
            found.append(TypeCommand(re.sub(r"\s+#.*", "", command), tuple(line.strip() for line in shown)))
    return found


def commands(page: str) -> list[TypeCommand]:
    """Return the commands of a page."""
    return [step for step in steps(page) if isinstance(step, TypeCommand)]


def other_blocks(page: str) -> list[str]:
    """Return the lines of fenced blocks of a page that are no console and no file of a named language."""
    blocks = re.findall(r"^ *```(?:sh|bash|shell)?\n(.*?)^ *```$", _without_consoles(page), re.MULTILINE | re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines()]


def _without_consoles(page: str) -> str:
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    return re.sub(r"^ *```(?:console|toml|python|mermaid|\w+ini)\n.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)


def program_of(line: str) -> str:
    """Return the first word of a line."""
    return Path(line.split(" ", 1)[0]).name
