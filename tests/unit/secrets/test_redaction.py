"""Which values are secret, and in which spellings they are hidden."""

import base64
import io
import json
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from cnb.errors import BuildpackError
from python_buildpack.app.known_files import KNOWN_FILES
from python_buildpack.installed.scrub_credentials import scrub_credentials, without_credentials
from python_buildpack.ports.reporter import TextReporter
from python_buildpack.secrets.credentials import credentials_in_files, credentials_in_urls, credentials_in_variables
from python_buildpack.secrets.redact import Redactor, last_lines, redact

ODD = "pa55 w+rd/&'\"\\x"
PLAIN = "hunter2-and-more"


class SecretError(BuildpackError):
    """An error for these tests."""

    code = "secret-error"
    title = "A sample"


def hiding(*secrets: str) -> Redactor:
    redactor = Redactor()
    redactor.learn(secrets)
    return redactor


@pytest.mark.parametrize("secret", [ODD, PLAIN, "kurz", "ünïcødé-geheim"])
def test_every_spelling_is_hidden(secret: str) -> None:
    """As it is, in URLs, in quoted strings, and in the header of the Basic scheme, whoever the user is."""
    forms = [secret, quote(secret), quote(secret, safe=""), quote(secret, safe="").lower(), quote_plus(secret)]
    forms += [json.dumps(secret), repr(secret), secret.replace("&", "&amp;")]
    for form in forms:
        assert hiding(secret).redact(f"before {form} after").startswith("before "), form
        assert "****" in hiding(secret).redact(f"before {form} after"), form
    for user in () if len(secret) < 6 else ("", "a", "ab", "abc", "deploy"):
        encoded = base64.b64encode(f"{user}:{secret}".encode()).decode()
        assert hiding(secret).redact(f"sent {encoded}.") == "sent ****.", user


def test_a_url_encoded_secret_is_hidden_as_what_it_means() -> None:
    """Variables have it in the one form, tools print it in the other."""
    assert hiding("a%2Fb%40secret").redact("password a/b@secret!") == "password ****!"


def test_a_secret_of_many_lines_is_hidden_line_by_line() -> None:
    """That is how a private key is printed."""
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----\n"
    assert hiding(key).redact("  MIIEvQIBADANBgkq") == "  ****"


@pytest.mark.parametrize("common", ["true", "8080", "abc", "", "  ", "password", "production", "54321"])
def test_common_values_are_not_hidden(common: str) -> None:
    """A log full of asterisks would be useless."""
    text = f"installing {common} on port 8080, 54321 is true in production"
    assert hiding(common).redact(text) == text


def test_short_secrets_are_hidden_as_whole_words_only() -> None:
    """A password such as flask would else take a part of other words with it."""
    assert hiding("flask").redact("flasks, flask: flask_x") == "flasks, ****: flask_x"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:p@ss@host/x", "https://****@host/x"),
        ("git+ssh://token@host/x", "git+ssh://****@host/x"),
        ("GET https://host/x?a=1&access_token=abc&b=2", "GET https://host/x?a=1&access_token=****&b=2"),
        ("https://a.blob.example/x.whl?sv=2026&sig=a%2Bb&se=1", "https://a.blob.example/x.whl?sv=2026&sig=****&se=1"),
        ("https://host/x?monkey=x&signal=1&key=abc", "https://host/x?monkey=x&signal=1&key=****"),
        ("https://host/a;tok=abc/x#token=abc&x=1", "https://host/a;tok=****/x#token=****&x=1"),
        ("https:/me:pw@host/x https:me:pw@host", "https:/****@host/x https:****@host"),
        (r"https:\\me:pw@host\x https;//me:pw@host/x", r"https:\\****@host\x https;//****@host/x"),
        ("https:///me:pw@host/x git+https//me:pw@host/x", "https:///****@host/x git+https//****@host/x"),
        ("https://me%3Apw%40host/x", "https://****@host/x"),
        ("https://me:p/w@host/x", "https://****@host/x"),
        ("https://host:8080/a@b https://[::1]:80/a@b", "https://host:8080/a@b https://[::1]:80/a@b"),
        ("{'Authorization': 'Basic dTpw'}", "{'Authorization': 'Basic ****'}"),
        ("authorization: Bearer abc.def", "authorization: Bearer ****"),
        ("mail@host, https://host/a@b, x@1", "mail@host, https://host/a@b, x@1"),
    ],
)
def test_credentials_are_known_by_their_place(text: str, shown: str) -> None:
    """What nobody announced is hidden where credentials usually stand."""
    assert redact(text) == shown


def test_which_variables_are_secret() -> None:
    """By their names, and by URLs in their values; what only looks like one is left alone."""
    secret = {
        "SECRET_KEY": "s1-value",
        "POETRY_HTTP_BASIC_X_PASSWORD": "s2-value",
        "UV_INDEX_X_PASSWORD": "s3-value",
        "GITHUB_TOKEN": "s4-value",
        "STRIPE_KEY_2": "s5-value",
        "DATABASE_URL": "postgres://u:s6-value@db/x",
        "PIP_INDEX_URL": "https://s7-value@host/simple",
        "OTEL_EXPORTER_OTLP_HEADERS": "api-key=s8-value,x=s9-value",
        "http_proxy": "http://u:s10-value@proxy:3128",
    }
    plain = {"KEYBOARD": "n1", "GIT_CONFIG_KEY_0": "n2", "MONKEY": "n3", "GIT_URL": "ssh://git@host/n4"}
    found = set(credentials_in_variables({**secret, **plain, "SSL_KEY": "/etc/passwd"}))
    assert {value for value in found if value.startswith("s")} == {f"s{number}-value" for number in range(1, 11)}
    assert not {value for value in found if value.startswith("n") or value == "/etc/passwd"}


def test_a_word_in_the_apps_own_env_file_does_not_hide_that_word(tmp_path: Path) -> None:
    """What looks generated is hidden; a password for development that is a word was not given to the build."""
    lines = ("DB_PASSWORD=admin", "SECRET_KEY='Dependencies'", "DATABASE_URL=postgres://shop:gunicorn@db/x")
    more = ("API_TOKEN=hunter2", "MAIL_PASSWORD=sdfkjhxvbnmqwertz", "STRIPE_KEY=sk_live_abcdefgh")
    (tmp_path / ".env.production").write_text("\n".join((*lines, *more)), encoding="utf-8")
    found = set(credentials_in_files(tmp_path, {}, KNOWN_FILES))
    assert found == {"hunter2", "sdfkjhxvbnmqwertz", "sk_live_abcdefgh"}
    assert set(credentials_in_variables({"DB_PASSWORD": "admin"})) == {"admin"}


def test_files_of_an_app_are_searched(tmp_path: Path) -> None:
    """Requirements with variables in them, pip.conf, netrc, and what variables name."""
    app = tmp_path / "app"
    app.mkdir()
    (app / "requirements.txt").write_text("-i https://${LOGIN}@host/simple\nx @ https://u:f1-value@host/x.whl\n")
    (app / "pip.conf").write_text("[global]\nindex-url = https://u:f2-value@host\n")
    (app / ".netrc").write_text("machine a\n  login b\n  password f3-value\n")
    (app / "poetry.toml").write_text('[http-basic.x]\nusername = "u"\npassword = "f4-value"\n')
    elsewhere = tmp_path / "netrc"
    elsewhere.write_text("machine a login b password f5-value\n")
    (app / "dev-requirements-old.txt").write_text("x @ https://u:f7-value@host/x.whl\n")
    found = set(credentials_in_files(app, {"NETRC": str(elsewhere), "LOGIN": "u:f6-value"}, KNOWN_FILES))
    assert found == {f"f{number}-value" for number in range(1, 8)}


def test_settings_files_outside_of_the_app_are_searched(tmp_path: Path) -> None:
    """Those that variables of pip, uv, Poetry and PDM name, from the app's directory on, and those of the home."""
    files = {
        "app/uv.toml.local": 'index-url = "https://u:o1-value@host/simple"\n',
        "pdm.toml": "[pypi.x]\nusername = 'u'\npassword = 'o2-value'\n",
        "poetry/auth.toml": "[http-basic.x]\nusername = 'u'\npassword = 'o3-value'\n",
        "credentials/credentials.toml": "[[credential]]\nservice = 'x'\npassword = 'o4-value'\n",
        "home/.pip/pip.conf": "[global]\nindex-url = https://u:o5-value@host\n",
        "home/.config/uv/uv.toml": 'index-url = "https://u:o6-value@host"\n',
        "home/.config/pypoetry/auth.toml": "[http-basic.x]\npassword = 'o7-value'\n",
        "home/.config/pdm/config.toml": "[pypi.x]\npassword = 'o8-value'\n",
        "settings/pip/pip.conf": "[global]\nindex-url = https://u:o9-value@host\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    named = {
        "UV_CONFIG_FILE": "uv.toml.local",
        "PDM_CONFIG_FILE": str(tmp_path / "pdm.toml"),
        "POETRY_CONFIG_DIR": "../poetry",
        "UV_CREDENTIALS_DIR": str(tmp_path / "credentials"),
    }
    at_home = {"HOME": str(tmp_path / "home")}
    app = tmp_path / "app"
    assert set(credentials_in_files(app, named, KNOWN_FILES)) == {f"o{number}-value" for number in range(1, 5)}
    assert set(credentials_in_files(app, at_home, KNOWN_FILES)) == {f"o{number}-value" for number in range(5, 9)}
    elsewhere = at_home | {"XDG_CONFIG_HOME": str(tmp_path / "settings")}
    assert set(credentials_in_files(app, elsewhere, KNOWN_FILES)) == {"o5-value", "o9-value"}


def test_a_secret_of_several_words_is_not_broken_in_two() -> None:
    """Messages are wrapped after they are redacted."""
    stream = io.StringIO()
    reporter = TextReporter(stream)
    reporter.hide(["correct horse battery staple"])
    text = "x" * 95 + " correct horse battery staple"
    reporter.line(text)
    reporter.warning("Title with correct horse battery staple", text)
    reporter.failure(SecretError(text, text))
    reporter.apology(ValueError(text), f"Traceback:\n  {text}\n", lambda _: None)
    assert "horse" not in stream.getvalue()
    assert "staple" not in stream.getvalue()
    assert "error: secret-error\n  A sample\n" in stream.getvalue()


def test_the_end_of_an_output_is_cut_between_lines() -> None:
    """Half a secret would not be recognised."""
    assert last_lines("one\ntwo secret\nthree\n", 12) == "three"
    assert last_lines("one\ntwo\nthree\n", 12) == "two\nthree"
    assert last_lines("a long line that is alone", 5) == "a long line that is alone"


def test_user_names_without_a_password_are_tokens_but_for_git() -> None:
    """https://<token>@github.com is how many private repositories are cloned."""
    assert list(credentials_in_urls("https://tok@github.com ssh://git@github.com")) == ["tok"]


@pytest.mark.parametrize(
    ("address", "secret"),
    [
        ("https:/me:s3cret-part@host/x", "s3cret-part"),
        ("https:me:s3cret-part@host/x", "s3cret-part"),
        ("me:s3cret-part@host.example/x", "s3cret-part"),
        ("https://host/simple?se=2026&x=s3cret-part", "s3cret-part"),
        ("https://host/simple?s3cret-part", "s3cret-part"),
        ("https://host/a;x=s3cret-part;y=b", "s3cret-part"),
        ("https://host/x.whl#x=s3cret-part", "s3cret-part"),
    ],
)
def test_an_odd_address_tells_what_is_secret_in_it(address: str, secret: str) -> None:
    """Tools may print that alone. It is one that nobody reads as an address, or a token without a name that says so."""
    assert list(credentials_in_variables({"PIP_INDEX_URL": address})) == [secret]
    assert list(credentials_in_urls(f'url = "{address}"\n')) == [secret]


@pytest.mark.parametrize(
    "text",
    [
        "https://host/x.whl#sha256=0123456789abcdef&subdirectory=part-2026&egg=x-20260101",
        f"https://github.com/a/b?rev=v1.20260101#{'0a' * 20}",
        "ssh://git@host/x git@github.com:owner/name-2026.git",
        "https:${LOGIN}@host/x https://host/simple?page=2&sort=newest-first",
        "mailto:somebody@host.example Author:somebody@host.example",
    ],
)
def test_what_is_no_secret_in_an_address(text: str) -> None:
    """The names of installers, commits, words and small numbers stay in the log."""
    assert list(credentials_in_urls(text)) == []


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://me:pw@host:1/x?a#b", "https://host:1/x"),
        ("https://host/x.whl#token=abc&subdirectory=a/b&egg=x[y]", "https://host/x.whl#subdirectory=a/b&egg=x[y]"),
        ("https://host/a;tok=abc/x.whl;sig=d", "https://host/a/x.whl"),
        ("https://token@host/x", "https://host/x"),
        ("https://host/x.whl?sig=abc&se=2026#sha256=00", "https://host/x.whl#sha256=00"),
        ("ssh://git@host/x", "ssh://git@host/x"),
        ("file:///x@y?token=z", "file:///x@y"),
    ],
)
def test_recorded_urls_have_no_login_and_no_query(url: str, public: str) -> None:
    """PEP 610 asks for it; git@ is part of an address, and of a fragment stays what installers write."""
    assert without_credentials(url) == public


@pytest.mark.parametrize(
    "url",
    [
        *("https:/me:pw@host/x", "https:me:pw@host/x", "me:pw@host/x", r"https:\\me:pw@host/x", ""),
        *("https://me%3Apw%40host/x", "https://https://me:pw@host/x", "https://host/https://me:pw@host/x"),
        *("https://me:p/w@host/x", "https://me:80/w@host/x", "https://host:pw/x", "https://me:pw host/x"),
    ],
)
def test_a_recorded_url_that_may_have_a_login_elsewhere_is_none(url: str) -> None:
    """Nobody knows which part of it is a login."""
    with pytest.raises(ValueError, match=r".*"):
        without_credentials(url)


def test_an_environment_keeps_no_credentials(tmp_path: Path) -> None:
    """Clones lose .git, RECORD fits, linked files keep their content elsewhere, and what is unreadable goes."""
    info = tmp_path / "x-1.dist-info"
    info.mkdir()
    cached = tmp_path / "cached.json"
    cached.write_text('{"url": "https://me:pw@host/x.whl", "archive_info": {}}')
    (info / "direct_url.json").hardlink_to(cached)
    (info / "RECORD").write_text("x.py,,\nx-1.dist-info/direct_url.json,sha256=old,1\n")
    broken = tmp_path / "y-1.dist-info"
    broken.mkdir()
    (broken / "direct_url.json").write_text("https://me:pw@host")
    clone = tmp_path / "src" / "x"
    (clone / ".git").mkdir(parents=True)
    (clone / "x.py").write_text("")
    scrub_credentials(tmp_path, tmp_path)
    assert list(clone.iterdir()) == [clone / "x.py"]
    text = (info / "direct_url.json").read_text()
    assert json.loads(text) == {"url": "https://host/x.whl", "archive_info": {}}
    assert f",{len(text)}\n" in (info / "RECORD").read_text()
    assert "pw" in cached.read_text()
    assert not (broken / "direct_url.json").exists()


@pytest.mark.parametrize(
    "name",
    [
        *("API_KEYS", "JWT", "JWT_PRIVATE", "X_AUTHORIZATION", "SENTRY_DSN", "SESSION_COOKIE", "DB_CONN_STR"),
        *("SLACK_WEBHOOK_URL", "privateKey", "AccountKey", "AWS_ACCESS_KEYS", "connectionString", "STORAGE_CONNSTR"),
    ],
)
def test_more_names_of_secrets(name: str) -> None:
    """Of several keys, tokens of the web, headers, addresses that are secret as a whole; words in one, too."""
    assert PLAIN in set(credentials_in_variables({name: PLAIN}))


@pytest.mark.parametrize(
    "name", ["JWT_ALGORITHM", "JWT_EXPIRES", "SESSION_COOKIE_NAME", "COOKIE_SECURE", "KEYSPACE", "AUTHORS", "MONKEY"]
)
def test_names_that_only_look_like_it(name: str) -> None:
    """A log would lose ordinary words."""
    assert set(credentials_in_variables({name: PLAIN})) == set()


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        (
            "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=abcDEF123456==;EndpointSuffix=x",
            "abcDEF123456==",
        ),
        ("Server=db;Database=shop;User Id=app;Password=hunter2hunter2;", "hunter2hunter2"),
        ("host=db user=app password=hunter2hunter2 dbname=shop", "hunter2hunter2"),
    ],
)
def test_connection_strings_hold_secrets(value: str, secret: str) -> None:
    """Whatever the name of the variable is; the rest of the value stays readable."""
    assert set(credentials_in_variables({"STORAGE": value})) == {secret}


def test_several_secrets_in_one_variable_are_hidden_one_by_one() -> None:
    """A tool prints one of them; and the token without the scheme of the header."""
    assert {"first-of-them", "second-of-them"} <= set(
        credentials_in_variables({"KEYS": "first-of-them, second-of-them"})
    )
    assert PLAIN in set(credentials_in_variables({"AUTHORIZATION": f"Bearer {PLAIN}"}))


def test_web_tokens_and_cookies_are_known_by_their_shape() -> None:
    """In whatever a package prints."""
    sent = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"
    assert redact(f"sent {sent}, and") == "sent ****, and"
    assert redact("Set-Cookie: session=abc123; Path=/") == "Set-Cookie: ****"
    assert redact("cookie: a friendly one") == "cookie: a friendly one"


def test_a_default_for_development_takes_no_name_out_of_the_log() -> None:
    """A password that is the user's name, often the app's, is hidden in URLs only; another one everywhere."""
    address = "postgres://shop:shop@db:5432/shop postgres://shop:s3cr3t-shop@db/shop"
    learned = list(credentials_in_urls(address))
    assert learned == ["s3cr3t-shop"]
    redactor = Redactor()
    redactor.learn(learned)
    assert redactor.redact("celery --app shop.celery worker") == "celery --app shop.celery worker"
    assert ":shop@" not in redactor.redact(address)
