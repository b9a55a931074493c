"""Explains why collectstatic failed and what to do, from the output of Django and common settings libraries. Pure."""

import re
from collections.abc import Callable

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.settings.table import DISABLE_COLLECTSTATIC

_LAST_LINES = 3


class CollectstaticFailed(BuildpackError):
    """Django's ``manage.py collectstatic`` failed. Most often its settings need a value that the build does not have.

    The settings are imported with the environment of the build, in which a platform's secrets may be missing.
    ``DISABLE_COLLECTSTATIC=1`` builds the image without static files.
    """

    code = "collectstatic-failed"
    title = "Django's static files could not be collected"


@frozen
class Explanation:
    """What happened and what to do about it, each in one or two sentences."""

    what: str
    cure: str


_Explain = Callable[["re.Match[str]"], Explanation]


def _missing_variable(found: "re.Match[str]") -> Explanation:
    name = found["name"]
    return Explanation(
        f"The settings need the variable {name}, and the build does not have it.",
        f"Give the build a value for {name} too (pack build --env {name}=…, or the platform's build-time variables); "
        "collectstatic needs no real secret. Or give the settings a default for the build: "
        f'os.environ.get("{name}", "only-for-the-build").',
    )


def _missing_module(found: "re.Match[str]") -> Explanation:
    name = found["name"]
    return Explanation(
        f"The app imports {name}, which is neither installed nor a module of the app.",
        f"Add the distribution that has {name} to the app's dependencies. If it is needed for development only, do not "
        "import it elsewhere: groups for development are not installed.",
    )


def _static_root(_: "re.Match[str]") -> Explanation:
    return Explanation(
        "The settings have no STATIC_ROOT, which is the directory for the collected static files.",
        'Add STATIC_ROOT = BASE_DIR / "staticfiles" to the settings.',
    )


def _missing_file(found: "re.Match[str]") -> Explanation:
    return Explanation(
        f"A style sheet or script refers to {found['name']}, which is not among the static files.",
        "Correct the reference or add the file: the storage in the settings adds a digest to the name of every file, "
        "so all files that are referred to have to exist.",
    )


def _database(_: "re.Match[str]") -> Explanation:
    return Explanation(
        "The app queries its database while it is imported, and there is no database at build time.",
        "Move the query from the module's top level into a function that is called when the app runs.",
    )


def _no_settings(_: "re.Match[str]") -> Explanation:
    return Explanation(
        "manage.py does not name the settings module, and DJANGO_SETTINGS_MODULE is not set.",
        "Set DJANGO_SETTINGS_MODULE for the build as well as for the app, or let manage.py set a default.",
    )


def _library(found: "re.Match[str]") -> Explanation:
    return Explanation(
        f"The library {found['name']} is not in the build image.",
        "Use a builder that has it, or add a buildpack that installs it (an apt buildpack, for example).",
    )


_ASSIGNED = r"(?P<name>[A-Za-z_]\w*)"
_IN_ENVIRON = r"File \"(?:<frozen os>|[^\"\n]*/os\.py)\", line \d+, in __getitem__\n(?:[ \t].*\n)*"
_KNOWN: tuple[tuple[str, _Explain], ...] = (
    (rf"{_IN_ENVIRON}KeyError: ['\"]{_ASSIGNED}['\"]\s*$", _missing_variable),
    (rf"ImproperlyConfigured: Set the {_ASSIGNED} environment variable", _missing_variable),  # django-environ
    (rf"UndefinedValueError: {_ASSIGNED} not found", _missing_variable),  # python-decouple
    (rf"Environment variable \"{_ASSIGNED}\" (?:is )?not set", _missing_variable),  # environs
    (r"The (?P<name>SECRET_KEY) setting must not be empty", _missing_variable),
    (r"without having set the STATIC_ROOT setting", _static_root),
    (r"No Django settings specified", _no_settings),
    (r"ModuleNotFoundError: No module named ['\"](?P<name>[^'\"]+)['\"]", _missing_module),
    (r"ImportError: (?P<name>\S+\.so\S*): cannot open shared object file", _library),
    (r"The file ['\"](?P<name>[^'\"]+)['\"] could not be found with <", _missing_file),
    (r"Missing staticfiles manifest entry for ['\"](?P<name>[^'\"]+)['\"]", _missing_file),
    (r"(?:OperationalError: .*(?:connect|translate host name|no such table)|DatabaseError:)", _database),
)


def explain(output: str) -> Explanation | None:
    """Return the explanation of a failed command's output, or None if it is not a known case.

    The last match in the output counts: in a chain of exceptions, the last one ended the program.
    """
    matches = [
        (found.end(), explanation(found))
        for pattern, explanation in _KNOWN
        for found in re.finditer(pattern, output, re.MULTILINE)
    ]
    return max(matches, key=lambda match: match[0], default=(0, None))[1]


def failure(command: str, status: int, output: str) -> CollectstaticFailed:
    """Return the error for a command that failed."""
    lines = [line for line in output.splitlines() if line.strip()][-_LAST_LINES:]
    known = explain(output) or Explanation(
        f"It ended with: {' / '.join(lines) or 'no output'}",
        "Run the same command on your own machine, with the same environment variables as the build.",
    )
    return CollectstaticFailed(
        f"{command} ended with status {status}. {known.what}",
        f"{known.cure} To build without static files, set {DISABLE_COLLECTSTATIC.name}=1.",
    )
