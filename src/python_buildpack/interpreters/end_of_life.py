"""The end of security fixes for each minor version of CPython (PEP 373, PEP 494, PEP 602)."""

from datetime import date
from types import MappingProxyType

from packaging.version import Version

END_OF_LIFE = MappingProxyType(
    {
        "2.7": date(2020, 1, 1),
        "3.6": date(2021, 12, 23),
        "3.7": date(2023, 6, 27),
        "3.8": date(2024, 10, 7),
        "3.9": date(2025, 10, 31),
        "3.10": date(2026, 10, 31),
        "3.11": date(2027, 10, 31),
        "3.12": date(2028, 10, 31),
        "3.13": date(2029, 10, 31),
        "3.14": date(2030, 10, 31),
        "3.15": date(2031, 10, 31),
        "3.16": date(2032, 10, 31),
    }
)
"""The day of the last release, or the last day of the month that its release schedule names."""


def end_of_life(minor: str) -> date | None:
    """Return the last day of security fixes for a minor version such as 3.12, or None if it is not known."""
    return END_OF_LIFE.get(minor)


def is_end_of_life(minor: str, today: date) -> bool:
    """Return whether a minor version gets no more security fixes; versions older than the table get none."""
    last_day = end_of_life(minor)
    if last_day is None:
        return Version(minor) < max(map(Version, END_OF_LIFE))
    return today > last_day
