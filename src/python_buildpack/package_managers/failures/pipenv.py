"""Causes of failures of Pipenv, which only checks the lock and lists its packages: uv installs them."""

from python_buildpack.app.documents import ProjectFileInvalid
from python_buildpack.package_managers.failures.causes import cause
from python_buildpack.package_managers.failures.errors import LockOutOfDate

CAUSES = (
    cause(
        r"DataValidationError: Missing required field: (?P<field>[\w-]+)",
        ProjectFileInvalid,
        "Pipfile has a table, such as [[source]], without {field}, which Pipenv requires.",
        'Add it, for example name = "pypi" in [[source]]. Then run pipenv lock, and commit both files.',
    ),
    cause(
        r"Pipfile\.lock is out-of-date|Pipfile\.lock \(.+\) out of date",
        LockOutOfDate,
        "{file} does not match Pipfile.",
        "Run pipenv lock, and commit {file}.",
    ),
)
