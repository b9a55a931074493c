"""What a platform or an app demands of packages: hashes, wheels only, an age, encrypted sources. Pure.

The settings become options and variables of the installers, or errors where these have none.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cnb.errors import BuildpackError
from python_buildpack.package_managers.build_variables import digest_variables, named
from python_buildpack.package_managers.failures.errors import SourceBuildRefused
from python_buildpack.package_managers.interface import Resolution
from python_buildpack.package_managers.lock_pins import read_pins
from python_buildpack.secrets.credentials import is_secret_name
from python_buildpack.settings.table import ALLOW_HTTP, BUILD_ENV, EXCLUDE_NEWER, ONLY_BINARY, REQUIRE_HASHES
from python_buildpack.settings.values import Settings
from python_buildpack.tools.pip_config import read_pip_config

_AGE = re.compile(r"(?P<number>[0-9]{1,5})\s*(?P<unit>hour|day|week)s?", re.IGNORECASE)
_SHA = re.compile(r"sha(?:256|384|512)[\"']?\s*[:=]|hash = \"|--hash[= ]")
_NO_FILE = re.compile(
    r"\b(?:virtual|editable|directory|vcs|git|hg|svn|path)\"?\s*[:=]|type = \"(?:git|directory)\"|\[packages\.vcs\]|"
    r"file://|git\+"
)
_SOURCE = re.compile(
    r"type = \"(?:git|directory)\"|^(?:git|hg|svn|bzr|editable) = |^path = \"(?![^\"]*\.whl\")"
    r"|(?<!type = \"legacy\"\n)^url = \"(?![^\"]*\.whl[\"?#])",
    re.MULTILINE,
)
"""How poetry.lock and pdm.lock name what is not a wheel on an index."""
_ADDRESS = re.compile(r"\bhttp://[^\s\"'`#;,]+")
_INDEX_VARIABLES = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"),
    *("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"),
)
_LOOPBACK = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|::1", re.IGNORECASE)

_LENGTH = 20
"""Characters of a digest that are kept."""


class HashesRequired(BuildpackError):
    """BP_PYTHON_REQUIRE_HASHES is on, and the app has no lock, or a lock without the hash of some package."""

    code = "hashes-required"
    title = "Packages have to be locked with their hashes"
    remedies = ("variable",)


class PlainHttpRefused(BuildpackError):
    """Packages would come over http, where everybody on the way can change them, and no hash would show it."""

    code = "plain-http-refused"
    title = "Packages would come over an unencrypted connection"


def policy_of(settings: Settings) -> str:
    """Return in words what changes the content of an environment; part of the layer's key."""
    age = settings.get(EXCLUDE_NEWER)
    passed = passed_on(settings)
    words = (
        *(["wheels only"] if wheels_only(settings) else []),
        *([f"nothing newer than {age.text}"] if age else []),
        *([f"builds get {passed}"] if passed else []),
    )
    return ", ".join(words) or "none"


def passed_on(settings: Settings) -> str:
    """Return the names of the variables that builds of packages get besides their own, and a digest of the values.

    Whoever names a variable says that a build reads it. The values of secrets do not count, nor those of all variables
    together (``*``): some differ in every build.
    """
    names = settings.names(BUILD_ENV)
    patterns = [name for name in names if name.strip("*")]
    values = {name: value for name, value in named(settings.env, patterns).items() if not is_secret_name(name)}
    return f"{' '.join(names)} ({digest_variables(values)[:_LENGTH]})" if names else ""


def uv_policy(settings: Settings, argv: tuple[str, ...], now: datetime) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return uv's options and variables for the command ``argv``.

    An age is no matter of what a lock names.
    """
    options: tuple[str, ...] = ()
    if wheels_only(settings):
        options = ("--only-binary", ":all:") if argv[0] == "pip" else ("--no-build",)
    is_locked = argv[0] != "pip" or argv[1] == "sync" or not {"--verify-hashes", "--require-hashes"}.isdisjoint(argv)
    limit = newest(settings, now)
    return options, {"UV_EXCLUDE_NEWER": limit} if limit and not is_locked else {}


def tool_policy(settings: Settings, now: datetime) -> dict[str, str]:
    """Return the variables for pip, Poetry and PDM. An age is for pip only: the others install locks."""
    limit = newest(settings, now)
    wheels = ("PIP_ONLY_BINARY", "POETRY_INSTALLER_ONLY_BINARY", "PDM_ONLY_BINARY")
    return {
        **(dict.fromkeys(wheels, ":all:") if wheels_only(settings) else {}),
        # Files of the app may name packages for which these would make an exception.
        **({name.replace("ONLY", "NO"): ":none:" for name in wheels} if wheels_only(settings) else {}),
        **({"PIP_UPLOADED_PRIOR_TO": limit} if limit else {}),
    }


def newest(settings: Settings, now: datetime) -> str | None:
    """Return the time after which published files do not count (RFC 3339), or None without a limit.

    ``now`` is in UTC. A day counts from its beginning, so nothing of that day counts.
    """
    value = settings.get(EXCLUDE_NEWER)
    if value is None:
        return None
    if match := _AGE.fullmatch(value.text):
        age = timedelta(**{f"{match['unit'].lower()}s": int(match["number"])})
        return (now - age).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.text if "T" in value.text.upper() else f"{value.text}T00:00:00Z"


def check_hashes(settings: Settings, resolution: Resolution, file: str) -> None:
    """Raise HashesRequired if the setting is on and not every package that is installed has a hash in the app."""
    if not settings.is_on(REQUIRE_HASHES, default=False):
        return
    if not resolution.is_locked:
        refuse_unlocked(settings, file)
    without = [
        name for name, text in read_pins(resolution.text).items() if not _SHA.search(text) and not _NO_FILE.search(text)
    ]
    if without:
        raise HashesRequired(
            f"{REQUIRE_HASHES.name} is on, and {file} has no hash for {', '.join(sorted(without))}.",
            "Lock again with a tool and an index that know the hashes of all files.",
        )


def refuse_unlocked(settings: Settings, file: str) -> None:
    """Raise HashesRequired if the setting is on. For the moment before a build asks an index what to install."""
    if settings.is_on(REQUIRE_HASHES, default=False):
        raise HashesRequired(
            f"{REQUIRE_HASHES.name} is on, and {file} does not say which files are to be installed.",
            "Commit a lock: uv lock, poetry lock, pdm lock, pipenv lock, or uv pip compile --generate-hashes for a "
            "requirements.txt.",
        )


def check_wheels(settings: Settings, text: str, file: str) -> None:
    """Raise SourceBuildRefused if only wheels may be installed and the lock ``text`` has sources.

    For tools that would build them all the same.
    """
    if not wheels_only(settings):
        return
    built = sorted(name for name, block in read_pins(text).items() if _SOURCE.search(block))
    if built:
        raise SourceBuildRefused(
            f"{ONLY_BINARY.name} is on, but {', '.join(built)} in {file} would be built from its source.",
            "Publish wheels of them on an index, or add the wheels to the app.",
        )


def refuse_plugins(settings: Settings, what: str) -> None:
    """Raise SourceBuildRefused if only wheels may be installed: plugins run while packages are installed."""
    if wheels_only(settings):
        raise SourceBuildRefused(
            f"{ONLY_BINARY.name} is on, but {what} has code of packages run while others are installed.",
            "Remove the plugins, or install without them.",
        )


def refuse_own_build(settings: Settings, what: str) -> None:
    """Raise SourceBuildRefused if only wheels may be installed: the app itself would be built."""
    if wheels_only(settings):
        raise SourceBuildRefused(
            f"{ONLY_BINARY.name} is on, but the app itself would be built and installed, as {what} says.",
            "Let the app run from its source: without [build-system] in pyproject.toml, with package = false in "
            "[tool.uv], distribution = false in [tool.pdm], or package-mode = false in [tool.poetry].",
        )


def check_encrypted(
    settings: Settings, env: Mapping[str, str], named: Iterable[tuple[str, str]], trusted: Iterable[str] = ()
) -> None:
    """Raise PlainHttpRefused for sources over http: those of the variables, and ``named`` (place, text with addresses).

    Hosts that the user trusts, by pip's or uv's settings or in ``trusted``, and the machine itself are no danger.
    """
    if settings.is_on(ALLOW_HTTP, default=False):
        return
    by_variables = {**read_pip_config(env), **env}
    hosts = {*trusted, *_words(by_variables, "PIP_TRUSTED_HOST", "UV_INSECURE_HOST")}
    texts = [*((name, by_variables.get(name, "")) for name in _INDEX_VARIABLES), *named]
    found = [f"{place} names {address}" for place, text in texts for address in _open_addresses(text, hosts)]
    if found:
        raise PlainHttpRefused(
            "\n".join((*dict.fromkeys(found), "Everybody on the way could change what is installed.")),
            f"Use https://, or lock the packages with their hashes. If that network is trusted, name the host in "
            f"PIP_TRUSTED_HOST, or set {ALLOW_HTTP.name}=true.",
        )


def with_lines(texts: Iterable[str], file: str, content: str) -> Iterator[tuple[str, str]]:
    """Yield texts that are from a file with their places, as ``check_encrypted`` takes them: the file, and the line.

    The line is the first that has the address in the text; there is none if a variable was filled in.
    """
    for text in texts:
        found = _ADDRESS.search(text)
        at = content.find(found[0]) if found else -1
        yield (f"{file}, line {content.count(chr(10), 0, at) + 1}" if at >= 0 else file), text


def wheels_only(settings: Settings) -> bool:
    """Return whether nothing may be built from source."""
    return settings.is_on(ONLY_BINARY, default=False)


def _words(env: Mapping[str, str], *names: str) -> list[str]:
    return [word for name in names for word in env.get(name, "").replace(",", " ").split()]


def _open_addresses(text: str, trusted: set[str]) -> Iterator[str]:
    for match in _ADDRESS.finditer(text):
        try:
            parts = urlsplit(match[0])
            host = parts.hostname or ""
            place = f"{host}:{parts.port}" if parts.port else host
        except ValueError:
            continue
        if not _LOOPBACK.fullmatch(host) and not {host, place} & trusted:
            yield f"http://{place}"
