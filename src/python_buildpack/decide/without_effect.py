"""Settings that are given and do nothing in this app. Pure.

Settings of the place where a build runs, such as a mirror, are given to all apps and are not named.
"""

from collections.abc import Iterator

from python_buildpack.app.project import Project
from python_buildpack.package_managers.interface import Manager
from python_buildpack.package_managers.requirements_txt import RequirementsTxt
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.launch import PORT
from python_buildpack.settings.run_time import run_time_variables, unused_delimiters
from python_buildpack.settings.table import (
    AUDIT,
    AUDIT_IGNORE,
    BUILD_ENV,
    DISABLE_COLLECTSTATIC,
    EXCLUDE_NEWER,
    EXTRAS,
    GROUPS,
    INSTALLER,
    REFRESH,
    REQUIREMENT,
)
from python_buildpack.settings.values import Settings
from python_buildpack.support.wildcard import fits

_MANAGE = "manage.py"


def notice_without_effect(project: Project, settings: Settings, manager: Manager) -> tuple[Notice, ...]:
    """Return one notice of all settings that are given and have no effect, a line for each."""
    lines = (*_of_the_manager(settings, manager), *_of_others(project, settings))
    return (Notice("Settings have no effect in this app", "\n".join(lines)),) if lines else ()


def _of_the_manager(settings: Settings, manager: Manager) -> Iterator[str]:
    for setting in (GROUPS, EXTRAS, REQUIREMENT):
        value = settings.get(setting)
        if value is not None and setting not in manager.chooses:
            names = ", ".join(settings.names(setting))
            yield f"{value.origin}: {manager.name} has nothing of this kind, so {names} is not installed."
    for setting in (REFRESH, EXCLUDE_NEWER):
        value = settings.get(setting)
        if value is not None and manager.locks is not None:
            yield f"{value.origin}: the lock says which versions are installed."
    installer = settings.get(INSTALLER)
    if installer is not None:
        wanted, is_for_pip = installer.text.lower(), manager.name == RequirementsTxt.name
        if wanted not in {"uv", manager.name} and not (wanted == "pip" and is_for_pip):
            yield f"{installer.origin}: {wanted} does not install what {manager.name} declares; it is left to uv."


def _of_others(project: Project, settings: Settings) -> Iterator[str]:
    collectstatic = settings.get(DISABLE_COLLECTSTATIC)
    if collectstatic is not None and not any(path.rpartition("/")[2] == _MANAGE for path in project.files):
        yield f"{collectstatic.origin}: the app has no {_MANAGE}, so no static files would be collected."
    audit, ignored = settings.get(AUDIT), settings.get(AUDIT_IGNORE)
    if ignored is not None and (audit is None or audit.text.lower() == "off"):
        yield f"{ignored.origin}: nothing is looked up without {AUDIT.name}."
    patterns = settings.names(BUILD_ENV)
    unset = [pattern for pattern in patterns if not any(fits(name, pattern) for name in settings.env)]
    if patterns and len(unset) == len(patterns):
        given = settings.get(BUILD_ENV)
        yield f"{given.origin if given else BUILD_ENV.name}: no variable is set that is named {' or '.join(unset)}."
    port = settings.env.get(PORT.name, "")
    if port not in {"", PORT.default} and not any(one.name == PORT.name for one in run_time_variables(settings)):
        yield (
            f"{PORT.name}: the web process listens on the {PORT.name} of its container, else on {PORT.default}. For "
            f"another default, set BPE_DEFAULT_{PORT.name}={port} for the build."
        )
    for name, variable in unused_delimiters(settings):
        yield f"{name}: nothing is appended or prepended to {variable}."
