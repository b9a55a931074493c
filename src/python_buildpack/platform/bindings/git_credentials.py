"""``git-credentials``: logins for git over HTTPS, as lines of git's credential store or as git's credential format.

Formats: https://git-scm.com/docs/git-credential-store and https://git-scm.com/docs/git-credential.
"""

from urllib.parse import quote, urlsplit

from python_buildpack.platform.bindings.interface import Addition, BindingType, GitLogin, Given

_ENTRY = "credentials"


def _read(given: Given) -> tuple[Addition, ...]:
    lines = [line.strip() for line in given.require(_ENTRY, ".git-credentials").splitlines() if line.strip()]
    if all("://" in line.partition("=")[0] for line in lines):
        return tuple(GitLogin(_stored(given, line)) for line in lines)
    fields = dict(_field(given, line) for line in lines)
    place = fields.get("url") or given.optional("context")
    if not place and "host" in fields:
        place = f"{fields.get('protocol', 'https')}://{fields['host']}"
    if not place or not fields.get("username") or not fields.get("password"):
        raise given.invalid(_ENTRY, "does not have all of url, username and password")
    parts = urlsplit(given.check_url(_ENTRY, place))
    login = f"{quote(fields['username'], safe='')}:{quote(fields['password'], safe='')}"
    return (GitLogin(f"{parts.scheme}://{login}@{parts.netloc.rpartition('@')[2]}{parts.path}"),)


def _stored(given: Given, line: str) -> str:
    parts = urlsplit(given.check_url(_ENTRY, line))
    if not parts.username or parts.password is None:
        raise given.invalid(_ENTRY, "has a URL without a user name or a password")
    return line


def _field(given: Given, line: str) -> tuple[str, str]:
    key, separator, value = line.partition("=")
    if not separator:
        raise given.invalid(_ENTRY, "is in no format of git's credentials")
    return key.strip(), value.strip()


GIT_CREDENTIALS = BindingType(
    "git-credentials",
    frozenset({_ENTRY, ".git-credentials", "context"}),
    _read,
    entries_meaning="`credentials`, and `context` where it has no URL",
    meaning="Logins for `git+https://…`: lines as git's credential store has them (`https://user:password@host`), or "
    "`url=`, `username=` and `password=`.",
)
