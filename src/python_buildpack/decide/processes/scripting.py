"""What frameworks have in common whose apps are scripts: they are run as a file, not imported by a server."""

from collections.abc import Iterator

from python_buildpack.app.file_roles import is_aside
from python_buildpack.decide.processes.apps import position
from python_buildpack.decide.processes.interface import Candidate, Evidence, ProcessDecision, Rank
from python_buildpack.decide.processes.launch import Start, command
from python_buildpack.decide.processes.module_info import ModuleInfo
from python_buildpack.decide.processes.places import Place
from python_buildpack.ports.notice import Notice

MODULES = ("streamlit_app", "app", "main", "home", "index", "dashboard", "server", "ui", "frontend", "chat", "chatbot",
           "demo", "run", "web")  # fmt: skip
"""Module names of scripts with a user interface, the likeliest first."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Addresses on which a server is reached from inside its container only."""
PAGES = "pages"
"""Folder of Streamlit and Dash for pages of an app, which are not apps themselves."""


def scripts(evidence: Evidence, *, using: str) -> Iterator[ModuleInfo]:
    """Yield the scripts that use the module ``using`` and may be the one to start."""
    for info in evidence.index.sources:
        folders = info.path.split("/")[:-1]
        if info.is_using(using) and PAGES not in folders and not info.place.is_package:
            yield info


def rank_script(info: ModuleInfo, evidence: Evidence) -> Rank:
    """Return the rank of a script among other apps; a script that others import is probably a part of an app."""
    name = info.path.rpartition("/")[2].removesuffix(".py").lower().lstrip("0123456789_ ")
    return Rank(
        aside=int(is_aside(info.path)),
        depth=info.path.count("/") - int(info.path.startswith("src/")),
        entry=2 if evidence.index.is_imported(info) else 1,
        module=position(name, MODULES),
        path=info.path,
    )


def script(what: str, rank: Rank, start: Start, *notices: Notice) -> Candidate:
    """Return the candidate that starts a script."""
    decision = ProcessDecision.starting("web", start, because=what)
    return Candidate(rank, what, decision, notices)


def run_file(info: ModuleInfo, evidence: Evidence, *options: str) -> Start:
    """Return the start of a file that is a program: as a script, whose imports are searched in its folder first.

    A file that imports relatively, or from the package that it is in, is started as a module of that package. That is
    not so if a file beside it has the package's name, and what is imported is in that file (``from bot import Bot`` in
    ``bot/main.py`` beside ``bot/bot.py``).
    """
    package = info.place.module.rpartition(".")[0]
    top = package.partition(".")[0]
    own = [name for name in info.imported if name == top or name.startswith(f"{top}.")]
    if evidence.index.module(f"{package}.{top}") is not None:
        own = [name for name in own if name != top and evidence.index.module(name) is not None]
    is_inside = info.is_relative or bool(own)
    return run_module(info.place, *options) if package and is_inside else command("python", info.path, *options)


def run_module(place: Place, *options: str) -> Start:
    """Return the start of a module, or of a package with ``__main__``, from the directory of its imports."""
    chdir, path = ("", place.root) if place.is_source else (place.root, "")
    return command("python", "-m", place.module.removesuffix(".__main__"), *options, chdir=chdir, path=path)


def own_port(framework: str, info: ModuleInfo) -> Notice:
    """Return a hint for a script that opens its port itself without reading PORT."""
    return Notice(
        "The app must listen on the port in PORT",
        f"{info.path} starts {framework} itself, and does not read the environment variable PORT there. "
        'It has to listen on host "0.0.0.0" and port int(os.environ.get("PORT", 8080)).',
    )
