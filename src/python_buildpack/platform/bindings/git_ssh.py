"""``git-ssh``: a private key for git over SSH, and the keys of the servers that it may be shown to.

Formats: https://man.openbsd.org/ssh-keygen, PROTOCOL.key in OpenSSH's sources for what is inside a key, and the section
"SSH_KNOWN_HOSTS FILE FORMAT" of https://man.openbsd.org/sshd. ``ssh-privatekey`` is the name in Kubernetes' Secrets of
type ``kubernetes.io/ssh-auth``.
"""

import base64
import binascii
import re
from collections.abc import Iterator

from python_buildpack.platform.bindings.interface import Addition, BindingType, GitSshKey, Given

_KEY = "ssh-privatekey"
_HOSTS = "known_hosts"
_PEM = re.compile(r"-----BEGIN (?P<kind>[A-Z ]*PRIVATE KEY)-----\n(?P<body>.+?)\n-----END (?P=kind)-----", re.DOTALL)
_MAGIC = b"openssh-key-v1\0"
_FIELDS_OF_HOST = 3


def _read(given: Given) -> tuple[Addition, ...]:
    # OpenSSH refuses a key with CRLF or without the last end of line, which editors and forms of platforms leave.
    key = "\n".join(line.rstrip() for line in given.require(_KEY).splitlines())
    match = _PEM.search(key)
    if match is None:
        raise given.invalid(_KEY, "is no private key: it has no lines with BEGIN and END PRIVATE KEY")
    if _is_encrypted(match["kind"], match["body"]):
        raise given.invalid(_KEY, "is protected by a passphrase, for which a build cannot ask")
    hosts = tuple(_hosts(given.require(_HOSTS)))
    if not hosts:
        raise given.invalid(_HOSTS, "has no line with a host, a type of key and a key, as ssh-keyscan prints them")
    return (GitSshKey(f"{match[0]}\n", "".join(f"{line}\n" for line in hosts)),)


def _is_encrypted(kind: str, body: str) -> bool:
    if kind.startswith("ENCRYPTED") or "ENCRYPTED" in body:
        return True
    try:
        content = base64.b64decode(body)
    except binascii.Error:
        return False
    cipher = content.removeprefix(_MAGIC)[4:8]
    return content.startswith(_MAGIC) and cipher != b"none"


def _hosts(text: str) -> Iterator[str]:
    for line in text.splitlines():
        words = [word for word in line.split() if not word.startswith("@")]
        if len(words) >= _FIELDS_OF_HOST and not line.lstrip().startswith("#"):
            yield line.strip()


GIT_SSH = BindingType(
    "git-ssh",
    frozenset({_KEY, _HOSTS}),
    _read,
    entries_meaning="`ssh-privatekey` without a passphrase, and `known_hosts`",
    meaning="A key for `git+ssh://…`, while packages are installed; hooks and collectstatic do not get it. A server is "
    "reached only if it shows a key that is in `known_hosts`: take the lines of `ssh-keyscan HOST`, and compare them "
    "with what the host publishes. Needs `ssh` in the build image.",
)
