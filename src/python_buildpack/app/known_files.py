"""Names of the files by which a Python app is detected; they are read, and searched for credentials.

Package managers and version sources define these names. They are generated into this module for detect, because
importing all managers would take several times as long as the rest of detect.
"""

from collections.abc import Mapping

from python_buildpack.support.wildcard import fits

# Written by ./dev refresh docs: begin
KNOWN_FILES = (
    "Pipfile.lock",
    "Pipfile",
    "requirements.txt",
    "requirements*.txt",
    "requirements*.in",
    "requirements*.pip",
    "poetry.lock",
    "pdm.lock",
    "uv.lock",
    "pylock.toml",
    "pylock.*.toml",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "*.py.lock",
    "environment.yml",
    "environment.yaml",
    "conda.yml",
    "conda.yaml",
    "pixi.toml",
    "pixi.lock",
    "runtime.txt",
    ".python-version",
)
# Written by ./dev refresh docs: end

SCRIPT_METADATA = "# /// script"
"""How the inline metadata of a script begins (PEP 723)."""

_NAMES = frozenset(KNOWN_FILES)
_PATTERNS = tuple(name for name in KNOWN_FILES if "*" in name)

MISSPELT: Mapping[str, str] = {
    "requirements": "requirements.txt",
    "requirementstxt": "requirements.txt",
    "requirementstext": "requirements.txt",
    "requirementstxttxt": "requirements.txt",
    "requirementtxt": "requirements.txt",
    "requiremenstxt": "requirements.txt",
    "requiremntstxt": "requirements.txt",
    "requirmentstxt": "requirements.txt",
    "requrementstxt": "requirements.txt",
    "pythonversion": ".python-version",
    "pythonversiontxt": ".python-version",
    "pythonversions": ".python-version",
    "runtimestxt": "runtime.txt",
    "runtimetext": "runtime.txt",
    "runtimetxt": "runtime.txt",
    "runtimetxttxt": "runtime.txt",
    "pipfile": "Pipfile",
    "pipfiletxt": "Pipfile",
    "pyprojecttml": "pyproject.toml",
    "pyprojecttoml": "pyproject.toml",
    "procfile": "Procfile",
    "procfiletxt": "Procfile",
    "procfileprocfile": "Procfile",
}
"""The letters of misspelt names, in lower case, and the right name."""
SEPARATORS = "._-"
BEGINNING = 5
"""How many letters at the beginning of a misspelt name must follow each other, after at most one of SEPARATORS.

bin/detect, which can use only the shell's patterns, recognises possible misspelt names by these letters.
"""
_BEGINNINGS = frozenset(letters[:BEGINNING] for letters in MISSPELT)


def is_known(name: str) -> bool:
    """Return whether a file of this name shows that a directory is a Python app."""
    return name in _NAMES or any(fits(name, pattern) for pattern in _PATTERNS)


def meant_by(name: str) -> str | None:
    """Return the right name for a misspelt one; None for a right name and for all others."""
    lower = name.lower()
    beginning = lower[1:] if lower.startswith(tuple(SEPARATORS)) else lower
    if beginning[:BEGINNING] not in _BEGINNINGS or "/" in name or not name.isascii():
        return None
    meant = MISSPELT.get("".join(letter for letter in lower if letter.isalpha()))
    return None if meant == name else meant
