"""Programs before the app's own that no Python package brings, and what they would start: make, just, npm run, honcho.

Nothing is changed in the line. What stands in the tool's file is shown, so that it can be written in the line.
"""

import json
import re
from collections.abc import Iterator, Mapping

from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.process_managers import MANAGERS, of_procfile
from python_buildpack.decide.process_plan.procfile_text import FILE, Entry
from python_buildpack.decide.process_plan.programs import PROGRAMS, SYSTEM_TOOLS
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.ports.notice import Notice

_OF_NODE = frozenset({"npm", "yarn", "pnpm", "bun"})
"""Programs that start a script of package.json, and that another buildpack may bring."""
_PACKAGE = "package.json"
_RECIPES: Mapping[str, tuple[str, ...]] = {
    "make": ("Makefile", "makefile", "GNUmakefile"),
    "just": ("justfile", "Justfile", ".justfile"),
}
_OF_PROCFILES = frozenset(name for name, manager in MANAGERS.items() if manager.commands is of_procfile)
"""Programs that start what a Procfile names."""


def tool_text(words: tuple[str, ...], evidence: Evidence) -> str:
    """Return what to say of a command whose program no Python package brings, "" for any other one."""
    name = words[0]
    if name in _OF_NODE:
        return _node_text(words, evidence)
    if name not in SYSTEM_TOOLS:
        return ""
    return (
        f"{name} is no Python package, and few run images have it. "
        f"Name the program itself instead of starting it with {name}{_recipe(words, evidence)}."
    )


def _recipe(words: tuple[str, ...], evidence: Evidence) -> str:
    """Return what a target of the app's Makefile or justfile runs, if it is one line."""
    name = next((word for word in words[1:] if not word.startswith("-")), "")
    file = next((one for one in _RECIPES.get(words[0], ()) if evidence.project.has(one)), "")
    text = evidence.project.text(file) if file and name else None
    lines = re.findall(rf"^{re.escape(name)}[ \t]*:(?!=).*\n((?:[ \t]+.*\n?)+)", text or "", re.MULTILINE)
    found = lines[0].strip().lstrip("@-").strip() if len(lines) == 1 else ""
    return f": for {name}, {file} has '{found}'" if found and "\n" not in found else ""


def _node_text(words: tuple[str, ...], evidence: Evidence) -> str:
    """Return what to say of ``npm run NAME``, "" where a script of package.json starts a program of Node.js."""
    given = [word for word in words[1:] if not word.startswith("-")]
    name = next((word for word in given if word not in {"run", "run-script"}), "")
    only = f"{words[0]} is in the image only if a buildpack for Node.js is used, too"
    if not evidence.project.has(_PACKAGE):
        return f"{only}, and the app has no {_PACKAGE}. Name the program itself instead of starting it with {words[0]}."
    script = _script(evidence.project.text(_PACKAGE) or "", name)
    programs = shell.programs(script) if script else ()
    own = [found[0] for found in programs if found[0] in PROGRAMS or found[0].startswith("python")]
    return f"{only}. It starts a program of Python: write '{script}' in the line." if own else ""


def _script(text: str, name: str) -> str:
    """Return the script of this name in the text of a package.json, "" if there is none."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    scripts = document.get("scripts") if isinstance(document, dict) else None
    script = scripts.get(name) if isinstance(scripts, dict) else None
    return script if isinstance(script, str) else ""


def notice_itself(entry: Entry, command: str, evidence: Evidence) -> Iterator[Notice]:
    """Yield the hint for a line that starts what its own Procfile names, so that it starts itself without an end."""
    if not entry.where.startswith(FILE):
        return
    for words in shell.programs(command):
        if words[0] not in _OF_PROCFILES or words[1:2] != ("start",) or not evidence.has(words[0]):
            continue
        options = [word for word in words[2:] if word.startswith(("-f", "--procfile"))]
        named = {word for word in words[2:] if not word.startswith("-")}
        if not options and (not named or entry.type in named):
            yield Notice(
                f"{words[0]} would start itself",
                f"{entry.where} has {words[0]} start what {FILE} names, and that is this line again. Write the "
                f"commands in {FILE}, or name another file: {words[0]} start -f Procfile.all.",
            )
