"""The newest Python that pins support: from the compatibility table, and from what the index has."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.version import Version

from python_buildpack.app.project import scan
from python_buildpack.decide.pins.answer import Inferred
from python_buildpack.decide.pins.search import infer_minor
from python_buildpack.package_managers.compatibility import (
    TABLE,
    Table,
    needed_constraints,
    read_table,
    undeclared_needs,
)
from python_buildpack.package_managers.exact_pins import pins_in, read_pins
from python_buildpack.package_managers.interface import Trial
from python_buildpack.package_managers.pinned import ConditionalPin, Pinned
from python_buildpack.package_managers.requirement_files import read_requirement_files

MINORS = ("3.14", "3.13", "3.12", "3.11", "3.10", "3.9")
NOTHING_KNOWN = Table((), ())


def index(wheels: Mapping[str, set[str]]) -> Trial:
    """Return a trial on an index that has these wheels for these minors only, and all others for all."""

    def trial(pins: Mapping[str, Version], minor: str) -> str | None:
        return next((name for name in pins if minor not in wheels.get(name, {minor})), None)

    return trial


EVERYTHING = index({})


def pins(**versions: str) -> Pinned:
    return Pinned({name.replace("_", "-"): Version(version) for name, version in versions.items()})


def test_pins_that_run_on_the_default_decide_nothing() -> None:
    """A recent app gets the default, without a word."""
    assert infer_minor(pins(flask="3.1.0"), MINORS, read_table(), EVERYTHING) is None


@pytest.mark.parametrize(
    ("pinned", "minor", "word"),
    [
        ({"django": "4.0.1"}, "3.12", "cgi"),
        ({"django": "2.2.28"}, "3.11", "distutils"),
        ({"django": "4.2.1"}, None, ""),
        ({"sqlalchemy": "2.0.25"}, "3.12", "sqlalchemy 2.0.25"),
        ({"sqlalchemy": "1.4.50"}, None, ""),
        ({"werkzeug": "2.2.3"}, "3.13", "ast.Str"),
        ({"celery": "4.4.7", "django": "4.0.1"}, "3.10", "celery"),
        ({"celery": "5.2.3"}, "3.11", "pkg_resources"),
        ({"celery": "5.2.6"}, None, ""),
        ({"setuptools": "65.5.0"}, "3.11", "pkg_resources"),
        ({"setuptools": "66.1.0"}, None, ""),
        ({"flask": "1.0.2"}, "3.9", "MutableMapping"),
        ({"tornado": "5.1.1"}, "3.9", "MutableMapping"),
        ({"django": "2.0.13"}, "3.9", "Iterator"),
        ({"django": "2.1.15"}, "3.11", "distutils"),
        ({"opencv-python-headless": "4.8.1.78"}, "3.12", "numpy 1"),
    ],
)
def test_known_facts_decide(pinned: dict[str, str], minor: str | None, word: str) -> None:
    """The table's rows, one by one and together; the reason names the pin."""
    inferred = infer_minor(pins(**pinned), MINORS, read_table(), EVERYTHING)
    assert (inferred.minor if inferred else None) == minor
    assert word in (inferred.because if inferred else "")


def test_a_pin_without_a_wheel_for_newer_versions_decides() -> None:
    """Numpy 1.24.0 has wheels up to 3.11, so that is the Python of the app."""
    trial = index({"numpy": {"3.8", "3.9", "3.10", "3.11"}})
    inferred = infer_minor(pins(numpy="1.24.0", flask="3.1.0"), MINORS, NOTHING_KNOWN, trial)
    assert inferred == Inferred("3.11", "numpy 1.24.0 has no wheel for a newer one")


def test_a_pin_that_never_has_a_wheel_decides_nothing() -> None:
    """It is built from source on any version."""
    trial = index({"pure-old": set(), "numpy": {"3.12"}})
    assert infer_minor(pins(pure_old="1"), MINORS, NOTHING_KNOWN, trial) is None
    inferred = infer_minor(pins(pure_old="1", numpy="2"), MINORS, NOTHING_KNOWN, trial)
    assert inferred is not None
    assert inferred.minor == "3.12"


def test_a_pin_that_has_wheels_for_older_versions_only_asks_for_the_oldest() -> None:
    """Psycopg2-binary 2.8.5 of a Django tutorial of 2020: its source compiles on 3.9, and no longer on 3.11."""
    trial = index({"psycopg2-binary": {"3.8", "3.7"}, "pure-old": set()})
    inferred = infer_minor(pins(django="2.2.13", psycopg2_binary="2.8.5", pure_old="1"), MINORS, read_table(), trial)
    because = "psycopg2-binary 2.8.5 has wheels for Python 3.8 and older only, to which this is the nearest"
    assert inferred == Inferred("3.9", because)


def test_the_oldest_version_is_one_that_the_other_pins_have() -> None:
    """One old pin among recent ones: these have the last word."""
    trial = index({"regex": {"3.8"}, "django": {"3.14", "3.13", "3.12"}, "numpy": {"3.14"}})
    inferred = infer_minor(pins(regex="2020.1.8", django="5.2"), MINORS, NOTHING_KNOWN, trial)
    assert (inferred.minor if inferred else None) == "3.12"
    assert infer_minor(pins(regex="2020.1.8", numpy="2.3.5"), MINORS, NOTHING_KNOWN, trial) is None


def test_the_oldest_limit_counts() -> None:
    """Of several pins the one that rules out most decides."""
    trial = index({"a": {"3.13", "3.12", "3.11"}, "b": {"3.11", "3.10"}})
    inferred = infer_minor(pins(a="1", b="1"), MINORS, NOTHING_KNOWN, trial)
    assert inferred is not None
    assert (inferred.minor, "b 1" in inferred.because) == ("3.11", True)


def test_an_old_gunicorn_holds_setuptools_back() -> None:
    """Gunicorn 20 imports pkg_resources at start."""
    assert set(needed_constraints(pins(gunicorn="20.1.0").versions, read_table())) == {"setuptools<81"}
    assert undeclared_needs(pins(gunicorn="20.1.0", jinja2="2.11").versions, read_table()) == ("setuptools<81",)
    assert needed_constraints(pins(gunicorn="21.2.0").versions, read_table()) == {}
    assert needed_constraints(pins(gunicorn="20.1.0", setuptools="82").versions, read_table()) == {}, "the author knows"


@pytest.mark.parametrize(
    ("pinned", "constraints"),
    [
        ({"flask": "1.1.2"}, {"jinja2<3.1", "itsdangerous<2.1", "werkzeug<2.1"}),
        ({"flask": "1.1.4"}, {"markupsafe<2.1"}),
        ({"flask": "2.0.3"}, {"werkzeug<3"}),
        ({"flask": "2.0.3", "werkzeug": "2.0.3"}, set()),
        ({"flask": "2.3.3"}, set()),
        ({"pandas": "1.5.3"}, {"numpy<2"}),
        ({"pandas": "2.1.2"}, set()),
    ],
)
def test_a_pin_whose_dependencies_moved_on_holds_them_back(pinned: dict[str, str], constraints: set[str]) -> None:
    """Flask==2.0.3 and nothing else pinned: Flask allows every later Werkzeug, and cannot import it."""
    assert set(needed_constraints(pins(**pinned).versions, read_table())) == constraints


def test_pins_are_read_from_lines_that_allow_one_version(tmp_path: Path) -> None:
    """Ranges, wildcards, URLs and options are no pins."""
    lines = "Flask==2.0.1 --hash=sha256:00\nrich>=1\nx==1.*\nDjango_Thing[extra]==1.0 ; python_version < '4'\n-e .\n"
    (tmp_path / "requirements.txt").write_text(lines, encoding="utf-8")
    files = read_requirement_files(scan(tmp_path), "requirements.txt")
    assert read_pins(files.lines).at("3.12") == {"flask": Version("2.0.1"), "django-thing": Version("1.0")}


def test_a_pin_for_older_versions_of_python_says_nothing_of_newer_ones() -> None:
    """The backport of a module: its only wheels are for the versions that lack the module."""
    pinned = pins_in(["Django==5.0", "backports.zoneinfo==0.2.1;python_version<'3.9'"])
    trial = index({"backports-zoneinfo": {"3.8", "3.7"}, "django": {"3.13", "3.12"}})
    assert infer_minor(pinned, MINORS, NOTHING_KNOWN, trial) == Inferred(
        "3.13", "django 5.0 has no wheel for a newer one"
    )


def test_of_pins_for_several_versions_of_python_each_counts_for_its_own() -> None:
    """One line for old Pythons and one for the others; an unreadable marker counts for all."""
    pinned = pins_in(["numpy==2.3; python_version >= '3.11'", "numpy==1.21; python_version < '3.11'", "six==1"])
    assert pinned.at("3.10") == {"numpy": Version("1.21"), "six": Version("1")}
    assert pinned.at("3.14") == {"numpy": Version("2.3"), "six": Version("1")}
    assert ConditionalPin("x", Version("1"), "python_version in").is_for("3.14")


def test_a_pin_that_only_newer_versions_have_and_nobody_has_a_wheel_of_decides_nothing() -> None:
    """It is built from source; that an older Python does not need it is no reason to take that."""
    trial = index({"pure-old": set()})
    assert infer_minor(pins_in(["pure-old==1; python_version >= '3.12'"]), MINORS, NOTHING_KNOWN, trial) is None


def test_every_row_of_the_table_says_where_it_comes_from() -> None:
    """No entry of the table is without a source."""
    document = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    rows = [*document["breaks"], *document["needs"]]
    assert rows
    assert all(row["source"] and row["because"] for row in rows)
