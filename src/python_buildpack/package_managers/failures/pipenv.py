"""Causes of failures of Pipenv, which only checks the lock and lists its packages: uv installs them."""

from python_buildpack.package_managers.failures.causes import cause
from python_buildpack.package_managers.failures.errors import LockOutOfDate

CAUSES = (
    cause(
        r"Pipfile\.lock is out-of-date|Pipfile\.lock \(.+\) out of date",
        LockOutOfDate,
        "{file} does not match Pipfile.",
        "Run pipenv lock, and commit {file}.",
    ),
)
