"""Variables of the environment in addresses and requirements, such as ``https://${TOKEN}@host/simple``."""

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from cnb.errors import BuildpackError

_ANY = re.compile(r"\$(?:\{(?P<name>\w+)\}|(?P<bare>[A-Za-z_]\w*))")
BRACES = re.compile(r"\$\{(?P<name>[A-Z0-9_]+)\}")
"""The only notation in requirements files:
https://pip.pypa.io/en/stable/reference/requirements-file-format/#using-environment-variables."""


class VariableUnset(BuildpackError):
    """A file of the app has a variable in an address or a requirement, and the build has no value for it."""

    code = "variable-unset"
    title = "A variable that the requirements need is not set"
    remedies = ("variable",)


def fill_in(url: str, env: Mapping[str, str], file: str, text: str) -> str:
    """Return an address with the values of the variables in it; those in its login are percent-encoded.

    A name without braces that is not in capitals is a variable only if the build has it: the dollar sign may belong to
    a password. ``text`` is the content of ``file``, in which the address is. Raises VariableUnset.
    """
    scheme, separator, rest = url.partition("://")
    login, at, place = rest.partition("@") if "@" in rest.partition("/")[0] else ("", "", rest)

    def encoded(match: re.Match[str]) -> str:
        return quote(_value(match, env, file, text), safe="", errors="surrogateescape")

    def plain(match: re.Match[str]) -> str:
        return _value(match, env, file, text)

    return _ANY.sub(plain, scheme) + separator + _ANY.sub(encoded, login) + at + _ANY.sub(plain, place)


def check_variables(lines: Iterable[tuple[str, int, str]], env: Mapping[str, str]) -> None:
    """Raise VariableUnset for variables in requirements (file, line, text) that have no value; all are named."""
    unset = [
        (name, f"{file}, line {number}")
        for file, number, text in lines
        for name in dict.fromkeys(BRACES.findall(text))
        if not env.get(name)
    ]
    if unset:
        raise _unset(unset)


def numbered(lines: Iterable[str], file: str, text: str) -> Iterator[tuple[str, int, str]]:
    """Yield requirements that were made of the tables in ``file`` as ``check_variables`` takes them.

    The line is that on which the content ``text`` first has their variable.
    """
    for line in lines:
        found = BRACES.search(line)
        yield file, text.count("\n", 0, max(text.find(found[0]), 0)) + 1 if found else 0, line


def _value(match: re.Match[str], env: Mapping[str, str], file: str, text: str) -> str:
    name = match["name"] or match["bare"]
    value = env.get(name)
    if value:
        return value
    if match["bare"] and not name.isupper():
        # A dollar sign in a password: Pipenv and PDM leave it as it is.
        return match[0]
    position = text.find(match[0])
    line = text.count("\n", 0, position) + 1
    raise _unset([(name, f"{file}, line {line}" if position >= 0 else file)])


def _unset(found: list[tuple[str, str]]) -> VariableUnset:
    names = ", ".join(dict.fromkeys(name for name, _ in found))
    return VariableUnset(
        "\n".join(
            f"{where} needs the value of the variable {name}, which the build does not have." for name, where in found
        ),
        f"Set {names} in the environment of the build (pack build --env, or the platform's settings), and check that "
        "platforms which keep variables of the build apart from those of the running app give it to the build.",
    )
