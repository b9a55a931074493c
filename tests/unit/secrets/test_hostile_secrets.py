"""Secrets that are odd, in odd places, and files that were made to hurt whoever looks for secrets in them."""

import io
import os
import sys
import time
from pathlib import Path

import pytest

from cnb.platform import LARGEST, read_platform
from private_network import write_binding
from python_buildpack.app.known_files import KNOWN_FILES
from python_buildpack.platform.bindings.interface import BindingInvalid
from python_buildpack.platform.bindings.read import read_bindings
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command
from python_buildpack.ports.reporter import TextReporter
from python_buildpack.secrets.credentials import (
    credentials_in_files,
    credentials_in_platform,
    credentials_in_urls,
    credentials_in_variables,
)
from python_buildpack.secrets.redact import Redactor
from python_buildpack.tools.pip_config import read_pip_config

LONG = 1_000_000


def hiding(*secrets: str) -> Redactor:
    redactor = Redactor()
    redactor.learn(secrets)
    return redactor


def printed(secret: str, code: str) -> str:
    """Return the log of a program of the app's."""
    stream = io.StringIO()
    reporter = TextReporter(stream)
    reporter.hide([secret])
    runner = SubprocessRunner(reporter.output)
    runner.run(Command((sys.executable, "-c", code), {**os.environ, "SECRET": secret, "COLUMNS": "80"}))
    return stream.getvalue()


@pytest.mark.parametrize("secret", ["a.*b+[c]", "(((((", "\\d{4}\\", "^start$", "x|y|zz", "$1\\g<0>", "%s%d{0}!"])
def test_a_secret_that_looks_like_a_pattern_is_taken_by_its_letters(secret: str) -> None:
    """Short ones and long ones, and nothing else is hidden."""
    for text in (secret, secret * 3):
        assert hiding(text).redact(f"<a1b2c3d4> {text} <12345678>") == "<a1b2c3d4> **** <12345678>"


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("app", "the app is in /workspace/app, application"),
        ("x1!", "the app is in /workspace/app, application"),
        ("workspace", "the app is in /****/app, application"),
        ("the app", "**** is in /workspace/app, application"),
    ],
)
def test_secrets_that_are_common_words(secret: str, shown: str) -> None:
    """Three letters cannot be kept and stay readable; longer ones are hidden, at the log's expense."""
    assert hiding(secret).redact("the app is in /workspace/app, application") == shown


@pytest.mark.parametrize(
    "code",
    [
        "import os, time\nfor c in os.environ['SECRET']: os.write(1, c.encode()); time.sleep(.001)",
        "import os; os.write(2, b'x' * 65530); os.write(1, os.environ['SECRET'].encode())",
        "import os; print(os.environ['SECRET'], end='\\r'); print('done')",
        "import os; raise RuntimeError(os.environ['SECRET'])",
        "import os\ntry: raise ValueError(os.environ['SECRET'])\nexcept ValueError as e: raise KeyError(str(e)) from e",
        "import os; assert {'password': os.environ['SECRET']} is None, [os.environ['SECRET'].encode()]",
        "import os, sys; sys.stdout.buffer.write(os.environ['SECRET'].encode('utf-16'))",
        "import os, sys; sys.stdout.buffer.write(('a\\n' + os.environ['SECRET'] + '\\nb').encode('utf-16-be'))",
    ],
)
def test_a_secret_is_hidden_however_a_hook_prints_it(code: str) -> None:
    """Letter by letter, in a traceback, over a progress bar, in the encoding of another system."""
    log = printed("corrEct+horse/Zz9", code)
    assert "horse" not in log.replace("\0", "")


def test_every_line_of_a_long_secret_is_hidden_wherever_lines_end() -> None:
    """A key with the line ends of Windows is printed with those of Linux."""
    key = "-----BEGIN KEY-----\r\nMIIEvQIBADANBgkq\r\nhkiG9w0BAQEFAASC\r\n-----END KEY-----\r\n"
    log = printed(key, "import os\nfor line in os.environ['SECRET'].split(): print('key:', line)")
    assert "MIIE" not in log
    assert "hkiG" not in log


@pytest.mark.parametrize(
    "text",
    [
        "a" * LONG + " ://",
        "?" + "token" * (LONG // 5),
        "Ab1/" * (LONG // 4),
        "://a" * (LONG // 4),
        " " * LONG,
        "authorization:" * (LONG // 14),
        'password "' * (LONG // 10),
        '"' + "\\" * LONG,
    ],
    ids=["letters", "tokens", "base64", "schemes", "spaces", "headers", "netrc", "quotes"],
)
def test_a_line_of_a_megabyte_takes_no_longer_than_its_letters(text: str) -> None:
    """What took minutes, because each letter was taken for the beginning of a URL that goes on to the end."""
    redactor = hiding("hunter2-and-more", "kurz")
    began = time.process_time()
    redactor.redact(text)
    list(credentials_in_urls(text))
    list(credentials_in_variables({"X": text}))
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("name", "text", "secrets"),
    [
        (".env", "export DB_PWD='f1-value'\n", ["f1-value"]),
        (".env.local", "API_KEY=f1-value # for tests\n", ["f1-value"]),
        (".pypirc", "[a]\npassword = f1-value\n[b]\npassword = f2-value\n", ["f1-value", "f2-value"]),
        ("uv.toml", '[[index]]\nurl = "https://u:f1-value@h/simple"\n', ["f1-value"]),
        ("pylock.dev.toml", 'url = "https://h/x.whl?X-Amz-Signature=f1-value&a=b"\n', ["f1-value"]),
        ("environment.yml", "dependencies:\n- pip:\n  - --extra-index-url https://u:f1-value@h\n", ["f1-value"]),
        ("Pipfile", '[[source]]\nurl = "https://$LOGIN@h/simple"\n', ["f1-value"]),
        ("pyproject.toml", '[[tool.poetry.source]]\nurl = "https://u:$f1-value@h"\n', ["$f1-value"]),
        (".netrc", 'machine a login b password "f1 \\"value" # x\n', ['f1 "value']),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_where_credentials_are_looked_for(
    tmp_path: Path, name: str, text: str, secrets: list[str], encoding: str
) -> None:
    """In the files that tools read them from, in all encodings that editors write."""
    (tmp_path / name).write_text(text, encoding=encoding)
    redactor = hiding(*credentials_in_files(tmp_path, {"LOGIN": "u:f1-value"}, KNOWN_FILES))
    assert [redactor.redact(f"said: {secret}") for secret in secrets] == ["said: ****"] * len(secrets)


def test_the_password_of_a_pair_is_learned_by_itself() -> None:
    """A pair as curl takes it, and nothing of what only sounds like it."""
    pairs = {"NEXUS_BASIC_AUTH": "u:p1-value", "SOURCE_LOGIN": "u:p2-value", "DB_USERPWD": "u:p3-value"}
    others = {"BP_OCI_AUTHORS": "n1: n2-value", "GIT_AUTHOR_DATE": "10:20-value", "CATALOGIN": "x:n3-value"}
    found = set(credentials_in_variables({**pairs, **others}))
    assert {value for value in found if value.endswith("-value") and ":" not in value} == {
        f"p{number}-value" for number in (1, 2, 3)
    }


def test_keys_of_clouds_are_json(tmp_path: Path) -> None:
    """In a variable and in a binding of a type unknown here, at any depth, and what is broken is passed over."""
    document = '{"a": [{"client_secret": "s1-value"}], "private_key": "-----BEGIN\\ns2-value\\n", "n": 1}'
    write_binding(tmp_path / "bindings", "cloud", "gcp", key__json=document)
    platform = read_platform(tmp_path, {})
    found = "\n".join(credentials_in_platform(platform))
    assert "s1-value" in found
    assert "\ns2-value" in found
    assert "s1-value" in set(credentials_in_variables({"VCAP_SERVICES": document}))
    assert not list(credentials_in_variables({"A": "[" * 100_000, "B": '{"password":', "C": "[1e999999]"}))


def test_a_binding_can_be_made_to_hurt(tmp_path: Path) -> None:
    """Loops of links, pipes, directories, a file that is too large: of an unknown type nobody is disturbed."""
    write_binding(tmp_path / "bindings", "odd", "whatever", ok="s0")
    odd = tmp_path / "bindings" / "odd"
    (odd / "loop").symlink_to(odd)
    (odd / "self").symlink_to("self")
    (odd / "gone").symlink_to("nowhere")
    os.mkfifo(odd / "pipe")
    with (odd / "password").open("wb") as file:
        file.truncate(1 << 30)
    (tmp_path / "bindings" / "around").symlink_to(tmp_path / "bindings")
    (tmp_path / "bindings" / "itself").symlink_to("itself")
    platform = read_platform(tmp_path, {})
    binding = next(binding for binding in platform.bindings if binding.name == "odd")
    assert {name for name in binding.entries if binding.secret(name) is not None} == {"ok"}
    assert read_bindings(platform.bindings) == ()
    assert set(credentials_in_platform(platform)) <= {""}


@pytest.mark.parametrize(
    ("kind", "entry"),
    [("pypi", "password"), ("ca-certificates", "any.pem"), ("python-inventory", "inventory.toml")],
)
def test_what_is_too_large_in_a_binding_of_a_known_type_is_named(tmp_path: Path, kind: str, entry: str) -> None:
    """It is not left out in silence, and not read as a whole either."""
    write_binding(tmp_path / "bindings", "mine", kind, url="https://a")
    with (tmp_path / "bindings" / "mine" / entry).open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(BindingInvalid, match=f"its entry {entry} cannot be read or has more than 4 MB"):
        read_bindings(read_platform(tmp_path, {}).bindings)


def test_files_that_variables_name_can_be_anything(tmp_path: Path) -> None:
    """A pipe is not waited for, a directory and a file of a gigabyte are not read."""
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(1 << 30)
    for name in ("pipe", "large", ".", "no\0name"):
        env = {"PIP_CONFIG_FILE": f"{tmp_path}/{name}", "NETRC": f"{tmp_path}/{name}"}
        assert list(credentials_in_files(tmp_path, env, KNOWN_FILES)) == []
        assert isinstance(read_pip_config(env), dict)
