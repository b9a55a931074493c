"""How Pipenv fails, which here only checks and lists: uv installs what it lists, and fails as uv does."""

from python_buildpack.package_managers.failures.causes import cause
from python_buildpack.package_managers.failures.errors import LockOutOfDate

PIPENV = (
    cause(
        r"Pipfile\.lock is out-of-date|Pipfile\.lock \(.+\) out of date",
        LockOutOfDate,
        "{file} does not match Pipfile.",
        "Run pipenv lock, and commit {file}.",
    ),
)
