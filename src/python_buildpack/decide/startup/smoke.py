"""What a smoke test imports: the module or the file with which the web process starts. Pure."""

from cnb.frozen import field, frozen
from python_buildpack.app.syntax import Unparsed, is_main_guard, parse
from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.targets import targets
from python_buildpack.decide.processes.interface import Evidence, ProcessPlan
from python_buildpack.decide.processes.launch import shown
from python_buildpack.decide.startup.starts import starts_of


@frozen
class Smoke:
    """What is to be imported, and how the process finds it; or the reason why nothing is."""

    process: str = ""
    what: str = ""
    """A module's name, or a file's path in the app."""
    directory: str = ""
    roots: tuple[str, ...] = ()
    """Where modules are looked for, relative to the app directory."""
    environment: tuple[tuple[str, str], ...] = field(default=())
    reason: str = ""


def decide_smoke(plan: ProcessPlan, evidence: Evidence) -> Smoke:
    """Return what to import for the default process."""
    process = next((process for process in plan.processes if process.default), None)
    if process is None:
        return Smoke(reason="the image has no default process")
    starts = starts_of(process, evidence)
    module = next(iter(starts.modules), "")
    script = next(iter(starts.scripts), "")
    if not module and not script:
        return Smoke(reason=f"it cannot be seen what {process.line} imports")
    if not module and not _has_guard(evidence.project.sources.get(script, "")):
        return Smoke(reason=f'{script} has no if __name__ == "__main__", so importing it would run it')
    text = shell.unwrapped(shown((*process.command, *process.args)))
    folder = next((target.folder for target in targets(text)), "")
    directory = "/".join(filter(None, (process.directory, folder)))
    return Smoke(process.type, module or script, directory, _existing(starts.roots, evidence), process.environment)


def _existing(roots: tuple[str, ...], evidence: Evidence) -> tuple[str, ...]:
    return tuple(root for root in roots if not root or root in evidence.project.directories)


def _has_guard(text: str) -> bool:
    tree = parse(text)
    return not isinstance(tree, Unparsed) and any(is_main_guard(node) for node in tree.body)
