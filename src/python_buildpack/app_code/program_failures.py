"""Explains why a program of the app failed and what to do, from what Django, libraries and Python print. Pure.

There are two such programs in a build: collectstatic, and the import of what the image starts with.

Words of single libraries are tried first; then the exception itself, whichever library raised it: its message, and the
line of the app's own file in which it was raised.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from python_buildpack.app_code.explanation import Explanation
from python_buildpack.app_code.failed_imports import Included, explain_import, root_failure
from python_buildpack.app_code.tracebacks import Frame, Raised, last_exceptions

_LAST_LINES = 3
_Explain = Callable[["re.Match[str]"], Explanation]
Lacking = Callable[[Path], Iterable[str]]
"""Returns the variables that a file of the app reads without a default and that the build does not have."""


def _missing_variable(found: "re.Match[str]") -> Explanation:
    return _variable(found["name"])


def _variable(name: str, *others: str) -> Explanation:
    more = f" The same goes for {', '.join(others)}." if others else ""
    options = " ".join(f"--env {each}=…" for each in (name, *others))
    return Explanation(
        f"The app needs the variable {name}, and the build does not have it.{more}",
        f"Give the build a value for {name} too (pack build {options}, or the platform's build-time variables); "
        "a made-up one is enough there. Or give it a default for the build, where the app reads it: "
        f'os.environ.get("{name}", "only-for-the-build").',
        (name, *others),
    )


def _required_field(found: "re.Match[str]") -> Explanation:
    fields = re.findall(r"^(\w+)\n[ \t]+Field required", found.string[found.start() :], re.MULTILINE)
    # pydantic-settings reads the variables of fields without regard to case.
    return _variable(*(name.upper() for name in fields))


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


def _no_database_file(_: "re.Match[str]") -> Explanation:
    return Explanation(
        "SQLite cannot open the database's file: most often its directory does not exist in the build or the image.",
        "Use a directory that is in the app's source (git keeps no empty ones: commit a file in it), or let the "
        "settings create it: Path(...).parent.mkdir(parents=True, exist_ok=True).",
    )


def _no_settings(_: "re.Match[str]") -> Explanation:
    return Explanation(
        "manage.py does not name the settings module, and DJANGO_SETTINGS_MODULE is not set.",
        "Set DJANGO_SETTINGS_MODULE for the build as well as for the app, or let manage.py set a default.",
    )


_ASSIGNED = r"(?P<name>[A-Za-z_]\w*)"
_IN_ENVIRON = r"File \"(?:<frozen os>|[^\"\n]*/os\.py)\", line \d+, in __getitem__\n(?:[ \t].*\n){0,9}"
_KNOWN: tuple[tuple[str, _Explain], ...] = (
    (rf"{_IN_ENVIRON}KeyError: ['\"]{_ASSIGNED}['\"]\s*$", _missing_variable),
    (rf"ImproperlyConfigured: Set the {_ASSIGNED} environment variable", _missing_variable),  # django-environ
    (rf"UndefinedValueError: {_ASSIGNED} not found", _missing_variable),  # python-decouple
    (rf"Environment variable \"{_ASSIGNED}\" (?:is )?not set", _missing_variable),  # environs
    (rf"validation errors? for [^\n]+\n{_ASSIGNED}\n\s+Field required", _required_field),  # pydantic-settings
    (r"The (?P<name>SECRET_KEY) setting must not be empty", _missing_variable),
    (r"No Django settings specified", _no_settings),
    (r"The file ['\"](?P<name>[^'\"]+)['\"] could not be found with <", _missing_file),
    (r"Missing staticfiles manifest entry for ['\"](?P<name>[^'\"]+)['\"]", _missing_file),
    (r"OperationalError: unable to open database file", _no_database_file),
    (r"(?:OperationalError: .{0,500}(?:connect|translate host name|no such table)|DatabaseError:)", _database),
)


_OTHER_PYTHON = re.compile(
    r"RuntimeError: (?:generator raised StopIteration|__class__ not set defining)|SyntaxError:|"
    r"AttributeError: module '(?:collections|inspect|asyncio|typing|time|html|base64|gettext|locale|unittest|ast)\b|"
    r"ImportError: cannot import name '\w+' from '(?:collections|inspect|asyncio|typing|cgi|fractions|math)\b|"
    r"ModuleNotFoundError: No module named '(?:imp|cgi|distutils|asyncore|asynchat|pipes|telnetlib|imghdr|crypt)\b"
)
"""What packages fail with that were written for an older Python (What's New in Python 3.7 to 3.14)."""


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


def explain_failure(
    output: str, app: str = "", included: Included = lambda _: None, lacking: Lacking = lambda _: ()
) -> Explanation:
    """Return the explanation of a program's end, by all that it printed; ``app`` is the app's directory.

    ``included`` returns the requirement with which the libraries of an installed package come, if there is one, and
    ``lacking`` the variables that a file of the app needs and that the build does not have.
    """
    return (
        _explain_package(output)
        or explain_import(output, included)
        or _with_other_variables(explain(output), output, app, lacking)
        or _explain_exception(output, app)
        or _explain_output(output)
    )


def _with_other_variables(known: Explanation | None, output: str, app: str, lacking: Lacking) -> Explanation | None:
    """Return the explanation with all variables that the app's files on the way to the exception lack.

    A program ends at the first one; with one build for each, a settings file with five takes six.
    """
    raised = last_exceptions(output) if app and known is not None and known.variables else ()
    if known is None or not raised:
        return known
    own = dict.fromkeys(frame.file for frame in reversed(raised[0].all_in(app)))
    return _variable(*dict.fromkeys((*known.variables, *(name for file in own for name in lacking(Path(file))))))


def _explain_package(output: str) -> Explanation | None:
    """Explain that an installed package does not run on this Python: a new image would not start either."""
    raised = root_failure(output)
    inner = raised.innermost if raised is not None else None
    package = inner.package if inner is not None else None
    if (
        raised is None
        or inner is None
        or package is None
        or not _OTHER_PYTHON.search(f"{raised.name}: {raised.message}")
    ):
        return None
    version = re.search(r"/python(\d+\.\d+)/", inner.file)
    python = f"Python {version[1]}" if version else "this Python"
    return Explanation(
        f"The installed package {package} does not run on {python}: {_short(raised)}",
        f"Use a newer version of {package}, or an older Python, if there is one (BP_PYTHON_VERSION, .python-version).",
        starts=False,
    )


def _explain_exception(output: str, app: str) -> Explanation | None:
    """Explain by the exception itself and by the line of the app's own file that led to it."""
    raised = last_exceptions(output)
    if not raised:
        return None
    own = next((frame for each in raised if (frame := _own(each, app)) is not None), None)
    named = next(iter(_variables(raised[0], own)), None)
    where = f"{own.file.removeprefix(app.rstrip('/') + '/')}, line {own.line}, ended with " if own else "It ended with "
    if named is None:
        cure = "Run the same command on your own machine, with the same environment variables as the build."
    else:
        cure = (
            f"Most likely it needs the variable {named}. {_variable(named).cure} If it is no variable of the build, "
            "run the same command on your own machine, with the same environment variables as the build."
        )
    return Explanation(f"{where}{_short(raised[0])}", cure)


def _own(raised: Raised, app: str) -> Frame | None:
    """Return the line of the app's own code that led to the exception; manage.py leads to all of them."""
    own = raised.last_in(app) if app else None
    return own if own is not None and not own.file.endswith("/manage.py") else None


def _variables(raised: Raised, own: Frame | None) -> Iterator[str]:
    """Yield names that look like variables: in a message that speaks of the environment, in a line that reads it."""
    if re.search(r"environ|\benv\b|variable|missing|required|not set|must be set", raised.message, re.IGNORECASE):
        yield from re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", raised.message)
    if own is not None and re.search(r"env|config|secret", own.source, re.IGNORECASE):
        yield from re.findall(r"['\"]([A-Z][A-Z0-9_]{2,})['\"]", f"{raised.message} {own.source}")


def _short(raised: Raised) -> str:
    text = " / ".join(line.strip() for line in raised.message.splitlines()[:_LAST_LINES])
    ended = "" if text.endswith((".", "!", "?")) else "."
    return f"{raised.name}: {text}{ended}" if text else f"{raised.name}."


def _explain_output(output: str) -> Explanation:
    lines = [line for line in output.splitlines() if line.strip()][-_LAST_LINES:]
    return Explanation(
        f"It ended with: {' / '.join(lines) or 'no output'}",
        "Run the same command on your own machine, with the same environment variables as the build.",
    )
