"""Files of environment variables, as ``docker run --env-file`` reads them."""

from pathlib import Path

from devkit.errors import DevkitError


def read_env_file(path: Path) -> dict[str, str]:
    """Return the variables of a file with a line NAME=VALUE for each; lines that begin with # do not count.

    A value is taken as it is, with its quotes. Raises DevkitError, which names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DevkitError(f"{path} cannot be read: {error}") from error
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        name, equals, value = line.partition("=")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not equals or not name.strip():
            raise DevkitError(f"{path}, line {number}: {line} is not of the form NAME=VALUE")
        found[name.strip()] = value
    return found
