"""Settings: the table, aliases, and variables that look like one of ours."""

from fnmatch import fnmatchcase

import pytest

from python_buildpack.settings import table
from python_buildpack.settings.declared import Value
from python_buildpack.settings.setting import SWITCH, Setting
from python_buildpack.settings.table import (
    LOG_LEVEL,
    MIRROR,
    PYTHON_VERSION,
    SETTINGS,
    SLIM,
)
from python_buildpack.settings.unknown import FOREIGN, foreign, unknown
from python_buildpack.settings.values import SettingInvalid, Settings


def test_our_name_goes_before_its_alias() -> None:
    """Both set: ours counts; only the alias set: the alias counts, and the log can name it."""
    both = Settings({"BP_PYTHON_VERSION": "3.12", "BP_CPYTHON_VERSION": "3.11"})
    assert both.get(PYTHON_VERSION) == Value("3.12", "BP_PYTHON_VERSION")
    assert Settings({"BP_CPYTHON_VERSION": "3.11"}).get(PYTHON_VERSION) == Value("3.11", "BP_CPYTHON_VERSION")


def test_a_trailing_newline_is_not_part_of_a_value() -> None:
    """Platforms hand over files verbatim, with the newline that an editor put there."""
    assert Settings({"BP_PYTHON_VERSION": "3.12\n"}).get(PYTHON_VERSION) == Value("3.12", "BP_PYTHON_VERSION")
    assert Settings({"BP_PYTHON_VERSION": " \n"}).get(PYTHON_VERSION) is None


@pytest.mark.parametrize(
    ("text", "on"), [("false", False), ("0", False), ("TRUE", True), ("perhaps", True), ("", True)]
)
def test_a_switch_that_says_neither_keeps_its_default(text: str, *, on: bool) -> None:
    """Only a clear word changes a switch."""
    assert Settings({SLIM.name: text}).is_on(SLIM, default=True) is on


WRONG = {
    "BP_PYTHON_INSTALLER": "conda",
    "BP_PYTHON_SLIM": "maybe",
    "BP_PYTHON_REFRESH": "sometimes",
    "BP_LOG_LEVEL": "loud",
    "DISABLE_COLLECTSTATIC": "maybe",
    "BP_DEBUG_ENABLED": "2",
}


def test_all_wrong_values_are_refused_at_once() -> None:
    """The user corrects them in one go: each is named as it was given, with what is allowed."""
    with pytest.raises(SettingInvalid) as caught:
        Settings(WRONG).check()
    assert all(f"{name} is {value}, but has to be " in caught.value.what for name, value in WRONG.items())
    assert "uv, pip, poetry, pdm or pipenv" in caught.value.what
    assert all(name in caught.value.cure for name in WRONG)


@pytest.mark.parametrize("setting", [setting for setting in SETTINGS if setting.values])
def test_allowed_values_pass_in_any_case(setting: Setting) -> None:
    """As they always did, with white space around them; a setting of the launch is not looked at in a build."""
    for value in setting.values:
        Settings({setting.name: f" {value.upper()}\n"}).check()
        Settings({setting.name: value.lower()}).check()


def test_a_setting_that_speaks_of_true_or_false_is_a_switch() -> None:
    """A new one cannot forget to say so."""
    speaking = [setting for setting in SETTINGS if setting.meaning.startswith(("true ", "false "))]
    assert speaking
    assert all(setting.values == SWITCH for setting in speaking)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("BP_PYTHN_VERSION", "BP_PYTHON_VERSION"),
        ("BP_PYTHON_GROUP", "BP_PYTHON_GROUPS"),
        ("BP_PYTHON_SLIM_INTERP", "BP_PYTHON_SLIM_INTERPRETER"),
        ("BP_CPYTHON_VERSON", "BP_CPYTHON_VERSION"),
    ],
)
def test_a_misspelt_setting_is_named_with_what_was_meant(name: str, meant: str) -> None:
    """However far it is from ours, where only ours begin like it."""
    assert list(unknown({name: "x"})) == [(name, meant)]


def test_a_name_that_only_ours_begin_like_is_named_though_it_resembles_none() -> None:
    """It does nothing, which the user should know; other buildpacks' variables are none of our business."""
    env = {"BP_PYTHON_QQQ": "1", "BP_NODE_VERSION": "20", LOG_LEVEL.name: "DEBUG", MIRROR.name: "x", "PORT": "1"}
    assert [name for name, _ in unknown(env)] == ["BP_PYTHON_QQQ"]


@pytest.mark.parametrize("name", ["GOOGLE_PYTHON_VERSION", "NIXPACKS_PYTHON_VERSION", "RAILPACK_PYTHON_VERSION"])
def test_other_builders_names_for_the_same_thing_count(name: str) -> None:
    """They are read, and so not named as having no effect."""
    assert Settings({name: "3.12"}).get(PYTHON_VERSION) == Value("3.12", name)
    assert list(foreign({name: "3.12"})) == []


@pytest.mark.parametrize(
    ("name", "builder", "hint"),
    [
        ("BP_POETRY_VERSION", "Paketo", "version of the tool"),
        ("BP_CONDA_SOLVER", "Paketo", "Conda is not used"),
        ("BP_PROCFILE_DEFAULT_PROCESS", "Paketo", "BP_START_COMMAND"),
        ("NIXPACKS_APT_PKGS", "Nixpacks", "System packages"),
        ("RAILPACK_DEPLOY_APT_PACKAGES", "Railpack", "System packages"),
        ("RAILPACK_SOMETHING", "Railpack", "nothing like it"),
        ("PYTHON_VERSION", "Render", "BP_PYTHON_VERSION"),
    ],
)
def test_other_builders_variables_are_known(name: str, builder: str, hint: str) -> None:
    """Each with what to do instead, and once: it is no misspelt one of ours besides."""
    ((found, row),) = foreign({name: "x", "GOOGLE_APPLICATION_CREDENTIALS": "x", "PATH": "/bin"})
    assert found == name
    assert builder in row.builder
    assert hint in row.instead
    assert list(unknown({name: "x"})) == []


def test_no_row_of_another_builder_is_hidden_by_one_before_it() -> None:
    """The first row that fits counts, so that a pattern comes after what it covers."""
    for index, row in enumerate(FOREIGN):
        name = row.name.replace("*", "X")
        assert next(i for i, other in enumerate(FOREIGN) if fnmatchcase(name, other.name)) == index, row.name


def test_the_table_has_every_setting() -> None:
    """One that it lacks would be taken for a misspelling of another, and be missing in the docs."""
    defined = {setting for setting in vars(table).values() if isinstance(setting, Setting)}
    assert defined <= set(SETTINGS)


def test_names_are_unique() -> None:
    """No variable means two things."""
    names = [name for setting in SETTINGS for name in setting.names]
    assert len(set(names)) == len(names)
