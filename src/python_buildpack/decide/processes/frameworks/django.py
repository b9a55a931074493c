"""Django (https://docs.djangoproject.com): a project is found by its manage.py, its app through its settings."""

from collections.abc import Iterator

from cnb.frozen import replace
from python_buildpack.app.file_roles import is_aside, is_test_or_example
from python_buildpack.decide.processes.apps import MOUNTS
from python_buildpack.decide.processes.frameworks.interface import Own, WebFramework, development_server
from python_buildpack.decide.processes.interface import Candidate, Evidence, Interface, Rank
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.module_info import ModuleInfo
from python_buildpack.decide.processes.server import App
from python_buildpack.decide.processes.servers import SERVERS, installed_server
from python_buildpack.decide.processes.source_index import Export
from python_buildpack.ports.notice import Notice

MANAGE = "manage.py"
SETTINGS = "DJANGO_SETTINGS_MODULE"
APPLICATION = "application"
APPS = "INSTALLED_APPS"
ENTRIES: tuple[tuple[str, Interface], ...] = (("WSGI_APPLICATION", "wsgi"), ("ASGI_APPLICATION", "asgi"))
"""Settings that name the app of each interface."""
ORIGINS: dict[str, Interface] = {
    "django.core.wsgi.get_wsgi_application": "wsgi",
    "django.core.asgi.get_asgi_application": "asgi",
    "channels.routing.ProtocolTypeRouter": "asgi",
    "channels.routing.get_default_application": "asgi",
}
ASGI_APPS = frozenset({"daphne", "channels"})
"""Entries of INSTALLED_APPS that make a project one for ASGI."""


def _own_server(app: App, evidence: Evidence) -> Own | None:
    manage = f"{app.root}/{MANAGE}" if app.root else MANAGE
    if manage not in evidence.project.files:
        return None
    script = manage if app.path else MANAGE
    start = command("python", script, "runserver", "--noreload", "0.0.0.0:$PORT", chdir=app.chdir)
    return start, (development_server("Django", app.interface),)


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the project of each manage.py; without one, the apps in wsgi.py and asgi.py modules."""
    found = False
    for path in sorted(evidence.project.files, key=lambda path: (path.count("/"), path)):
        if path.rpartition("/")[2] == MANAGE and not is_test_or_example(path):
            for candidate in _project(path, evidence):
                found = True
                yield candidate
    if not found:
        yield from DJANGO.apps(evidence)


DJANGO = WebFramework(
    "Django",
    ("django",),
    ORIGINS,
    frozenset({SETTINGS, APPS, *(name for name, _ in ENTRIES), *(name.rpartition(".")[2] for name in ORIGINS)}),
    _find,
    _own_server,
    loopback_commands={"runserver": r"manage\.py runserver(?! .*[:.\[$])"},
    programs={"django-admin": "django"},
)


def _project(manage: str, evidence: Evidence) -> Iterator[Candidate]:
    root = manage.rpartition("/")[0]
    settings = _settings(root, manage, evidence)
    apps = list(_apps(root, settings, evidence))
    app = _choose(apps, settings, evidence)
    environment: tuple[tuple[str, str], ...] = ()
    if app is None:
        named = _named_settings(manage, evidence)
        if not _has_module(root, named, evidence):
            return
        # What startproject's wsgi.py does is to call this function, with the settings' name in the environment.
        app, environment = _made_by_django(root, evidence), ((SETTINGS, named),)
    what = f"Django project of {manage}, app {app.target}"
    depth = len([part for part in root.split("/") if part and part != "src"])
    rank = Rank(aside=int(is_aside(manage)), depth=depth, entry=0, module=0, path=manage, target=app.target)
    candidate = DJANGO.serve(app, evidence, rank, what)
    notices = (*candidate.notices, *_two_settings(manage, app, evidence))
    if app.interface == "wsgi" and _is_for_asgi(settings, evidence):
        notices += (NO_ASGI_SERVER,)
    decision = replace(candidate.decision, environment=(*environment, *candidate.decision.environment))
    yield Candidate(candidate.rank, candidate.label, decision, notices)


def _made_by_django(root: str, evidence: Evidence) -> App:
    """Return Django's own function that makes the app of a project without a wsgi.py, for the server that there is."""
    wsgi = App("django.core.wsgi", "get_wsgi_application", "wsgi", is_factory=True, root=root)
    asgi = App("django.core.asgi", "get_asgi_application", "asgi", is_factory=True, root=root)
    found = ((app, installed_server(app, evidence)) for app in (wsgi, asgi))
    ranked = [(SERVERS.index(server), app) for app, server in found if server is not None]
    return min(ranked, key=lambda one: one[0])[1] if ranked else wsgi


def _named_settings(manage: str, evidence: Evidence) -> str:
    program = evidence.index.source(manage)
    return program.defaults.get(SETTINGS, "") if program else ""


def _two_settings(manage: str, app: App, evidence: Evidence) -> Iterator[Notice]:
    """Yield a hint if static files are collected with other settings than the app runs with.

    If the build's variables name the settings, the user has chosen them and needs no hint.
    """
    if evidence.variables.get(SETTINGS):
        return
    module = evidence.index.module(app.module)
    collecting, serving = (
        info.defaults.get(SETTINGS, "") if info else "" for info in (evidence.index.source(manage), module)
    )
    if module and collecting and serving and collecting != serving:
        yield Notice(
            "manage.py and the web process name different settings",
            f"{manage} names {collecting}, with which static files are collected, and {module.path} names {serving}, "
            f"with which they are served. Unless the two agree on static files, set {SETTINGS}={serving} for the build "
            "and for the app.",
        )


NO_ASGI_SERVER = Notice(
    "Channels needs an ASGI server",
    "The project's settings are made for Channels or daphne, but no ASGI server is installed: WebSockets will not "
    "work. Add daphne or uvicorn to the dependencies.",
)


def _settings(root: str, manage: str, evidence: Evidence) -> tuple[ModuleInfo, ...]:
    """Return the files of the project's settings: the module that manage.py names, with its package if it is in one."""
    sources = evidence.index.sources
    named = _named_settings(manage, evidence)
    prefix = f"{root}/" if root else ""
    main = named.replace(".", "/")
    package = main.rpartition("/")[0] if main.rpartition("/")[0].endswith("settings") else main
    exact = [info for info in sources if named and info.path in {f"{prefix}{main}.py", f"{prefix}{main}/__init__.py"}]
    around = [info for info in sources if named and info.path.startswith(f"{prefix}{package}/")]
    # If manage.py takes the settings' name from the environment, the file is found by usual assignments.
    guessed = [info for info in sources if info.path.startswith(prefix) and APPS in info.assigned and not named]
    return tuple({info.path: info for info in [*exact, *around, *guessed]}.values())


def _apps(root: str, settings: tuple[ModuleInfo, ...], evidence: Evidence) -> Iterator[App]:
    """Yield the apps that the settings name, then those in wsgi.py and asgi.py modules in the project's directory."""
    for constant, interface in ENTRIES:
        for info in settings:
            for target in info.constants.get(constant, ())[:1]:
                module, _, name = target.replace(":", ".").rpartition(".")
                if module and _has_module(root, module, evidence):
                    yield App(module, name, interface, root=root)
    prefix = f"{root}/" if root else ""
    for export in evidence.index.exports():
        path, origin = export.info.path, ORIGINS.get(export.origin)
        if origin and path.startswith(prefix) and not export.is_factory and _is_bound(export.info, export.name):
            relative = path.removeprefix(prefix).removesuffix(".py").removesuffix("/__init__")
            yield App(relative.replace("/", "."), _outermost(export), origin, root=root)
    yield from _beside_settings(settings, evidence)


def _outermost(export: Export) -> str:
    """Return the name of the outermost app: ``application``, a wrapper around it, or an app that mounts it."""
    info = export.info
    if _is_bound(info, APPLICATION):
        return APPLICATION
    own = f"{info.place.module}.{export.name}"
    for binding in info.bindings:
        if binding.name != export.name and own in {*binding.arguments, *binding.keywords.values()}:
            return binding.name
    for call in info.calls:
        holder, _, method = call.name.rpartition(".")
        name = holder.removeprefix(f"{info.place.module}.")
        if method in MOUNTS and own in {*call.names, *call.keywords.values()} and _is_bound(info, name):
            return name
    return export.name


def _beside_settings(settings: tuple[ModuleInfo, ...], evidence: Evidence) -> Iterator[App]:
    """Yield the objects with the names of startproject's apps, whatever makes them, such as a wrapper."""
    packages = {info.place.module.partition(".settings")[0] for info in settings}
    interfaces: tuple[Interface, ...] = ("wsgi", "asgi")
    for package in packages:
        for interface in interfaces:
            info = evidence.index.module(f"{package}.{interface}")
            if info and _is_bound(info, APPLICATION):
                yield App.at(info.place, APPLICATION, interface)


def _has_module(root: str, module: str, evidence: Evidence) -> bool:
    base = "/".join(filter(None, [root, module.replace(".", "/")]))
    return f"{base}.py" in evidence.project.files or f"{base}/__init__.py" in evidence.project.files


def _is_bound(info: ModuleInfo, name: str) -> bool:
    return any(binding.name == name for binding in info.bindings)


def _is_for_asgi(settings: tuple[ModuleInfo, ...], evidence: Evidence) -> bool:
    # Only Channels and daphne read ASGI_APPLICATION; startproject does not write it.
    names_app = evidence.has(*ASGI_APPS) and any("ASGI_APPLICATION" in info.constants for info in settings)
    return names_app or any(not ASGI_APPS.isdisjoint(_installed_apps(info)) for info in settings)


def _installed_apps(info: ModuleInfo) -> Iterator[str]:
    """Yield the entries of INSTALLED_APPS and of the lists of which it is composed."""
    for name, texts in info.constants.items():
        if name.endswith("_APPS"):
            yield from (text.partition(".")[0] for text in texts)


def _choose(apps: list[App], settings: tuple[ModuleInfo, ...], evidence: Evidence) -> App | None:
    """Choose the ASGI app if the project is made for ASGI and a server for it is installed, else the WSGI app."""
    wsgi = next((app for app in apps if app.interface == "wsgi"), None)
    asgi = next((app for app in apps if app.interface == "asgi"), None)
    if wsgi is None or asgi is None:
        return wsgi or asgi
    asgi_server = installed_server(asgi, evidence)
    if asgi_server is None or asgi_server.notices:  # gunicorn alone: its WSGI workers are the ones everybody means
        return wsgi
    wsgi_server = installed_server(wsgi, evidence)
    made_for_wsgi = wsgi_server is not None and wsgi_server.distributions.isdisjoint(asgi_server.distributions)
    only_asgi_has_server = not made_for_wsgi
    return (
        asgi if _is_for_asgi(settings, evidence) or (only_asgi_has_server and asgi_server.name != "granian") else wsgi
    )
