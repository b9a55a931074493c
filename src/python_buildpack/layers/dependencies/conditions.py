"""All that decides, besides its pin, what is installed for a distribution: indexes, and wheels or sources.

It is returned as a digest, because URLs may contain passwords. Credentials, in URLs or in variables of their own, are
left out of the digest: short-lived ones differ in every build.
"""

import re
from collections.abc import Iterator, Mapping

from python_buildpack.app.project import Project
from python_buildpack.package_managers.build_variables import compiling
from python_buildpack.package_managers.installer_environment import INSTALLERS
from python_buildpack.support.digests import digest

_CREDENTIAL = re.compile(r"PASSWORD|TOKEN|USERNAME|HTTP_BASIC|CACHE|TIMEOUT|RETRIES")
_USER = re.compile(r"//[^/@\s]*@")
_OPTION = re.compile(r"^(?:[^\s:]+:)?\s*(-.*)$", re.MULTILINE)
_CONTENT = re.compile(r"^# (?!\S+\.(?:whl|zip|gz) is ).+ is [0-9a-f]{64}$", re.MULTILINE)
"""The content of a directory of wheels (local_files.py). A wheel that is named by its path is installed each time."""


def digest_conditions(project: Project, declaration: str, resolved: str, env: Mapping[str, str]) -> str:
    """Return a digest that is equal if equal pins give equal packages.

    ``resolved`` is the text of the resolution; ``env`` includes the settings of pip.conf.
    """
    return digest(_USER.sub("//", "\n".join(_conditions(project, declaration, resolved, env))))


def _conditions(project: Project, declaration: str, resolved: str, env: Mapping[str, str]) -> Iterator[str]:
    # Only an installation asks: an unchanged build need not read the modules of all installers.
    from python_buildpack.package_managers.index_settings import index_settings  # noqa: PLC0415

    for name, value in sorted(env.items()):
        if name.startswith(INSTALLERS) and not _CREDENTIAL.search(name):
            yield f"{name}={value}"
    # A heavy distribution that was compiled, and a wheel of the app that has its old name and another content.
    yield from (f"{name}={value}" for name, value in sorted(compiling(env).items()))
    yield from _CONTENT.findall(f"{declaration}\n{resolved}")
    yield from (match[1] for match in _OPTION.finditer(declaration))
    yield from index_settings(project, env)
