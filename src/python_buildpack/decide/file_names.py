"""What to say about files and variables whose names look like mistakes; pure."""

from python_buildpack.app.project import ENVIRONMENT_MARKER, Project
from python_buildpack.package_managers.environment_yml import FILES as CONDA_FILES
from python_buildpack.package_managers.environment_yml import INSTEAD
from python_buildpack.ports.notice import Notice
from python_buildpack.settings import Settings, near_misses

MISSPELT = {
    "requirementstxttxt": "requirements.txt",
    "requirementtxt": "requirements.txt",
    "requirmentstxt": "requirements.txt",
    "requirementstext": "requirements.txt",
    "requirementstxt": "requirements.txt",
    "requirements": "requirements.txt",
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
}
"""The letters of names that people give by mistake, and the name that is looked for, case and all."""


def notice_names(project: Project, settings: Settings) -> tuple[Notice, ...]:
    """Return a notice for each name that looks misspelt, and for files that are there and not read."""
    misspelt = (
        Notice("A file name looks misspelt", f"{name} is not read; {meant} would be. Rename it if it was meant.")
        for name in sorted(project.files)
        if (meant := MISSPELT.get(letters_of(name))) is not None and not project.has(meant)
    )
    committed = (
        Notice(
            "A virtual environment is part of the source",
            f"{path.removesuffix(ENVIRONMENT_MARKER)} is not used: it was made for another machine. Remove it from the "
            "repository and ignore it.",
        )
        for path in sorted(project.files)
        if path.endswith(f"/{ENVIRONMENT_MARKER}")
    )
    conda = (
        Notice(
            "Conda's file is not read",
            f"{name} does not count beside a declaration that can be installed. Packages or a Python version that only "
            "it names have to be named there, or in .python-version.",
        )
        for name in CONDA_FILES
        if any(project.has(file) for file in INSTEAD) and project.has(name)
    )
    variables = (
        Notice("A variable looks misspelt", f"{name} is not a setting of this buildpack; {meant} is.")
        for name, meant in near_misses(settings.env)
    )
    return (*misspelt, *committed, *conda, *variables)


def letters_of(name: str) -> str:
    """Return the letters of a name in lower case; none of one in a folder, which may be called as it likes."""
    return "" if "/" in name else "".join(character for character in name.casefold() if character.isalpha())
