"""What is said of what the processes need and do not have, with what to add to the dependencies."""

from collections.abc import Iterator

from packaging.utils import canonicalize_name

from python_buildpack.decide.processes.interface import Evidence, ProcessPlan
from python_buildpack.decide.startup.app_modules import AppNames
from python_buildpack.decide.startup.lacking_drivers import lacking_drivers
from python_buildpack.decide.startup.missing_imports import Missing, loaded_by, missing_imports
from python_buildpack.installed.imports.module_names import PROVIDERS
from python_buildpack.ports.notice import Notice


def notice_missing(plan: ProcessPlan, evidence: Evidence, minor: str, file: str | None) -> Iterator[Notice]:
    """Yield a notice for each module that a process imports and that nobody provides.

    ``file`` is the one that declares the dependencies, None if the app has none.
    """
    loaded = loaded_by(plan.processes, evidence)
    for missing in missing_imports(loaded, evidence, minor):
        yield _notice(missing, evidence, file)
    for lacking in lacking_drivers(loaded, evidence):
        yield Notice(
            f"No driver for {lacking.database} is installed",
            f"{lacking.where} The app connects to {lacking.database}, and no installed package does that for it. "
            f"To fix it, add {lacking.cure} to {file or 'a requirements.txt'}.",
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
        f"add the package that has it to {where} (perhaps {canonicalize_name(module)}), or the file {top}.py if it is "
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
