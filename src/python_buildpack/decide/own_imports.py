"""The older Python that an app needs because its own files import what newer ones no longer have: ``import imp``.

An app that names no single Python gets the newest on which these imports exist, as it does for what installed packages
import. Only files with which a process starts count, and those that they import; the others are warned of. Pure.
"""

from collections.abc import Iterator
from itertools import chain

from packaging.version import Version

from cnb.errors import BuildpackError
from python_buildpack.app.project import Project
from python_buildpack.decide.pins.answer import Inferred
from python_buildpack.decide.process_plan.decide import decide_plan, read_evidence
from python_buildpack.decide.process_plan.program_file import modules_reached
from python_buildpack.decide.recipe import PythonChoice
from python_buildpack.decide.removed_modules import lost_imports, since_when
from python_buildpack.decide.startup.starts import starts_of
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.package_managers.interface import Manager
from python_buildpack.settings.values import Settings


def older_for_own_imports(
    project: Project, settings: Settings, choice: PythonChoice, manager: Manager
) -> Inferred | None:
    """Return the newest older Python on which the app's own imports exist, None if none is needed, or none allowed."""
    if not choice.alternatives:
        return None
    declared = InstalledDistributions.declared(manager.declared(project))
    lost = [
        (path, module, since)
        for path, module in lost_imports(project, choice.interpreter.minor, declared)
        if (since := since_when(module)) is not None
    ]
    started = set(_started(project, settings, declared)) if lost else set()
    found = [one for one in lost if one[0] in started]
    if not found:
        return None
    path, module, since = min(found, key=lambda one: Version(one[2]))
    minor = next((older for older in choice.alternatives if Version(older) < Version(since)), None)
    return Inferred(minor, f"{path} imports {module}, which Python {since} no longer has") if minor else None


def _started(project: Project, settings: Settings, declared: InstalledDistributions) -> Iterator[str]:
    """Yield the files of the app that its processes load."""
    try:
        evidence = read_evidence(project, declared, settings)
        plan = decide_plan(evidence)
    except BuildpackError:
        # It is raised when the processes are decided.
        return
    for process in plan.processes:
        starts = starts_of(process, evidence)
        begins = chain(map(evidence.index.module, starts.modules), map(evidence.index.source, starts.scripts))
        yield from (found.path for info in begins if info is not None for found in modules_reached(info, evidence))
