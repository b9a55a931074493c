"""Settings: the table, aliases, and variables that look like one of ours."""

import pytest

from python_buildpack import settings
from python_buildpack.platform.checks import REFUSED, EnvironmentUnsafe, check_environment
from python_buildpack.settings.table import (
    LOG_LEVEL,
    MIRROR,
    PYTHON_VERSION,
    SETTINGS,
    SLIM,
    Setting,
)
from python_buildpack.settings.values import Settings, Value, near_misses


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


def test_near_misses_are_found_and_foreign_names_are_not() -> None:
    """A slip in one of our names is noticed; other buildpacks' variables are none of our business."""
    env = {"BP_PYTHN_VERSION": "3.12", "BP_NODE_VERSION": "20", LOG_LEVEL.name: "DEBUG", MIRROR.name: "x", "PORT": "1"}
    assert near_misses(env) == (("BP_PYTHN_VERSION", "BP_PYTHON_VERSION"),)


def test_the_table_has_every_setting() -> None:
    """One that it lacks would be taken for a misspelling of another, and be missing in the docs."""
    defined = {setting for setting in vars(settings).values() if isinstance(setting, Setting)}
    assert defined <= set(SETTINGS)


def test_names_are_unique() -> None:
    """No variable means two things."""
    names = [name for setting in SETTINGS for name in (setting.name, *setting.aliases)]
    assert len(set(names)) == len(names)


def test_all_unsafe_variables_are_refused_at_once() -> None:
    """The user mends them in one go."""
    with pytest.raises(EnvironmentUnsafe) as caught:
        check_environment(dict.fromkeys(REFUSED, "x"))
    assert all(name in caught.value.what for name in REFUSED)


def test_an_ordinary_environment_passes() -> None:
    """Empty values do no harm."""
    check_environment({"PATH": "/bin", "PYTHONHOME": "", "PIP_INDEX_URL": "https://host/simple"})
