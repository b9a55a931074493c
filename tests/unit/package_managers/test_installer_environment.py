"""Which variables installers and build backends get, and what is said where one is missing."""

from pathlib import Path

import pytest

from python_buildpack.package_managers.failures.errors import BuildVariableMissing, PackageBuildFailed
from python_buildpack.package_managers.failures.explain import explain
from python_buildpack.package_managers.failures.withheld import asked_for
from python_buildpack.package_managers.installer_environment import installer_environment
from python_buildpack.ports.interfaces import Finished
from python_buildpack.settings.values import Settings

SECRETS = {
    "DATABASE_URL": "postgres://user:pw@db/x",
    "SECRET_KEY": "s3cr3t-s3cr3t",
    "STRIPE_API_KEY": "sk_live_1",
    "SENTRY_DSN": "https://key@sentry.example/1",
    "AWS_SECRET_ACCESS_KEY": "abc",
    "GIT_TOKEN": "ghp_1",
    "PIN_CODE_TOKEN": "1234",
    "VCAP_SERVICES": '{"db": {"password": "x"}}',
    "GREETING": "hello",
    "python_password": "x",
}
FOR_INSTALLERS = {
    "UV_INDEX_COMPANY_PASSWORD": "pw",
    "PIP_INDEX_URL": "https://user:pw@host/simple",
    "POETRY_HTTP_BASIC_COMPANY_PASSWORD": "pw",
    "PDM_PYPI_PASSWORD": "pw",
    "CARGO_REGISTRIES_COMPANY_TOKEN": "pw",
    "SETUPTOOLS_SCM_PRETEND_VERSION_FOR_TOKENS": "1.2.x-dev",
    "HTTPS_PROXY": "http://user:pw@proxy:3128",
    "no_proxy": "localhost,.internal",
    "SSL_CERT_FILE": "/etc/ca.pem",
    "CC": "clang",
    "CXXFLAGS": "-O2",
    "LDFLAGS": "-L/opt/lib",
    "CMAKE_ARGS": "-DX=1",
    "PKG_CONFIG_PATH": "/opt/lib/pkgconfig",
    "LC_ALL": "C.UTF-8",
    "TMPDIR": "/big",
    "PYTHONWARNINGS": "ignore",
    "HDF5_DIR": "/opt/hdf5",
    "NPM_CONFIG_REGISTRY": "https://npm.company.example/",
    "UWSGI_PROFILE_OVERRIDE": "ssl=true",
    "PYCURL_SSL_LIBRARY": "openssl",
    "TORCH_CUDA_ARCH_LIST": "8.0;8.6+PTX",
}
GIVE_NOTHING_AWAY = {
    "FORCE_CUDA": "1",
    "AIOHTTP_NO_EXTENSIONS": "true",
    "MAX_JOBS": "2",
    "APP_VERSION": "1.2.3",
    "PG_CONFIG": "/usr/bin/env",
    "EMPTY": "",
}


def passed(env: dict[str, str], declaration: str = "", **settings: str) -> set[str]:
    """Return the names that an installation gets of what the user set."""
    found = installer_environment(env, env.keys(), Settings(settings), declaration)
    assert set(found.env) | found.withheld == set(env)
    assert not set(found.env) & found.withheld
    return set(found.env)


def test_what_installers_and_build_backends_read_passes() -> None:
    """By the beginning or end of its name; and whatever its value gives nothing away of."""
    everything = {**SECRETS, **FOR_INSTALLERS, **GIVE_NOTHING_AWAY}
    assert passed(everything) == {*FOR_INSTALLERS, *GIVE_NOTHING_AWAY}


def test_what_the_user_did_not_set_passes() -> None:
    """It is of the build image, of the platform, or of a buildpack before this one."""
    env = {**SECRETS, "FROM_ANOTHER_BUILDPACK": "some text"}
    found = installer_environment(env, SECRETS.keys(), Settings({}), "")
    assert dict(found.env) == {"FROM_ANOTHER_BUILDPACK": "some text"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("SECRET_KEY, DATABASE_URL", {"SECRET_KEY", "DATABASE_URL"}),
        ("STRIPE_*", {"STRIPE_API_KEY"}),
        ("*", set(SECRETS)),
    ],
)
def test_what_the_setting_names_passes(asked: str, expected: set[str]) -> None:
    """Names and patterns."""
    assert passed(SECRETS, BP_PYTHON_BUILD_ENV=asked) == expected


def test_what_the_declaration_refers_to_passes() -> None:
    """The installer puts the value in its place: in requirements files, in a Pipfile, in PDM's sources."""
    declaration = "git+https://${GIT_TOKEN}@host/x.git\nurl = 'https://$GREETING:pw@host/simple'\ncosts $5\n"
    assert passed(SECRETS, declaration) == {"GIT_TOKEN", "GREETING"}


@pytest.mark.parametrize(
    "line",
    [
        "KeyError: 'DEBUG'",
        "decouple.UndefinedValueError: DEBUG not found. Declare it as envvar or define a default value.",
        "    x = os.environ['DEBUG']",
        "ImproperlyConfigured: Set the DEBUG environment variable",
    ],
)
def test_a_word_is_a_variable_where_variables_are_spoken_of(line: str) -> None:
    """The name of a variable may be an ordinary word of a tool's output."""
    assert asked_for(f"first\n{line}\n", frozenset({"DEBUG", "OTHER"})) == ("DEBUG",)
    assert asked_for("DEBUG: building the wheel\n", frozenset({"DEBUG"})) == ()
    assert asked_for("MY_DEBUG not found\n", frozenset({"DEBUG"})) == ()


def test_the_error_names_the_variable_and_the_setting() -> None:
    """A failed build that names one of the withheld variables; others stay as they are."""
    output = "Failed to build `x==1`\nKeyError: 'DATABASE_URL'\n"
    error = explain(Finished(1, output), "requirements.txt", withheld=frozenset({"DATABASE_URL"}))
    assert isinstance(error, BuildVariableMissing)
    assert "BP_PYTHON_BUILD_ENV=DATABASE_URL" in error.cure
    assert "DATABASE_URL" in error.what
    assert not isinstance(explain(Finished(1, output), "requirements.txt"), BuildVariableMissing)
    assert isinstance(explain(Finished(1, output), "requirements.txt"), PackageBuildFailed)


def test_a_name_that_the_file_system_refuses_is_no_place(tmp_path: Path) -> None:
    """Too long, or with a NUL: then it is a value like any other."""
    assert passed({"ONE": f"/{'x' * 9000}", "TWO": "/a\0b", "THREE": str(tmp_path)}) == {"THREE"}
