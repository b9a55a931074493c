"""Voilà (https://voila.readthedocs.io): notebooks of Jupyter as apps. It is started where the app has nothing else."""

from collections.abc import Iterator

from python_buildpack.app.file_roles import is_test_or_example
from python_buildpack.decide.processes.frameworks.interface import WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence, Rank
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.scripting import script
from python_buildpack.ports.notice import Notice

SUFFIX = ".ipynb"
OPTIONS = ("--no-browser", "--Voila.ip=0.0.0.0", "--port=$PORT")
NO_KERNEL = Notice(
    "No kernel is installed for the notebooks",
    "Voilà runs notebooks in a kernel of Jupyter, and does not bring one. Add ipykernel to the dependencies.",
)


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the only notebook, or the folder of several, from which visitors choose."""
    notebooks = notebooks_of(evidence)
    if not notebooks:
        return
    folders = {path.rpartition("/")[0] for path in notebooks}
    target = notebooks[0] if len(notebooks) == 1 else (folders.pop() if len(folders) == 1 else "") or "."
    notices = () if evidence.has("ipykernel") else (NO_KERNEL,)
    what = f"notebook {target}" if len(notebooks) == 1 else f"{len(notebooks)} notebooks"
    yield script(f"{what}, served by Voilà", rank_notebook(target), command("voila", *OPTIONS, target), *notices)


VOILA = WebFramework(
    "Voilà",
    ("voila",),
    words=frozenset({"voila"}),
    search=_find,
    after_apps=True,
    programs={"voila": "voila"},
    loopback_commands={"voila": r"^(?:\S*/)?voila (?!.*--Voila\.ip\b)"},
)


def notebooks_of(evidence: Evidence) -> list[str]:
    """Return the app's notebooks, those near the root first."""
    return sorted(
        (
            path
            for path in evidence.project.files
            if path.endswith(SUFFIX) and not is_test_or_example(path) and ".ipynb_checkpoints" not in path
        ),
        key=lambda path: (path.count("/"), path),
    )


def rank_notebook(path: str) -> Rank:
    """Return the rank of a notebook: behind all that is an app by itself."""
    return Rank(depth=path.count("/"), entry=2, path=path)
