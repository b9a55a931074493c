"""What a failed collectstatic says, against real output of Django, of Python and of libraries for settings."""

import subprocess
import sys

import pytest

from python_buildpack.app_code.collectstatic_failures import explain, failure

CASES = {
    "django.core.exceptions.ImproperlyConfigured: Set the DATABASE_URL environment variable": "DATABASE_URL",
    "decouple.UndefinedValueError: STRIPE_KEY not found. Declare it as envvar or define a default value.": "STRIPE_KEY",
    'environs.exceptions.EnvError: Environment variable "REDIS_URL" not set': "REDIS_URL",
    "django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.": "SECRET_KEY",
    "ModuleNotFoundError: No module named 'debug_toolbar'": "debug_toolbar",
    "ImportError: libmagic.so.1: cannot open shared object file: No such file or directory": "libmagic.so.1",
    "whitenoise.storage.MissingFileError: The file 'img/a.png' could not be found with <x>": "img/a.png",
    "No Django settings specified.\nUnknown command: 'collectstatic'": "DJANGO_SETTINGS_MODULE",
    "ImproperlyConfigured: You're using the staticfiles app without having set the STATIC_ROOT setting": "STATIC_ROOT",
    'django.db.utils.OperationalError: connection to server at "db" failed: could not connect': "database",
}


@pytest.mark.parametrize(("output", "named"), CASES.items())
def test_a_known_failure_names_its_subject(output: str, named: str) -> None:
    """The explanation holds the name of what is missing."""
    explanation = explain(f"Traceback (most recent call last):\n  File ...\n{output}\n")
    assert explanation is not None
    assert named in explanation.what


def run_python(code: str) -> str:
    """Return what this Python prints when it fails in ``code``."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr


def test_a_variable_that_is_not_set() -> None:
    """Python's own traceback for os.environ names the variable."""
    explanation = explain(run_python("import os; os.environ['NO_SUCH_VARIABLE_HERE']"))
    assert explanation is not None
    assert "NO_SUCH_VARIABLE_HERE" in explanation.what


def test_a_key_that_is_missing_elsewhere_is_no_variable() -> None:
    """A KeyError of a dictionary is not blamed on the environment."""
    assert explain(run_python("{}['theme']")) is None


def test_the_last_of_a_chain_counts() -> None:
    """A KeyError on the way to another exception is not what ended the program."""
    code = (
        "import os\n"
        "try: os.environ['NO_SUCH_VARIABLE_HERE']\n"
        "except KeyError: raise ModuleNotFoundError(\"No module named 'abc_d'\")\n"
    )
    explanation = explain(run_python(code))
    assert explanation is not None
    assert "abc_d" in explanation.what


def test_an_unknown_failure_shows_its_last_lines() -> None:
    """What cannot be explained is at least quoted, and there is always a way out."""
    error = failure("python manage.py collectstatic --noinput", 3, "a\nb\nZeroDivisionError: division by zero\n")
    assert "ended with status 3" in error.what
    assert "ZeroDivisionError: division by zero" in error.what
    assert "DISABLE_COLLECTSTATIC=1" in error.cure
