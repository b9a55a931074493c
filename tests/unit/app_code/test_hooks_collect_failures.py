"""What a failed collectstatic says, against real output of Django, of Python and of libraries for settings."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from python_buildpack.app_code.collectstatic_failures import failure
from python_buildpack.app_code.program_failures import explain
from python_buildpack.decide.startup.needed_variables import lacking_in

CASES = {
    "django.core.exceptions.ImproperlyConfigured: Set the DATABASE_URL environment variable": "DATABASE_URL",
    "decouple.UndefinedValueError: STRIPE_KEY not found. Declare it as envvar or define a default value.": "STRIPE_KEY",
    'environs.exceptions.EnvError: Environment variable "REDIS_URL" not set': "REDIS_URL",
    "django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.": "SECRET_KEY",
    "whitenoise.storage.MissingFileError: The file 'img/a.png' could not be found with <x>": "img/a.png",
    "No Django settings specified.\nUnknown command: 'collectstatic'": "DJANGO_SETTINGS_MODULE",
    "django.db.utils.OperationalError: unable to open database file": "directory does not exist",
    "pydantic_core.ValidationError: 1 validation error for S\nstripe_key\n  Field required [x]": "STRIPE_KEY",
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
    """Python's own traceback for os.environ names it; the advice fits the smoke test, too, of an app without Django."""
    explanation = explain(run_python("import os; os.environ['NO_SUCH_VARIABLE_HERE']"))
    assert explanation is not None
    assert "NO_SUCH_VARIABLE_HERE" in explanation.what
    assert "collectstatic" not in explanation.cure


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
    assert "The app imports abc_d," in failure("collectstatic", 1, run_python(code)).what


def test_an_unknown_failure_shows_its_last_lines() -> None:
    """What cannot be explained is at least quoted, and there is always a way out."""
    error = failure("python manage.py collectstatic --noinput", 3, "a\nb\nZeroDivisionError: division by zero\n")
    assert "ended with status 3" in error.what
    assert "ZeroDivisionError: division by zero" in error.what
    assert "DISABLE_COLLECTSTATIC=1" in error.cure


APP = "/workspace"
FRAMES = """Traceback (most recent call last):
  File "/workspace/manage.py", line 4, in <module>
    main()
  File "/layers/x/venv/lib/python3.13/site-packages/django/conf/__init__.py", line 100, in _setup
    mod = importlib.import_module(self.SETTINGS_MODULE)
  File "/workspace/shop/settings.py", line 15, in <module>
    {source}
{raised}
"""


@pytest.mark.parametrize(
    ("source", "raised", "named"),
    [
        (
            "raise ImproperlyConfigured(f'{name} ...')",
            "django.core.exceptions.ImproperlyConfigured: CLIENT_HOSTS environment variable must be set.",
            "CLIENT_HOSTS",
        ),
        ("SECRET = ENV['SECRET_KEY']", "KeyError: 'SECRET_KEY'", "SECRET_KEY"),
        ("WAIT = int(os.getenv('WAIT'))", "TypeError: int() argument must be a string, not 'NoneType'", "WAIT"),
        ("load()", "dynaconf.validator.ValidationError: API_TOKEN is required in env main", "API_TOKEN"),
        ("URL = config('HOOK')", "myapp.Missing: nothing for it", "HOOK"),
    ],
)
def test_an_exception_of_any_library_names_variable_file_and_line(source: str, raised: str, named: str) -> None:
    """Neither the library nor its words have to be known."""
    error = failure("python manage.py collectstatic", 1, FRAMES.format(source=source, raised=raised), APP)
    assert "shop/settings.py, line 15, ended with" in error.what
    assert f"needs the variable {named}." in error.cure
    assert f"--env {named}=" in error.cure


def test_an_exception_without_a_name_says_where_it_came_from() -> None:
    """And what it was."""
    text = FRAMES.format(source="RATE = 1 / 0", raised="ZeroDivisionError: division by zero")
    error = failure("python manage.py collectstatic", 1, text, APP)
    assert "shop/settings.py, line 15, ended with ZeroDivisionError: division by zero." in error.what
    assert "variable" not in error.cure.replace("environment variables", "")


def test_all_fields_that_pydantic_misses_are_named() -> None:
    """Who gives the build one variable wants to know of the next one."""
    fields = "stripe_key\n  Field required [x]\n    For more\nmail\n  Field required\n"
    text = f"ValidationError: 2 validation errors for S\n{fields}"
    explanation = explain(text)
    assert explanation is not None
    assert "STRIPE_KEY, and the build does not have it. The same goes for MAIL." in explanation.what


def test_all_variables_that_the_settings_read_are_named(tmp_path: Path) -> None:
    """A program ends at the first one: one build says all of them, of each file of the app that leads there.

    What has a default, what the build has, and what a function reads are not among them.
    """
    settings = tmp_path / "shop" / "settings.py"
    settings.parent.mkdir()
    settings.write_text(
        "import os\nfrom shop.redis import URL\nKEY = os.environ['SECRET_KEY']\nHOST = os.environ['HOST_NAME']\n"
        "TWO = os.environ.get('TWO', '2')\nDB = os.environ['DB']\n\n\ndef late():\n    return os.environ['LATE']\n",
        encoding="utf-8",
    )
    (tmp_path / "shop" / "redis.py").write_text(
        "import os\nURL = os.environ['REDIS_URL']\nTLS = os.environ['REDIS_TLS']\n", encoding="utf-8"
    )
    (tmp_path / "manage.py").write_text("import shop.settings\n", encoding="utf-8")
    finished = subprocess.run(
        [sys.executable, str(tmp_path / "manage.py")], env={"DB": "x"}, check=False, capture_output=True, text=True
    )
    lacking = partial(lacking_in, {"DB": "x"})
    error = failure("collectstatic", 1, finished.stderr, str(tmp_path), lacking=lacking)
    assert "needs the variable REDIS_URL, and" in error.what
    assert "The same goes for REDIS_TLS, SECRET_KEY, HOST_NAME." in error.what
    assert "--env REDIS_URL=… --env REDIS_TLS=… --env SECRET_KEY=… --env HOST_NAME=…" in error.cure


def test_the_cause_has_the_line_if_the_last_exception_has_none() -> None:
    """Libraries catch an exception of the app and raise their own."""
    first = FRAMES.format(source="x = load('A')", raised="ValueError: bad A")
    last = FRAMES[: FRAMES.index('  File "/layers')] + "lib.Error: no\n"
    chain = f"{first}\nThe above exception was the direct cause of the following exception:\n\n{last}"
    assert "shop/settings.py, line 15, ended with Error: no." in failure("x", 1, chain, APP).what


@pytest.mark.parametrize(
    "raised",
    [
        "RuntimeError: generator raised StopIteration",
        "RuntimeError: __class__ not set defining 'A' as <class 'A'>. Was __classcell__ propagated to type.__new__?",
        "AttributeError: module 'collections' has no attribute 'Iterator'",
        "ModuleNotFoundError: No module named 'distutils'",
    ],
)
def test_a_package_for_older_pythons_is_no_reason_to_leave_collectstatic_out(raised: str) -> None:
    """The image would not start: the error names the package and the Python, and offers nothing else."""
    text = (
        'Traceback (most recent call last):\n  File "/workspace/manage.py", line 4, in <module>\n    main()\n'
        '  File "/layers/x/venv/lib/python3.9/site-packages/django/db/models/query.py", line 7, in f\n    y()\n'
        f"{raised}\n"
    )
    error = failure("python manage.py collectstatic", 1, text, APP)
    assert "django does not run on Python 3.9" in error.what
    assert "DISABLE_COLLECTSTATIC" not in error.cure
