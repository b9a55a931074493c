"""[tool.terrarium] in pyproject.toml: what it says, in whichever notation, and what is wrong with it."""

from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.declared_settings import declared_settings, line_of
from python_buildpack.app.documents import ProjectFileInvalid
from python_buildpack.platform.subdirectory import app_folder
from python_buildpack.settings.declared import KEYS, Declared
from python_buildpack.settings.run_time import run_time_variables
from python_buildpack.settings.setting import Setting
from python_buildpack.settings.table import AUDIT_IGNORE, GROUPS, PYTHON_VERSION, SETTINGS, SLIM, SPLIT
from python_buildpack.settings.values import SettingInvalid, Settings


def declared(folder: Path, text: str | bytes) -> Declared:
    """Return what a pyproject.toml with this text declares."""
    raw = text.encode() if isinstance(text, str) else text
    (folder / "pyproject.toml").write_bytes(raw)
    return declared_settings(folder, folder)


SAME = {
    "table": '[tool.terrarium]\npython-version = "3.12"\ngroups = ["a", "b"]\nsplit = false\n',
    "crlf": '\ufeff[tool.terrarium]\r\npython-version = "3.12"\r\ngroups = [\r\n"a",\r\n"b"]\r\nsplit = false\r\n',
    "dotted": "tool.terrarium.python-version = '3.12'\n"
    "tool.terrarium.groups = ['a', 'b']\ntool.terrarium.split = false\n",
    "inline": '[tool]\nterrarium = { python-version = "3.12", groups = ["a", "b"], split = false }\n',
    "quoted": '["tool"."terrarium"]\n"python-version" = \'3.12\'\ngroups = ["a", "b"]\nsplit = false\n',
    "other names": '[tool.terrarium]\npython_version = "3.12"\nBP_PYTHON_GROUPS = ["a", "b"]\npython-split = false\n',
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_every_notation_says_the_same(text: str, tmp_path: Path) -> None:
    """The file is TOML, however it was written and saved; names may be those of the variables."""
    settings = Settings({}, declared(tmp_path, text))
    settings.check()
    assert settings.names(GROUPS) == ("a", "b")
    assert not settings.is_on(SPLIT, default=True)
    version = settings.get(PYTHON_VERSION)
    assert version is not None
    assert version.text == "3.12"
    assert "in pyproject.toml, [tool.terrarium]" in version.origin
    assert len(settings.declared_lines()) == 3


def test_the_platform_goes_first(tmp_path: Path) -> None:
    """By the name or an alias; what the file says is then named as not used."""
    found = declared(tmp_path, '[tool.terrarium]\npython-version = "3.12"\nprocesses.web = "a"\nprocesses.job = "b"\n')
    settings = Settings({"GOOGLE_PYTHON_VERSION": "3.11", "BP_START_COMMAND": "c"}, found)
    assert {name: value.text for name, value in settings.given()} == {
        "BP_PYTHON_VERSION": "3.11",
        "BP_PYTHON_PROCESS_web": "c",
        "BP_PYTHON_PROCESS_job": "b",
    }
    assert [line for line in settings.declared_lines() if "not used" in line] == [
        "python-version in pyproject.toml, [tool.terrarium]: not used, because the build's environment says otherwise",
        "processes.web in pyproject.toml, [tool.terrarium]: not used, because the build's environment says otherwise",
    ]
    assert {kind: value.text for kind, value in Settings({}, found).commands().items()} == {"web": "a", "job": "b"}


WRONG = {
    "python-version = 3.12": "python-version is a number, but has to be a text, in quotes",
    'split = "false"': 'split is "false", but has to be true or false, without quotes',
    'groups = "dev"': 'groups is "dev", but has to be a list of names in quotes',
    'extras = ["a b"]': 'extras is ["a b"], but has to be a list of names in quotes, without spaces',
    "extras = [1]": "extras is a list, but has to be a list of names",
    'installer = "conda"': 'installer is "conda", but has to be uv, pip, poetry, pdm or pipenv, in quotes',
    'install-timeout = "60"': 'install-timeout is "60", but has to be a number of seconds, without quotes',
    "install-timeout = -5": "install-timeout is a number, but has to be a number of seconds",
    "install-timeout = true": "install-timeout is true, but has to be a number of seconds",
    'start-command = " "': "start-command is empty, but has to be a text, in quotes",
    "start-command.web = 'x'": "start-command is a table, but has to be a text",
    "exclude-newer = 10:30:00": "exclude-newer is a time, but has to be a day",
    "exclude-newer = 2026-01-31T12:00:00": "exclude-newer is a date or a time, but has to be a day",
    'processes = "web"': 'processes is "web", but has to be a table',
    "processes.web = ['a']": 'processes.web is ["a"], but has to be a text in quotes',
    "processes.'Web x' = 'a'": "Web x in processes has to be a type of lower-case letters",
    "run-env.A = 1": "run-env.A is a number, but has to be a text in quotes",
    "run-env.'A-B' = '1'": "A-B in run-env has to be the name of an environment variable",
    "split = true\nBP_PYTHON_SPLIT = true": "BP_PYTHON_SPLIT says again what split says",
}


@pytest.mark.parametrize(("text", "fault"), WRONG.items(), ids=WRONG)
def test_what_is_wrong_ends_the_build_with_its_line(text: str, fault: str, tmp_path: Path) -> None:
    """A value of another type, or one that is not allowed: file, line, what it is and what it has to be."""
    settings = Settings({}, declared(tmp_path, f"[project]\nname = 'x'\n\n[tool.terrarium]\n# a comment\n{text}\n"))
    with pytest.raises(SettingInvalid) as caught:
        settings.check()
    line = 6 + text.count("\n")
    assert f"pyproject.toml, line {line}: {fault}" in caught.value.what


def test_all_wrong_values_are_in_one_message(tmp_path: Path) -> None:
    """Those of the file and of the environment; the user corrects them in one go."""
    found = declared(tmp_path, '[tool.terrarium]\nslim = "no"\naudit = "never"\n')
    with pytest.raises(SettingInvalid) as caught:
        Settings({"BP_PYTHON_REFRESH": "sometimes"}, found).check()
    assert caught.value.what.count("but has to be") == 3
    assert "environment" in caught.value.cure
    assert "[tool.terrarium]" in caught.value.cure


def test_a_table_that_is_none_is_refused(tmp_path: Path) -> None:
    """A string, or an array of tables."""
    for text in ('[tool]\nterrarium = "slim"\n', "[[tool.terrarium]]\nslim = true\n"):
        (line,) = declared(tmp_path, text).wrong
        assert "[tool.terrarium] is a" in line


def test_unknown_keys_are_named_with_what_was_meant(tmp_path: Path) -> None:
    """As unknown variables: they do nothing, which the user should know; a container's variable belongs elsewhere."""
    text = '[tool.terrarium]\nslimm = true\npython-verion = "3"\nqqq.a = 1\nweb-concurrency = "2"\n'
    assert declared(tmp_path, text).without_effect == (
        "pyproject.toml, line 2: [tool.terrarium] has slimm, which is not a setting; slim is.",
        "pyproject.toml, line 3: [tool.terrarium] has python-verion, which is not a setting; python-version is.",
        "pyproject.toml, line 4: [tool.terrarium] has qqq, which is not a setting.",
        "pyproject.toml, line 5: [tool.terrarium] has web-concurrency, which a container reads: write it as "
        "run-env.WEB_CONCURRENCY.",
    )


def test_thousands_of_wrong_keys_are_told_briefly(tmp_path: Path) -> None:
    """The first ten with their lines, in a short time."""
    found = declared(tmp_path, "[tool.terrarium]\n" + "".join(f"k{number} = 1\n" for number in range(5000)))
    assert len(found.without_effect) == 11
    assert "4990 more" in found.without_effect[-1]


@pytest.mark.parametrize("setting", [one for one in SETTINGS if one.platform_only], ids=lambda one: one.name)
def test_an_app_cannot_say_what_is_the_platforms(setting: Setting, tmp_path: Path) -> None:
    """What protects a build, and what depends on its place: it has no effect, and the log says why."""
    found = declared(tmp_path, f"[tool.terrarium]\n{setting.key} = 'http://evil.example'\n")
    assert found.values == {}
    (line,) = found.without_effect
    assert f"only the platform can set {setting.name}, because {setting.platform_only}" in line


def test_no_switch_that_protects_can_be_weakened(tmp_path: Path) -> None:
    """What the platform asks for counts, whatever the file says; what an audit ignores is then the platform's, too."""
    text = '[tool.terrarium]\naudit = "off"\naudit-ignore = ["CVE-1"]\nrequire-hashes = false\nonly-binary = false\n'
    found = declared(tmp_path, text)
    strict = {"BP_PYTHON_AUDIT": "fail", "BP_PYTHON_REQUIRE_HASHES": "true", "BP_PYTHON_ONLY_BINARY": "true"}
    assert {value.text for _, value in Settings(strict, found).given()} == {"fail", "true"}
    assert Settings({}, found).names(AUDIT_IGNORE) == ("CVE-1",)
    assert Settings(strict, found).names(AUDIT_IGNORE) == ()


def test_keys_are_unique_and_short() -> None:
    """Two settings never have one key; the key is the variable's name without what it begins with."""
    assert len(KEYS) == len([one for one in SETTINGS if one.phase == "build"]) - 1
    assert KEYS["slim-interpreter"] is SLIM
    assert {"python-version", "groups", "start-command", "debug", "oci-title", "disable-collectstatic"} <= set(KEYS)


def test_a_member_goes_before_its_workspace(tmp_path: Path) -> None:
    """BP_PYTHON_SUBDIRECTORY names a member: its own table counts first, and the root's fills the rest."""
    files = {
        "pyproject.toml": '[tool.uv.workspace]\nmembers = ["api"]\n[tool.terrarium]\nslim = true\nsplit = true\n',
        "api/pyproject.toml": '[project]\nname = "api"\nversion = "1"\n[tool.terrarium]\nsplit = false\nslimm = 1\n',
    }
    folder = app_folder(write_app(tmp_path, files), {"BP_PYTHON_SUBDIRECTORY": "api"})
    found = folder.declared(tmp_path)
    assert {value.origin: value.text for value in found.values.values()} == {
        "slim in pyproject.toml, [tool.terrarium]": "true",
        "split in api/pyproject.toml, [tool.terrarium]": "false",
    }
    assert found.without_effect[0].startswith("api/pyproject.toml, line 6: ")


def test_a_folder_that_is_the_app_has_its_own_file(tmp_path: Path) -> None:
    """The repository's root is not the app then, and links that lead out of the upload are not followed."""
    files = {"pyproject.toml": "[tool.terrarium]\nslim = true\n", "api/requirements.txt": ""}
    folder = app_folder(write_app(tmp_path / "up", files), {"BP_PYTHON_SUBDIRECTORY": "api"})
    assert folder.declared(tmp_path / "up") == Declared()
    (tmp_path / "pyproject.toml").write_text("[tool.terrarium]\nslim = true\n", encoding="utf-8")
    (tmp_path / "up/api/pyproject.toml").symlink_to(tmp_path / "pyproject.toml")
    assert folder.declared(tmp_path / "up") == Declared()


def test_a_broken_file_matters_only_with_the_table(tmp_path: Path) -> None:
    """Otherwise a manager that needs the file says so, and one that does not need it does not mind."""
    assert declared(tmp_path, "name = terrarium\n") == Declared()
    with pytest.raises(ProjectFileInvalid, match="line 2"):
        declared(tmp_path, "[tool.terrarium]\nslim = tru\n")


@pytest.mark.parametrize(
    ("text", "keys", "line"),
    [
        ("a = 1\n[t]\nb = [\n 1,\n 2]\n", ("t", "b"), 3),
        ("[t]\nc = '''\nb = 1\n'''\nb = 2\n", ("t", "b"), 5),
        ("[t]\n# b\n\nx = { b = 1 }\n", ("t", "x", "b"), 4),
        ("# t\nt = 1\n", ("t",), 2),
    ],
)
def test_the_line_is_that_of_the_statement(text: str, keys: tuple[str, ...], line: int) -> None:
    """Also of a value over several lines, and not that of a comment or of a text with the same word."""
    assert line_of(text, keys) == line


def test_the_variables_of_containers(tmp_path: Path) -> None:
    """Each kind by its name, with the delimiter; the file's defaults yield to the platform's."""
    found = declared(tmp_path, "[tool.terrarium.run-env]\nA = '1'\nB = '2'\nC = ''\n")
    env = {"BPE_A": "x", "BPE_APPEND_PATH": "/a", "BPE_PREPEND_PATH": "/b", "BPE_DELIM_PATH": ":", "BPE_DEFAULT_D": ""}
    got = run_time_variables(Settings({**env, "BPE_OVERRIDE_A": "y", "PATH": "/"}, found))
    assert [(one.kind, one.name, one.value, one.delimiter) for one in got] == [
        ("OVERRIDE", "A", "y", ""),
        ("DEFAULT", "D", "", ""),
        ("APPEND", "PATH", "/a", ":"),
        ("PREPEND", "PATH", "/b", ":"),
        ("DEFAULT", "B", "2", ""),
        ("DEFAULT", "C", "", ""),
    ]


@pytest.mark.parametrize("name", ["BPE_", "BPE_APPEND_", "BPE_A.B", "BPE_1"])
def test_what_is_no_name_is_refused(name: str) -> None:
    """It would be a file of another meaning in the layer."""
    with pytest.raises(SettingInvalid, match="not the name of an environment variable"):
        run_time_variables(Settings({name: "x"}))


def test_looking_for_a_line_has_an_end(tmp_path: Path) -> None:
    """In a document of which not all beginnings can be tried, the first line that has the key counts."""
    rest = "".join(f"a{number} = '{'x' * 1_900}'\n" for number in range(100))
    (sentence,) = declared(tmp_path, f"# wrong\n[other]\n{rest}[tool.terrarium]\nwrong = 1\n").without_effect
    assert sentence.startswith("pyproject.toml, line 1:")
