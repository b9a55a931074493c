"""The labels of the image: OCI's annotations about the app, and labels with the Python version and the tools. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cnb.launch import Label
from python_buildpack.app.documents import PYPROJECT, ProjectFileInvalid, read_toml
from python_buildpack.app.project import Project, ProjectFileUnreadable
from python_buildpack.decide.processes.frameworks.registry import WEB_FRAMEWORKS
from python_buildpack.decide.recipe import Recipe
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.secrets.redact import redact
from python_buildpack.settings.table import OCI_LABELS
from python_buildpack.settings.values import Settings

OCI_PREFIX = "org.opencontainers.image."
OUR_PREFIX = "org.terrarium.python."

_LONGEST = 1000
"""Characters of a value; registries limit the total size of an image's labels and annotations."""

# PyPA's "well-known labels" of [project.urls], normalised: without punctuation and white space, in lower case.
_URL_LABELS = {
    "homepage": "url",
    "source": "source",
    "repository": "source",
    "sourcecode": "source",
    "github": "source",
    "documentation": "documentation",
    "docs": "documentation",
}


def decide_labels(
    project: Project, settings: Settings, recipe: Recipe, installed: InstalledDistributions
) -> tuple[Label, ...]:
    """Return the image's labels, sorted by key.

    BP_OCI_* have precedence over pyproject.toml. There is no label for what neither of them says.
    """
    values = {f"{OCI_PREFIX}{name}": value for name, value in read_metadata(project).items()}
    for name, setting in OCI_LABELS.items():
        given = settings.get(setting)
        if given is not None:
            values[f"{OCI_PREFIX}{name}"] = given.text
    values |= {f"{OUR_PREFIX}{name}": value for name, value in _ours(recipe, installed)}
    # Labels are public, and URLs of private repositories often contain a token.
    tidy = {key: redact(_on_one_line(value))[:_LONGEST] for key, value in values.items()}
    return tuple(Label(key, tidy[key]) for key in sorted(tidy) if tidy[key])


def _on_one_line(text: str) -> str:
    """Return the text without line breaks, control characters and characters that UTF-8 cannot encode."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())


def _ours(recipe: Recipe, installed: InstalledDistributions) -> Iterator[tuple[str, str]]:
    interpreter = recipe.python.interpreter
    yield "version", str(interpreter.version)
    yield "build", interpreter.build
    yield "package-manager", recipe.manager.name
    yield "framework", _framework(installed)


def _framework(installed: InstalledDistributions) -> str:
    """Return the label of the first installed web framework of the registry, "" if none is installed."""
    kinds = (kind for kind in WEB_FRAMEWORKS if installed.has(*kind.distributions))
    return next((kind.name.lower() for kind in kinds), "")


def read_metadata(project: Project) -> Mapping[str, str]:
    """Return what pyproject.toml says about the app, by the names of OCI's annotations.

    https://github.com/opencontainers/image-spec/blob/main/annotations.md

    Empty for an invalid file: the error is reported where the file is needed for more than labels.
    """
    try:
        document = read_toml(project, PYPROJECT) or {}
    except (ProjectFileInvalid, ProjectFileUnreadable):
        return {}
    poetry = _table(_table(document, "tool"), "poetry")
    metadata = _table(document, "project")
    return {**_poetry_labels(poetry), **_project_labels(metadata)}


def _project_labels(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Read the [project] table (PEP 621, PEP 639)."""
    license_ = metadata.get("license")
    values = {
        "title": metadata.get("name"),
        "version": metadata.get("version"),
        "description": metadata.get("description"),
        # A table has the file name or the text of a license, not its name.
        "licenses": license_ if isinstance(license_, str) else None,
        "authors": _authors(metadata.get("authors")),
    }
    for name, url in _table(metadata, "urls").items():
        label = _URL_LABELS.get(re.sub(r"[^a-z0-9]", "", name.lower()))
        if label:
            values.setdefault(label, url)
    return _strings(values)


def _poetry_labels(poetry: Mapping[str, Any]) -> dict[str, str]:
    """Read [tool.poetry], which has the same values for Poetry before 2.0."""
    return _strings(
        {
            "title": poetry.get("name"),
            "version": poetry.get("version"),
            "description": poetry.get("description"),
            "licenses": poetry.get("license"),
            "authors": _authors(poetry.get("authors")),
            "url": poetry.get("homepage"),
            "source": poetry.get("repository"),
            "documentation": poetry.get("documentation"),
        }
    )


def _authors(authors: object) -> str:
    """Return ``Name <address>, …`` from PEP 621's tables or Poetry's strings."""
    names = []
    for author in authors if isinstance(authors, list) else []:
        if isinstance(author, str):
            names.append(author)
        elif isinstance(author, dict):
            name, address = (_strings(author).get(key, "") for key in ("name", "email"))
            names.append(f"{name} <{address}>" if name and address else name or address)
    return ", ".join(filter(None, names))


def _table(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = document.get(key)
    return found if isinstance(found, dict) else {}


def _strings(values: Mapping[str, object]) -> dict[str, str]:
    return {key: value for key, value in values.items() if isinstance(value, str) and value.strip()}
