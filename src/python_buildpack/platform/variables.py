"""Variables of Python and of the package managers that would change a build, and how each is treated: one table.

Those of pip that uv has other names for are translated in tools/uv.py; what is in no row is passed on as it is.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.table import PYTHON_VERSION
from python_buildpack.support.wildcard import fits

Treatment = Literal["refused", "left out", "replaced", "kept"]
"""How a variable is treated.

``refused``: the build ends. ``left out``: no command gets it, and a notice says so. ``replaced``: no command gets the
user's value, which has no meaning for an image. ``kept``: it does what the user wants of it.
"""


@frozen
class Variable:
    """A variable, or several with the same beginning, and how it is treated in a build."""

    name: str
    """``*`` in it stands for anything; the first row that fits counts."""
    treatment: Treatment
    because: str


class EnvironmentUnsafe(BuildpackError):
    """Variables are set with which the build would not do what the app declares."""

    code = "environment-unsafe"
    title = "A variable is set that would break the build"
    remedies = ("variable",)


_OUTSIDE = "packages would be installed outside the virtual environment"
_OTHER_PROJECT = "another project would be installed than the one that is read here; build its directory instead"
_VERSION = f"the Python version is chosen by {PYTHON_VERSION.name} or the app's files"
_OTHER_TARGET = "packages for another platform or Python would be installed"
_OURS = "the buildpack has a value of its own, on which its reuse of layers depends"
_LOCKS = "the buildpack itself says how locks are checked"
_VENV = "the virtual environment is the buildpack's own"

VARIABLES: tuple[Variable, ...] = (
    Variable("PYTHONHOME", "refused", "it makes every Python, the tools' too, look for its library in another place"),
    Variable("PYTHONPLATLIBDIR", "refused", "it makes Python look for its libraries in another place"),
    Variable("PYTHONINSPECT", "left out", "a program that fails would end as if it had not"),
    Variable(
        "PYTHONSAFEPATH", "left out", "manage.py and build backends could not import modules in their own directory"
    ),
    Variable("PYTHONEXECUTABLE", "left out", "Python would take itself for another program"),
    Variable("__PYVENV_LAUNCHER__", "left out", "Python would take itself for another program"),
    Variable("PYTHONPYCACHEPREFIX", "left out", "bytecode would be written where the image does not have it"),
    Variable("PYTHONNOUSERSITE", "kept", "a virtual environment has no user's packages either way"),
    Variable("PYTHONUSERBASE", "kept", "a virtual environment has no user's packages either way"),
    Variable("PYTHONSTARTUP", "kept", "only an interactive Python reads it"),
    Variable("PIP_TARGET", "refused", _OUTSIDE),
    Variable("PIP_PREFIX", "refused", _OUTSIDE),
    Variable("PIP_ROOT", "refused", _OUTSIDE),
    Variable("PIP_USER", "refused", _OUTSIDE),
    Variable("PIP_PYTHON", "refused", _OUTSIDE),
    Variable("PIP_DRY_RUN", "left out", "nothing would be installed"),
    Variable("PIP_REQUIRE_VIRTUALENV", "left out", "pip runs beside the virtual environment that it installs into"),
    Variable("PIP_PLATFORM", "left out", _OTHER_TARGET),
    Variable("PIP_PYTHON_VERSION", "left out", f"{_OTHER_TARGET}; {_VERSION}"),
    Variable("PIP_IMPLEMENTATION", "left out", _OTHER_TARGET),
    Variable("PIP_ABI", "left out", _OTHER_TARGET),
    Variable("PIP_CACHE_DIR", "replaced", _OURS),
    Variable("PIP_LOG", "replaced", "the buildpack reads pip's log"),
    Variable("PIP_NO_INPUT", "replaced", "nobody can answer in a build, so it is always on"),
    Variable("PIP_DISABLE_PIP_VERSION_CHECK", "replaced", "the version of the tool is the buildpack's"),
    Variable("PIP_PROGRESS_BAR", "replaced", "a log has none"),
    Variable("PIP_QUIET", "replaced", "the buildpack reads what pip prints"),
    Variable("VIRTUAL_ENV", "refused", "it names a virtual environment that is not in the image"),
    Variable("UV_PROJECT_ENVIRONMENT", "refused", _OUTSIDE),
    Variable("UV_TARGET", "refused", _OUTSIDE),
    Variable("UV_PREFIX", "refused", _OUTSIDE),
    Variable("UV_PROJECT", "refused", _OTHER_PROJECT),
    Variable("UV_WORKING_DIR", "refused", _OTHER_PROJECT),
    Variable("UV_WORKING_DIRECTORY", "refused", _OTHER_PROJECT),
    Variable("UV_PYTHON", "left out", _VERSION),
    Variable("UV_SYSTEM_PYTHON", "replaced", _VENV),
    Variable("UV_BREAK_SYSTEM_PACKAGES", "replaced", _VENV),
    Variable("UV_MANAGED_PYTHON", "replaced", "uv gets the buildpack's Python, and looks for no other"),
    Variable("UV_NO_MANAGED_PYTHON", "replaced", "uv gets the buildpack's Python, and looks for no other"),
    Variable("UV_PYTHON_PREFERENCE", "replaced", "uv gets the buildpack's Python, and looks for no other"),
    Variable("UV_PYTHON_DOWNLOADS", "replaced", "uv gets the buildpack's Python, and looks for no other"),
    Variable("UV_LINK_MODE", "replaced", _OURS),
    Variable("UV_CACHE_DIR", "replaced", _OURS),
    Variable("UV_NO_CACHE", "replaced", _OURS),
    Variable("UV_COMPILE_BYTECODE", "replaced", "the buildpack compiles, in a way that is the same each time"),
    Variable("UV_NO_PROGRESS", "replaced", "a log has none"),
    Variable("UV_FROZEN", "replaced", _LOCKS),
    Variable("UV_LOCKED", "replaced", _LOCKS),
    Variable("UV_ISOLATED", "replaced", _VENV),
    Variable("UV_OFFLINE", "kept", "wheels among the app's files, or in a folder of UV_FIND_LINKS, are enough for it"),
    Variable("POETRY_VIRTUALENVS_*", "replaced", _VENV),
    Variable("POETRY_CACHE_DIR", "replaced", _OURS),
    Variable("POETRY_KEYRING_ENABLED", "replaced", "there is no keyring in a build, and looking for one can hang"),
    Variable("PDM_PROJECT", "refused", _OTHER_PROJECT),
    Variable("PDM_LOCKFILE", "refused", "another lock would be installed than the one that is read here"),
    Variable("PDM_PYTHON", "left out", _VERSION),
    Variable("PDM_PYTHON_VERSION", "left out", _VERSION),
    Variable("PDM_FROZEN_LOCKFILE", "replaced", _LOCKS),
    Variable("PDM_NO_LOCK", "replaced", _LOCKS),
    Variable("PDM_IN_ENV", "replaced", _VENV),
    Variable("PDM_USE_VENV", "replaced", _VENV),
    Variable("PDM_VENV_*", "replaced", _VENV),
    Variable("PDM_IGNORE_ACTIVE_VENV", "replaced", _VENV),
    Variable("PDM_GLOBAL_PROJECT*", "replaced", _VENV),
    Variable("PDM_AUTO_GLOBAL", "replaced", _VENV),
    Variable("PDM_IGNORE_SAVED_PYTHON", "replaced", _VENV),
    Variable("PDM_CACHE_DIR", "replaced", _OURS),
    Variable("PDM_LOG_DIR", "replaced", "the buildpack reads PDM's log"),
    Variable("PDM_CHECK_UPDATE", "replaced", "the version of the tool is the buildpack's"),
    Variable("PDM_NON_INTERACTIVE", "replaced", "nobody can answer in a build, so it is always on"),
    Variable("PDM_*", "kept", "what is left of PDM's are addresses, logins and how a project is built"),
    Variable("PIPENV_PIPFILE", "refused", "another Pipfile would be installed than the one that is read here"),
    Variable("PIPENV_PYTHON", "left out", _VERSION),
    Variable("PIPENV_DEFAULT_PYTHON_VERSION", "left out", _VERSION),
    Variable("PIPENV_CACHE_DIR", "replaced", _OURS),
    Variable("PIPENV_VENV_IN_PROJECT", "replaced", _VENV),
    Variable("PIPENV_CUSTOM_VENV_NAME", "replaced", _VENV),
    Variable("PIPENV_IGNORE_VIRTUALENVS", "replaced", _VENV),
    Variable("PIPENV_ACTIVE", "replaced", _VENV),
    Variable("WORKON_HOME", "replaced", _VENV),
    Variable("PIPENV_SKIP_LOCK", "replaced", _LOCKS),
    Variable("PIPENV_DONT_LOAD_ENV", "replaced", "a .env file is for a developer's machine"),
    Variable("PIPENV_DOTENV_LOCATION", "replaced", "a .env file is for a developer's machine"),
    Variable("PIPENV_NOSPIN", "replaced", "a log has no progress bar"),
    Variable("PIPENV_VERBOSE", "replaced", "the buildpack reads what Pipenv prints"),
    Variable("PIPENV_VERBOSITY", "replaced", "the buildpack reads what Pipenv prints"),
    Variable("PIPENV_QUIET", "replaced", "the buildpack reads what Pipenv prints"),
    Variable("PIPENV_*", "kept", "what is left of Pipenv's are addresses, limits and how it looks"),
)
"""Python's, pip's, uv's, Poetry's, PDM's and Pipenv's, each with the reason, which follows the name in a message."""


def check_environment(env: Mapping[str, str]) -> None:
    """Raise EnvironmentUnsafe if the environment has refused variables; the message names all of them."""
    found = dict(_found(env, "refused"))
    if found:
        names = ", ".join(found)
        reasons = "\n".join(f"{name}: {row.because}." for name, row in found.items())
        raise EnvironmentUnsafe(
            f"The build's environment has {names}.\n{reasons}",
            f"Remove {names} from the app's (or the platform's) environment, and build again.",
        )


def usable_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what no command of the build may get."""
    gone = {name for treatment in ("left out", "replaced") for name, _ in _found(env, treatment)}
    return {name: value for name, value in env.items() if name not in gone}


def notice_left_out(env: Mapping[str, str]) -> tuple[Notice, ...]:
    """Return one notice of all variables that are set and left out although somebody may count on them."""
    lines = [f"{name}: {row.because}." for name, row in _found(env, "left out")]
    return (Notice("Variables have no effect in a build", "\n".join(lines)),) if lines else ()


def _found(env: Mapping[str, str], treatment: Treatment) -> Iterator[tuple[str, Variable]]:
    """Yield the variables that are set, and not empty, of which ``treatment`` is what becomes; sorted by name."""
    for name in sorted(name for name in env if name.startswith(_BEGINNINGS) and env[name]):
        row = next((row for row in VARIABLES if fits(name, row.name)), None)
        if row and row.treatment == treatment:
            yield name, row


_BEGINNINGS = tuple({row.name[:3] for row in VARIABLES})
"""Most variables of an environment begin otherwise, and are not compared with all rows."""
