"""docs/rivals.md: the source layouts of our tests under the rules of other builders."""

import re
import shlex
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from devkit.paths import CHECKOUT
from devkit.rivals import RIVALS, Command, Layout, Rival

LAYOUTS = CHECKOUT / "tests" / "unit" / "decide" / "processes" / "layouts"
EXAMPLES = 8
Verdict = Literal["right", "wrong", "silent"]
ASGI_ONLY = ("uvicorn", "hypercorn", "daphne", "fastapi", "adk")
RUNS_ITSELF = re.compile(r"__main__|\.run\(|run_app\(|\.launch\(|\.serve\(|\.listen\(")


def read_layouts() -> tuple[Layout, ...]:
    """Return all layouts of the tests, in the order of the files."""
    return tuple(
        Layout(name, table.get("files", {}), frozenset(table["distributions"]), due(table))
        for file in sorted(LAYOUTS.glob("*.toml"))
        for name, table in tomllib.loads(file.read_text(encoding="utf-8")).items()
    )


def due(table: Mapping[str, Any]) -> str:
    """Return the command line of the process that an image of this layout starts by default, "" for none."""
    return str(table.get("web") or table.get("worker", ""))


def judge(layout: Layout, command: Command | None) -> Verdict:
    """Say whether a builder's process would serve what the layout holds, in favour of the builder where in doubt.

    The server may be another than ours and the port is not looked at. A script that starts a server by itself may be
    run; one that only defines an app ends at once. An ASGI app needs an ASGI server.
    """
    if command is None:
        return "silent" if layout.web else "right"
    if not layout.web:
        return "wrong"
    expected = shlex.split(layout.web.removeprefix("start: "))
    if command[0] == "python":
        return "right" if _runs_the_same(command, expected, layout) else "wrong"
    serves_asgi = command[0] != "gunicorn"
    same = (command[-1], serves_asgi) == (_target(expected), _needs_asgi(layout, expected))
    return "right" if list(command) == expected or same else "wrong"


def _target(expected: list[str]) -> str:
    """Return what a command serves: the last word, without the interface that hypercorn wants before it."""
    has_root = expected[0].startswith("start(") or bool({"--chdir", "--pythonpath", "--app-dir"} & set(expected))
    return "" if has_root else re.sub(r"^[aw]sgi:(?=.*:)", "", expected[-1])


def _needs_asgi(layout: Layout, expected: list[str]) -> bool:
    """Say whether plain gunicorn cannot serve the app."""
    is_asgi = {"asgi", "aiohttp.GunicornWebWorker", "uvicorn_worker.UvicornWorker", "--factory"} & set(expected)
    return bool(is_asgi) or (expected[0] in ASGI_ONLY and "wsgi" not in layout.web)


def _runs_the_same(command: Command, expected: list[str], layout: Layout) -> bool:
    if list(command) == expected:
        return True
    file = command[-1]
    is_its_module = f"{file.removesuffix('.py')}:" in " ".join(expected) or file in expected
    return len(command) > 1 and is_its_module and RUNS_ITSELF.search(layout.files[file]) is not None


def _verdicts(rival: Rival, layouts: tuple[Layout, ...]) -> Mapping[str, Verdict]:
    return {layout.name: judge(layout, rival.rule(layout)) for layout in layouts}


def rivals_page() -> str:
    """Return the page: what each builder does, how many layouts it gets right, and where it goes wrong."""
    layouts = read_layouts()
    parts = [
        f"The {len(layouts)} source layouts of `tests/unit/decide/processes/layouts`, each with the process that a "
        "developer "
        "of that app would start, under the rules of other builders, which `devkit/rivals.py` restates from what "
        "they publish. Ours gets all of them right, because that is what the tests demand; the layouts were written "
        "for it, and are as varied as we could think of, not a sample of what people deploy.\n",
        "*right*: the process serves the app (the choice of server and the port are not judged; a script that starts "
        "a server itself counts), or there is rightly none. *wrong*: something else is started. *silent*: there is "
        "no process, so the user has to give a run command, or the build fails.\n",
        *_summary(layouts),
        *(line for rival in RIVALS for line in _section(rival, layouts)),
    ]
    return "\n".join(parts)


def _summary(layouts: tuple[Layout, ...]) -> Iterator[str]:
    yield "| builder | right | wrong | silent |\n|---|---|---|---|"
    yield f"| Terrarium | {len(layouts)} | 0 | 0 |"
    for rival in RIVALS:
        counted = Counter(_verdicts(rival, layouts).values())
        yield f"| {rival.name} | {counted['right']} | {counted['wrong']} | {counted['silent']} |"
    yield ""


def _section(rival: Rival, layouts: tuple[Layout, ...]) -> Iterator[str]:
    verdicts = _verdicts(rival, layouts)
    wrong = [layout for layout in layouts if verdicts[layout.name] == "wrong"]
    yield f"## {rival.name}\n\n{rival.does}\n\nSource: {rival.source}.\n"
    if wrong:
        yield "| layout | has to start | is started |\n|---|---|---|"
        # Spread over the whole list: neighbours in it are wrong for the same reason.
        for layout in wrong[:: max(1, len(wrong) // EXAMPLES)][:EXAMPLES]:
            command = rival.rule(layout) or ()
            yield f"| {layout.name} | {_code(layout.web) or 'nothing'} | {_code(' '.join(command))} |"
        yield ""


def _code(text: str) -> str:
    return f"`{text}`" if text else ""
