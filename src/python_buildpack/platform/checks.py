"""Refuses variables that would break or change the build, all in one error, before anything is decided."""

from collections.abc import Mapping

from cnb.errors import BuildpackError

REFUSED: Mapping[str, str] = {
    "PYTHONHOME": "it makes every Python, the tools' too, look for its standard library in another place",
    "PYTHONPLATLIBDIR": "it makes Python look for its libraries in another place",
    "PIP_TARGET": "packages would be installed outside the virtual environment",
    "PIP_PREFIX": "packages would be installed outside the virtual environment",
    "PIP_ROOT": "packages would be installed outside the virtual environment",
    "PIP_USER": "packages would be installed outside the virtual environment",
    "VIRTUAL_ENV": "it names a virtual environment that is not in the image",
    "UV_PROJECT_ENVIRONMENT": "packages would be installed outside the virtual environment",
    "UV_TARGET": "packages would be installed outside the virtual environment",
    "UV_PREFIX": "packages would be installed outside the virtual environment",
}
"""Each name with the reason."""


class EnvironmentUnsafe(BuildpackError):
    """Variables are set with which the build would not do what the app declares."""

    code = "environment-unsafe"
    title = "A variable is set that would break the build"


def check_environment(env: Mapping[str, str]) -> None:
    """Raise EnvironmentUnsafe if the environment has refused variables; the message names all of them."""
    found = [name for name in REFUSED if env.get(name)]
    if found:
        reasons = "\n".join(f"{name}: {REFUSED[name]}." for name in found)
        raise EnvironmentUnsafe(
            f"The build's environment has {', '.join(found)}.\n{reasons}",
            f"Remove {', '.join(found)} from the app's (or the platform's) environment, and build again.",
        )
