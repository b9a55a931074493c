"""The databases that the processes connect to, as far as it is written out, and whose drivers are not installed."""

from collections.abc import Iterator

from cnb.frozen import replace
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.decide.startup.django_settings import named_in
from python_buildpack.decide.startup.drivers import READERS, Lacking, of_engine, of_url, urls_in
from python_buildpack.decide.startup.missing_imports import Loaded
from python_buildpack.installed.imports.modules import Module

VARIABLES = ("DATABASE_URL", "SQLALCHEMY_DATABASE_URI")
"""Variables with the address of a database. A build may have them, too."""
_BY_NAME = "install_as_MySQLdb"
"""With this call PyMySQL takes the place of the driver that Django and SQLAlchemy look for."""


def lacking_drivers(loaded: tuple[Loaded, ...], evidence: Evidence) -> tuple[Lacking, ...]:
    """Return the databases without a driver, each once."""
    modules = evidence.installed.modules
    texts = (module.text() for one in loaded for module in one.all_modules)
    if modules is None or not evidence.has(*READERS) or any(_BY_NAME in text for text in texts):
        return ()
    found = [lacking for one in loaded for lacking in _of_process(one, evidence, modules)]
    found += _of_variables(evidence, modules) if loaded else ()
    return tuple({lacking.database: lacking for lacking in reversed(found)}.values())


def _of_process(loaded: Loaded, evidence: Evidence, modules: frozenset[str]) -> Iterator[Lacking]:
    for index, named in named_in(*(module.text() for module in loaded.settings)):
        if named.is_engine and (lacking := of_engine(named.name, modules)) is not None:
            where = _place(loaded.settings[index], named.line, evidence)
            yield replace(lacking, where=f"{where} names the engine {named.name}.")
    found = [
        (module, line, url.partition("://")[0], of_url(url, modules))
        for module in loaded.all_modules
        for url, line in urls_in(module.text())
    ]
    # Of several addresses a condition chooses one, and perhaps that with a driver.
    for module, line, scheme, lacking in found if all(one[-1] is not None for one in found) else ():
        if lacking is not None:
            where = _place(module, line, evidence)
            yield replace(lacking, where=f"{where} has an address that begins with {scheme}://.")


def _of_variables(evidence: Evidence, modules: frozenset[str]) -> Iterator[Lacking]:
    for name in VARIABLES:
        if (lacking := of_url(evidence.variables.get(name, ""), modules)) is not None:
            yield replace(lacking, where=f"The variable {name} has the address of a database.")


def _place(module: Module, line: int, evidence: Evidence) -> str:
    return f"{module.path.relative_to(evidence.project.root)}, line {line}"
