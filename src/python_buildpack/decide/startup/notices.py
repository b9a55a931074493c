"""What is said of what the processes need and do not have, with what to add to the dependencies."""

from collections.abc import Iterator

from packaging.utils import canonicalize_name

from cnb.frozen import replace
from python_buildpack.decide.processes.interface import Evidence, ProcessPlan
from python_buildpack.decide.startup.app_modules import AppNames
from python_buildpack.decide.startup.database_files import missing_folders
from python_buildpack.decide.startup.lacking_drivers import lacking_drivers
from python_buildpack.decide.startup.missing_imports import Loaded, Missing, loaded_by, missing_imports
from python_buildpack.decide.startup.needed_variables import needed_variables
from python_buildpack.installed.imports.module_names import PROVIDERS
from python_buildpack.ports.notice import Notice

_MOST_VARIABLES = 8
"""Variables that a line names; the first that is missing ends the process, and names itself."""


def with_what_lacks(plan: ProcessPlan, evidence: Evidence, minor: str, file: str | None) -> ProcessPlan:
    """Return the plan with notices of what its processes lack, and with the variables that they need.

    ``file`` is where the app's dependencies are declared, None if it has none. Raises SettingInvalid.
    """
    loaded = loaded_by(plan.processes, evidence)
    notices = (*plan.notices, *_notices(loaded, evidence, minor, file))
    return replace(plan, notices=notices, needs=tuple(_needs(loaded, plan, evidence, minor)))


def _needs(loaded: tuple[Loaded, ...], plan: ProcessPlan, evidence: Evidence, minor: str) -> Iterator[str]:
    """Yield what each process needs of the place where the image runs."""
    found = needed_variables(loaded, plan.processes, evidence, minor)
    for types in dict.fromkeys(one.processes for one in found):
        needed = [one for one in found if one.processes == types]
        more = f", and {len(needed) - _MOST_VARIABLES} more" if len(needed) > _MOST_VARIABLES else ""
        named = ", ".join(f"{one.name} ({one.path}, line {one.line})" for one in needed[:_MOST_VARIABLES])
        verb = "need" if len(types) > 1 else "needs"
        what = "variables" if len(needed) > 1 else "variable"
        who = " and ".join(types)
        yield f"{who} {verb} the {what} {named}{more} where the image runs, as in docker run -e {needed[0].name}=…"


def _notices(loaded: tuple[Loaded, ...], evidence: Evidence, minor: str, file: str | None) -> Iterator[Notice]:
    """Yield a notice for each module that a process imports and that nobody provides, and for each missing driver."""
    for missing in missing_imports(loaded, evidence, minor):
        yield _notice(missing, evidence, file)
    for lacking in lacking_drivers(loaded, evidence):
        yield Notice(
            f"No driver for {lacking.database} is installed",
            f"{lacking.where} The app connects to {lacking.database}, and no installed package does that for it. "
            f"To fix it, add {lacking.cure} to {file or 'a requirements.txt'}.",
        )
    for missing_folder in missing_folders(loaded, evidence):
        yield Notice(
            f"The directory {missing_folder.folder} of a database is not there",
            f"{missing_folder.where} names a file of SQLite in {missing_folder.folder}, which the app does not have. "
            'SQLite makes the file, but no directory: the first query ends with "unable to open database file". To '
            "fix it, commit a file in the directory (git keeps no empty ones), or let the app make it: "
            "Path(...).parent.mkdir(parents=True, exist_ok=True). A volume in its place is as good.",
        )


def _notice(missing: Missing, evidence: Evidence, file: str | None) -> Notice:
    types = " and ".join(missing.processes)
    when = f"The process {types} imports it when it starts" if types else "A process that starts there imports it"
    through = f" ({' → '.join(missing.through)})" if len(missing.through) > 1 else ""
    if missing.came:
        why = f"Python has {missing.module} since {missing.came} only."
        cure = f"ask for Python {missing.came} or newer in .python-version"
    else:
        why = f"No installed package has {missing.module}, and neither has the app."
        cure = _cure(missing.module, evidence, file)
    return Notice(
        f"{missing.path} imports {missing.module}, which is not there",
        f"{missing.path}, line {missing.line}: {missing.text}\n"
        f"{why} {when}{through}, and ends there. To fix it, {cure}.",
    )


def _cure(module: str, evidence: Evidence, file: str | None) -> str:
    top = module.partition(".")[0]
    where = file or "a requirements.txt"
    if (meant := _in_other_case(top, evidence)) is not None:
        return f"write {meant}: upper and lower case are different here"
    if (provider := provider_of(module)) is not None:
        return f"add {provider} to {where}"
    return (
        f"add the package that has it (perhaps {canonicalize_name(module)}) to {where}, or the file {top}.py if it is "
        "the app's own and was left out by .gitignore or project.toml"
    )


def provider_of(module: str) -> str | None:
    """Return the distribution to add for a module that is called otherwise, or for the package that it is in."""
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((PROVIDERS[name] for name in names if name in PROVIDERS), None)


def _in_other_case(top: str, evidence: Evidence) -> str | None:
    """Return the app's or an installed module whose name differs in case only, as on a Mac or on Windows it may."""
    names = {*AppNames(evidence.project).names, *(evidence.installed.modules or ())}
    return next((name for name in sorted(names) if name.lower() == top.lower()), None)
