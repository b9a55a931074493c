"""What platforms and apps demand of packages, in the words of each installer."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from python_buildpack.app.project import scan
from python_buildpack.package_managers.failures.errors import SourceBuildRefused
from python_buildpack.package_managers.interface import Resolution
from python_buildpack.package_managers.policy import (
    HashesRequired,
    PlainHttpRefused,
    check_encrypted,
    check_hashes,
    check_wheels,
    newest,
    policy_of,
    tool_policy,
    uv_policy,
    with_lines,
)
from python_buildpack.package_managers.requirement_files import RequirementLine
from python_buildpack.package_managers.source_options import (
    OF_PIP,
    refuse_named_files,
    refuse_source_lines,
    refuse_source_options,
    refuse_sources,
)
from python_buildpack.settings.values import SettingInvalid, Settings

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
NONE = Settings({})
WHEELS = Settings({"BP_PYTHON_ONLY_BINARY": "true"})
HASHES = Settings({"BP_PYTHON_REQUIRE_HASHES": "true"})
HOME = {"HOME": "/nonexistent", "XDG_CONFIG_DIRS": "/nonexistent"}


@pytest.mark.parametrize(
    ("given", "limit"),
    [
        ("2026-01-31", "2026-01-31T00:00:00Z"),
        ("2026-01-31T10:00:00+02:00", "2026-01-31T10:00:00+02:00"),
        ("7 days", "2026-11-23T12:00:00Z"),
        ("1 day", "2026-11-29T12:00:00Z"),
        ("36 hours", "2026-11-29T00:00:00Z"),
        ("2 WEEKS", "2026-11-16T12:00:00Z"),
    ],
)
def test_a_limit_of_age(given: str, limit: str) -> None:
    """Days, times and ages; all are values that the setting may have."""
    settings = Settings({"BP_PYTHON_EXCLUDE_NEWER": given})
    settings.check()
    assert newest(settings, NOW) == limit


@pytest.mark.parametrize("given", ["soon", "2026-1-1", "7 years", "-7 days", "7", "2026-01-31 12:00"])
def test_a_limit_that_is_none_is_refused(given: str) -> None:
    """With the forms that it may have."""
    with pytest.raises(SettingInvalid, match=r"BP_PYTHON_EXCLUDE_NEWER is .+ a day such as"):
        Settings({"BP_PYTHON_EXCLUDE_NEWER": given}).check()


def test_without_settings_nothing_changes() -> None:
    """No option, no variable, and nothing in the key."""
    assert uv_policy(NONE, ("pip", "compile"), NOW) == ((), {})
    assert tool_policy(NONE, NOW) == {}
    assert policy_of(NONE) == "none"


@pytest.mark.parametrize(
    ("name", "counts"),
    [("ARCH_LIST", True), ("EDITION_OF_LIB", True), ("OTHER", False), ("INDEX_PASSWORD", False), ("DSN", False)],
)
def test_a_variable_that_the_user_names_for_builds_counts_by_its_value(name: str, counts: bool) -> None:
    """What was compiled with another value is not used again. Secrets may differ in every build, and have no digest."""
    allowed = {"BP_PYTHON_BUILD_ENV": "ARCH_LIST, EDITION_*, INDEX_PASSWORD DSN"}
    one, other = (Settings({**allowed, name: value}) for value in ("8.0;9.0", "9.0;10.0"))
    assert (policy_of(one) != policy_of(other)) is counts


def test_all_variables_for_builds_do_not_count_by_their_values() -> None:
    """Among them is the number of the build."""
    first, second = (policy_of(Settings({"BP_PYTHON_BUILD_ENV": "*", "BUILD_NUMBER": text})) for text in "12")
    assert first == second != policy_of(NONE)


@pytest.mark.parametrize(
    ("argv", "options"),
    [(("pip", "compile"), ("--only-binary", ":all:")), (("sync", "--locked"), ("--no-build",))],
    ids=["pip", "sync"],
)
def test_wheels_only_for_uv(argv: tuple[str, ...], options: tuple[str, ...]) -> None:
    """Uv has two names for it."""
    assert uv_policy(WHEELS, argv, NOW)[0] == options


@pytest.mark.parametrize(
    ("argv", "limited"),
    [
        (("pip", "compile", "x"), True),
        (("pip", "install", "--no-deps"), True),
        (("pip", "install", "--verify-hashes"), False),
        (("pip", "sync", "pylock.toml"), False),
        (("sync", "--locked"), False),
    ],
)
def test_an_age_is_for_what_the_build_chooses(argv: tuple[str, ...], limited: bool) -> None:
    """A lock is installed as it is; uv would take it for out of date otherwise."""
    settings = Settings({"BP_PYTHON_EXCLUDE_NEWER": "2026-01-31"})
    assert bool(uv_policy(settings, argv, NOW)[1]) is limited


UV_LOCK = """
[[package]]
name = "shop"
version = "1"
source = { virtual = "." }
[[package]]
name = "idna"
version = "3.10"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://x/idna.tar.gz", HASH }
[[package]]
name = "tool"
version = "1"
source = { git = "https://host/tool.git?rev=1#0123" }
"""
POETRY_LOCK = """
[[package]]
name = "idna"
version = "3.10"
files = [
    {file = "idna-3.10-py3-none-any.whl", HASH},
]
[[package]]
name = "lib"
version = "1"
files = []
[package.source]
type = "directory"
url = "lib"
"""
PYLOCK = '[[packages]]\nname = "idna"\nversion = "3.10"\nwheels = [{ url = "https://x/idna.whl", hashes = { HASH } }]\n'
PIPFILE_LOCK = """{
    "default": {
        "idna": {
            "hashes": [
                "HASH"
            ],
            "version": "==3.10"
        }
    }
}"""
LOCKS = {
    "uv.lock": (UV_LOCK, 'hash = "sha256:aa"'),
    "poetry.lock": (POETRY_LOCK, 'hash = "sha256:aa"'),
    "pylock.toml": (PYLOCK, 'sha256 = "aa"'),
    "Pipfile.lock": (PIPFILE_LOCK, "sha256:aa"),
    "requirements.txt": ("requirements.txt:idna==3.10 HASH\n", "--hash=sha256:aa"),
}


@pytest.mark.parametrize("file", LOCKS)
def test_every_package_of_a_lock_needs_a_hash(file: str) -> None:
    """But not the app itself, directories of it, and repositories at a commit."""
    text, hashed = LOCKS[file]
    check_hashes(HASHES, Resolution.of(text.replace("HASH", hashed), "", is_locked=True), file)
    with pytest.raises(HashesRequired, match=f"{file} has no hash for idna"):
        check_hashes(HASHES, Resolution.of(text.replace("HASH", ""), "", is_locked=True), file)


def test_what_the_build_resolves_has_no_hashes() -> None:
    """The message has the commands that write a lock; without the setting, nothing is said."""
    resolved = Resolution.of("idna==3.10\n", "")
    check_hashes(NONE, resolved, "requirements.txt")
    with pytest.raises(HashesRequired, match=r"requirements\.txt does not say which files") as found:
        check_hashes(HASHES, resolved, "requirements.txt")
    assert "--generate-hashes" in found.value.cure


def test_sources_in_a_lock_are_refused_where_only_wheels_may_be() -> None:
    """Poetry and PDM would build directories and repositories all the same."""
    check_wheels(NONE, POETRY_LOCK, "poetry.lock")
    with pytest.raises(SourceBuildRefused, match=r"lib in poetry\.lock"):
        check_wheels(WHEELS, POETRY_LOCK, "poetry.lock")
    pdm = '[[package]]\nname = "a"\npath = "./a"\n[[package]]\nname = "b"\npath = "./b-1-py3-none-any.whl"\n'
    with pytest.raises(SourceBuildRefused, match=r", but a in pdm\.lock"):
        check_wheels(WHEELS, pdm, "pdm.lock")


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"PIP_INDEX_URL": "http://me:secret@index.example/simple"}, ""),
        ({"UV_INDEX": "a=https://a.example b=http://index.example/x"}, ""),
        ({}, "--extra-index-url http://index.example/simple"),
        ({}, "idna @ http://index.example/idna.whl"),
        ({}, "git+http://index.example/x.git"),
    ],
)
def test_addresses_over_http_are_refused(env: dict[str, str], named: str) -> None:
    """In variables, options and requirements: with the place and the host, and without the login."""
    given = [("requirements.txt, line 3", named)]
    with pytest.raises(PlainHttpRefused, match=r"names http://index\.example") as found:
        check_encrypted(NONE, {**HOME, **env}, given)
    assert "secret" not in str(found.value)
    check_encrypted(NONE, {**HOME, **env, "PIP_TRUSTED_HOST": "index.example"}, given)
    check_encrypted(NONE, {**HOME, **env}, given, ["index.example"])
    check_encrypted(Settings({"BP_PYTHON_ALLOW_HTTP": "true"}), {**HOME, **env}, given)


def test_an_address_over_http_is_named_with_its_line() -> None:
    """Of a table, too, which becomes requirements and options first; not where a variable was filled in."""
    content = '[packages]\nflask = "*"\n[[source]]\nurl = "http://index.example/simple"\n'
    texts = ("flask", "http://index.example/simple", "http://other.example/simple")
    assert list(with_lines(texts, "Pipfile", content)) == [
        ("Pipfile", "flask"),
        ("Pipfile, line 4", "http://index.example/simple"),
        ("Pipfile", "http://other.example/simple"),
    ]


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/simple", "http://localhost/simple", "https://index.example"])
def test_other_addresses_are_allowed(url: str) -> None:
    """Nobody is on the way to the machine itself."""
    check_encrypted(NONE, {**HOME, "PIP_INDEX_URL": url}, [])


@pytest.mark.parametrize("name", ["UV_NO_BINARY", "UV_NO_BINARY_PACKAGE"])
def test_a_variable_makes_no_exception_to_wheels_only(name: str, tmp_path: Path) -> None:
    """Uv sync and uv export prefer it to their option; what is like pip has no such variable."""
    settings, project = WHEELS, scan(tmp_path)
    with pytest.raises(SourceBuildRefused, match=name):
        refuse_source_options(settings, project, {name: "sourced"}, ("sync",))
    for variables, argv in (
        ({name: "sourced"}, ("pip", "install")),
        ({name: "0"} if name[-1] == "Y" else {}, ("sync",)),
    ):
        refuse_source_options(settings, project, variables, argv)
    refuse_source_options(NONE, project, {name: "sourced"}, ("sync",))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "--no-binary sourced",
            "--no-binary=:all:",
            "--no-binary\tsourced",
            "--no-bin sourced",
            '--no-"binary" sourced',
        ),
        *("--pre --no-binary sourced", "sourced --no-binary=sourced", "${HOW} sourced", "sourced ${HOW} sourced"),
        *("-e ./project", "-e./project", "--editable=project", "--edit project", "--pre -e ."),
        *("-r https://host/lines.txt", "--requirement=file:///lines.txt"),
    ],
)
def test_no_line_asks_for_a_build_where_only_wheels_may_be(text: str) -> None:
    """As pip reads lines: shortened options, several on a line, in quotes, by variables, in files of others."""
    line = RequirementLine("requirements.txt", 3, text)
    with pytest.raises(SourceBuildRefused, match=r"requirements\.txt, line 3"):
        refuse_source_lines(WHEELS, {"HOW": "--no-binary"}, [line])
    refuse_source_lines(NONE, {"HOW": "--no-binary"}, [line])


@pytest.mark.parametrize(
    "text",
    [
        *("--no-binary :none:", "--no-index", "--extra-index-url https://host/-e", "idna==3.8 --hash=sha256:ab12"),
        *("idna ; extra == '-e'", "idna[all]>=3", "--pre", "--only-binary :all:", "-r more.txt"),
    ],
)
def test_other_lines_may_stay_where_only_wheels_may_be(text: str) -> None:
    """They ask for nothing that is built."""
    line = RequirementLine("requirements.txt", 3, text)
    refuse_source_lines(WHEELS, {}, [line])
    refuse_sources(WHEELS, {}, [line])


@pytest.mark.parametrize(
    ("text", "is_source"),
    [
        *((text, True) for text in ("./project", "vendor/x-1.0.tar.gz", "x-1.0.zip", "git+https://host/x@main#egg=x")),
        *(
            (text, True)
            for text in (
                "-c https://host/lines.txt",
                "x @ https://host/x.zip",
                "x@git+https://host/x",
                "x @ ${AT}",
                "project/[all]",
            )
        ),
        *((text, False) for text in ("./x-1-py3-none-any.whl[all] ; python_version > '3'", "x.y.zipper", "x[all]==1")),
        *((text, False) for text in ("x @ https://host/x-1-py3-none-any.whl#sha256=ab", "-f ./wheels", "--pre")),
    ],
)
def test_what_pip_would_build_by_its_place(text: str, is_source: bool) -> None:
    """Its option for wheels only is for what comes from an index."""
    line, env = RequirementLine("requirements.txt", 3, text), {"AT": "file:///x.tar.gz"}
    if is_source:
        with pytest.raises(SourceBuildRefused, match=r"requirements\.txt, line 3"):
            refuse_sources(WHEELS, env, [line])
    else:
        refuse_sources(WHEELS, env, [line])


@pytest.mark.parametrize("place", ["named.toml", "app/uv.toml", "uv.toml", "pyproject.toml", "home/.config/uv/uv.toml"])
def test_no_file_of_uv_makes_an_exception_to_wheels_only(place: str, tmp_path: Path) -> None:
    """One that a variable names counts even where uv looks for none; others are above the app, and the user's."""
    (tmp_path / "app").mkdir()
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    content = 'no-binary-package = ["sourced"]\n'
    file.write_text(f"[tool.uv]\n{content}" if place == "pyproject.toml" else content, encoding="utf-8")
    project = scan(tmp_path / "app", tmp_path)
    env = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_DIRS": "/nonexistent"}
    env |= {"UV_CONFIG_FILE": "../named.toml"} if place == "named.toml" else {}
    with pytest.raises(SourceBuildRefused, match="no-binary-package in"):
        refuse_source_options(WHEELS, project, env, ("sync",))
    if place == "named.toml":
        with pytest.raises(SourceBuildRefused, match="no-binary-package in"):
            refuse_source_options(WHEELS, project, env, ("pip", "install", "--no-config"))
    else:
        refuse_source_options(WHEELS, project, env, ("pip", "install", "--no-config"))


@pytest.mark.parametrize(
    ("name", "value", "content", "is_refused"),
    [
        ("PIP_EDITABLE", "./project", "", True),
        ("PIP_REQUIREMENT", "more.txt", "--no-binary \\\n sourced\n", True),
        ("PIP_REQUIREMENT", "more.txt", "idna==3.8 # not -e .\n# --no-binary sourced\n", False),
        ("PIP_CONSTRAINT", "other.txt more.txt", "-c deeper.txt\n", True),
        ("PIP_CONSTRAINT", "https://host/lines.txt", "", True),
        ("PIP_CONSTRAINT", "more.txt", "idna<4\n", False),
    ],
)
def test_files_that_variables_name_make_no_exception_to_wheels_only(
    name: str, value: str, content: str, is_refused: bool, tmp_path: Path
) -> None:
    """Pip reads them as it reads those of the app; uv takes options from overrides."""
    (tmp_path / "more.txt").write_text(content, encoding="utf-8")
    env, project = {**HOME, name: value}, scan(tmp_path)
    if not is_refused:
        refuse_named_files(WHEELS, env, tmp_path, OF_PIP)
        return
    with pytest.raises(SourceBuildRefused, match=name):
        refuse_named_files(WHEELS, env, tmp_path, OF_PIP)
    if name != "PIP_EDITABLE":
        with pytest.raises(SourceBuildRefused, match="UV_OVERRIDE"):
            refuse_source_options(WHEELS, project, {**HOME, "UV_OVERRIDE": value}, ("pip", "install"))
