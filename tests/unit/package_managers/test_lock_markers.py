"""Markers of locks: those that all tools understand alike are evaluated, all others are refused."""

import platform

import pytest
from packaging.markers import Marker

from python_buildpack.package_managers.lock_markers import Target, holds
from python_buildpack.package_managers.locked_list import Unsupported

TARGET = Target("3.12.4", frozenset({"pretty", "very-quick"}))
MACHINE = platform.machine()


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("", True),
        ('python_version >= "3.9"', True),
        ('python_version < "3.10"', False),
        ('python_full_version >= "3.12.4" and python_full_version < "3.12.5"', True),
        ('python_version == "3.12" and (sys_platform == "win32" or os_name == "posix")', True),
        ("sys_platform != 'linux' or platform_system == 'Linux' and implementation_name == 'pypy'", False),
        (f'platform_machine == "{MACHINE}"', True),
        ('extra == "pretty"', True),
        ('extra == "Very_Quick" and extra == "pretty"', True),
        ('extra != "pretty" or extra == "other"', False),
    ],
)
def test_a_marker_is_evaluated(marker: str, expected: bool) -> None:
    """For CPython on Linux; several extras hold at once, and their names are normalised."""
    assert holds(marker, TARGET) == expected


@pytest.mark.parametrize("python", ["3.9.2", "3.10.0", "3.14.1"])
@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">="])
@pytest.mark.parametrize("value", ["3.9", "3.10", "3.14"])
def test_versions_are_compared_as_the_standard_says(python: str, operator: str, value: str) -> None:
    """With packaging as the reference: 3.10 is later than 3.9."""
    marker = f'python_version {operator} "{value}"'
    minor = ".".join(python.split(".")[:2])
    expected = Marker(marker).evaluate({"python_version": minor, "python_full_version": python})
    assert holds(marker, Target(python)) == expected


@pytest.mark.parametrize(
    "marker",
    [
        'platform_machine in "x86_64 aarch64"',
        'platform_release >= "5.0"',
        'platform_version == "1"',
        '"linux" == sys_platform',
        'python_version in "3.9, 3.10"',
        'python_version >= "3"',
        'python_version ~= "3.9"',
        'sys_platform > "linux"',
        'python_version >= "3.9" and',
        'python_version >= "3.9" python_version >= "3.9"',
        '(python_version >= "3.9"',
        "(" * 100_000,
        "or",
        ")",
        # What is unclear counts wherever it stands.
        'python_version >= "3.9" or platform_release == "1"',
    ],
)
def test_a_marker_that_tools_read_differently_is_refused(marker: str) -> None:
    """Then the lock's own tool installs."""
    with pytest.raises(Unsupported):
        holds(marker, TARGET)


def test_a_prerelease_of_python_is_refused() -> None:
    """Tools differ in whether 3.15.0b1 is before 3.15."""
    with pytest.raises(Unsupported):
        holds('python_version >= "3.9"', Target("3.15.0b1"))
