"""The installers' commonest failures, by the real tools against a real index: recognised, explained, no secret said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cnb.errors import BuildpackError
from failing_installs import (
    FAILING,
    FORBIDDEN,
    HELLO,
    LOGIN,
    NEWER,
    PROJECT,
    SLOW,
    TAMPERED,
    WRONG,
    Bed,
    Env,
    Trouble,
    attempt,
    making_bed,
    none,
)
from manager_context import empty_environment, install_context, lock_uv, share_tools, write_app
from package_index import PASSWORD, USER, PackageIndex
from python_buildpack.package_managers.failures import errors
from python_buildpack.ports.interfaces import Command
from python_buildpack.tools.pinned import PIP


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    """Yield what the rows share."""
    with making_bed(tmp_path_factory.mktemp("bed")) as bed:
        yield bed


HERE = "{index}/simple/"
WITH_LOGIN = f"http://{USER}:{WRONG}@{{host}}/simple/"
UNRESOLVABLE = "https://packages.invalid/simple/"
TLS = "{private}/simple/"
PROXIED = {"HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1", "NO_PROXY": "", "no_proxy": ""}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a requirements file that fails, and what the error must say, with uv and with pip."""

    name: str
    text: str
    error: type[BuildpackError]
    says: tuple[str, ...]
    trouble: Trouble = none
    url: str = HERE
    env: tuple[tuple[str, str], ...] = ()


ROWS = (
    Row(
        "unknown",
        "helo\n",
        errors.PackageUnknown,
        ("helo", "spelling", "pin the package", "not searched, because {index}", "extra"),
    ),
    Row("no such version", "hello==9\n", errors.PackageVersionMissing, ("hello==9",)),
    Row("no wheel for this Python", "newer\n", errors.PackageNotForPython, ("cp399", "BP_PYTHON_VERSION")),
    Row("wheel for an older", "older==1.0\n", errors.PackageNotForPython, ("wheel of older 1.0 for Python 3.9.",)),
    Row("source, and an older", "sourced\n", errors.PackageBuildFailed, ("wheel of sourced 1.0 for Python 3.9.",)),
    Row("needs a newer Python", "wantsnewer\n", errors.PackageNotForPython, ("wantsnewer", ">=3.99")),
    Row("conflict", "left\nright\n", errors.RequirementsUnsatisfiable, ("fit together",)),
    Row("only yanked", "onlyyanked\n", errors.PackageYanked, ("onlyyanked", "withdrawn")),
    Row("range of yanked", "hello>1.0\n", errors.PackageYanked, ("hello", "1.1")),
    Row("beside a yanked", "hello>=9\n", errors.PackageVersionMissing, ("hello>=9",)),
    Row("wrong hash", f"hello==1.0 --hash=sha256:{'0' * 64}\n", errors.PackageHashMismatch, ("hello==1.0",)),
    Row("tampered", "hello==1.0\n", errors.PackageHashMismatch, ("hello==1.0", "do not trust"), TAMPERED),
    Row("garbled", "garbled\n", errors.PackageArchiveDamaged, ("garbled", "cannot be unpacked", "mirror or a proxy")),
    Row("failing build", "broken\n", errors.PackageBuildFailed, ("this backend always fails",)),
    Row(
        "malformed",
        "hello\nclick = 8\n",
        errors.RequirementsInvalid,
        ("requirements.txt, line 2, has one =", "click=="),
    ),
    Row("unknown option", "--frobnicate\n", errors.RequirementsInvalid, ("requirements.txt",)),
    Row("other wheel", f"newer @ {{index}}/files/{NEWER}\n", errors.WheelUnsupported, (NEWER,)),
    Row("no such file", "a @ {index}/files/a-1-py3-none-any.whl\n", errors.PackageFileMissing, ("{index}",)),
    Row("401", "hello\n", errors.PackageIndexRefused, ("{index}", "401", "No login was given", "netrc"), LOGIN),
    Row("401 given", "hello\n", errors.PackageIndexRefused, ("login from PIP_INDEX_URL",), LOGIN, WITH_LOGIN),
    Row("401 pinned", "hello==1.0\n", errors.PackageIndexRefused, ("{index}", "401"), LOGIN),
    Row("403 pinned", "hello==1.0\n", errors.PackageIndexRefused, ("{index}", "403"), FORBIDDEN),
    Row("403", "hello\n", errors.PackageIndexRefused, ("{index}", "403", "No login was given"), FORBIDDEN),
    Row("403 given", "hello\n", errors.PackageIndexRefused, ("login from PIP_INDEX_URL",), FORBIDDEN, WITH_LOGIN),
    Row("TLS", "hello\n", errors.PackageIndexUntrusted, ("ca-certificates", "SSL_CERT_FILE"), none, TLS),
    Row("refused", "hello\n", errors.PackageIndexUnreachable, ("network",), PackageIndex.down),
    Row("name", "hello\n", errors.PackageIndexUnreachable, ("network",), none, UNRESOLVABLE),
    Row("proxy", "hello\n", errors.PackageIndexUnreachable, ("proxy",), env=tuple(PROXIED.items())),
    Row("503", "hello\n", errors.PackageIndexUnreachable, ("503",), FAILING),
    Row("slow", "hello\n", errors.PackageIndexUnreachable, ("did not answer",), SLOW),
    Row("no git", "a @ git+{index}/a.git\n", errors.GitMissing, ("archive",), env=(("PATH", "/nowhere"),)),
    Row("git login", "a @ git+{index}/a.git\n", errors.GitAccessDenied, ("git-credentials",), LOGIN),
    Row("git 404", "a @ git+{index}/a.git\n", errors.GitFailed, ("not found",)),
    Row("git over ssh", "a @ git+ssh://git@127.0.0.1:1/a.git\n", errors.GitFailed, ("git+https://",)),
)


def check(bed: Bed, row: Row, tmp_path: Path, settings: Env | None = None) -> None:
    """Assert that the row fails as it should."""

    def filled(text: str) -> str:
        host = bed.index.origin.partition("//")[2]
        return text.format(index=bed.index.origin, private=bed.private.origin, host=host)

    app = write_app(tmp_path / "app", {"requirements.txt": filled(row.text)})
    env = {"PIP_INDEX_URL": filled(row.url), **dict(row.env)}
    with row.trouble(bed.index):
        outcome = attempt(bed, "requirements.txt", app, env, settings)
    assert type(outcome.error) is row.error, outcome.said
    for text in row.says:
        assert filled(text) in outcome.said
    assert WRONG not in outcome.said
    assert PASSWORD not in outcome.said


# An option that uv does not know makes the buildpack take pip.
@pytest.mark.parametrize("row", [row for row in ROWS if row.name != "unknown option"], ids=lambda row: row.name)
def test_a_failure_of_uv_is_explained(bed: Bed, row: Row, tmp_path: Path) -> None:
    """Each has its own code and advice; logins that were tried do not appear even in uv's own words."""
    check(bed, row, tmp_path)


@pytest.fixture(scope="module")
def pip(bed: Bed) -> Mapping[str, str]:
    """Install pip once, and return the setting that chooses it."""
    bench = share_tools(install_context(bed.venv, bed.tools, bed.tools / "layers"))
    how = Command((), bench.env, cwd=bed.venv, show=False)
    assert bench.tools.run(PIP, ("--version",), how).status == 0
    return {"BP_PYTHON_INSTALLER": "pip"}


@pytest.mark.network
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_failure_of_pip_is_explained_alike(bed: Bed, pip: Env, row: Row, tmp_path: Path) -> None:
    """The same code as uv's, although pip itself says nothing of refused access or unreachable indexes."""
    check(bed, row, tmp_path, pip)


@pytest.mark.parametrize("kind", ["none", "wrong", "netrc"])
def test_whether_a_login_was_given_is_said(bed: Bed, tmp_path: Path, kind: str) -> None:
    """A login in a netrc file counts as well, and one that is right installs."""
    app = write_app(tmp_path / "app", {"requirements.txt": "hello\n"})
    password = {"none": None, "wrong": WRONG, "netrc": PASSWORD}[kind]
    if password:
        (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login {USER} password {password}\n", encoding="utf-8")
    env = {"PIP_INDEX_URL": bed.index.url, "NETRC": str(tmp_path / "netrc")}
    with LOGIN(bed.index):
        outcome = attempt(bed, "requirements.txt", app, env)
    expected = {"none": "No login was given", "wrong": "The login from the netrc file was not accepted", "netrc": ""}
    assert expected[kind] in outcome.said
    assert (outcome.error is None) == (kind == "netrc")
    assert WRONG not in outcome.said


def test_a_pinned_version_that_was_withdrawn_is_installed_with_its_reason(bed: Bed, tmp_path: Path) -> None:
    """PEP 592: an exact pin takes it; the user learns why that is no good idea."""
    app = write_app(tmp_path / "app", {"requirements.txt": "hello==1.1\n"})
    outcome = attempt(bed, "requirements.txt", app, {"PIP_INDEX_URL": bed.index.url})
    assert outcome.error is None
    (warning,) = (text for text in outcome.log.warnings if "withdrawn" in text)
    assert "hello==1.1" in warning
    assert "deletes the wrong rows" in warning


@pytest.mark.network
def test_pip_tells_of_a_withdrawn_version_too(bed: Bed, pip: Env, tmp_path: Path) -> None:
    """In other words than uv's."""
    app = write_app(tmp_path / "app", {"requirements.txt": "hello==1.1\n"})
    empty_environment(tmp_path / "venv")
    bed = replace(bed, venv=tmp_path / "venv")
    (warning,) = attempt(bed, "requirements.txt", app, {"PIP_INDEX_URL": bed.index.url}, pip).log.warnings
    assert "hello==1.1" in warning
    assert "deletes the wrong rows" in warning


PIPFILE = '[[source]]\nname = "here"\nurl = "{index}/simple/"\nverify_ssl = true\n[packages]\n{0} = "*"\n'
UNLOCKED = {
    "pyproject.toml": ("pyproject.toml", PROJECT),
    "setup.py": ("setup.cfg", "[metadata]\nname = app\nversion = 1\n[options]\ninstall_requires =\n  {0}\n"),
    "pipenv": ("Pipfile", PIPFILE),
    "requirements.txt": ("requirements.txt", "{0}\n"),
}


@pytest.mark.parametrize("trouble", [PackageIndex.down, FAILING, SLOW], ids=["down", "503", "slow"])
@pytest.mark.parametrize("manager", UNLOCKED)
def test_an_index_that_does_not_answer_can_be_told_from_one_that_refuses(
    bed: Bed, manager: str, trouble: Trouble, tmp_path: Path
) -> None:
    """Only PackageIndexUnreachable keeps the previous build's packages, so every unlocked declaration must raise it."""
    file, text = UNLOCKED[manager]
    app = write_app(tmp_path / "app", {file: text.replace("{0}", "hello").replace("{index}", bed.index.origin)})
    with trouble(bed.index):
        outcome = attempt(bed, manager, app, {"PIP_INDEX_URL": bed.index.url})
    assert type(outcome.error) is errors.PackageIndexUnreachable, outcome.said
    assert f"{bed.index.origin} did not answer" in outcome.error.what


def test_unlocked_declarations_other_than_requirements_are_explained(bed: Bed, tmp_path: Path) -> None:
    """A misspelt name and a refused index, in pyproject.toml and in a Pipfile."""
    for manager in ("pyproject.toml", "pipenv"):
        file, text = UNLOCKED[manager]
        for name, trouble, error in (
            ("helo", none, errors.PackageUnknown),
            ("newer", none, errors.PackageNotForPython),
            ("hello", LOGIN, errors.PackageIndexRefused),
        ):
            folder = tmp_path / f"of-{manager}" / error.code
            app = write_app(folder / "app", {file: text.replace("{0}", name).replace("{index}", bed.index.origin)})
            with trouble(bed.index):
                outcome = attempt(bed, manager, app, {"PIP_INDEX_URL": bed.index.url})
            assert type(outcome.error) is error, outcome.said
            assert file in outcome.error.what


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (LOGIN, errors.PackageIndexRefused),
        (FORBIDDEN, errors.PackageIndexRefused),
        (FAILING, errors.PackageIndexUnreachable),
        (TAMPERED, errors.PackageHashMismatch),
        (PackageIndex.down, errors.PackageIndexUnreachable),
    ],
    ids=["401", "403", "503", "tampered", "down"],
)
def test_a_failure_to_install_a_uv_lock_is_explained(
    bed: Bed, trouble: Trouble, error: type[BuildpackError], tmp_path: Path
) -> None:
    """A lock names files, so it is they that cannot be had."""
    source = f'[[tool.uv.index]]\nname = "here"\nurl = "{bed.index.url}"\ndefault = true\n'
    app = write_app(tmp_path / "app", {"pyproject.toml": PROJECT.format("hello") + source})
    lock_uv(app, tmp_path / "lock", tmp_path / "layers")
    env = (
        {"UV_INDEX_HERE_USERNAME": USER, "UV_INDEX_HERE_PASSWORD": WRONG} if error is errors.PackageIndexRefused else {}
    )
    with trouble(bed.index):
        outcome = attempt(bed, "uv", app, env)
    assert type(outcome.error) is error, outcome.said
    assert WRONG not in outcome.said
    assert ("login from UV_INDEX_HERE_PASSWORD" in outcome.said) == bool(env)


PYLOCK = (
    'lock-version = "1.0"\ncreated-by = "hand"\n{0}\n[[packages]]\nname = "hello"\nversion = "1.0"\n'
    'wheels = [{{url = "{1}", hashes = {{sha256 = "{2}"}}}}]\n'
)


@pytest.mark.parametrize(
    ("head", "file", "digest", "trouble", "error"),
    [
        ("", HELLO.name, "0" * 64, none, errors.PackageHashMismatch),
        ("", HELLO.name, HELLO.sha256, LOGIN, errors.PackageIndexRefused),
        ("", HELLO.name, HELLO.sha256, PackageIndex.down, errors.PackageIndexUnreachable),
        ("", "hello-1.0-cp399-cp399-linux_x86_64.whl", HELLO.sha256, none, errors.PackageNotForPython),
        ("", "hello-1.0-py2.py3-none-any.whl", HELLO.sha256, none, errors.PackageFileMissing),
        ('requires-python = ">=3.99"', HELLO.name, HELLO.sha256, none, errors.PythonNotAllowed),
    ],
    ids=["hash", "401", "down", "other wheel", "gone", "python"],
)
def test_a_failure_to_install_a_pylock_is_explained(  # a row has as many columns
    bed: Bed, head: str, file: str, digest: str, trouble: Trouble, error: type[BuildpackError], tmp_path: Path
) -> None:
    """The lock's own name is in what the user reads."""
    lock = PYLOCK.format(head, f"{bed.index.origin}/files/{file}", digest)
    app = write_app(tmp_path / "app", {"pylock.toml": lock})
    with trouble(bed.index):
        outcome = attempt(bed, "pylock.toml", app, {})
    assert type(outcome.error) is error, outcome.said
    assert "pylock.toml" in outcome.said
