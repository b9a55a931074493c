"""Reads Pipfile and Pipfile.lock, without Pipenv."""

from collections.abc import Iterator, Mapping
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from python_buildpack.app.documents import ProjectFileInvalid, parse_json, read_toml, table
from python_buildpack.app.project import Project

FILE = "Pipfile"
LOCK = "Pipfile.lock"
DEFAULT = "packages"
NOT_CATEGORIES = frozenset({"source", "requires", "scripts", "pipenv", "pipfile", DEFAULT})
VCS = ("git", "hg", "svn", "bzr")


def read_pipfile(project: Project) -> dict[str, Any]:
    """Return the tables of Pipfile; empty if there is no such file. Raises ProjectFileInvalid."""
    return read_toml(project, FILE) or {}


def read_pipfile_lock(project: Project) -> dict[str, Any]:
    """Return the content of Pipfile.lock; empty if there is no such file. Raises ProjectFileInvalid."""
    text = project.text(LOCK)
    if text is None:
        return {}
    cure = "Run pipenv lock to write it again; the marks of a merge conflict are a usual cause."
    document = parse_json(text, LOCK, cure)
    if not isinstance(document, dict):
        raise ProjectFileInvalid(f"{LOCK} does not hold a JSON object.", "Run pipenv lock to write it again.")
    return document


def categories(project: Project) -> frozenset[str]:
    """Return the names of the package categories besides the default one, ``dev-packages`` included."""
    return frozenset(name for name in read_pipfile(project) if name not in NOT_CATEGORIES)


def locked_names(document: Mapping[str, Any], section: str) -> frozenset[str]:
    """Return the normalised names in a section of Pipfile.lock."""
    packages = document.get(section, {})
    return frozenset(canonicalize_name(name) for name in packages) if isinstance(packages, dict) else frozenset()


def locked_pins(document: Mapping[str, Any], section: str) -> Iterator[tuple[str, Version, str]]:
    """Yield name, version and marker of a section of Pipfile.lock, without packages from a repository or a path."""
    packages = document.get(section, {})
    for name, details in packages.items() if isinstance(packages, dict) else ():
        if not isinstance(details, dict):
            continue
        try:
            version = Version(str(details.get("version") or "").removeprefix("=="))
        except ValueError:
            continue
        yield canonicalize_name(name), version, str(details.get("markers") or "")


def requirement_lines(project: Project, category: str) -> Iterator[str]:
    """Yield a category's packages as lines of a requirements file. Raises ProjectFileInvalid."""
    for name, wanted in table(read_pipfile(project), FILE, category).items():
        match wanted:
            case str(version):
                yield f"{name}{_specifier(version)}"
            case dict(details):
                yield _detailed(name, details)
            case _:
                raise ProjectFileInvalid(
                    f"{FILE}: {category}.{name} is neither a version nor a table.",
                    f'Write it as {name} = "*" or with a version.',
                )


def _specifier(version: str) -> str:
    version = version.strip()
    return "" if version in {"", "*"} else version


def _detailed(name: str, details: Mapping[str, Any]) -> str:
    extras = details.get("extras")
    named = f"{name}[{','.join(map(str, extras))}]" if isinstance(extras, list) and extras else name
    marker = _marker(details)
    path = details.get("path")
    if isinstance(path, str):
        return f"{'-e ' if details.get('editable') else ''}{path}{named.removeprefix(name)}"
    for vcs in VCS:
        if vcs in details:
            reference = f"@{details['ref']}" if "ref" in details else ""
            folder = f"#subdirectory={details['subdirectory']}" if "subdirectory" in details else ""
            url = str(details[vcs])
            scheme = "" if url.startswith(f"{vcs}+") else f"{vcs}+"
            return f"{named} @ {scheme}{url}{reference}{folder}{marker}"
    if "file" in details:
        return f"{named} @ {details['file']}{marker}"
    return f"{named}{_specifier(str(details.get('version', '*')))}{marker}"


_MARKERS = (
    "os_name", "sys_platform", "platform_machine", "platform_system", "platform_release", "platform_version",
    "python_version", "python_full_version", "implementation_name", "platform_python_implementation",
)  # fmt: skip


def _marker(details: Mapping[str, Any]) -> str:
    """Return the environment markers: one in ``markers``, or keys such as ``sys_platform = "== 'linux'"``."""
    found = [f"{name} {details[name]}" for name in _MARKERS if name in details]
    found = ([f"({details['markers']})"] if "markers" in details else []) + found
    return f" ; {' and '.join(found)}" if found else ""
